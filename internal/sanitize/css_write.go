package sanitize

import (
	"strconv"
	"strings"
)

// writeIdent appends an identifier so that it reads back as the same name
// everywhere, inside a style element and inside an attribute.
func writeIdent(b *strings.Builder, name string) {
	for i, c := range name {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', c >= 0x80:
			b.WriteRune(c)
		case '0' <= c && c <= '9' && i > 0 && !(i == 1 && name[0] == '-'):
			b.WriteRune(c)
		case c == '-' && len(name) > 1:
			b.WriteRune(c)
		default:
			writeEscape(b, c)
		}
	}
}

// writeString appends a quoted string. Anything but letters, digits and a few
// signs is escaped, so that it ends neither the string nor the style element.
func writeString(b *strings.Builder, s string) {
	b.WriteByte('\'')
	for _, c := range s {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c >= 0x80,
			strings.ContainsRune(" -_.,:;#+=()!?@$%|[]", c):
			b.WriteRune(c)
		default:
			writeEscape(b, c)
		}
	}
	b.WriteByte('\'')
}

func writeEscape(b *strings.Builder, c rune) {
	b.WriteByte('\\')
	b.WriteString(strconv.FormatInt(int64(c), 16))
	b.WriteByte(' ')
}
