package message

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
)

var scanBuffers = sync.Pool{New: func() any { b := make([]byte, scanBuffer); return &b }}

// scanner cuts the octets of a reader into lines, going forward only.
//
// QUIRK: a line ends at LF, CRLF, a bare CR, or CR CR LF, in any mixture: old mailers, files that
// went through text-mode transfers, and gateways that add a CR before every LF.
type scanner struct {
	r        io.ReaderAt
	size     int64
	held     *[]byte // from the pool
	buf      []byte
	base     int64 // offset of buf[0]
	pos, end int   // unread octets are buf[pos:end]
	lf       int   // index of the next LF at or after pos; end when there is none; -1 unknown
	inLine   bool  // the last piece did not end its line
	textEnd  int64 // where the text of the last piece ends
	oddUntil int64 // offset up to which line ends have to be looked at one by one
	err      error
	steps    int64 // work done, for the tests of linearity
}

// piece is a line, or a piece of a line longer than the buffer. It is valid until the next call.
type piece struct {
	text []byte // without the line end
	eol  []byte // the line end; empty at the end of the message and when the line goes on
	off  int64  // offset of text
	cont bool   // not the beginning of its line
}

func newScanner(r io.ReaderAt, size int64) scanner {
	s := scanner{r: r, size: max(size, 0), lf: -1}
	s.held = scanBuffers.Get().(*[]byte)
	s.buf = *s.held
	return s
}

func (s *scanner) release() {
	scanBuffers.Put(s.held)
	s.held, s.buf = nil, nil
}

// offset is where the next unread octet stands.
func (s *scanner) offset() int64 { return s.base + int64(s.pos) }

// fill reads more behind the unread octets and tells whether it got any.
func (s *scanner) fill() bool {
	if s.err != nil || s.base+int64(s.end) >= s.size {
		return false
	}
	if s.pos > 0 {
		copy(s.buf, s.buf[s.pos:s.end])
		s.base += int64(s.pos)
		s.end -= s.pos
		s.pos = 0
	}
	s.lf = -1
	want := min(int64(len(s.buf)-s.end), s.size-s.base-int64(s.end))
	if want == 0 {
		return false
	}
	n, err := s.r.ReadAt(s.buf[s.end:s.end+int(want)], s.base+int64(s.end))
	s.end += n
	if int64(n) < want {
		s.size = s.base + int64(s.end) // shorter than promised: this is the end
		if err != nil && !errors.Is(err, io.EOF) {
			s.err = fmt.Errorf("read message: %w", err)
		}
	}
	return n > 0
}

// lineEnd finds the end of the line that starts at pos: the length of its text and of its line
// end. ok is false when the buffer does not tell.
func (s *scanner) lineEnd() (text, eol int, ok bool) {
	if s.lf < s.pos {
		i := bytes.IndexByte(s.buf[s.pos:s.end], '\n')
		if i < 0 {
			s.lf = s.end
		} else {
			s.lf = s.pos + i
		}
		s.steps += int64(s.lf - s.pos)
	}
	line := s.buf[s.pos:s.lf]
	i := bytes.IndexByte(line, '\r')
	if i < 0 {
		if s.lf == s.end {
			return 0, 0, false
		}
		return len(line), 1, true
	}
	rest := s.buf[s.pos+i : s.end]
	switch {
	case len(rest) > 1 && rest[1] == '\n':
		return i, 2, true
	case len(rest) > 2 && rest[1] == '\r' && rest[2] == '\n':
		return i, 3, true
	case len(rest) > 2 || s.base+int64(s.end) >= s.size:
		return i, 1, true
	}
	return 0, 0, false // what follows the CR is not in the buffer yet
}

// next returns the next line, or a piece of it. ok is false at the end.
func (s *scanner) next() (p piece, ok bool) {
	text, eol, found := s.lineEnd()
	for !found && s.end-s.pos < len(s.buf) && s.fill() {
		text, eol, found = s.lineEnd()
	}
	if !found && s.base+int64(s.end) >= s.size {
		// The end of the message, perhaps with a CR that now is known to be a line end.
		if text, eol, found = s.lineEnd(); !found {
			text = s.end - s.pos
		}
	} else if !found {
		// The buffer is full: hand out a piece, but keep the octets that may be a line end.
		text = s.end - s.pos - 3
	}
	s.steps++
	if text == 0 && eol == 0 {
		return piece{}, false
	}
	p = piece{
		text: s.buf[s.pos : s.pos+text],
		eol:  s.buf[s.pos+text : s.pos+text+eol],
		off:  s.offset(),
		cont: s.inLine,
	}
	s.inLine = eol == 0
	s.textEnd = p.off + int64(text)
	s.pos += text + eol
	return p, true
}

// block returns as many whole lines as there are in the buffer, up to the first one that begins with one of the octets of
// stops, as one piece. ok is false when there are none, or when their line ends are not all LF or CRLF: next has them.
func (s *scanner) block(stops *[256]bool) (p piece, ok bool) {
	if s.pos == s.end {
		s.fill()
	}
	if s.inLine || s.offset() < s.oddUntil {
		return piece{}, false
	}
	b := s.buf[s.pos:s.end]
	n, crlf, eol := 0, 0, 0
	for n < len(b) && !stops[b[n]] {
		i := bytes.IndexByte(b[n:], '\n')
		if i < 0 {
			break
		}
		if eol = 1; i > 0 && b[n+i-1] == '\r' {
			eol = 2
			crlf++
		}
		n += i + 1
	}
	s.steps += int64(n) + 1
	if bytes.Count(b[:n], carriageReturn) > crlf {
		s.oddUntil = s.offset() + int64(n)
		return piece{}, false
	}
	if n == 0 {
		return piece{}, false
	}
	p = piece{text: b[:n-eol], eol: b[n-eol : n], off: s.offset()}
	s.textEnd = p.off + int64(n-eol)
	s.pos += n
	return p, true
}

var carriageReturn = []byte{'\r'}

// peek returns unread octets without consuming them: n if that many are left and fit the buffer.
func (s *scanner) peek(n int) []byte {
	for s.end-s.pos < n && s.fill() {
	}
	return s.buf[s.pos:min(s.end, s.pos+n)]
}

// cutLine returns the first line of b, without its line end, and the rest.
func cutLine(b []byte) (line, rest []byte) {
	i := bytes.IndexAny(b, "\r\n")
	if i < 0 {
		return b, nil
	}
	switch {
	case b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n':
		return b[:i], b[i+2:]
	case b[i] == '\r' && i+2 < len(b) && b[i+1] == '\r' && b[i+2] == '\n':
		return b[:i], b[i+3:]
	}
	return b[:i], b[i+1:]
}

// unread gives the last piece back. Nothing may have been peeked at since.
func (s *scanner) unread(p piece) {
	s.pos = int(p.off - s.base)
	s.inLine = p.cont
}
