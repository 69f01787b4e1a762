package sanitize

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// fallback shows the text of a body whose HTML is over a bound, line by line,
// without building a tree.
func fallback(src, note string) Result {
	src = src[:min(len(src), maxInput)]
	if !utf8.ValidString(src) {
		src = strings.ToValidUTF8(src, "\uFFFD")
	}
	r := renderer{}
	r.out.WriteString(`<div class="` + Wrapper + `" style="white-space:pre-wrap">`)
	z := html.NewTokenizer(strings.NewReader(src))
	cut := false
	for !cut {
		switch z.Next() {
		case html.ErrorToken:
			r.out.WriteString("</div>")
			return Result{HTML: r.out.String(), Doctype: noQuirks, Notes: []string{note}}
		case html.TextToken:
			cut = r.fallbackText(string(z.Text()))
		case html.StartTagToken:
			name, _ := z.TagName()
			skipFallback(z, string(name))
			if name := string(name); name == "br" || name == "tr" || elementOf(name).traits&closesP != 0 {
				r.newline()
			}
		}
	}
	r.out.WriteString("</div>")
	return Result{HTML: r.out.String(), Doctype: noQuirks, Notes: []string{note, "Its text is cut."}}
}

// fallbackText writes a run of text; true when the bound is reached.
func (r *renderer) fallbackText(s string) bool {
	s = strings.ReplaceAll(s, "\x00", "")
	if blank := strings.TrimSpace(s) == ""; blank {
		s = " "
	}
	if room := maxFallback - r.out.Len(); len(s) > room {
		r.escape(strings.ToValidUTF8(s[:max(room, 0)], ""))
		return true
	}
	r.escape(s)
	return false
}

// newline ends a line, but makes no second empty one.
func (r *renderer) newline() {
	if s := r.out.String(); !strings.HasSuffix(s, "\n") && !strings.HasSuffix(s, ">") {
		r.out.WriteByte('\n')
	}
}

// skipFallback passes over the raw text of elements that show none.
func skipFallback(z *html.Tokenizer, name string) {
	switch name {
	case "script", "style", "title", "textarea", "iframe", "noembed", "noframes":
		z.Next()
	case "noscript":
		z.NextIsNotRawText()
	}
}
