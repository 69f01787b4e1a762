package sanitize

// fate says what becomes of an element. The zero fate is that of every name
// not in the table: the tags go, what is between them stays.
type fate uint8

const (
	unwrap  fate = iota // tags dropped, content kept
	keep                // kept under its own name or another harmless one
	discard             // dropped with its content
)

// trait is what the parser and the attribute table need to know of a kept
// element.
type trait uint16

const (
	void       trait = 1 << iota // no content, no end tag
	closesP                      // its start tag ends an open p (HTML 13.2.6.4.7)
	special                      // a border for implied end tags of li, dd, dt
	heading                      // h1 to h6 do not nest directly
	formatting                   // reopened by the parser when left unclosed
	marker                       // a new scope for formatting elements
	tableLike                    // table, its parts and hr: width, align, bgcolor ...
	cell                         // td, th
	listLike                     // ol, ul
	scoped                       // changes how the parser reads what is around it; nothing of it is kept
)

// element is one row of the table of elements.
type element struct {
	fate   fate
	as     string // name in the output, "" for its own
	traits trait
	in     string // the parents it may stand in, blank-separated; "" for any that takes text
}

// elements is the allow-list of elements. A name that is not here is unwrapped:
// its text is shown and nothing of the element itself.
var elements = buildElements()

// elementOf gives the row of a name, that of an element which is not in the table for any other.
func elementOf(name string) *element {
	if e := elements[name]; e != nil {
		return e
	}
	return &unknown
}

// elementNamed is elementOf for a name that is no string yet.
func elementNamed(name []byte) *element {
	if e := elements[string(name)]; e != nil {
		return e
	}
	return &unknown
}

var unknown element

func buildElements() map[string]*element {
	m := make(map[string]*element, 160)
	add := func(e element, names ...string) {
		for _, n := range names {
			own := e
			m[n] = &own
		}
	}

	// Blocks of text and sections: structure only.
	add(element{fate: keep, traits: closesP | special},
		"article", "aside", "blockquote", "center", "details", "dl", "figcaption", "figure",
		"footer", "header", "hgroup", "main", "nav", "pre", "section", "summary")
	add(element{fate: keep, traits: closesP}, "address", "div", "p")
	add(element{fate: keep, traits: closesP | special | heading}, "h1", "h2", "h3", "h4", "h5", "h6")
	add(element{fate: keep, traits: closesP | special | listLike}, "ol", "ul")
	add(element{fate: keep, traits: closesP | special}, "li", "dd", "dt")
	add(element{fate: keep, traits: closesP | special | void | tableLike}, "hr")

	// Older blocks, written as the element they are shown like.
	add(element{fate: keep, as: "ul", traits: closesP | special | listLike}, "dir", "menu")
	add(element{fate: keep, as: "pre", traits: closesP | special}, "listing")
	add(element{fate: keep, as: "div", traits: closesP}, "fieldset", "legend", "dialog", "search")
	// Forms have a margin in old mail, and their controls go. Where one may stand, the parser knows; it is written as a
	// div, as nothing is to be sent.
	add(element{fate: keep, as: "div", traits: closesP}, "form")

	// Text: structure and looks, no behaviour.
	add(element{fate: keep},
		"abbr", "acronym", "bdi", "bdo", "cite", "data", "del", "dfn", "ins", "kbd", "mark", "q",
		"ruby", "samp", "span", "sub", "sup", "time", "var")
	add(element{fate: keep, in: "ruby"}, "rp", "rt")
	add(element{fate: keep, traits: formatting},
		"b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u")
	add(element{fate: keep, traits: formatting}, "a", "nobr")
	add(element{fate: keep, traits: void}, "br", "wbr")
	// The same, as strain renames them in a mail that leaves too many open.
	for _, n := range []string{"b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"} {
		add(element{fate: keep, as: n, traits: formatting}, renamed+n)
	}

	// Images and image maps: the source and each link are judged on their own.
	add(element{fate: keep, traits: void}, "img")
	add(element{fate: keep}, "map")
	add(element{fate: keep, traits: void}, "area")

	// Tables, which most mail is laid out with. Each part only in its place, so
	// that the browser moves nothing about.
	add(element{fate: keep, traits: closesP | special | tableLike}, "table")
	add(element{fate: keep, traits: special | marker, in: "table"}, "caption")
	add(element{fate: keep, traits: special | tableLike, in: "table"}, "colgroup", "tbody", "tfoot", "thead")
	add(element{fate: keep, traits: special | tableLike | void, in: "colgroup"}, "col")
	add(element{fate: keep, traits: special | tableLike, in: "tbody tfoot thead"}, "tr")
	add(element{fate: keep, traits: special | tableLike | marker | cell, in: "tr"}, "td", "th")

	// Unwrapped before a tree is built.
	add(element{traits: scoped}, "applet", "audio", "button", "canvas", "frameset", "label", "marquee",
		"noscript", "object", "rb", "rtc", "video")

	// Active or fetching content, and what only the browser's head knows.
	add(element{fate: discard},
		"script", "iframe", "frame", "embed", "portal", "fencedframe",
		"base", "basefont", "bgsound", "link", "meta", "param", "source", "track",
		"title", "isindex", "keygen", "selectedcontent")
	// Form controls: nothing typed into a mail can go anywhere safe.
	add(element{fate: discard}, "input", "textarea", "select", "datalist", "optgroup", "option", "output", "progress", "meter")
	// Other languages inside HTML: the parsers' rules change there, which is
	// where mutations between sanitiser and browser come from.
	add(element{fate: discard}, "svg", "math", "template", "noembed", "noframes")
	// Read for the style sheet by itself, never written as it came.
	add(element{fate: discard}, "style")
	return m
}
