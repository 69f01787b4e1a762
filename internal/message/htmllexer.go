package message

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// htmlLexer cuts HTML into texts and tags as browsers do (HTML Living Standard, section 13.2.5), without a copy of any of
// it: for reading. What is shown as HTML goes through the sanitiser and its parser.
type htmlLexer struct {
	src string // what is left
}

// htmlToken is a text, or a tag. Comments and the content of scripts and the like are no tokens.
type htmlToken struct {
	text  string // as written; "" for a tag
	tag   atom.Atom
	end   bool   // an end tag
	attrs string // of a start tag
}

// next returns the next token. ok is false at the end.
func (l *htmlLexer) next() (t htmlToken, ok bool) {
	for len(l.src) > 0 {
		if n := untilMarkup(l.src); n > 0 {
			t.text, l.src = l.src[:n], l.src[n:]
			return t, true
		}
		switch c := l.src[1]; {
		case c == '!':
			l.src = afterDeclaration(l.src[2:])
		case c == '?', c == '/' && !isLetter(l.src[2]):
			_, l.src, _ = strings.Cut(l.src[2:], ">")
		default:
			return l.readTag()
		}
	}
	return t, false
}

// untilMarkup is the length of the text before the next tag or comment.
func untilMarkup(s string) int {
	for n := 0; ; n++ {
		i := strings.IndexByte(s[n:], '<')
		if i < 0 {
			return len(s)
		}
		if n += i; n+1 == len(s) {
			return len(s)
		}
		if c := s[n+1]; isLetter(c) || c == '!' || c == '?' || c == '/' && n+2 < len(s) {
			return n
		}
	}
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// afterDeclaration is what follows a comment or another "<!".
func afterDeclaration(s string) string {
	comment, ok := strings.CutPrefix(s, "--")
	if !ok {
		_, s, _ = strings.Cut(s, ">")
		return s
	}
	if rest, ok := strings.CutPrefix(strings.TrimLeft(comment, "-"), ">"); ok {
		return rest
	}
	for {
		i := strings.Index(comment, "--")
		if i < 0 {
			return ""
		}
		comment = comment[i+1:]
		if comment[1:] == "" {
			return ""
		}
		for _, end := range []string{">", "!>"} {
			if rest, ok := strings.CutPrefix(comment[1:], end); ok {
				return rest
			}
		}
	}
}

// readTag reads a tag. One that does not end is dropped with all that follows.
func (l *htmlLexer) readTag() (t htmlToken, ok bool) {
	s := l.src[1:]
	if s[0] == '/' {
		t.end, s = true, s[1:]
	}
	n := until(s, endsName)
	if n == len(s) {
		l.src = ""
		return t, false
	}
	t.tag = lookUpTag(s[:n])
	t.attrs = s[n:]
	for rest, more := t.attrs, true; ; {
		if _, _, rest, more = cutAttribute(rest); more {
			continue
		}
		if rest == "" {
			l.src = ""
			return t, false
		}
		t.attrs = t.attrs[:len(t.attrs)-len(rest)]
		l.src = rest[1:]
		break
	}
	if !t.end {
		l.skipContent(t.tag)
	}
	return t, true
}

// lookUpTag finds a tag by its name in any case; 0: it has none that is known.
func lookUpTag(name string) atom.Atom {
	var room [16]byte
	if len(name) > len(room) {
		return 0
	}
	lower := room[:copy(room[:], name)]
	toLower(lower)
	return atom.Lookup(lower)
}

// skipContent skips what stands in an element that holds no markup and that no browser shows, up to its end tag.
func (l *htmlLexer) skipContent(tag atom.Atom) {
	switch tag {
	case atom.Script, atom.Style, atom.Title, atom.Textarea, atom.Iframe, atom.Noframes:
	default:
		return
	}
	name := tag.String()
	for s := l.src; ; {
		i := strings.Index(s, "</")
		if i < 0 || i+2+len(name) >= len(s) {
			l.src = ""
			return
		}
		s = s[i:]
		if strings.EqualFold(s[2:2+len(name)], name) && strings.IndexByte(" \n\r\t\f/>", s[2+len(name)]) >= 0 {
			l.src = s
			return
		}
		s = s[2:]
	}
}

// cutAttribute reads the first attribute of what follows a tag's name. ok is false when there is none: rest then begins
// with the ">", or the tag does not end. The value is as written.
func cutAttribute(s string) (name, value, rest string, ok bool) {
	for s != "" && (isHTMLSpace(s[0]) || s[0] == '/') {
		s = s[1:]
	}
	if s == "" || s[0] == '>' {
		return "", "", s, false
	}
	n := 1 + until(s[1:], endsAttribute) // an "=" may be the first character of a name
	if n == len(s) {
		return "", "", "", false
	}
	name, s = s[:n], skipSpace(s[n:])
	if !strings.HasPrefix(s, "=") {
		return name, "", s, true
	}
	s = skipSpace(s[1:])
	if s == "" {
		return "", "", "", false
	}
	if q := s[0]; q == '"' || q == '\'' {
		if n = strings.IndexByte(s[1:], q); n < 0 {
			return "", "", "", false
		}
		return name, s[1 : 1+n], s[n+2:], true
	}
	if n = until(s, endsValue); n == len(s) {
		return "", "", "", false
	}
	return name, s[:n], s[n:], true
}

// What characters end, besides blanks and ">".
const (
	endsValue     = 1 << iota
	endsName      // "/"
	endsAttribute // "/", "="
)

// htmlEnds are the characters that end something.
var htmlEnds = func() (t [256]byte) {
	for _, c := range " \n\r\t\f>" {
		t[c] = endsValue | endsName | endsAttribute
	}
	t['/'], t['='] = endsName|endsAttribute, endsAttribute
	return t
}()

// until is how much of s stands before a character that ends something of that kind.
func until(s string, kind byte) int {
	for i := range len(s) {
		if htmlEnds[s[i]]&kind != 0 {
			return i
		}
	}
	return len(s)
}

func skipSpace(s string) string {
	for s != "" && isHTMLSpace(s[0]) {
		s = s[1:]
	}
	return s
}

// attribute is the value of an attribute, as written.
func (t htmlToken) attribute(name string) string {
	key, value, rest, ok := cutAttribute(t.attrs + ">")
	for ok && !strings.EqualFold(key, name) {
		key, value, rest, ok = cutAttribute(rest)
	}
	if !ok {
		return ""
	}
	return value
}
