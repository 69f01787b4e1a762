package mailfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
)

// Dialect is how an mbox file marks where a message ends and quotes "From " lines in its text.
type Dialect int

// The dialects. All begin a message with a "From " line.
const (
	Auto    Dialect = iota
	MboxO           // "From " at the beginning of a line is written ">From "
	MboxRD          // each line of ">"s and "From " gets one ">" more: the only one that can be undone
	MboxCL          // Content-Length counts the octets; quoted like MboxO
	MboxCL2         // Content-Length counts the octets; nothing is quoted
)

// UnmarshalText reads "auto", "mboxo", "mboxrd", "mboxcl" or "mboxcl2".
func (d *Dialect) UnmarshalText(text []byte) error {
	for i, name := range []string{"auto", "mboxo", "mboxrd", "mboxcl", "mboxcl2"} {
		if string(text) == name {
			*d = Dialect(i)
			return nil
		}
	}
	return errors.New("must be auto, mboxo, mboxrd, mboxcl or mboxcl2")
}

const from = "From "

// maxWrongLengths is how often a Content-Length may be wrong before none is believed: each one
// costs reading the message twice.
const maxWrongLengths = 3

// Reader cuts an mbox file into messages.
type Reader struct {
	r       *bufio.Reader
	dialect Dialect
	limit   int64
	buf     []byte
	begun   bool // the "From " line of the next message has been read

	wrong    int  // lengths that led nowhere
	counted  int  // messages that ended where their length said
	unquoted bool // one of them holds a "From " line
}

// NewReader reads messages of at most limit octets. Under [Auto] lengths count where they are
// right, and nothing is taken off the text.
func NewReader(r io.Reader, d Dialect, limit int64) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, 64<<10), dialect: d, limit: limit}
}

// Next returns the octets of the next message, valid until the next call; io.EOF after the last.
// After [ErrTooLarge] it goes on with the message behind.
func (r *Reader) Next() ([]byte, error) {
	if err := r.begin(); err != nil {
		return nil, err
	}
	r.begun = false
	r.buf = r.buf[:0]
	tooLarge, counted := false, false
	blank, header := false, true // the line before is empty; we are in the header
	for whole := true; ; {
		line, err := r.r.ReadSlice('\n')
		if whole && isFrom(line) {
			line = bytes.Clone(line) // looking ahead may move the buffer
			if r.separates(line, blank) {
				r.begun = true
				break
			}
		}
		if tooLarge = tooLarge || int64(len(r.buf)+len(line)) > r.limit+2; !tooLarge {
			r.buf = append(r.buf, line...)
		}
		blank = whole && isEmpty(line)
		whole = !errors.Is(err, bufio.ErrBufferFull)
		if err != nil && whole {
			if !errors.Is(err, io.EOF) {
				return nil, err
			}
			break
		}
		if header && blank {
			header = false
			if counted = r.counts() && r.body(); counted {
				break
			}
		}
	}
	raw := r.buf
	if !counted {
		raw = withoutBlankLine(raw)
	}
	if tooLarge || int64(len(raw)) > r.limit {
		return nil, ErrTooLarge
	}
	switch r.dialect {
	case MboxO, MboxCL:
		raw = unquote(raw, false)
	case MboxRD:
		raw = unquote(raw, true)
	}
	return raw, nil
}

// begin reads up to the "From " line that begins the next message.
func (r *Reader) begin() error {
	for !r.begun {
		line, err := r.r.ReadSlice('\n')
		r.begun = isFrom(line)
		if err != nil && !r.begun && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = r.r.ReadSlice('\n')
		}
	}
	return nil
}

// fromDate is the end of a well-formed "From " line: asctime or a date of mail.
var fromDate = regexp.MustCompile(`(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(\d+ +)?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) .*\d:\d\d`)

// separates tells a "From " line that begins a message from one in a text that nobody quoted. Two of
// three must hold: the line before is empty, there is a date, a header field follows.
func (r *Reader) separates(line []byte, blank bool) bool {
	dated := fromDate.Match(line)
	if blank && dated {
		return true
	}
	next, _ := r.r.Peek(200)
	return (blank || dated) && fieldLine.Match(next)
}

// fieldLine is the beginning of a header field, or of a "From " line that was quoted into a header.
var fieldLine = regexp.MustCompile(`^(>*From |[!-9;-~]+[ \t]*:)`)

// counts tells whether lengths are believed.
func (r *Reader) counts() bool {
	switch r.dialect {
	case Auto, MboxCL, MboxCL2:
		return r.wrong < maxWrongLengths
	}
	return false
}

// body reads the body by the length that the header in buf gives, and tells whether that was
// right: the next message or the end of the file follows. If not, all is as before.
func (r *Reader) body() bool {
	n, err := strconv.ParseInt(string(field(r.buf, "content-length")), 10, 64)
	if err != nil || n < 0 || n > r.limit {
		return false
	}
	head := len(r.buf)
	r.buf = append(r.buf, make([]byte, 0, min(n, 1<<20))...)
	body := bytes.NewBuffer(r.buf)
	got, err := io.CopyN(body, r.r, n)
	r.buf = body.Bytes()
	if err == nil && r.atEnd() {
		r.counted++
		if next, _ := r.r.Peek(len(from)); isFrom(next) {
			r.buf = withoutBlankLine(r.buf) // the length counts the line before "From " too
		}
		text := r.buf[head:]
		r.unquoted = r.unquoted || isFrom(text) || bytes.Contains(text, []byte("\n"+from))
		return true
	}
	r.wrong++
	again := bytes.Clone(r.buf[head : head+int(got)])
	r.r = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(again), r.r), 64<<10)
	r.buf = r.buf[:head]
	return false
}

// atEnd tells whether the end of the file or the next "From " line comes now, after a blank line or
// without; it leaves the blank line to begin.
func (r *Reader) atEnd() bool {
	next, _ := r.r.Peek(8)
	next = bytes.TrimLeft(next, "\r\n")
	return len(next) == 0 || isFrom(next)
}

func isFrom(line []byte) bool { return bytes.HasPrefix(line, []byte(from)) }

func isEmpty(line []byte) bool {
	return bytes.HasPrefix(line, []byte("\n")) || bytes.HasPrefix(line, []byte("\r\n"))
}

// withoutBlankLine takes off the empty line that stands before the next "From " line.
func withoutBlankLine(raw []byte) []byte {
	for _, end := range []string{"\r\n", "\n"} {
		if rest, ok := bytes.CutSuffix(raw, []byte(end)); ok {
			if len(rest) == 0 || rest[len(rest)-1] == '\n' {
				return rest
			}
			return raw
		}
	}
	return raw
}

// unquote takes one ">" off the quoted "From " lines, in place: with all, whatever number of ">"s
// they begin with.
func unquote(raw []byte, all bool) []byte {
	out := raw[:0]
	for len(raw) > 0 {
		line := raw
		if i := bytes.IndexByte(raw, '\n'); i >= 0 {
			line = raw[:i+1]
		}
		raw = raw[len(line):]
		if line[0] == '>' && (isFrom(line[1:]) || all && isFrom(bytes.TrimLeft(line, ">"))) {
			line = line[1:]
		}
		out = append(out, line...)
	}
	return out
}
