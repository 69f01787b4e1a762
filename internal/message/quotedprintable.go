package message

import "bytes"

// qpDecoder undoes quoted-printable (RFC 2045 §6.7).
//
// QUIRK: an "=" that begins no escape stays, lower-case escapes and 8-bit octets are read, a soft
// line break may end in blanks, in a bare CR, or with the message.
type qpDecoder struct {
	held []byte // "=" and what follows it, or blanks that may stand at a line's end
}

// heldLimit bounds the blanks that are held back. More of them are content.
const heldLimit = 1000

func (d *qpDecoder) decode(dst, src []byte) []byte {
	for len(src) > 0 {
		if len(d.held) == 0 {
			n := plainQP(src)
			dst = append(dst, src[:n]...)
			if src = src[n:]; len(src) == 0 || src[0] != '=' && !isBlank(src[0]) {
				continue
			}
			if len(src) > 2 && src[0] == '=' && unhex(src[1]) >= 0 && unhex(src[2]) >= 0 {
				dst = append(dst, byte(unhex(src[1])<<4|unhex(src[2])))
				src = src[3:]
				continue
			}
			d.held = append(d.held, src[0])
			src = src[1:]
			continue
		}
		var used bool
		if d.held[0] == '=' {
			dst, used = d.escape(dst, src[0])
		} else {
			dst, used = d.blank(dst, src[0])
		}
		if used {
			src = src[1:]
		}
	}
	return dst
}

// plainQP is how many octets stand for themselves: up to an "=", or to blanks that may stand at a line's end. It looks at
// not more than plainRun of them, so that what is looked at again stays little.
func plainQP(src []byte) int {
	src = src[:min(len(src), plainRun)]
	mayEnd := true // the line may end where src does
	if i := bytes.IndexByte(src, '='); i >= 0 {
		src, mayEnd = src[:i], false
	}
	for n := 0; n < len(src); {
		line, ends := src[n:], mayEnd
		for _, eol := range [...]byte{'\n', '\r'} {
			if i := bytes.IndexByte(line, eol); i >= 0 {
				line, ends = line[:i], true
			}
		}
		if ends && len(line) > 0 && isBlank(line[len(line)-1]) {
			return n + len(bytes.TrimRight(line, " \t"))
		}
		n += len(line) + 1
	}
	return len(src)
}

const plainRun = 512

// blank judges c after held blanks: at a line's end they are no content (rule 3).
func (d *qpDecoder) blank(dst []byte, c byte) ([]byte, bool) {
	switch {
	case c == '\r' || c == '\n':
		d.held = d.held[:0]
		return dst, false
	case isBlank(c) && len(d.held) < heldLimit:
		d.held = append(d.held, c)
		return dst, true
	}
	dst = append(dst, d.held...)
	d.held = d.held[:0]
	return dst, false
}

// escape judges c after "=".
func (d *qpDecoder) escape(dst []byte, c byte) ([]byte, bool) {
	last := d.held[len(d.held)-1]
	switch {
	case last == '\r':
		// "=\r" was a soft line break; the LF belongs to it.
		d.held = d.held[:0]
		return dst, c == '\n'
	case c == '\n':
		if len(d.held) == 1 || isBlank(last) {
			d.held = d.held[:0]
			return dst, true
		}
	case c == '\r':
		if len(d.held) == 1 || isBlank(last) {
			d.held = append(d.held, c)
			return dst, true
		}
	case isBlank(c):
		if (len(d.held) == 1 || isBlank(last)) && len(d.held) < heldLimit {
			d.held = append(d.held, c)
			return dst, true
		}
	case unhex(c) >= 0 && len(d.held) == 1:
		d.held = append(d.held, c)
		return dst, true
	case unhex(c) >= 0 && len(d.held) == 2 && unhex(d.held[1]) >= 0:
		dst = append(dst, byte(unhex(d.held[1])<<4|unhex(c)))
		d.held = d.held[:0]
		return dst, true
	}
	// No escape: the "=" is itself, and what was held after it is looked at again.
	rest := bytes.Clone(d.held[1:])
	d.held = d.held[:0]
	dst = append(dst, '=')
	return d.decode(dst, rest), false
}

func (d *qpDecoder) flush(dst []byte) []byte {
	if len(d.held) > 1 && d.held[0] == '=' && unhex(d.held[1]) >= 0 {
		dst = append(dst, d.held...)
	}
	d.held = d.held[:0]
	return dst
}

// unhex returns the value of a hexadecimal digit, or -1.
func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
