package pop3client

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
)

// Where PIPELINING is offered the window opens at once to firstWindow commands,
// where it is only tried to tryWindow, so that little is lost if the server
// cannot bear it. From there it grows by one with each reply, which doubles it
// each round trip.
const (
	firstWindow = 1024
	tryWindow   = 8
)

// unknownOctets is what a reply is expected to measure if no LIST has said.
const unknownOctets = 32 << 10

// pipelining tells whether commands may be sent ahead now. Never before login:
// many servers throw away what arrives in one packet with a password.
func (c *Client) pipelining() bool {
	switch {
	case c.state != Transaction || c.opt.Pipelining == PipelineOff:
		return false
	case c.opt.Pipelining == PipelineOn:
		return true
	}
	return c.caps.Has("PIPELINING")
}

// Listing asks for STAT, LIST and UIDL, in one write where commands may be
// pipelined. A server without UIDL is no error: see Listing.NoUIDL. An -ERR to
// STAT or LIST is an [*Error].
func (c *Client) Listing(ctx context.Context) (*Listing, error) {
	l := new(Listing)
	read := []func(x *exchange) error{l.readStat, l.readList, l.readUIDL}
	names := []string{"STAT", "LIST", "UIDL"}
	var refused error
	err := c.pipeline(ctx, batch{
		n:       len(names),
		command: func(i int) string { return names[i] },
		reply: func(x *exchange, i int) error {
			err := read[i](x)
			if e := new(Error); errors.As(err, &e) && refused == nil {
				refused = err
			}
			return err
		},
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}

// readStat reads STAT's reply. A count that cannot be read is no reason to do
// without the listings; they say the same and more.
func (l *Listing) readStat(x *exchange) (err error) {
	l.Stat, err = x.stat()
	if e := new(ProtocolError); errors.As(err, &e) && x.c.broken == nil {
		return nil
	}
	return err
}

func (l *Listing) readList(x *exchange) (err error) {
	var ignored int
	l.List, ignored, err = x.list()
	l.Ignored += ignored
	return err
}

func (l *Listing) readUIDL(x *exchange) (err error) {
	var ignored int
	l.UIDL, ignored, err = x.uidl()
	l.Ignored += ignored
	if e := new(Error); errors.As(err, &e) {
		l.NoUIDL = err
		return nil
	}
	return err
}

// RetrAll retrieves the messages nums, in that order, sending commands ahead
// where they may be pipelined. For each message that the server sends, open
// gives the writer; an error of open only means that this message is thrown
// away. done is called once for each reply, when it is complete, with the octets
// written and what went wrong with that message: nil, an [*Error], the error of
// open or of the writer, or, for the last one, the error that ended the session.
// An -ERR does not end the rest.
//
// If done returns an error, RetrAll stops there: it throws away what is already
// under way, and gives that error back. Messages for which done has not been
// called have no result.
//
// Both functions run in the caller's goroutine and must not use the client. The
// window goes by the sizes of the last LIST or Listing of this session.
// An error while more than one command was waiting is a [*PipelineError].
func (c *Client) RetrAll(ctx context.Context, nums []int, open func(num int) (io.Writer, error), done func(num int, n int64, err error) error) error {
	for _, num := range nums {
		if err := checkNum("RETR", num); err != nil {
			return err
		}
	}
	return c.retrieveAll(ctx, nums, c.sizeOf, func(num int) string { return "RETR " + strconv.Itoa(num) }, open, done)
}

// TopAll is RetrAll with TOP.
func (c *Client) TopAll(ctx context.Context, nums []int, lines int, open func(num int) (io.Writer, error), done func(num int, n int64, err error) error) error {
	for _, num := range nums {
		if err := checkTop(num, lines); err != nil {
			return err
		}
	}
	size := func(num int) int64 { return min(c.sizeOf(num), 4096+80*int64(lines)) }
	return c.retrieveAll(ctx, nums, size, func(num int) string { return topLine(num, lines) }, open, done)
}

func (c *Client) retrieveAll(ctx context.Context, nums []int, size func(int) int64, line func(int) string,
	open func(num int) (io.Writer, error), done func(num int, n int64, err error) error) error {
	return c.pipeline(ctx, batch{
		n:       len(nums),
		command: func(i int) string { return line(nums[i]) },
		octets:  func(i int) int64 { return size(nums[i]) },
		reply: func(x *exchange, i int) error {
			n, err := x.message(func() (io.Writer, error) { return open(nums[i]) })
			return stopped(done(nums[i], n, err), err)
		},
		discard: func(x *exchange, _ int) error {
			_, err := x.message(func() (io.Writer, error) { return io.Discard, nil })
			return err
		},
	})
}

// message reads a reply with a message and writes it where open says.
func (x *exchange) message(open func() (io.Writer, error)) (int64, error) {
	_, lf, err := x.statusLine()
	if err != nil {
		return 0, err
	}
	w, refused := open()
	if refused != nil {
		w = io.Discard
	}
	n, err := x.body(lf, w)
	if refused != nil && x.c.broken == nil {
		return 0, refused
	}
	return n, err
}

// DeleAll marks the messages nums for deletion, sending commands ahead where
// they may be pipelined. done is called once for each reply with nil or an
// [*Error]. If it returns an error, no more commands are sent; for those already
// under way done is still called, because the server carries them out.
func (c *Client) DeleAll(ctx context.Context, nums []int, done func(num int, err error) error) error {
	for _, num := range nums {
		if err := checkNum("DELE", num); err != nil {
			return err
		}
	}
	return c.pipeline(ctx, batch{
		n:       len(nums),
		command: func(i int) string { return "DELE " + strconv.Itoa(nums[i]) },
		reply: func(x *exchange, i int) error {
			_, err := x.status()
			return stopped(done(nums[i], err), err)
		},
	})
}

// stop is an error of the caller's that ends a batch.
type stop struct{ error }

// stopped is the result of a reply: the caller's wish to stop before the
// server's refusal.
func stopped(wish, err error) error {
	if wish != nil {
		return stop{wish}
	}
	return err
}

// sizeOf gives the size that the last LIST gave for a message.
func (c *Client) sizeOf(num int) int64 {
	i, found := slices.BinarySearchFunc(c.sizes, num, func(row ScanListing, num int) int { return row.Num - num })
	if !found {
		return unknownOctets
	}
	return c.sizes[i].Octets
}
