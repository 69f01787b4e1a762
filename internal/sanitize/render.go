package sanitize

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// renderer applies the allow-lists while it writes a tree.
type renderer struct {
	opt Options
	out strings.Builder
	css *styler

	quirks  bool                    // the mail was written for quirks mode
	hits    map[*html.Node][][2]int // what is marked, by text node
	hitSeen bool

	ids        map[string]bool // every id in the output, known once a "#x" link asks
	body       *html.Node
	quote      *html.Node      // to be folded; nil: none
	seen       map[string]bool // of remote
	remote     []string
	trackers   []string
	behind     []string // see Result.Backgrounds
	behindSeen map[string]bool
	dataOctets int // base64 written so far

	tags      map[tagKey]string // attributes as they were written
	node      *html.Node        // the element being written
	attrs     []html.Attribute  // its attributes
	links     []openLink        // that are being written, innermost last
	linkText  []byte            // as written so far in the outermost one
	styled    bool              // there is a style sheet
	disguised int
	trueHosts []string // of these links, the first few
	painted   bool     // a background by attribute
	pictured  bool     // the element being written asks for a background
	nodes     int
	tooDeep   bool
}

func newRenderer(opt Options, quirks bool) *renderer {
	css := newStyler()
	css.quirks = quirks
	r := &renderer{opt: opt, css: css, quirks: quirks}
	css.image = r.background
	return r
}

func (r *renderer) result(doctype string) Result {
	return Result{
		HTML: r.out.String(), Doctype: doctype, Remote: r.remote, Trackers: r.trackers, Backgrounds: r.behind, Disguised: r.disguised, TrueHosts: r.trueHosts,
		Painted: r.painted || r.css.painted, Dark: r.css.dark, Notes: r.css.notes,
	}
}

// document writes the style sheet, the wrapper and the content of the body.
func (r *renderer) document(doc *html.Node) {
	root := find(doc, atom.Html)
	r.body = find(root, atom.Body)
	r.css.linkColours(attr(r.body, "link"), attr(r.body, "vlink"))
	sheet := r.styleSheet(doc)

	content := r.body
	if w := wrapper(r.body); w != nil {
		content = w
	} else if r.quirks {
		sheet = r.tableColour() + sheet
	}
	r.styled = sheet != ""
	if r.styled { // outside of the wrapper, where no rule in it applies to it
		r.out.WriteString("<style>")
		r.out.WriteString(sheet)
		r.out.WriteString("</style>")
	}
	if r.opt.FoldQuote != "" {
		r.quote = trailingQuote(content)
	}
	r.writeWrapper(root, content)
	if content != nil && r.opt.Mark != nil && r.nodes <= maxNodes {
		r.hits = findHits(content, r.opt.Mark)
	}
	if content != nil {
		r.children(content, place{parent: "div", depth: 1, quirks: r.quirks})
	}
	r.out.WriteString("</div>")
}

// wrapper gives the one element of the body when it is this package's own.
func wrapper(body *html.Node) *html.Node {
	if body == nil || body.FirstChild == nil || body.FirstChild != body.LastChild {
		return nil
	}
	if n := body.FirstChild; n.DataAtom == atom.Div && hasClass(attr(n, "class"), Wrapper) {
		return n
	}
	return nil
}

// styleSheet collects the style elements of the whole document, in order.
func (r *renderer) styleSheet(n *html.Node) string {
	for d := following(n, n); d != nil; d = following(d, n) {
		r.nodes++
		if d.Type == html.ElementNode && d.DataAtom == atom.Style && d.FirstChild != nil {
			r.css.addSheet(d.FirstChild.Data, attr(d, "media"), attr(d, "type"))
		}
	}
	return r.css.sheet()
}

// children writes the nodes inside n.
func (r *renderer) children(n *html.Node, at place) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.Type {
		case html.TextNode:
			r.text(c, at)
		case html.ElementNode:
			r.element(c, at)
		}
	}
}

func (r *renderer) text(n *html.Node, at place) {
	if tableContext(at.parent) {
		return // the parser puts no words here
	}
	r.linkWords(n.Data)
	r.marked(n.Data, r.hits[n])
}

// element writes one element, or only its content, or nothing of it.
func (r *renderer) element(n *html.Node, at place) {
	if at.depth >= maxDepth {
		r.tooDeep = true
		return
	}
	e := elementOf(n.Data)
	if n.Namespace != "" || e.fate == discard {
		return
	}
	name := n.Data
	if e.as != "" {
		name = e.as
	}
	if e.fate == unwrap || !at.fits(name, e) {
		r.children(n, at)
		return
	}
	if n == r.quote && at.fits("details", elementOf("details")) {
		r.quote = nil
		r.out.WriteString(`<details class="` + Quoted + `"><summary title="`)
		r.escape(r.opt.FoldQuote)
		r.out.WriteString(`">…</summary>`)
		defer r.out.WriteString("</details>")
		at = at.enter("details", elementOf("details"))
	}
	r.out.WriteByte('<')
	r.out.WriteString(name)
	named := r.out.Len()
	r.tagAttributes(n, name)
	bare := r.out.Len() == named
	r.out.WriteByte('>')
	apart := e.traits&(closesP|special) != 0 || name == "br"
	if apart {
		r.linkWords(" ")
	}
	if e.traits&void != 0 {
		if name == "img" && r.written("src") == "" { // its text stands in for it
			r.linkWords(r.written("alt"))
		}
		return
	}
	r.linkCut(name, bare)
	toWeb := name == "a" && r.beginLink(r.written("href"))
	if name == "pre" {
		r.out.WriteByte('\n') // the parser drops this one, and not the mail's own
	}
	r.children(n, at.enter(name, e))
	r.out.WriteString("</")
	r.out.WriteString(name)
	r.out.WriteByte('>')
	r.linkCut(name, bare)
	if toWeb {
		r.endLink()
	}
	if apart {
		r.linkWords(" ")
	}
}

// tagKey stands for the attributes of a tag: elements that were written alike share them (see attrTable).
type tagKey struct {
	name  string
	attrs *html.Attribute
}

// tagAttributes writes the attributes of an element, those it has written before without judging them again. Links and
// images are judged each time, as more than their text comes of it: images are counted where they stand.
func (r *renderer) tagAttributes(n *html.Node, name string) {
	if len(n.Attr) == 0 || name == "a" || name == "area" || name == "img" {
		r.writeAttributes(r.attributes(n, name))
		return
	}
	key := tagKey{name, &n.Attr[0]}
	if text, ok := r.tags[key]; ok {
		r.out.WriteString(text)
		return
	}
	from := r.out.Len()
	r.pictured = false
	r.writeAttributes(r.attributes(n, name))
	if r.pictured {
		return
	}
	if r.tags == nil {
		r.tags = make(map[tagKey]string)
	}
	r.tags[key] = r.out.String()[from:]
}

// writeAttributes writes attributes in the order of their names, which is the
// order the parser gives those of formatting elements.
func (r *renderer) writeAttributes(attrs []html.Attribute) {
	for i := range attrs { // few, and often in order
		for ; i > 0 && attrs[i].Key < attrs[i-1].Key; i-- {
			attrs[i], attrs[i-1] = attrs[i-1], attrs[i]
		}
	}
	for _, a := range attrs {
		r.out.WriteByte(' ')
		r.out.WriteString(a.Key)
		r.out.WriteString(`="`)
		r.escape(a.Val)
		r.out.WriteByte('"')
	}
}

// following gives the node after n in the order of the document, within root;
// nil after the last. (Node.Descendants is the same at three times the price.)
func following(n, root *html.Node) *html.Node {
	if n.FirstChild != nil {
		return n.FirstChild
	}
	for n != root && n.NextSibling == nil {
		n = n.Parent
	}
	if n == root {
		return nil
	}
	return n.NextSibling
}

func find(parent *html.Node, a atom.Atom) *html.Node {
	if parent == nil {
		return nil
	}
	for c := parent.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == a {
			return c
		}
	}
	return nil
}

func attr(n *html.Node, key string) string {
	if n != nil {
		for _, a := range n.Attr {
			if a.Key == key {
				return a.Val
			}
		}
	}
	return ""
}
