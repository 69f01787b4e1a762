package pop3client

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/idna"
)

// Client is a POP3 session. It runs one command at a time: a second one called
// meanwhile gets [ErrInUse]. Only Close may be called at any moment.
type Client struct {
	opt  Options // with the defaults filled in
	host string  // as dialled, for the certificate; "" if not known
	addr string  // host:port as dialled, for the pin

	busy    sync.Mutex // held by the exchange under way
	wire    *wire
	state   State
	broken  error // why the client is unusable, nil while it is not
	secrets secrets

	greeting  string
	challenge string // APOP's, "" if the greeting has none
	caps      Capabilities
	tls       *tls.ConnectionState
	pinned    bool
	utf8      bool
	mechanism string        // that the login was done with
	sizes     []ScanListing // the last LIST, to fill the pipeline by
}

// Dial connects to addr, "host:port" or "host" for the registered port, reads
// the greeting, starts TLS as opt.Security says, and asks for the capabilities.
// It does not log in. A nil opt is the zero Options.
//
// Errors are [*ConnError], [*TimeoutError], [*TLSError], [*ProtocolError],
// [*LimitError], or [*Error] where the server greets with -ERR or refuses STLS.
func Dial(ctx context.Context, addr string, opt *Options) (*Client, error) {
	if opt == nil {
		opt = new(Options)
	}
	addr, err := fullAddress(addr, opt.Security)
	if err != nil {
		return nil, err
	}
	dialer := opt.Dialer
	if dialer == nil {
		dialer = new(net.Dialer)
	}
	dialCtx, cancel := context.WithTimeout(ctx, opt.Timeouts.withDefaults().Connect)
	defer cancel()
	start := time.Now()
	conn, err := dialer.DialContext(dialCtx, "tcp", addr)
	if err != nil {
		return nil, connectError(ctx, err, time.Since(start))
	}
	c := New(conn, opt)
	c.addr = addr
	c.host, _, _ = net.SplitHostPort(addr)
	if err := c.Handshake(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// fullAddress adds the registered port if addr has none, and gives a host name
// of other than ASCII letters its form in the DNS.
func fullAddress(addr string, security Security) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		host, port = strings.Trim(addr, "[]"), security.Port()
	}
	if host == "" || !sendable(addr) {
		return "", &ArgumentError{Command: "connect", Argument: "address"}
	}
	if strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 }) {
		if host, err = idna.Lookup.ToASCII(host); err != nil {
			return "", &ArgumentError{Command: "connect", Argument: "address"}
		}
	}
	return net.JoinHostPort(host, port), nil
}

func connectError(ctx context.Context, err error, after time.Duration) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.DeadlineExceeded) {
		return &ConnError{Command: "connect", Err: cause}
	}
	if isTimeout(err) {
		return &TimeoutError{Command: "connect", After: after, Err: err}
	}
	return &ConnError{Command: "connect", Err: err}
}

// New makes a client of a connection to a POP3 server on which nothing has been
// read yet. It performs no I/O: call Handshake next. A nil opt is the zero
// Options; for TLS opt.TLSConfig.ServerName must be set.
func New(conn net.Conn, opt *Options) *Client {
	if opt == nil {
		opt = new(Options)
	}
	c := &Client{opt: *opt, wire: newWire(conn)}
	c.opt.Timeouts = opt.Timeouts.withDefaults()
	c.opt.Limits = opt.Limits.withDefaults()
	if opt.TLSConfig != nil {
		c.host = opt.TLSConfig.ServerName
	}
	return c
}

// Handshake does what Dial does after connecting: it reads the greeting, starts
// TLS as Options.Security says, and asks for the capabilities.
//
// With STARTTLS nothing the server says before TLS is believed or kept but the
// greeting: capabilities are asked for inside TLS only, the words of a refusal
// are withheld, and octets that arrive behind the reply to STLS are fatal.
func (c *Client) Handshake(ctx context.Context) error {
	if c.opt.Security == TLS {
		if err := c.startTLS(ctx, time.Now()); err != nil {
			return err
		}
	}
	if err := c.greet(ctx); err != nil {
		return err
	}
	if c.opt.Security == STARTTLS {
		if err := c.stls(ctx); err != nil {
			return err
		}
	}
	return c.readCapabilities(ctx)
}

// greet reads the greeting.
func (c *Client) greet(ctx context.Context) error {
	x, err := c.begin(ctx, "greeting", c.opt.Timeouts.Greeting)
	if err != nil {
		return err
	}
	defer x.end()
	text, err := x.status()
	var refused *Error
	if errors.As(err, &refused) {
		c.breakOff(err)
	}
	if err != nil {
		return err
	}
	c.greeting = text
	c.challenge = apopChallenge(text)
	return nil
}

// readCapabilities asks for the capabilities of the present state. A server
// that refuses has none.
func (c *Client) readCapabilities(ctx context.Context) error {
	c.caps = nil
	if c.opt.NoCAPA {
		return nil
	}
	_, err := c.CAPA(ctx)
	var refused *Error
	if errors.As(err, &refused) {
		return nil
	}
	return err
}

// Greeting gives the text of the server's greeting. With STARTTLS it was read
// before TLS, so anybody may have written it.
func (c *Client) Greeting() string { return c.greeting }

// Capabilities gives what the server said it can do in the present state: nil
// if it does not know CAPA. The list is read after TLS and again after login.
func (c *Client) Capabilities() Capabilities { return slices.Clone(c.caps) }

// State gives the session's state.
func (c *Client) State() State { return c.state }

// TLSState gives the state of the TLS connection, and whether there is one.
func (c *Client) TLSState() (tls.ConnectionState, bool) {
	if c.tls == nil {
		return tls.ConnectionState{}, false
	}
	return *c.tls, true
}

// Pinned tells whether the server's certificate was accepted only because it is
// the one of Options.Pin. If it is false though a pin was given, the certificate
// verifies by itself now and the exception can be dropped.
func (c *Client) Pinned() bool { return c.pinned }

// RemoteAddr gives the address of the server.
func (c *Client) RemoteAddr() net.Addr { return c.wire.conn.RemoteAddr() }

// Broken gives the error that made the client unusable, nil while it is usable.
func (c *Client) Broken() error { return c.broken }

// Close cuts the connection. Without a QUIT before it the server discards the
// deletions of this session. It may be called at any time, more than once, and
// ends a command that is under way.
func (c *Client) Close() error {
	return c.wire.close()
}
