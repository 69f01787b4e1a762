// Package remoteimage fetches an image from a server that a mail names, so that the reader's browser need not: the
// server learns nothing of the reader but that somebody looked. What comes back is a raster image by its content, or an
// error.
package remoteimage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Bounds on one fetch.
const (
	MaxSize      = 10 << 20         // octets
	fetchTime    = 15 * time.Second // from the look-up of the name to the last octet
	maxRedirects = 5
	maxAtOnce    = 24
	maxOfReader  = 6 // at once: the slow host of one reader's mail is not to keep the others waiting
)

// userAgent is what every Postern calls itself, whatever browser is behind it.
const userAgent = "Mozilla/5.0 (compatible; Postern image proxy)"

// Errors that callers tell apart with [errors.Is].
var (
	ErrNoImage  = errors.New("not an image that is shown")
	ErrTooLarge = errors.New("the image is too large")
	ErrAddress  = errors.New("not a web address")
)

// Image is a fetched image.
type Image struct {
	Type string // image/png, image/jpeg, image/gif, image/webp, image/avif
	Data []byte
}

// Fetcher fetches images and remembers them for a while. It may be used by several goroutines.
type Fetcher struct {
	client    *http.Client
	recognise func(head []byte) string
	cache     *cache
	failed    failures
	flight    singleflight.Group
	places    chan struct{} // one for each fetch that may run
	own       sync.Map      // of each reader's: chan struct{}
}

// New makes a Fetcher that connects with dial, which decides where one may connect to. recognise gives the media type
// of an image by its first octets, "" for what is not to be shown.
func New(dial func(ctx context.Context, network, addr string) (net.Conn, error), recognise func(head []byte) string) *Fetcher {
	return Over(&http.Transport{
		Proxy:                  nil, // not even one from the environment
		DialContext:            dial,
		DisableCompression:     true, // what is sent packed is no image, and may be a bomb
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: 64 << 10,
		TLSHandshakeTimeout:    fetchTime,
		IdleConnTimeout:        20 * time.Second,
		MaxConnsPerHost:        8,
	}, recognise)
}

// Over is New for what answers requests in place of the network.
func Over(transport http.RoundTripper, recognise func(head []byte) string) *Fetcher {
	return &Fetcher{
		// Without a jar there are no cookies, neither sent nor kept.
		client:    &http.Client{Transport: transport, CheckRedirect: redirect, Timeout: fetchTime},
		recognise: recognise,
		cache:     newCache(cacheSize),
		places:    make(chan struct{}, maxAtOnce),
	}
}

// Close lets go of idle connections.
func (f *Fetcher) Close() { f.client.CloseIdleConnections() }

// Get returns the image at an address. What was fetched for the same reader a short while ago is returned again; what
// was fetched for another is not, so that nobody can find out what others look at.
func (f *Fetcher) Get(ctx context.Context, reader, address string) (Image, error) {
	key := reader + " " + address
	if img, ok := f.cache.get(key, time.Now()); ok {
		return img, nil
	}
	// Images that stand several times in a mail are asked for at once.
	got := f.flight.DoChan(key, func() (any, error) {
		img, err := f.fetch(context.WithoutCancel(ctx), reader, address)
		if err == nil {
			f.cache.put(key, img, time.Now())
		}
		f.failed.put(key, err, time.Now())
		return img, err
	})
	select {
	case r := <-got:
		return r.Val.(Image), r.Err
	case <-ctx.Done():
		return Image{}, ctx.Err()
	}
}

// Failure tells why an image did not come when it was last asked for, within the hour; nil: it came, or was not asked for.
func (f *Fetcher) Failure(reader, address string) error {
	return f.failed.get(reader+" "+address, time.Now())
}

// Forget forgets that images did not come, before they are asked for again.
func (f *Fetcher) Forget(reader string, addresses []string) {
	for _, address := range addresses {
		f.failed.put(reader+" "+address, nil, time.Time{})
	}
}

// StatusError is the status of an answer other than 200 (RFC 9110 section 15).
type StatusError int

func (e StatusError) Error() string { return fmt.Sprintf("the server answered %d", int(e)) }

func (f *Fetcher) fetch(ctx context.Context, reader, address string) (Image, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	own, _ := f.own.LoadOrStore(reader, make(chan struct{}, maxOfReader))
	for _, places := range []chan struct{}{own.(chan struct{}), f.places} {
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
		case <-ctx.Done():
			return Image{}, fmt.Errorf("fetch image: too many at once: %w", ctx.Err())
		}
	}
	u, err := url.Parse(address)
	if err != nil || !isWeb(u) {
		return Image{}, ErrAddress
	}
	u.User, u.Fragment = nil, ""
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return Image{}, ErrAddress
	}
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("Accept", "image/avif,image/webp,image/png,image/jpeg,image/gif")
	res, err := f.client.Do(req)
	if err != nil {
		return Image{}, fmt.Errorf("fetch image: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return Image{}, fmt.Errorf("fetch image: %w", StatusError(res.StatusCode))
	}
	return f.read(res)
}

// read takes an image out of an answer, judged by its content.
func (f *Fetcher) read(res *http.Response) (Image, error) {
	if res.ContentLength > MaxSize {
		return Image{}, ErrTooLarge
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, MaxSize+1))
	switch {
	case err != nil:
		return Image{}, fmt.Errorf("fetch image: %w", err)
	case len(data) > MaxSize:
		return Image{}, ErrTooLarge
	}
	mediaType := f.recognise(data[:min(len(data), 512)])
	if mediaType == "" {
		return Image{}, ErrNoImage
	}
	return Image{Type: mediaType, Data: data}, nil
}

// redirect judges where a server sends us on to. The next one is not told where we come from.
func redirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("more than %d redirects", maxRedirects)
	}
	if !isWeb(req.URL) || req.URL.User != nil {
		return ErrAddress
	}
	if via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return errors.New("redirected from https to http")
	}
	req.Header.Del("Referer")
	return nil
}

func isWeb(u *url.URL) bool { return (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" }
