package message

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// TextFromHTML returns the text of HTML for reading and for searching: blocks on lines of their
// own, list items marked, images by their description, styles and scripts left out. It takes one
// pass over the tokens, whatever the nesting.
func TextFromHTML(src string) string {
	w := htmlText{}
	w.out.Grow(len(src) / 4)
	l := htmlLexer{src: src}
	for {
		switch t, ok := l.next(); {
		case !ok:
			return w.finish()
		case t.text != "":
			w.text(t.text)
		case t.end:
			w.end(t.tag)
		default:
			w.start(t)
		}
	}
}

// htmlText writes the text of tokens.
type htmlText struct {
	out    strings.Builder
	breaks int  // line ends to be written before the next word: 2 make a blank line
	blank  bool // a blank to be written before the next word
	hidden bool // in a template, which is not shown
	pre    int
	quote  int
	atLine bool // nothing stands on the line yet but its quote marks
}

func (w *htmlText) text(s string) {
	if w.hidden {
		return
	}
	if strings.IndexByte(s, '&') >= 0 {
		s = html.UnescapeString(s)
	}
	s = validText(s)
	if w.pre > 0 {
		w.preformatted(s)
		return
	}
	for len(s) > 0 {
		n := words(s)
		if n > 0 {
			w.word(s[:n])
		}
		for s = s[n:]; len(s) > 0 && isHTMLSpace(s[0]); s = s[1:] {
			w.blank = true
		}
	}
}

// words is how many octets s begins with that stay as they are: words of ASCII with single blanks between them, or else one
// word.
func words(s string) int {
	n := printable(s)
	if i := strings.Index(s[:n], "  "); i >= 0 {
		n = i
	}
	if n > 0 && s[0] != ' ' {
		return len(strings.TrimSuffix(s[:n], " "))
	}
	for n = 0; n < len(s) && !isHTMLSpace(s[n]); n++ {
	}
	return n
}

func isHTMLSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

func (w *htmlText) preformatted(s string) {
	for i, line := range strings.Split(cleanText(s), "\n") {
		if i > 0 {
			w.breaks++
		}
		if line != "" {
			w.word(line)
		}
	}
}

// word writes a word after the breaks that are due.
func (w *htmlText) word(s string) {
	if !isPlainLine(s) {
		s = strings.Map(func(r rune) rune {
			switch {
			case r == 0xa0:
				return ' '
			case r < ' ' && r != '\t', r >= 0x7f && r < 0xa0, r == 0xad, r == 0xfeff:
				return -1
			}
			return r
		}, s)
	}
	if s == "" {
		return
	}
	if w.out.Len() == 0 {
		w.breaks = 0
		w.mark()
	} else if w.breaks > 0 {
		limit := 2
		if w.pre > 0 {
			limit = 10
		}
		w.out.WriteString("\n\n\n\n\n\n\n\n\n\n"[:min(w.breaks, limit)])
		w.breaks = 0
		w.mark()
	} else if w.blank && !w.atLine {
		w.out.WriteByte(' ')
	}
	w.blank, w.atLine = false, false
	w.out.WriteString(s)
}

// mark begins a line: inside quotations with their marks.
func (w *htmlText) mark() {
	w.atLine = true
	if w.quote > 0 {
		w.out.WriteString(strings.Repeat(">", min(w.quote, 20)) + " ")
	}
}

func (w *htmlText) start(t htmlToken) {
	if w.hidden {
		return
	}
	switch t.tag {
	case atom.Template:
		// Only what no browser shows. Other elements are often left open, and would hide the rest.
		w.hidden = true
	case atom.Br:
		w.breaks++
	case atom.Hr:
		w.line(2)
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Dl, atom.Table:
		w.line(2)
	case atom.Li:
		w.line(1)
		w.word("- ")
		w.atLine = true
	case atom.Td, atom.Th:
		w.blank = true
	case atom.Pre:
		w.line(2)
		w.pre++
	case atom.Blockquote:
		w.line(2)
		w.quote++
	case atom.Img:
		if alt := t.attribute("alt"); alt != "" {
			w.text(" " + clip(alt, 300))
			w.blank = true
		}
	default:
		if isBlock(t.tag) {
			w.line(1)
		}
	}
}

func (w *htmlText) end(tag atom.Atom) {
	if w.hidden {
		w.hidden = tag != atom.Template
		return
	}
	switch tag {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Dl, atom.Table:
		w.line(2)
	case atom.Pre:
		w.pre = max(w.pre-1, 0)
		w.line(2)
	case atom.Blockquote:
		w.quote = max(w.quote-1, 0)
		w.line(2)
	case atom.Td, atom.Th:
		w.blank = true
	default:
		if isBlock(tag) {
			w.line(1)
		}
	}
}

// line asks for n line ends before the next word.
func (w *htmlText) line(n int) { w.breaks = max(w.breaks, n) }

func (w *htmlText) finish() string {
	if w.out.Len() == 0 {
		return ""
	}
	w.out.WriteByte('\n')
	return w.out.String()
}

func isBlock(tag atom.Atom) bool {
	switch tag {
	case atom.Div, atom.Tr, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Main, atom.Nav,
		atom.Aside, atom.Address, atom.Center, atom.Dd, atom.Dt, atom.Fieldset, atom.Form, atom.Figure,
		atom.Figcaption, atom.Body, atom.Html, atom.Head, atom.Caption, atom.Option, atom.Li:
		return true
	}
	return false
}

// stripMarkup drops the tags of text/enriched (RFC 1896), where "<<" is a "<".
func stripMarkup(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		s = s[i+1:]
		if strings.HasPrefix(s, "<") {
			b.WriteByte('<')
			s = s[1:]
			continue
		}
		tag, rest, ok := strings.Cut(s, ">")
		if !ok {
			b.WriteString(s)
			break
		}
		s = rest
		if strings.EqualFold(tag, "param") {
			if i := strings.Index(strings.ToLower(s[:min(len(s), 500)]), "</param>"); i >= 0 {
				s = s[i+len("</param>"):]
			}
		}
	}
	return b.String()
}

// looksLikeHTML tells HTML that was sent as text/plain: a document from its first character.
func looksLikeHTML(s string) bool {
	start := strings.ToLower(strings.TrimSpace(s[:min(len(s), 200)]))
	return strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html")
}

// metaCharset finds the charset that HTML declares for itself, for when the header has none.
func metaCharset(b []byte) string {
	l := htmlLexer{src: string(clipBytes(b, 4<<10))}
	for {
		t, ok := l.next()
		switch {
		case !ok || t.tag == atom.Body && !t.end:
			return ""
		case t.tag == atom.Meta:
			if label := t.attribute("charset"); label != "" {
				return usableMeta(label)
			}
			if label := parseMedia([]byte(t.attribute("content"))).get("charset"); label != "" {
				return usableMeta(label)
			}
		}
	}
}

// usableMeta drops what a <meta> that could be read as ASCII cannot mean.
func usableMeta(label string) string {
	label = normalLabel(label)
	if strings.HasPrefix(label, "utf-16") || strings.HasPrefix(label, "utf-32") || strings.Contains(label, "utf-7") {
		return "utf-8"
	}
	return label
}
