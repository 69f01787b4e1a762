package message

import (
	"strings"
	"unicode"
)

// snippetLimit is the length of a snippet in characters.
const snippetLimit = 160

// snippet returns the beginning of a text in one line. Quotations, the line that announces them,
// the signature and drawn lines are left out, unless nothing else is there.
func snippet(text string) string {
	text = clip(text, 64<<10)
	if s := ownWords(text, true); s != "" {
		return s
	}
	return ownWords(text, false)
}

func ownWords(text string, cut bool) string {
	b := snippetBuilder{}
	for len(text) > 0 && !b.full {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		if !cut {
			b.line(strings.TrimLeft(line, "> "))
			continue
		}
		switch trimmed := strings.TrimSpace(line); {
		case line == "-- " || trimmed == "--":
			return b.String()
		case strings.HasPrefix(trimmed, ">"), isDrawn(trimmed):
		case announcesQuote(trimmed, rest):
		case startsOriginal(trimmed):
			if b.n > 0 {
				return b.String()
			}
		default:
			b.line(line)
		}
	}
	return b.String()
}

// snippetBuilder collects words.
type snippetBuilder struct {
	strings.Builder
	n     int // characters
	blank bool
	full  bool
}

func (b *snippetBuilder) line(s string) {
	b.blank = true
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r == 0x2800 || r == 0x3164:
			b.blank = true
			continue
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r) && r != 0x200d, r == 0x34f, r == 0xfffd:
			continue // padding that newsletters put behind their preview text
		}
		joins := unicode.Is(unicode.M, r) || r == 0x200d || r >= 0x1f3fb && r <= 0x1f3ff
		if b.n >= snippetLimit-1 && !joins {
			b.WriteString("…")
			b.n++
			b.full = true
			return
		}
		if b.n >= snippetLimit-1 {
			continue // a mark of the character before it that there is no room for
		}
		if b.blank && b.n > 0 {
			b.WriteByte(' ')
			b.n++
			if b.n >= snippetLimit-1 {
				b.WriteString("…")
				b.full = true
				return
			}
		}
		b.blank = false
		b.WriteRune(r)
		b.n++
	}
}

// isDrawn tells a line without any letter or digit.
func isDrawn(s string) bool {
	if len(s) < 3 {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r > 0x2fff }) < 0
}

// announcesQuote tells "On Monday, Ann wrote:" and the like, before a quotation.
func announcesQuote(s, rest string) bool {
	if !strings.HasSuffix(s, ":") && !strings.HasSuffix(s, "\uff1a") || len(s) > 300 {
		return false
	}
	next := strings.TrimLeft(rest[:min(len(rest), 400)], " \t\n")
	return strings.HasPrefix(next, ">")
}

// startsOriginal tells the lines under which mailers quote a message in full.
func startsOriginal(s string) bool {
	if !strings.HasPrefix(s, "---") {
		return false
	}
	s = strings.ToLower(strings.Trim(s, "- "))
	switch s {
	case "original message", "forwarded message", "enclosed message", "ursprüngliche nachricht",
		"message d'origine", "mensaje original", "messaggio originale", "原始邮件", "原始郵件", "원본 메시지":
		return true
	}
	return false
}
