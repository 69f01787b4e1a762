package message

import "encoding/binary"

// rtfDecoder undoes the compression of RTF in Outlook's messages ([MS-OXRTFCP]): runs of up to 17 octets that refer to the
// last 4,096 ones. What cannot be read ends it.
type rtfDecoder struct {
	head   []byte // the header, until it is whole
	stored bool   // not compressed
	ended  bool

	window  []byte // the last octets, a ring
	at      int    // where the next one goes
	control byte   // what the next tokens are, lowest bit first
	tokens  int    // how many of them are left
	high    int    // the first octet of a reference, or -1
}

const (
	rtfHeader     = 16 // sizes, kind, checksum
	rtfWindow     = 4096
	rtfCompressed = 0x75465a4c // "LZFu"
	rtfStored     = 0x414c454d // "MELA"

	// rtfDictionary is what the window holds at first (§2.1.3.1).
	rtfDictionary = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans " +
		"SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)

func (d *rtfDecoder) decode(dst, src []byte) []byte {
	if n := min(rtfHeader-len(d.head), len(src)); n > 0 {
		if d.head, src = append(d.head, src[:n]...), src[n:]; len(d.head) == rtfHeader {
			d.begin()
		}
	}
	if d.ended {
		return dst
	}
	if d.stored {
		return append(dst, src...)
	}
	for _, c := range src {
		switch {
		case d.tokens == 0:
			d.control, d.tokens = c, 8
			continue
		case d.control&1 == 0:
			dst = d.octet(dst, c)
		case d.high < 0:
			d.high = int(c)
			continue
		default:
			from, n := d.high<<4|int(c>>4), int(c&15)+2
			d.high = -1
			if from == d.at {
				d.ended = true
				return dst
			}
			for ; n > 0; n-- {
				dst = d.octet(dst, d.window[from])
				from = (from + 1) % rtfWindow
			}
		}
		d.control >>= 1
		d.tokens--
	}
	return dst
}

// begin reads the header.
func (d *rtfDecoder) begin() {
	switch binary.LittleEndian.Uint32(d.head[8:]) {
	case rtfCompressed:
		d.window = make([]byte, rtfWindow)
		d.at = copy(d.window, rtfDictionary)
		d.high = -1
	case rtfStored:
		d.stored = true
	default:
		d.ended = true
	}
}

// octet gives one octet out.
func (d *rtfDecoder) octet(dst []byte, c byte) []byte {
	d.window[d.at] = c
	d.at = (d.at + 1) % rtfWindow
	return append(dst, c)
}

func (d *rtfDecoder) flush(dst []byte) []byte { return dst }
