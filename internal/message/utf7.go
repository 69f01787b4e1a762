package message

import (
	"strings"
	"unicode/utf16"
)

// utf7Text reads UTF-7 (RFC 2152): "+" begins a run of UTF-16 in base64, "-" or any character
// outside its alphabet ends it. Octets outside ASCII are read as windows-1252.
func utf7Text(b []byte) string {
	if !isASCII(b) {
		return latin(b)
	}
	var out strings.Builder
	for i := 0; i < len(b); {
		if b[i] != '+' {
			out.WriteByte(b[i])
			i++
			continue
		}
		i++
		if i < len(b) && b[i] == '-' {
			out.WriteByte('+')
			i++
			continue
		}
		start := i
		for i < len(b) && base64Values[b[i]] < 64 {
			i++
		}
		if i == start {
			out.WriteByte('+')
			continue
		}
		out.WriteString(utf7Run(b[start:i]))
		if i < len(b) && b[i] == '-' {
			i++
		}
	}
	return validText(out.String())
}

// utf7Run reads one run of modified base64.
func utf7Run(b []byte) string {
	var units []uint16
	var acc uint32
	bits := 0
	for _, c := range b {
		acc = acc<<6 | uint32(base64Values[c])
		if bits += 6; bits >= 16 {
			bits -= 16
			units = append(units, uint16(acc>>bits))
		}
	}
	return string(utf16.Decode(units))
}
