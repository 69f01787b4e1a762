package sanitize

import "strings"

// place is where in the output the renderer stands: as much of the open
// elements as the parser's rules for implied end tags ask about. An element
// that the browser would not leave in its place is unwrapped, so that the tree
// it builds from the output is the tree that was judged.
type place struct {
	parent string // name of the innermost open element
	quirks bool   // a table ends no p
	depth  int
	inP    bool // an open p in button scope
	inA    bool // an open a since the last table cell
	inNobr bool
	inItem bool // an open li that a further li would end
	inTerm bool // an open dd or dt that a further one would end
	inH    bool // the innermost open element is a heading
	inPre  bool
}

// fits tells whether the parser leaves an element that starts here in place.
func (p place) fits(name string, e *element) bool {
	switch {
	case e.in != "" && !named(e.in, p.parent):
		return false
	case e.in == "" && tableContext(p.parent):
		return false
	case e.traits&closesP != 0 && p.inP && !(p.quirks && name == "table"):
		return false
	case e.traits&heading != 0 && p.inH:
		return false
	}
	switch name {
	case "a":
		return !p.inA
	case "nobr":
		return !p.inNobr
	case "li":
		return !p.inItem
	case "dd", "dt":
		return !p.inTerm
	}
	return true
}

// enter gives the place inside an element that starts here.
func (p place) enter(name string, e *element) place {
	p.parent, p.depth = name, p.depth+1
	p.inH = e.traits&heading != 0
	if e.traits&special != 0 {
		p.inItem, p.inTerm = false, false
	}
	if e.traits&marker != 0 || name == "table" {
		p.inP = false
	}
	if e.traits&marker != 0 {
		p.inA, p.inNobr = false, false
	}
	switch name {
	case "p":
		p.inP = true
	case "a":
		p.inA = true
	case "nobr":
		p.inNobr = true
	case "li":
		p.inItem = true
	case "dd", "dt":
		p.inTerm = true
	case "pre":
		p.inPre = true
	}
	return p
}

// tableContext tells whether only parts of a table may stand directly in an
// element of that name; the parser moves anything else out.
func tableContext(name string) bool {
	switch name {
	case "table", "tbody", "tfoot", "thead", "tr", "colgroup":
		return true
	}
	return false
}

// named tells whether name is one of the blank-separated list.
func named(list, name string) bool {
	for list != "" {
		var n string
		n, list, _ = strings.Cut(list, " ")
		if n == name {
			return true
		}
	}
	return false
}
