package sanitize

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// renamed stands before the name of a formatting element that must not be
// reopened by the parser.
const renamed = "x-"

// maxGrowth bounds the nodes the parser could make of a body by reopening
// formatting elements, which it does at every block while they are left
// unclosed: a megabyte can become gigabytes.
const maxGrowth = 600_000

// maxTagAttrs is the number of attributes above which a tag keeps none.
const maxTagAttrs = 100

// strained is a body without what strain takes away.
type strained struct {
	html    string
	tokens  int    // tags and texts in html
	growth  int    // upper bound on the nodes html.Parse makes of it
	scheme  string // what a meta element says of color-scheme
	doctype string // the one of the same effect
}

// strain copies the tokens of src but for comments, doctypes, processing
// instructions, the elements that are discarded in any case and the tags of
// those that are unwrapped. What remains has no foreign content
// and one raw-text element (style), so that this tokeniser, html.Parse's and
// the browser's see the same tags.
func strain(src string) strained {
	s := strainer{src: src}
	s.run(false)
	if s.cost.total > maxGrowth {
		s.run(true)
	}
	return strained{html: s.out.String(), tokens: s.tokens, growth: s.cost.total, scheme: s.scheme, doctype: s.doctype}
}

type strainer struct {
	src     string
	z       *html.Tokenizer
	out     strings.Builder
	tokens  int
	cost    growth
	rename  bool
	scheme  string
	doctype string
	buf     [16]byte // a tag's name
}

// scoped are elements that change how the parser reads what is around them;
// they are unwrapped here since nothing of them is kept.
var scoped = map[string]bool{
	"applet": true, "audio": true, "button": true, "canvas": true, "form": true,
	"frameset": true, "label": true, "marquee": true, "noscript": true,
	"object": true, "rb": true, "rtc": true, "video": true,
}

// document are the elements the parser asks for that are not kept as they are,
// image (which it calls img) and style (which is read for itself) among them.
// Tags of any other name not in the table go here and now.
var document = set("html head body image style")

// voids are discarded elements that have no end tag to wait for.
var voids = map[string]bool{
	"base": true, "basefont": true, "bgsound": true, "embed": true, "frame": true,
	"input": true, "isindex": true, "keygen": true, "link": true, "meta": true,
	"param": true, "source": true, "track": true,
}

func (s *strainer) run(rename bool) {
	s.rename, s.tokens, s.cost, s.doctype = rename, 0, growth{}, quirks
	s.out.Reset()
	s.out.Grow(len(s.src) + 16)
	s.out.WriteString("<!doctype html>")
	s.z = html.NewTokenizer(strings.NewReader(s.src))
	for {
		switch s.z.Next() {
		case html.ErrorToken:
			return
		case html.TextToken:
			s.text(s.z.Raw())
		case html.StartTagToken:
			s.start(s.name(1))
		case html.SelfClosingTagToken:
			if name := s.name(1); !foreign(name) { // elsewhere the slash means nothing
				s.start(name)
			}
		case html.EndTagToken:
			s.end()
		case html.DoctypeToken:
			if s.tokens == 0 { // later ones mean nothing
				s.doctype = doctype(string(s.z.Text()))
			}
		}
	}
}

func (s *strainer) text(raw []byte) {
	if s.tokens == 0 && len(bytes.TrimSpace(raw)) == 0 {
		return // before the document begins
	}
	s.out.Write(raw)
	s.tokens++
	s.cost.node()
}

// name gives the name of the tag that was read, in lower case, after its first
// from octets. (TagName would make a copy each time.) One that is too long for
// the table is given as empty.
func (s *strainer) name(from int) []byte {
	raw := s.z.Raw()[from:]
	for i, c := range raw {
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '/' || c == '>':
			return s.buf[:i]
		case i == len(s.buf):
			return nil
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		s.buf[i] = c
	}
	return nil
}

func (s *strainer) start(name []byte) {
	e := elements[string(name)]
	switch {
	case string(name) == "plaintext" || string(name) == "xmp":
		s.rawText()
	case scoped[string(name)]:
		s.z.NextIsNotRawText()
	case string(name) == "meta":
		s.meta()
	case e.fate == discard && string(name) != "style":
		if !voids[string(name)] {
			s.skip(string(name))
		}
	case e.fate == keep || document[string(name)]:
		s.cost.start(name, e)
		s.writeStart(name, e)
	}
}

// meta reads the one thing a mail's head may say that is not in its styles.
func (s *strainer) meta() {
	var name, content string
	for n, more := 0, true; more && n < maxTagAttrs; n++ {
		var key, val []byte
		key, val, more = s.z.TagAttr()
		switch string(key) {
		case "name":
			name = lowerASCII(string(val))
		case "content":
			content = string(val)
		}
	}
	if name == "color-scheme" || name == "supported-color-schemes" {
		s.scheme = content
	}
}

// writeStart copies a start tag, under its harmless name while renaming, and
// without its attributes when they are more than any author would write.
func (s *strainer) writeStart(name []byte, e element) {
	raw := s.z.Raw()
	s.tokens++
	s.out.WriteByte('<')
	if s.rename && reopened(name, e) {
		s.out.WriteString(renamed)
	}
	if len(raw) > 2*maxTagAttrs && s.countAttrs() > maxTagAttrs {
		s.out.Write(name)
		s.out.WriteByte('>')
		return
	}
	s.out.Write(raw[1:])
}

func (s *strainer) countAttrs() int {
	n := 0
	for more := true; more; n++ {
		_, _, more = s.z.TagAttr()
	}
	return n
}

func (s *strainer) end() {
	raw, name := s.z.Raw(), s.name(2)
	if scoped[string(name)] {
		return
	}
	e := elements[string(name)]
	if e.fate != keep && !document[string(name)] {
		return
	}
	s.cost.end(name, e)
	s.tokens++
	s.out.WriteString("</")
	if s.rename && reopened(name, e) {
		s.out.WriteString(renamed)
	}
	s.out.Write(raw[2:])
}

// rawText keeps the text of xmp and plaintext, which is shown as it stands.
func (s *strainer) rawText() {
	s.out.WriteString("<pre>")
	if s.z.Next() == html.TextToken {
		s.out.WriteString(html.EscapeString(string(s.z.Raw())))
	}
	s.out.WriteString("</pre>")
	s.tokens += 3
	s.cost.total += 3
}

// skip reads past the end of the discarded element name, or to the end of the
// input. A tag that ends svg and math in a browser ends them here too.
func (s *strainer) skip(name string) {
	isForeign := name == "svg" || name == "math"
	for depth := 1; depth > 0; {
		switch s.z.Next() {
		case html.ErrorToken:
			return
		case html.StartTagToken:
			inner := s.name(1)
			if string(inner) == name {
				depth++
			} else if isForeign && breakout[string(inner)] {
				s.start(inner)
				return
			}
		case html.EndTagToken:
			if string(s.name(2)) == name {
				depth--
			}
		}
	}
}

func foreign(name []byte) bool { return string(name) == "svg" || string(name) == "math" }

// breakout are the start tags that end svg and math (HTML 13.2.6.5).
var breakout = set("b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 " +
	"head hr i img li listing menu meta nobr ol p pre ruby s small span strong strike sub sup " +
	"table tt u ul var")

func set(names string) map[string]bool {
	m := make(map[string]bool)
	for _, n := range strings.Fields(names) {
		m[n] = true
	}
	return m
}

// reopened tells whether the parser reopens the element without a bound. (An
// a or nobr ends the one before it, so there is at most one to reopen.)
func reopened(name []byte, e element) bool {
	return e.traits&formatting != 0 && string(name) != "a" && string(name) != "nobr"
}
