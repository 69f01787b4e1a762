package pop3client

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// decodeBody decodes a text that comes in pieces of size octets, and gives what
// is left behind it.
func decodeBody(wire string, size int, lf bool) (text, rest string, err error) {
	r := bufio.NewReaderSize(&pieces{data: wire, size: size}, 64)
	body := bodyReader{r: r, lf: lf}
	var b strings.Builder
	for {
		chunk, err := body.next()
		if err == io.EOF {
			left, _ := io.ReadAll(r)
			return b.String(), string(left), nil
		}
		if err != nil {
			return b.String(), "", err
		}
		b.Write(chunk)
	}
}

// pieces is a reader that gives size octets at a time.
type pieces struct {
	data string
	size int
}

func (p *pieces) Read(b []byte) (int, error) {
	if p.data == "" {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), p.size)], p.data)
	p.data = p.data[n:]
	return n, nil
}

func TestBody(t *testing.T) {
	for _, test := range []struct {
		name, wire, want string
		lf               bool
	}{
		{name: "empty", wire: ".\r\n", want: ""},
		{name: "one line", wire: "a\r\n.\r\n", want: "a\r\n"},
		{name: "stuffed", wire: "..\r\n...\r\n..x\r\n.. \r\n.\r\n", want: ".\r\n..\r\n.x\r\n. \r\n"},
		{name: "not stuffed", wire: ".x\r\na\r\n.y\r\n. \r\n.\r\n", want: ".x\r\na\r\n.y\r\n. \r\n"},
		{name: "dot behind LF", wire: "a\n.\nb\n..c\r\n.\r\n", want: "a\n.\nb\n..c\r\n"},
		{name: "dot and CRLF behind LF", wire: "a\n.\r\nb\r\n.\r\n", want: "a\n.\r\nb\r\n"},
		{name: "dot behind CR", wire: "a\r.\rb\r\n.\r\n", want: "a\r.\rb\r\n"},
		{name: "dot CR CR LF", wire: "a\r\n.\r\r\nb\r\n.\r\n", want: "a\r\n.\r\r\nb\r\n"},
		{name: "CR CR LF dot", wire: "a\r\r\n..b\r\n.\r\n", want: "a\r\r\n.b\r\n"},
		{name: "end with LF", wire: "a\r\n.\n", want: "a\r\n"},
		{name: "only line ends", wire: "\r\n\r\n.\r\n", want: "\r\n\r\n"},
		{name: "lone CR at the start of a line", wire: "\r\r\n\n.\r\n.\r\n", want: "\r\r\n\n.\r\n"},
		{name: "NUL and 8-bit", wire: "\x00\xff\r\n.\r\n", want: "\x00\xff\r\n"},
		{name: "long line", wire: strings.Repeat("x", 1000) + "\r\n.\r\n", want: strings.Repeat("x", 1000) + "\r\n"},
		{name: "LF server", wire: "a\n..\n..b\n\n.\n", want: "a\n.\n.b\n\n", lf: true},
		{name: "LF server with CR", wire: "a\r\n.b\r\n.\r\n", want: "a\r\n.b\r\n", lf: true},
	} {
		t.Run("46 "+test.name, func(t *testing.T) {
			for size := 1; size <= len(test.wire) && size < 70; size++ {
				got, rest, err := decodeBody(test.wire+"+OK next", size, test.lf)
				if err != nil || got != test.want || rest != "+OK next" {
					t.Fatalf("by %d: got %q, rest %q, %v; want %q", size, got, rest, err, test.want)
				}
			}
		})
	}
}

func TestBodyCutShort(t *testing.T) {
	const wire = "a\r\n..b\r\n.\r\n"
	for n := range len(wire) {
		if _, _, err := decodeBody(wire[:n], 3, false); err != io.ErrUnexpectedEOF {
			t.Errorf("%q: %v", wire[:n], err)
		}
	}
	r := bufio.NewReader(iotest.ErrReader(io.ErrNoProgress))
	if _, err := (&bodyReader{r: r}).next(); err != io.ErrNoProgress {
		t.Errorf("got %v", err)
	}
}

// stuff writes text as a server does: the reverse of bodyReader.
func stuff(text []byte) string {
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\r\n")) {
		text = append(bytes.Clone(text), "\r\n"...)
	}
	wire := bytes.ReplaceAll(text, []byte("\r\n."), []byte("\r\n.."))
	if bytes.HasPrefix(wire, []byte(".")) {
		wire = append([]byte("."), wire...)
	}
	return string(wire) + ".\r\n"
}

// Whatever a server stuffs comes out as it was, however it is cut into pieces.
// And of what it does not stuff, nothing is lost but dots.
func FuzzBody(f *testing.F) {
	f.Add([]byte("Subject: x\r\n\r\n.\r\n..\r\nend"), uint8(1), false)
	f.Add([]byte("\r\n.\n.\r\r\n.\r\n"), uint8(2), true)
	f.Add([]byte("\r.\n\n.\n.\n"), uint8(3), false)
	f.Fuzz(func(t *testing.T, text []byte, size uint8, lf bool) {
		pieces := int(size)%80 + 1
		got, rest, err := decodeBody(stuff(text)+"rest", pieces, false)
		want := text
		if len(text) > 0 && !bytes.HasSuffix(text, []byte("\r\n")) {
			want = append(bytes.Clone(text), "\r\n"...)
		}
		if err != nil || got != string(want) || rest != "rest" {
			t.Fatalf("got %q, rest %q, %v; want %q", got, rest, err, want)
		}
		one, restOne, errOne := decodeBody(string(text), 1, lf)
		many, restMany, errMany := decodeBody(string(text), pieces, lf)
		if one != many || restOne != restMany || errOne != errMany {
			t.Fatalf("by 1: %q, %q, %v; by %d: %q, %q, %v", one, restOne, errOne, pieces, many, restMany, errMany)
		}
		if undotted := strings.NewReplacer(".", ""); !strings.HasPrefix(undotted.Replace(string(text)), undotted.Replace(one)) {
			t.Fatalf("text changed: %q to %q", text, one)
		}
	})
}
