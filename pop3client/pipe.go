package pop3client

import (
	"context"
	"errors"
	"strings"
)

// batch is a row of commands, each with its reply.
type batch struct {
	n       int
	command func(i int) string
	octets  func(i int) int64 // expected size of the reply; nil: of no account
	reply   func(x *exchange, i int) error
	discard func(x *exchange, i int) error // in place of reply once the batch is stopped; nil: the same
}

// pipeline sends the commands of a batch, as many ahead as the window allows,
// and reads the replies in order. Errors that leave the session usable end
// nothing; a stop ends the sending.
func (c *Client) pipeline(ctx context.Context, b batch) error {
	if b.n == 0 {
		return nil
	}
	x, err := c.begin(ctx, verb(b.command(0)), c.opt.Timeouts.Reply)
	if err != nil {
		return err
	}
	defer x.end()
	p := &pipe{exchange: x, batch: b, ahead: c.pipelining(), window: 1}
	if p.ahead {
		p.window = min(c.startWindow(), c.opt.Limits.Window)
		p.startWriter()
		defer p.stopWriter()
	}
	return p.run()
}

// startWindow is the number of commands sent ahead before the first reply.
func (c *Client) startWindow() int {
	if c.caps.Has("PIPELINING") {
		return firstWindow
	}
	return tryWindow
}

func verb(line string) string {
	name, _, _ := strings.Cut(line, " ")
	return name
}

// pipe runs a batch. The caller's goroutine reads; where commands are sent
// ahead another one writes. So the server can always go on: it never waits for
// us to read while we wait for it to read, whatever the sizes of the buffers
// between. The queue to the writer has room for all commands of a window, which
// is why the reader never waits for it.
type pipe struct {
	*exchange
	batch

	ahead    bool
	window   int   // commands that may be in flight
	sent     int   // commands sent
	answered int   // and answered
	expected int64 // octets expected in reply to those in flight

	queue   chan []byte
	written chan struct{} // closed when the writer has ended
}

// startWriter starts the writer. A write that fails only ends it: the reader
// still finds what the server said before it hung up, and then its end.
func (p *pipe) startWriter() {
	p.queue = make(chan []byte, p.c.opt.Limits.Window)
	p.written = make(chan struct{})
	go func() {
		defer close(p.written)
		for lines := range p.queue {
			if p.c.wire.write(lines, p.c.opt.Timeouts.Reply) != nil {
				return
			}
		}
	}()
}

// stopWriter ends the writer. Either everything is answered and so written, or
// the connection is closed: it does not wait long.
func (p *pipe) stopWriter() {
	close(p.queue)
	<-p.written
}

// run sends and reads. What is left over behind the last reply means that some
// reply was taken for the one to another command.
func (p *pipe) run() error {
	var stopped error
	for p.answered < p.n {
		if err := p.fill(); err != nil {
			return err
		}
		p.c.wire.allow(allowance{grace: p.c.opt.Timeouts.Reply})
		p.name = verb(p.command(p.answered))
		err := p.reply(p.exchange, p.answered)
		if p.c.broken != nil {
			return p.blame(p.c.broken)
		}
		p.expected -= p.size(p.answered)
		p.answered++
		p.window = p.grown()
		if s := (stop{}); errors.As(err, &s) && stopped == nil {
			stopped = s.error
			p.stopSending()
		}
	}
	if err := p.checkSilence(); err != nil {
		return err
	}
	return stopped
}

// fill sends commands until the window is full. It waits for a quarter of the
// window to be free, so that commands travel several to a packet.
func (p *pipe) fill() error {
	inFlight, most := p.sent-p.answered, p.c.opt.Limits.WindowOctets
	if p.sent == p.n || inFlight > p.window-max(1, p.window/4) || inFlight > 0 && p.expected > most-most/4 {
		return nil
	}
	if !p.ahead && p.sent > 0 {
		if err := p.checkSilence(); err != nil {
			return err
		}
	}
	var lines []byte
	for p.sent < p.n && p.sent-p.answered < p.window && (p.sent == p.answered || p.expected < most) {
		line := p.command(p.sent)
		p.c.trace(Sent, line)
		lines = append(append(lines, line...), "\r\n"...)
		p.expected += p.size(p.sent)
		p.sent++
	}
	if p.ahead {
		p.queue <- lines
		return nil
	}
	if err := p.c.wire.write(lines, p.c.opt.Timeouts.Reply); err != nil {
		return p.fail(err)
	}
	return nil
}

// size is the expected size of a reply.
func (p *pipe) size(i int) int64 {
	if p.octets == nil {
		return 0
	}
	return p.octets(i)
}

// grown is the window after one more reply.
func (p *pipe) grown() int {
	if !p.ahead {
		return 1
	}
	return min(p.window+1, p.c.opt.Limits.Window)
}

// stopSending makes the commands sent so far the last ones.
func (p *pipe) stopSending() {
	p.n = p.sent
	if p.discard != nil {
		p.reply = p.discard
	}
}

// blame makes a PipelineError of an error that pipelining may have caused: more
// than one command was waiting, and it was not the caller who ended it.
func (p *pipe) blame(err error) error {
	inFlight := p.sent - p.answered
	var limit *LimitError
	if inFlight < 2 || p.ctx.Err() != nil || errors.As(err, &limit) {
		return err
	}
	return &PipelineError{Answered: p.answered, InFlight: inFlight, Err: err}
}
