package pop3client

import (
	"bufio"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// readBuffer is large enough that a fast server's messages cost few system
// calls, and the whole of what a client holds of a message.
const readBuffer = 64 << 10

var (
	errCancelled   = errors.New("cancelled")
	errLineTooLong = errors.New("line too long")
)

// allowance is the time an exchange has: until start+grace, plus what the
// octets received have earned at the least rate allowed, but never more than
// idle from now. Without a rate it is a plain deadline that nothing moves.
type allowance struct {
	start time.Time
	grace time.Duration
	idle  time.Duration // 0: none
	rate  int64         // octets a second; 0: octets earn nothing
	got   int64         // octets received since start
}

// deadline is the moment until which the next read may last.
func (a *allowance) deadline(now time.Time) time.Time {
	d := a.start.Add(a.grace)
	if a.rate <= 0 {
		return d
	}
	d = d.Add(time.Duration(a.got/a.rate) * time.Second)
	if idle := now.Add(a.idle); a.idle > 0 && idle.Before(d) {
		return idle
	}
	return d
}

// wire reads and writes the connection under the allowance of the exchange
// under way. Reading and writing may go on at once, from one goroutine each;
// cancel may be called from any.
type wire struct {
	conn net.Conn // the TLS connection once there is one
	sock socket   // the system's view of the TCP connection under it
	r    *bufio.Reader

	allowance

	mu        sync.Mutex // guards what follows, conn, and the order of deadlines
	cancelled bool
	closed    bool
}

func newWire(conn net.Conn) *wire {
	w := &wire{conn: conn, sock: newSocket(conn)}
	w.r = bufio.NewReaderSize(w, readBuffer)
	return w
}

// upgrade goes on with conn, a TLS connection over the old one. Nothing that
// was buffered survives.
func (w *wire) upgrade(conn net.Conn) {
	w.mu.Lock()
	w.conn = conn
	w.mu.Unlock()
	w.r.Reset(w)
}

// allow starts a new allowance.
func (w *wire) allow(a allowance) {
	a.start = time.Now()
	w.allowance = a
}

// excuse adds the time that was spent otherwise than by waiting for the server.
func (w *wire) excuse(d time.Duration) { w.start = w.start.Add(d) }

// cancel ends the read and the write under way, and all to come until resume.
func (w *wire) cancel() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cancelled = true
	w.conn.SetDeadline(time.Unix(1, 0))
}

// resume undoes cancel.
func (w *wire) resume() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cancelled = false
	w.conn.SetDeadline(time.Time{})
}

// setDeadline sets a deadline unless the exchange is cancelled: then the one
// that cancel set must stay.
func (w *wire) setDeadline(set func(time.Time) error, t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cancelled {
		return errCancelled
	}
	return set(t)
}

// Read implements io.Reader for the buffered reader.
func (w *wire) Read(p []byte) (int, error) {
	if err := w.setDeadline(w.conn.SetReadDeadline, w.deadline(time.Now())); err != nil {
		return 0, err
	}
	w.sock.quickACK()
	n, err := w.conn.Read(p)
	w.got += int64(n)
	return n, err
}

// write sends p within d.
func (w *wire) write(p []byte, d time.Duration) error {
	if err := w.setDeadline(w.conn.SetWriteDeadline, time.Now().Add(d)); err != nil {
		return err
	}
	_, err := w.conn.Write(p)
	return err
}

// readLine reads up to the next LF and gives the line without its LF or CRLF;
// crlf tells which it was. The line is valid until the next read. A line of
// more than max octets is errLineTooLong; a connection that ends inside or
// instead of a line, io.ErrUnexpectedEOF.
func (w *wire) readLine(max int) (line []byte, crlf bool, err error) {
	var long []byte
	for {
		part, err := w.r.ReadSlice('\n')
		if long != nil || err == bufio.ErrBufferFull {
			long = append(long, part...)
			part = long
		}
		if max >= 0 && len(part) > max+2 {
			return part[:max], false, errLineTooLong
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil {
			return nil, false, unexpectedEOF(err)
		}
		line = part[:len(part)-1]
		if n := len(line); n > 0 && line[n-1] == '\r' {
			return line[:n-1], true, nil
		}
		return line, false, nil
	}
}

// unsolicited gives the beginning of what the server sent though nothing is
// outstanding, and whether there is any.
func (w *wire) unsolicited() ([]byte, bool) {
	if w.r.Buffered() == 0 && w.sock.pending() {
		// Within TLS what is pending may be a session ticket: only a read
		// tells, and it does not wait for more.
		w.allow(allowance{grace: 5 * time.Millisecond})
		w.r.Peek(1)
	}
	n := w.r.Buffered()
	if n == 0 {
		return nil, false
	}
	b, _ := w.r.Peek(min(n, 512))
	return b, true
}

// unexpectedEOF makes the end of a connection an error that says so.
func unexpectedEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// elapsed is the time since the allowance began.
func (w *wire) elapsed() time.Duration {
	if w.start.IsZero() {
		return 0
	}
	return time.Since(w.start)
}

// close closes the connection. The lock keeps it apart from upgrade.
func (w *wire) close() error {
	w.mu.Lock()
	conn := w.conn
	w.closed = true
	w.mu.Unlock()
	return conn.Close()
}

// isClosed tells whether close has been called.
func (w *wire) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}
