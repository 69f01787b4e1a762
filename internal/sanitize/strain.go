package sanitize

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"sync"

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

// strainer copies a body without what has no place in it.
type strainer struct {
	src    string
	z      scanner
	rename bool
	digits [20]byte

	out     bytes.Buffer // the body, with numbers of attrs in the place of attributes
	attrs   attrTable    // to be restored in the tree
	tokens  int          // tags and texts in out
	cost    growth       // of the nodes that html.Parse makes of it
	scheme  string       // what a meta element says of color-scheme
	forms   bool         // there are forms
	doctype string       // the one of the same effect
}

// strainers are used again from mail to mail, for the memory that they have.
var strainers = sync.Pool{New: func() any { return new(strainer) }}

// maxKept bounds the memory that a strainer keeps, in octets.
const maxKept = 1 << 20

// strain copies the tokens of src but for comments, doctypes, processing
// instructions, the elements that are discarded in any case and the tags of
// those that are unwrapped. What remains has no foreign content
// and one raw-text element (style), so that this tokeniser, html.Parse's and
// the browser's see the same tags. Whoever has no more use for what it gives
// releases it.
func strain(src string) *strainer {
	s := strainers.Get().(*strainer)
	s.src = src
	s.run(false)
	if s.cost.total > maxGrowth {
		s.run(true)
	}
	return s
}

// release gives the strainer to the next mail, and with it the attributes of its tree: strings outlive it.
func (s *strainer) release() {
	s.attrs.reset()
	if s.out.Cap() > maxKept {
		s.out = bytes.Buffer{}
	}
	s.out.Reset()
	*s = strainer{out: s.out, attrs: s.attrs, cost: s.cost}
	strainers.Put(s)
}

// parse builds the tree, in the mode that the mail was written for.
func (s *strainer) parse() (*html.Node, error) {
	body := bytes.NewReader(s.out.Bytes())
	if s.doctype == quirks { // where tables stand in paragraphs
		return html.Parse(body)
	}
	return html.Parse(io.MultiReader(strings.NewReader(noQuirks), body))
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
	s.rename, s.tokens, s.doctype = rename, 0, quirks
	s.attrs.reset()
	s.cost.reset()
	s.out.Reset()
	s.out.Grow(len(s.src)/2 + 16)
	s.z = scanner{rest: s.src}
	for {
		switch s.z.next() {
		case scanEnd:
			return
		case scanText:
			s.text(s.z.text)
		case scanStart:
			if !s.z.selfClosing || !foreign(s.z.name) { // elsewhere the slash means nothing
				s.start(s.z.name)
			}
		case scanEndTag:
			s.end()
		case scanDoctype:
			if s.tokens == 0 { // later ones mean nothing
				s.doctype = doctype(s.z.text)
			}
		}
	}
}

func (s *strainer) text(raw string) {
	if (s.tokens == 0 || s.cost.inTable()) && strings.TrimSpace(raw) == "" {
		return // before the document begins, or between the parts of a table
	}
	s.out.WriteString(raw)
	s.tokens++
	s.cost.node()
}

func (s *strainer) start(name []byte) {
	e := elementNamed(name)
	switch {
	case string(name) == "plaintext" || string(name) == "xmp":
		s.rawText()
	case e.traits&scoped != 0:
		s.z.raw = ""
	case string(name) == "meta":
		s.meta()
	case e.fate == discard && string(name) != "style":
		if !voids[string(name)] {
			s.skip(string(name))
		}
	case e.fate == keep || document[string(name)]:
		s.forms = s.forms || string(name) == "form"
		s.cost.start(name, e)
		s.writeStart(name, e)
	}
}

// meta reads the one thing a mail's head may say that is not in its styles.
func (s *strainer) meta() {
	var name, content string
	for _, a := range s.attrs.read(s.z.attrs) {
		switch a.Key {
		case "name":
			name = lowerASCII(a.Val)
		case "content":
			content = a.Val
		}
	}
	if name == "color-scheme" || name == "supported-color-schemes" {
		s.scheme = content
	}
}

// writeStart copies a start tag, under its harmless name while renaming.
func (s *strainer) writeStart(name []byte, e *element) {
	s.tokens++
	s.out.WriteByte('<')
	if s.rename && reopened(name, e) {
		s.out.WriteString(renamed)
	}
	s.out.Write(name)
	if n, ok := s.attrs.add(name, s.z.attrs); ok {
		s.out.WriteByte(' ')
		s.out.Write(strconv.AppendInt(s.digits[:0], int64(n), numberBase))
	}
	s.out.WriteByte('>')
}

func (s *strainer) end() {
	name := s.z.name
	e := elementNamed(name)
	if e.fate != keep && !document[string(name)] {
		return
	}
	s.cost.end(name, e)
	s.tokens++
	s.out.WriteString("</")
	if s.rename && reopened(name, e) {
		s.out.WriteString(renamed)
	}
	s.out.Write(name)
	s.out.WriteByte('>')
}

// rawText keeps the text of xmp and plaintext, which is shown as it stands.
func (s *strainer) rawText() {
	s.out.WriteString("<pre>")
	if s.z.next() == scanText {
		s.out.WriteString(html.EscapeString(s.z.text))
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
		switch s.z.next() {
		case scanEnd:
			return
		case scanStart:
			inner := s.z.name
			if string(inner) == name {
				if !s.z.selfClosing {
					depth++
				}
			} else if isForeign && breakout[string(inner)] {
				s.start(inner)
				return
			}
		case scanEndTag:
			if string(s.z.name) == name {
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
func reopened(name []byte, e *element) bool {
	return e.traits&formatting != 0 && string(name) != "a" && string(name) != "nobr"
}
