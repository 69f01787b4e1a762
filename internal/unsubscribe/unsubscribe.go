// Package unsubscribe takes a reader off a mailing list with one request, as RFC 8058 has it.
package unsubscribe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// patience is for the whole request, from the look-up of the name to the head of the answer.
const patience = 10 * time.Second

// userAgent is what every Postern calls itself, whatever browser is behind it.
const userAgent = "Mozilla/5.0 (compatible; Postern)"

// ErrAddress says that an address is none that may be asked.
var ErrAddress = errors.New("not an https address")

// StatusError is an answer other than success. A redirect is one too: senders must not redirect (RFC 8058 section 3.1),
// and where it leads to nobody has agreed to.
type StatusError int

func (e StatusError) Error() string { return fmt.Sprintf("the server answered %d", int(e)) }

// Client asks lists to let go of a reader. It may be used by several goroutines.
type Client struct {
	http *http.Client
}

// New makes a Client that connects with dial, which decides where one may connect to.
func New(dial func(ctx context.Context, network, addr string) (net.Conn, error)) *Client {
	return Over(&http.Transport{
		Proxy:                  nil, // not even one from the environment
		DialContext:            dial,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: 64 << 10,
	})
}

// Over is New for what answers requests in place of the network.
func Over(transport http.RoundTripper) *Client {
	return &Client{&http.Client{
		Timeout: patience,
		// Without a jar there are no cookies.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     transport,
	}}
}

// Leave asks the list behind an address of List-Unsubscribe to take its reader off. What the server says with its answer
// is not read. The error is ErrAddress, a StatusError, or says why the server was not reached.
func (c *Client) Leave(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil || !strings.EqualFold(u.Scheme, "https") || u.Hostname() == "" {
		return ErrAddress
	}
	u.User, u.Fragment = nil, ""
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader("List-Unsubscribe=One-Click"))
	if err != nil {
		return ErrAddress
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", userAgent)
	res, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("unsubscribe: %w", err)
	}
	res.Body.Close()
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return StatusError(res.StatusCode)
	}
	return nil
}
