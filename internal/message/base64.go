package message

// base64Decoder undoes base64 (RFC 2045 §6.8).
//
// QUIRK: foreign octets are skipped, padding may be missing, early or repeated, the text may go on
// after padding (several encodings in a row), and the last one or two octets of an incomplete group
// are kept. A line with foreign octets after the padding is a footer that a mailing list put
// there: it ends the data.
type base64Decoder struct {
	acc      uint32 // bits of the group being read
	n        int    // characters in it
	ended    bool   // after padding, until more follows
	stopped  bool   // a footer
	probe    []byte // the line after the padding, while it may be a footer
	padded   bool
	total    int64 // characters seen that are no blanks at a line's end
	foreign  int64 // of these, the ones outside the alphabet
	blanks   int64 // blanks inside lines
	blankRun int64
}

// probeLimit is the length of a line after the padding that is looked at as a whole.
const probeLimit = 100

const (
	b64Foreign = 0xff
	b64Pad     = 0xfe
	b64Blank   = 0xfd
	b64EOL     = 0xfc
)

// base64Values maps an octet to its six bits, or to one of the marks above. The alphabet of
// RFC 4648 §5 ("-" and "_") is not read: a line of dashes is no data.
var base64Values = func() (t [256]byte) {
	for i := range t {
		t[i] = b64Foreign
	}
	for i, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		t[c] = byte(i)
	}
	t['='], t[' '], t['\t'], t['\r'], t['\n'] = b64Pad, b64Blank, b64Blank, b64EOL, b64EOL
	return t
}()

func (d *base64Decoder) decode(dst, src []byte) []byte {
	i := 0
	for i < len(src) && !d.stopped {
		if d.n == 0 && !d.ended {
			// The fast path: whole groups of the alphabet.
			start := i
			for i+4 <= len(src) {
				a, b := base64Values[src[i]], base64Values[src[i+1]]
				c, e := base64Values[src[i+2]], base64Values[src[i+3]]
				if a|b|c|e >= 64 {
					break
				}
				v := uint32(a)<<18 | uint32(b)<<12 | uint32(c)<<6 | uint32(e)
				dst = append(dst, byte(v>>16), byte(v>>8), byte(v))
				i += 4
			}
			if i > start {
				d.total += int64(i - start)
				d.blanks += d.blankRun
				d.blankRun = 0
				continue
			}
		}
		dst = d.octet(dst, src[i])
		i++
	}
	return dst
}

// octet takes in one character.
func (d *base64Decoder) octet(dst []byte, c byte) []byte {
	if d.ended {
		return d.afterPadding(dst, c)
	}
	switch v := base64Values[c]; v {
	case b64EOL:
		d.blankRun = 0
	case b64Blank:
		if d.total > 0 {
			d.blankRun++
		}
	case b64Foreign:
		d.total++
		d.foreign++
	case b64Pad:
		if d.n >= 2 {
			dst = d.partial(dst)
			d.ended, d.padded = true, true
		}
	default:
		d.total++
		d.blanks += d.blankRun
		d.blankRun = 0
		d.acc = d.acc<<6 | uint32(v)
		if d.n++; d.n == 4 {
			dst = append(dst, byte(d.acc>>16), byte(d.acc>>8), byte(d.acc))
			d.acc, d.n = 0, 0
		}
	}
	return dst
}

// partial emits what an incomplete group holds.
func (d *base64Decoder) partial(dst []byte) []byte {
	switch d.n {
	case 2:
		dst = append(dst, byte(d.acc>>4))
	case 3:
		dst = append(dst, byte(d.acc>>10), byte(d.acc>>2))
	}
	d.acc, d.n = 0, 0
	return dst
}

// afterPadding looks at the line that follows padding before it takes it for more data.
func (d *base64Decoder) afterPadding(dst []byte, c byte) []byte {
	v := base64Values[c]
	switch {
	case len(d.probe) == 0 && (v == b64Pad || v == b64Blank || v == b64EOL):
		return dst // the rest of the padding
	case v == b64Foreign || v == b64Blank:
		d.stopped = true
		return dst
	case v == b64EOL || len(d.probe) >= probeLimit:
		return d.resume(dst, c)
	}
	d.probe = append(d.probe, c)
	return dst
}

// resume decodes the probed line: it was data.
func (d *base64Decoder) resume(dst []byte, next ...byte) []byte {
	line := d.probe
	d.probe, d.ended = nil, false
	dst = d.decode(dst, line)
	return d.decode(dst, next)
}

func (d *base64Decoder) flush(dst []byte) []byte {
	for len(d.probe) > 0 && !d.stopped {
		dst = d.resume(dst)
	}
	return d.partial(dst)
}

// implausible tells whether what was decoded cannot have been base64: more than an eighth of the
// characters stand outside the alphabet.
func (d *base64Decoder) implausible() bool {
	foreign := d.foreign
	if d.total >= 32 && (foreign > 0 || !d.padded && d.blanks < d.total/3) {
		foreign += d.blanks
	}
	return foreign*8 > d.total+d.blanks
}
