package message

import "encoding/binary"

// Looking at eight octets at a time makes these several times faster; most of most mail is printable ASCII.
const (
	eachOctet = 0x0101010101010101
	eachHigh  = 0x80 * eachOctet
)

func isASCII(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		if binary.LittleEndian.Uint64(b)&eachHigh != 0 {
			return false
		}
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// printable is how many octets s begins with that are printable ASCII, blanks among them.
func printable(s string) int {
	n := 0
	for ; len(s)-n >= 8; n += 8 {
		w := s[n : n+8]
		x := uint64(w[0]) | uint64(w[1])<<8 | uint64(w[2])<<16 | uint64(w[3])<<24 |
			uint64(w[4])<<32 | uint64(w[5])<<40 | uint64(w[6])<<48 | uint64(w[7])<<56
		// The high bit of an octet is set by what is below a blank, by DEL, and by what is above it.
		if (x|(x-' '*eachOctet)|(x+eachOctet))&eachHigh != 0 {
			break
		}
	}
	for n < len(s) && s[n] >= ' ' && s[n] < 0x7f {
		n++
	}
	return n
}

// isPlainLine tells text of printable ASCII characters.
func isPlainLine(s string) bool { return printable(s) == len(s) }
