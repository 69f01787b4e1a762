package message

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
)

// iso2022JP reads ISO-2022-JP (RFC 1468) and its relatives, line by line, since every line begins
// in ASCII. QUIRK: Shift_JIS, EUC-JP or UTF-8 octets under this label are read as what they are.
func iso2022JP(b []byte) string {
	if !isASCII(b) {
		if utf8.Valid(b) {
			return string(b)
		}
		if g := guessCharset(b); !hasEscape(b) && g != "" {
			if c, ok := lookupCharset(g); ok && !strings.HasPrefix(g, "iso-2022-jp") {
				return c.decode(b)
			}
		}
	}
	var out strings.Builder
	for len(b) > 0 {
		n := bytes.IndexByte(b, '\n') + 1
		if n == 0 {
			n = len(b)
		}
		if hasEscape(b[:n]) || !isASCII(b[:n]) {
			line, _ := japanese.ISO2022JP.NewDecoder().Bytes(b[:n])
			out.Write(line)
		} else {
			out.Write(b[:n])
		}
		b = b[n:]
	}
	return validText(out.String())
}

func hasEscape(b []byte) bool {
	i := bytes.IndexByte(b, 0x1b)
	return i >= 0 && i+1 < len(b) && (b[i+1] == '$' || b[i+1] == '(')
}

// iso2022KR reads ISO-2022-KR (RFC 1557): between SO and SI stand the pairs of KS X 1001 in seven
// bits. EUC-KR is the same with the eighth bit set, and has the table.
func iso2022KR(b []byte) string {
	const shiftOut, shiftIn = 0x0e, 0x0f
	b = bytes.ReplaceAll(b, []byte("\x1b$)C"), nil)
	euc := make([]byte, 0, len(b))
	shifted := false
	for _, c := range b {
		switch {
		case c == shiftOut:
			shifted = true
		case c == shiftIn:
			shifted = false
		case c == '\n':
			shifted = false
			euc = append(euc, c)
		case shifted && c > ' ' && c < 0x7f:
			euc = append(euc, c|0x80)
		default:
			euc = append(euc, c)
		}
	}
	out, _ := korean.EUCKR.NewDecoder().Bytes(euc)
	return validText(string(out))
}
