package pop3client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
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

// exchange is one command with its reply, or several pipelined.
type exchange struct {
	c    *Client
	ctx  context.Context
	name string
	stop func() bool   // stops watching the context; false if it is done
	hit  chan struct{} // closed when the context's end has taken effect
}

// begin starts an exchange that the caller ends with end. Nothing is sent if
// the client is broken, the context done, or the server has sent what nobody
// asked for.
func (c *Client) begin(ctx context.Context, name string, grace time.Duration) (*exchange, error) {
	if !c.busy.TryLock() {
		return nil, ErrInUse
	}
	x, err := c.beginLocked(ctx, name, grace)
	if err != nil {
		c.busy.Unlock()
		return nil, err
	}
	return x, nil
}

func (c *Client) beginLocked(ctx context.Context, name string, grace time.Duration) (*exchange, error) {
	if c.broken != nil {
		return nil, fmt.Errorf("%w: %s", ErrBroken, trimPrefix(c.broken))
	}
	if ctx.Err() != nil {
		return nil, c.contextError(ctx, name)
	}
	x := &exchange{c: c, ctx: ctx, name: name}
	if name != "greeting" {
		if err := x.checkSilence(); err != nil {
			return nil, err
		}
	}
	c.wire.allow(allowance{grace: grace})
	x.hit = make(chan struct{})
	x.stop = context.AfterFunc(ctx, func() {
		c.wire.cancel()
		close(x.hit)
	})
	return x, nil
}

// end ends the exchange. If the context was done in time to disturb the
// connection's deadlines but too late for the exchange, they are reset.
func (x *exchange) end() {
	if !x.stop() {
		<-x.hit
		x.c.wire.resume()
	}
	x.c.busy.Unlock()
}

// contextError is the error of an exchange that the context ended.
func (c *Client) contextError(ctx context.Context, name string) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, context.DeadlineExceeded) {
		return &TimeoutError{Command: name, State: c.state, After: c.wire.elapsed(), Err: cause}
	}
	return &ConnError{Command: name, State: c.state, Err: cause}
}

// checkSilence makes sure that the server has sent nothing that the replies
// read so far do not account for: the next reply would be taken for another.
func (x *exchange) checkSilence() error {
	b, any := x.c.wire.unsolicited()
	if !any {
		return nil
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return x.malformed("the server sent something unasked", []byte(line))
}

// send writes one command line. What the trace shows of it is given apart,
// without credentials.
func (x *exchange) send(line, shown string) error {
	x.c.trace(Sent, shown)
	if err := x.c.wire.write([]byte(line+"\r\n"), x.c.opt.Timeouts.Reply); err != nil {
		return x.fail(err)
	}
	return nil
}

// status reads the status line of a reply and gives its text. -ERR is an
// [*Error] and does no harm to the session; other errors end it.
func (x *exchange) status() (string, error) {
	text, _, err := x.statusLine()
	return string(text), err
}

// statusLine is status, and tells whether the line ended with a lone LF.
func (x *exchange) statusLine() (text []byte, lf bool, err error) {
	line, crlf, err := x.line()
	if err != nil {
		return nil, false, err
	}
	st, text := parseStatus(line)
	switch st {
	case statusOK:
		return text, !crlf, nil
	case statusErr:
		return nil, !crlf, x.refusal(text)
	}
	return nil, false, x.malformed("neither +OK nor -ERR", line)
}

// line reads one status line and shows it to the trace.
func (x *exchange) line() (line []byte, crlf bool, err error) {
	line, crlf, err = x.c.wire.readLine(x.c.opt.Limits.Line)
	if errors.Is(err, errLineTooLong) {
		return nil, false, x.exceed("Line", int64(x.c.opt.Limits.Line))
	}
	if err != nil {
		return nil, false, x.fail(err)
	}
	x.c.trace(Received, string(line))
	return line, crlf, nil
}

// refusal makes an Error of an -ERR reply's text.
func (x *exchange) refusal(text []byte) *Error {
	e := &Error{Command: x.name, State: x.c.state}
	if x.c.opt.Security == STARTTLS && x.c.tls == nil {
		return e // anybody may have written it
	}
	code, text := splitCode(text)
	e.Code = Code(x.c.secrets.blank([]byte(code)))
	e.Text = shorten(x.c.secrets.blank(text), x.c.opt.Limits.Text)
	return e
}

// malformed ends the session with a ProtocolError.
func (x *exchange) malformed(what string, line []byte) error {
	e := &ProtocolError{Command: x.name, State: x.c.state, Text: what}
	if x.c.opt.Security != STARTTLS || x.c.tls != nil {
		e.Line = shorten(x.c.secrets.blank(line), min(x.c.opt.Limits.Text, 80))
	}
	return x.c.breakOff(e)
}

// exceed ends the session with a LimitError.
func (x *exchange) exceed(limit string, max int64) error {
	return x.c.breakOff(&LimitError{Command: x.name, State: x.c.state, Limit: limit, Max: max})
}

// fail ends the session with an error of the connection, typed.
func (x *exchange) fail(err error) error {
	c := x.c
	switch {
	case c.wire.isClosed():
		return c.breakOff(&ConnError{Command: x.name, State: c.state, Err: net.ErrClosed})
	case errors.Is(err, errCancelled), x.ctx.Err() != nil && isTimeout(err):
		return c.breakOff(c.contextError(x.ctx, x.name))
	case isTimeout(err):
		return c.breakOff(&TimeoutError{Command: x.name, State: c.state, After: c.wire.elapsed(), Err: os.ErrDeadlineExceeded})
	}
	return c.breakOff(&ConnError{Command: x.name, State: c.state, Err: err})
}

// breakOff marks the client as unusable and cuts the connection: without QUIT,
// so that nothing is deleted. It gives err back.
func (c *Client) breakOff(err error) error {
	if c.broken == nil {
		c.broken = err
		c.wire.close()
	}
	return err
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// trace shows a line to the trace hook, credentials blanked.
func (c *Client) trace(dir Direction, line string) {
	if c.opt.Trace != nil {
		c.opt.Trace(dir, string(c.secrets.blank([]byte(line))))
	}
}

// command sends a command of one line and reads a reply of one line.
func (c *Client) command(ctx context.Context, line string, grace time.Duration) (string, error) {
	name, _, _ := strings.Cut(line, " ")
	x, err := c.begin(ctx, name, grace)
	if err != nil {
		return "", err
	}
	defer x.end()
	if err := x.send(line, line); err != nil {
		return "", err
	}
	return x.status()
}

// sendable tells whether s can stand in a command line.
func sendable(s string) bool { return !strings.ContainsAny(s, "\r\n\x00") }

// checkNum makes sure that num can be a message number.
func checkNum(command string, num int) error {
	if num < 1 || num > maxNumber {
		return &ArgumentError{Command: command, Argument: "message number"}
	}
	return nil
}
