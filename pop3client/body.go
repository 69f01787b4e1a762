package pop3client

import (
	"bufio"
	"bytes"
	"io"
)

// bodyReader decodes the multi-line part of a RETR or TOP reply (RFC 1939,
// section 3), octet for octet: lines of any length, NUL, 8-bit, lone CR and
// lone LF all pass unchanged.
//
// A line ends with CRLF, and only behind one does a dot mean anything: many
// servers pass lone LFs of a message on without stuffing the dots behind them.
// A server whose status line ended with a lone LF is taken to end every line
// so; then lf is set.
//
// The text ends with a line that is a single dot. Of a line that begins with
// two dots the first is removed. A line that begins with one dot and goes on
// otherwise comes from a server that does not stuff, or from Dovecot and
// Courier, which do not stuff a message's very first line: it is kept as it is.
type bodyReader struct {
	r  *bufio.Reader
	lf bool // lines end with LF

	inLine bool // the octet ahead is not the first of a line
	cr     bool // the last octet was CR
}

// next gives the next piece of decoded text, valid until the next read, or
// io.EOF at its end. What follows the terminating line stays in r.
func (b *bodyReader) next() ([]byte, error) {
	if !b.inLine {
		end, err := b.beginLine()
		if err != nil {
			return nil, err
		}
		if end {
			return nil, io.EOF
		}
	}
	if _, err := b.r.Peek(1); err != nil {
		return nil, unexpectedEOF(err)
	}
	chunk, _ := b.r.Peek(b.r.Buffered())
	n, found := b.lineStart(chunk)
	if found {
		chunk = chunk[:n]
	}
	b.inLine = !found && !b.endsLine(chunk)
	b.cr = chunk[len(chunk)-1] == '\r'
	b.r.Discard(len(chunk))
	return chunk, nil
}

// beginLine looks at the first octets of a line. It removes a stuffed dot, and
// consumes the terminating line and says so.
func (b *bodyReader) beginLine() (end bool, err error) {
	p, err := b.r.Peek(1)
	if err != nil {
		return false, unexpectedEOF(err)
	}
	if p[0] != '.' {
		return false, nil
	}
	if p, err = b.r.Peek(2); err != nil {
		return false, unexpectedEOF(err)
	}
	switch p[1] {
	case '.':
		b.r.Discard(1)
	case '\n':
		b.r.Discard(2)
		return true, nil
	case '\r':
		if p, err = b.r.Peek(3); err != nil {
			return false, unexpectedEOF(err)
		}
		if p[2] == '\n' {
			b.r.Discard(3)
			return true, nil
		}
	}
	return false, nil
}

var (
	lfDot   = []byte("\n.")
	crlfDot = []byte("\r\n.")
)

// lineStart gives the offset in chunk of the first line that begins with a
// dot, not counting the line that begins with the chunk.
func (b *bodyReader) lineStart(chunk []byte) (offset int, found bool) {
	if b.cr && bytes.HasPrefix(chunk, lfDot) {
		return 1, true
	}
	end := crlfDot
	if b.lf {
		end = lfDot
	}
	i := bytes.Index(chunk, end)
	return i + len(end) - 1, i >= 0
}

// endsLine tells whether a line ends with the chunk.
func (b *bodyReader) endsLine(chunk []byte) bool {
	n := len(chunk)
	if chunk[n-1] != '\n' {
		return false
	}
	if b.lf {
		return true
	}
	if n == 1 {
		return b.cr
	}
	return chunk[n-2] == '\r'
}
