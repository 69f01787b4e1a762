package pop3client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Retr retrieves a message and writes it to w as it comes: octet for octet, but
// for the dot-stuffing. It gives the number of octets written. A message always
// ends with a line end, because the protocol cannot say otherwise.
//
// The message is complete only if the error is nil. An [*Error] means that the
// server refused it. If w fails, the rest is read and thrown away, so that the
// client stays usable, and w's error is wrapped. All other errors end the
// session. Memory does not grow with the message.
func (c *Client) Retr(ctx context.Context, num int, w io.Writer) (int64, error) {
	if err := checkNum("RETR", num); err != nil {
		return 0, err
	}
	return c.retrieve(ctx, "RETR", "RETR "+strconv.Itoa(num), w)
}

// Top retrieves the header of a message, the empty line, and the first lines
// of its body, as Retr does. TOP is optional, and some servers cut it shorter
// or longer than asked: good for previews, not for keeping.
func (c *Client) Top(ctx context.Context, num, lines int, w io.Writer) (int64, error) {
	if err := checkTop(num, lines); err != nil {
		return 0, err
	}
	return c.retrieve(ctx, "TOP", topLine(num, lines), w)
}

func topLine(num, lines int) string { return "TOP " + strconv.Itoa(num) + " " + strconv.Itoa(lines) }

func checkTop(num, lines int) error {
	if lines < 0 {
		return &ArgumentError{Command: "TOP", Argument: "number of lines"}
	}
	return checkNum("TOP", num)
}

func (c *Client) retrieve(ctx context.Context, name, line string, w io.Writer) (int64, error) {
	x, err := c.begin(ctx, name, c.opt.Timeouts.Reply)
	if err != nil {
		return 0, err
	}
	defer x.end()
	if err := x.send(line, line); err != nil {
		return 0, err
	}
	_, lf, err := x.statusLine()
	if err != nil {
		return 0, err
	}
	return x.body(lf, w)
}

// body copies the multi-line part of a reply to w; lf is the line end of its
// status line. After an error of w it goes on reading, to the end of the text.
func (x *exchange) body(lf bool, w io.Writer) (written int64, err error) {
	c := x.c
	c.wire.allow(allowance{grace: c.opt.Timeouts.Reply, idle: c.opt.Timeouts.Idle, rate: c.opt.Timeouts.MinRate})
	body := bodyReader{r: c.wire.r, lf: lf}
	var octets int64
	var failed error
	for {
		chunk, err := body.next()
		if err == io.EOF {
			if c.opt.Trace != nil {
				c.trace(Received, fmt.Sprintf("(%d octets)", octets))
			}
			return written, failed
		}
		if err != nil {
			return written, x.fail(err)
		}
		octets += int64(len(chunk))
		if m := c.opt.Limits.MessageOctets; m >= 0 && octets > m {
			return written, x.exceed("MessageOctets", m)
		}
		if failed == nil {
			var n int
			start := time.Now()
			n, failed = write(w, chunk)
			written += int64(n)
			c.wire.excuse(time.Since(start))
		}
	}
}

// write writes chunk to w, which may be wrong about its own success.
func write(w io.Writer, chunk []byte) (int, error) {
	n, err := w.Write(chunk)
	if n < 0 || n > len(chunk) {
		return 0, errors.New("pop3: writer reports an impossible count")
	}
	if err == nil && n < len(chunk) {
		err = io.ErrShortWrite
	}
	if err != nil {
		err = fmt.Errorf("pop3: write message: %w", err)
	}
	return n, err
}
