package message

import (
	"slices"
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
	b.Grow(snippetLimit + 16)
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
		case strings.HasPrefix(trimmed, ">"), isDrawn(trimmed), b.n == 0 && isBoilerplate(trimmed):
		case announcesQuote(trimmed, rest):
		case startsOriginal(trimmed), startsHeader(trimmed, rest):
			if b.n > 0 {
				return b.String()
			}
		default:
			b.line(withoutLinks(line))
		}
	}
	return b.String()
}

// withoutLinks drops bare addresses of pages.
func withoutLinks(line string) string {
	if !strings.Contains(line, "://") {
		return line
	}
	words := strings.Fields(line)
	kept := words[:0]
	for _, w := range words {
		w = strings.TrimLeft(w, "<([")
		if !strings.HasPrefix(w, "https://") && !strings.HasPrefix(w, "http://") {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}

// isBoilerplate tells the line that newsletters begin with.
func isBoilerplate(s string) bool {
	if len(s) > 150 {
		return false
	}
	s = strings.ToLower(s)
	for _, b := range boilerplate {
		if strings.Contains(s, b.word) && slices.ContainsFunc(b.phrases, func(p string) bool { return strings.Contains(s, p) }) {
			return true
		}
	}
	return false
}

// boilerplate are phrases, by a word that all of them hold.
var boilerplate = []struct {
	word    string
	phrases []string
}{
	{"browser", []string{"in your browser", "in a browser", "in browser", "im browser", "nel browser", "in uw browser"}},
	{"online", []string{"view online", "view it online", "read online", "online ansehen"}},
	{"trouble", []string{"trouble viewing", "trouble reading"}},
	{"displaying", []string{"not displaying correctly"}},
	{"navigateur", []string{"dans votre navigateur"}},
	{"navegador", []string{"en su navegador", "en tu navegador"}},
	{"浏览器", []string{"浏览器中查看", "浏览器查看"}},
	{"瀏覽器", []string{"瀏覽器中"}},
	{"ブラウザ", []string{"ブラウザで"}},
	{"브라우저", []string{"브라우저에서"}},
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
		case r > ' ' && r < 0x7f:
		case unicode.IsSpace(r) || r == 0x2800 || r == 0x3164:
			b.blank = true
			continue
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r) && r != 0x200d, r == 0x34f, r == 0xfffd:
			continue // padding that newsletters put behind their preview text
		}
		joins := r >= 0x300 && (unicode.Is(unicode.M, r) || r == 0x200d || r >= 0x1f3fb && r <= 0x1f3ff)
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
		if r < 0x80 {
			b.WriteByte(byte(r))
		} else {
			b.WriteRune(r)
		}
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

// announcesQuote tells "On Monday, Ann wrote:" and the like, before a quotation; also when it is
// wrapped into two lines.
func announcesQuote(s, rest string) bool {
	if len(s) > 300 || !endsInColon(s) && !strings.ContainsAny(s, "0123456789") {
		return false
	}
	next, after, _ := strings.Cut(strings.TrimLeft(rest[:min(len(rest), 600)], " \t\n"), "\n")
	next = strings.TrimSpace(next)
	if endsInColon(s) {
		return strings.HasPrefix(next, ">")
	}
	return endsInColon(next) && strings.HasPrefix(strings.TrimLeft(after, " \t\n"), ">")
}

func endsInColon(s string) bool {
	return strings.HasSuffix(s, ":") || strings.HasSuffix(s, "\uff1a")
}

// startsHeader tells the header of a message that is quoted below: "From: ..." before "Sent: ...".
func startsHeader(s, rest string) bool {
	field := func(line string, names ...string) bool {
		name, _, ok := strings.Cut(strings.Trim(strings.TrimSpace(line), "*"), ":")
		if !ok {
			return false
		}
		for _, n := range names {
			if strings.EqualFold(strings.Trim(name, "* "), n) {
				return true
			}
		}
		return false
	}
	if !field(s, "From", "Von", "De", "Da", "发件人", "寄件者", "보낸 사람", "差出人") {
		return false
	}
	next, _, _ := strings.Cut(strings.TrimLeft(rest[:min(len(rest), 400)], " \t\n"), "\n")
	return field(next, "Sent", "Date", "To", "Gesendet", "Datum", "An", "Envoyé", "Enviado", "Inviato", "发送时间", "日期", "送信日時", "보낸 날짜")
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
