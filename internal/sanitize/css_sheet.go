package sanitize

import (
	"strings"

	"github.com/tdewolff/parse/v2/css"
)

// Bounds on style.
const (
	maxMediaDepth  = 3
	maxInlineStyle = 16 << 10 // octets of one style attribute
	maxInlineCache = 4096     // different style attributes remembered
)

// styler rewrites the CSS of one mail.
type styler struct {
	out     strings.Builder
	quirks  bool                    // the mail was written for quirks mode
	used    int                     // octets of style sheets read
	image   func(url string) string // see value; asked by picture
	place   picturePlace
	asked   bool // a picture was asked for
	dark    bool
	ink     string            // the colour that the rules for the body give it; "inherit" when it depends
	painted bool              // a background or an insisted-on colour was declared
	cache   map[string]string // style attributes; mails repeat them a lot
	toks    []token
	decls   []declaration
	notes   []string

	pictures func(url string) string // picture, as value asks
}

// picturePlace is where the picture stands that a value asks for.
type picturePlace uint8

const (
	onElement picturePlace = iota
	onUnseen               // on an element that is too small to be seen
	inSheet
	nowhere // it is not shown, whatever it is
)

// picture is the image of a value.
func (s *styler) picture(url string) string {
	s.asked = true
	if s.place == nowhere || s.image == nil {
		return ""
	}
	return s.image(url)
}

func newStyler() *styler {
	s := &styler{cache: make(map[string]string)}
	s.pictures = s.picture
	return s
}

// sheet gives all style sheets as one.
func (s *styler) sheet() string { return s.out.String() }

// inline rewrites a style attribute.
func (s *styler) inline(src string) string {
	if src == "" || len(src) > maxInlineStyle {
		return ""
	}
	if out, ok := s.cache[src]; ok {
		return out
	}
	s.asked = false
	out := s.write(src, nowhere)
	switch {
	case s.asked && unseen("", "", out):
		out = s.write(src, onUnseen)
	case s.asked:
		out = s.write(src, onElement)
	case len(s.cache) < maxInlineCache: // what has pictures is not kept: each time they are shown is counted
		s.cache[src] = out
	}
	return out
}

// write rewrites declarations.
func (s *styler) write(src string, place picturePlace) string {
	s.place = place
	defer func() { s.place = onElement }()
	s.toks = tokenize(src, s.toks)
	var b strings.Builder
	b.Grow(len(src))
	writeDeclarations(&b, s.declarations(newCursor(s.toks)))
	return b.String()
}

// inlineRoot rewrites the style attribute of a body for the wrapper.
func (s *styler) inlineRoot(src string) string {
	if src == "" || len(src) > maxInlineStyle {
		return ""
	}
	var b strings.Builder
	decls := rootDeclarations(s.declarations(newCursor(tokenize(src, nil))))
	s.schemes(decls)
	writeDeclarations(&b, decls)
	return b.String()
}

// inlineColour is the colour in a style attribute.
func (s *styler) inlineColour(src string) string {
	if src == "" || len(src) > maxInlineStyle {
		return ""
	}
	s.place = nowhere
	defer func() { s.place = onElement }()
	return colourOf(s.declarations(newCursor(tokenize(src, nil))))
}

func colourOf(decls []declaration) (c string) {
	for _, d := range decls {
		if d.name == "color" {
			c = d.value
		}
	}
	return c
}

// addSheet rewrites the content of a style element with its media and type
// attributes.
func (s *styler) addSheet(src, media, typ string) {
	if typ = lowerASCII(strings.TrimSpace(typ)); typ != "" && typ != "text/css" {
		return
	}
	if s.used += len(src); s.used > maxStyles {
		s.note("The message has more styles than are read, so it may look different.")
		return
	}
	s.place = inSheet
	defer func() { s.place = onElement }()
	s.toks = tokenize(src, s.toks)
	if media = strings.TrimSpace(media); media == "" {
		s.rules(newCursor(s.toks), &s.out, 0)
		return
	}
	s.media(newCursor(tokenize(media, nil)), newCursor(s.toks), &s.out, 0)
}

// linkColours maps the link and vlink attributes of a body, which are the colours of links for want of a rule: those
// of the mail come later and count for more or the same.
func (s *styler) linkColours(link, vlink string) {
	if c, ok := colour(link); ok {
		s.out.WriteString("." + Wrapper + " :where(a:link){color:" + c + "}")
	}
	if c, ok := colour(vlink); ok {
		s.out.WriteString("." + Wrapper + " :where(a:visited){color:" + c + "}")
	}
}

// scheme writes the content of a color-scheme meta element as style.
func (s *styler) scheme(content string) {
	content = strings.ReplaceAll(content, ",", " ")
	if v := value(properties["color-scheme"], newCursor(tokenize(content, nil)), nil); v != "" {
		s.addSheet("body{color-scheme:"+v+"}", "", "")
	}
}

func (s *styler) note(sentence string) {
	for _, n := range s.notes {
		if n == sentence {
			return
		}
	}
	s.notes = append(s.notes, sentence)
}

// rules rewrites a list of rules (CSS Syntax 3, 5.4.1).
func (s *styler) rules(c cursor, out *strings.Builder, depth int) {
	for c.more() {
		t := c.peek()
		switch t.kind {
		case css.WhitespaceToken, css.CDOToken, css.CDCToken, css.SemicolonToken, css.RightBraceToken:
			c.next()
		case css.AtKeywordToken:
			c.next()
			s.atRule(lowerASCII(t.text), &c, out, depth)
		default:
			prelude := c.until(css.LeftBraceToken)
			if c.next().kind != css.LeftBraceToken {
				return
			}
			s.rule(prelude, c.inside(), out, depth)
		}
	}
}

// atRule reads on after an at-keyword. Only @media is kept; all others, known
// or not, go with their blocks.
func (s *styler) atRule(name string, c *cursor, out *strings.Builder, depth int) {
	prelude := c.until(css.SemicolonToken, css.LeftBraceToken)
	if c.next().kind != css.LeftBraceToken {
		return
	}
	block := c.inside()
	if name == "media" && depth < maxMediaDepth {
		s.media(prelude, block, out, depth)
	}
}

// media writes a conditional group of rules, unless nothing is left of it.
func (s *styler) media(query, block cursor, out *strings.Builder, depth int) {
	list, dark, ok := mediaList(query)
	if !ok {
		return
	}
	var in strings.Builder
	s.rules(block, &in, depth+1)
	if in.Len() == 0 {
		return
	}
	s.dark = s.dark || dark
	out.WriteString("@media ")
	out.WriteString(list)
	out.WriteByte('{')
	out.WriteString(in.String())
	out.WriteByte('}')
}

// inks notes the colour of the body. Where that depends on the window or on more of the selector, tables are left with
// the colour of what is around them.
func (s *styler) inks(decls []declaration, always bool) {
	c := colourOf(decls)
	switch {
	case c == "" || s.ink == "inherit":
	case always:
		s.ink = c
	default:
		s.ink = "inherit"
	}
}

// rule writes one style rule, unless its selectors or declarations are gone.
func (s *styler) rule(prelude, block cursor, out *strings.Builder, depth int) {
	list, root := selectorList(prelude)
	if list == "" {
		return
	}
	decls := s.declarations(block)
	if root {
		decls = rootDeclarations(decls)
		s.schemes(decls)
		s.inks(decls, depth == 0 && list == "."+Wrapper)
	}
	if len(decls) == 0 {
		return
	}
	out.WriteString(list)
	out.WriteByte('{')
	writeDeclarations(out, decls)
	out.WriteByte('}')
}

// schemes notes a color-scheme with dark in it.
func (s *styler) schemes(decls []declaration) {
	for _, d := range decls {
		if d.name == "color-scheme" && strings.Contains(d.value, "dark") {
			s.dark = true
		}
	}
}
