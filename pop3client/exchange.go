package pop3client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

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
	b, found := x.c.wire.unsolicited()
	if !found {
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
	if x.c.opt.Trace != nil {
		x.c.trace(Received, string(line))
	}
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
