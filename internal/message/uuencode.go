package message

import (
	"bytes"
	"strings"
)

// uuDecoder undoes uuencode (POSIX), line by line. Lines that are none ("begin", "end", text
// around them) give nothing.
type uuDecoder struct {
	line []byte
}

// uuLimit is the length of the longest line: 63 octets.
const uuLimit = 1 + 84 + 4

func (d *uuDecoder) decode(dst, src []byte) []byte {
	for len(src) > 0 {
		i := bytes.IndexAny(src, "\r\n")
		if i < 0 {
			d.hold(src)
			return dst
		}
		d.hold(src[:i])
		dst = d.flush(dst)
		src = src[i+1:]
	}
	return dst
}

// hold keeps the line so far, one octet beyond the limit at most.
func (d *uuDecoder) hold(b []byte) {
	d.line = append(d.line, b[:min(len(b), uuLimit+1-len(d.line))]...)
}

func (d *uuDecoder) flush(dst []byte) []byte {
	line := d.line
	d.line = d.line[:0]
	if !uuLine(line) || bytes.Equal(bytes.TrimSpace(line), []byte("end")) {
		return dst
	}
	n := int(line[0]-' ') & 63
	at := func(i int) byte {
		if i < len(line) {
			return (line[i] - ' ') & 63
		}
		return 0 // QUIRK: blanks at the line's end were cut
	}
	for i := 1; n > 0; i += 4 {
		a, b, c, e := at(i), at(i+1), at(i+2), at(i+3)
		group := [3]byte{a<<2 | b>>4, b<<4 | c>>2, c<<6 | e}
		dst = append(dst, group[:min(n, 3)]...)
		n -= 3
	}
	return dst
}

// uuLine tells whether a line can be uuencoded data: its first character gives its length.
func uuLine(line []byte) bool {
	if len(line) == 0 || len(line) > uuLimit {
		return false
	}
	for _, c := range line {
		if c < ' ' || c > '`' {
			return len(line) == 3 && string(line) == "end"
		}
	}
	n := (int(line[0]-' ')&63 + 2) / 3 * 4
	data := len(line) - 1
	return data >= n-n/2-3 && data <= n+4 && (data > 0 || n == 0)
}

// uuBegin reads "begin 644 name". ok is false when the line is not that.
func uuBegin(line []byte) (name string, ok bool) {
	rest, ok := strings.CutPrefix(string(line[:min(len(line), 500)]), "begin ")
	if !ok {
		return "", false
	}
	mode, name, ok := strings.Cut(strings.TrimLeft(rest, " "), " ")
	if !ok || len(mode) < 3 || len(mode) > 4 || strings.Trim(mode, "01234567") != "" {
		return "", false
	}
	name = strings.TrimSpace(name)
	return name, name != ""
}
