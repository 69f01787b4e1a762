package pop3test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"time"
)

// errEnd ends a session that a fault has ended.
var errEnd = errors.New("session ended by a fault")

// output writes replies the way the fault in force wants them.
type output struct {
	tcp     net.Conn // to be reset
	conn    net.Conn
	w       *bufio.Writer
	fault   *Fault
	swallow bool  // nothing is sent: the reply is replaced
	sent    int64 // octets of the reply
	err     error // why nothing more can be sent
	closed  <-chan struct{}
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	if o.swallow {
		return len(p), nil
	}
	data := p
	ends := o.fault.ends() && o.sent+int64(len(p)) >= o.fault.After
	if ends {
		data = p[:max(0, o.fault.After-o.sent)]
	}
	o.sent += int64(len(data))
	o.err = o.write(data)
	if ends && o.err == nil {
		o.end()
	}
	if o.err != nil {
		return 0, o.err
	}
	return len(p), nil
}

// write sends data whole or in the pieces that the fault wants.
func (o *output) write(data []byte) error {
	if o.fault == nil || o.fault.Chunk <= 0 {
		_, err := o.w.Write(data)
		return err
	}
	for len(data) > 0 {
		n := min(o.fault.Chunk, len(data))
		if _, err := o.w.Write(data[:n]); err != nil {
			return err
		}
		if err := o.w.Flush(); err != nil {
			return err
		}
		data = data[n:]
		if !sleep(o.fault.Pause, o.closed) {
			return errEnd
		}
	}
	return nil
}

// end carries out the end of the connection, or of all talk on it.
func (o *output) end() {
	o.err = errEnd
	o.w.Flush()
	if o.fault.Stall {
		io.Copy(io.Discard, o.conn)
		return
	}
	tcp, ok := o.tcp.(*net.TCPConn)
	switch {
	case ok && o.fault.Reset:
		tcp.SetLinger(0)
		tcp.Close()
	case ok && o.fault.Truncate:
		tcp.CloseWrite()
		io.Copy(io.Discard, o.conn) // with anything unread, closing would be a reset
	}
}

// flush sends what is buffered.
func (o *output) flush() {
	if o.err == nil {
		o.err = o.w.Flush()
	}
}

// sleep waits, but not longer than the server lives.
func sleep(d time.Duration, closed <-chan struct{}) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-closed:
		return false
	}
}

// ends tells whether the fault ends the session.
func (f *Fault) ends() bool { return f != nil && (f.Cut || f.Stall) }

// strikes tells whether the fault applies to a command.
func (f *Fault) strikes(verb, arg string, nth, session int) bool {
	return (f.Command == "" || f.Command == verb) &&
		(f.Arg == "" || f.Arg == arg) &&
		(f.Nth == 0 || f.Nth == nth) &&
		(f.Session == 0 || f.Session == session)
}

var dot = []byte{'.'}

// stuffer writes a message as the multi-line part of a reply.
type stuffer struct {
	w       io.Writer
	crlf    int // how much of CRLF the last octets are: 0 to 2
	written bool
}

func newStuffer(w io.Writer) *stuffer { return &stuffer{w: w, crlf: 2} }

// Write implements io.Writer.
func (s *stuffer) Write(p []byte) (int, error) {
	start := 0
	for i, c := range p {
		if c == '.' && s.crlf == 2 {
			if _, err := s.w.Write(p[start:i]); err != nil {
				return 0, err
			}
			if _, err := s.w.Write(dot); err != nil {
				return 0, err
			}
			start = i
		}
		switch {
		case c == '\r':
			s.crlf = 1
		case c == '\n' && s.crlf == 1:
			s.crlf = 2
		default:
			s.crlf = 0
		}
	}
	if _, err := s.w.Write(p[start:]); err != nil {
		return 0, err
	}
	s.written = s.written || len(p) > 0
	return len(p), nil
}

// close ends the last line if need be, and the text.
func (s *stuffer) close() error {
	end := ".\r\n"
	if s.written && s.crlf != 2 {
		end = "\r\n.\r\n"
	}
	_, err := io.WriteString(s.w, end)
	return err
}
