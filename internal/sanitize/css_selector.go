package sanitize

import (
	"strings"

	"github.com/tdewolff/parse/v2/css"
)

// Bounds on selectors.
const (
	maxSelectorParts = 24  // simple selectors in one
	maxSelectors     = 200 // in one rule
)

// selectorWriter rewrites one complex selector below the wrapper.
type selectorWriter struct {
	b     strings.Builder
	parts int
	ok    bool
}

// selectorList rewrites the prelude of a style rule: each selector that is
// allowed, scoped under the wrapper. root tells that all of them are the
// wrapper itself.
func selectorList(c cursor) (list string, root bool) {
	var b strings.Builder
	n, roots := 0, 0
	for more := true; more && n < maxSelectors; n++ {
		one := c.until(css.CommaToken)
		more = c.next().kind == css.CommaToken
		s, isRoot := selector(one)
		if s == "" {
			continue
		}
		if isRoot {
			roots++
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(s)
	}
	list = b.String()
	return list, list == "."+Wrapper || roots > 0 && roots == strings.Count(list, ",")+1
}

// selector rewrites one complex selector; "" when it is not allowed.
func selector(c cursor) (text string, root bool) {
	w := selectorWriter{ok: true}
	w.b.WriteString("." + Wrapper)
	c.space()
	atRoot := true // only html, body, :root and the wrapper so far
	first := true
	for w.ok && c.more() {
		comb := " "
		if !first {
			comb = combinator(&c)
			if !c.more() {
				w.ok = w.ok && comb == " " // white space at the end
				break
			}
			if comb == "" {
				return "", false
			}
		}
		first = false
		switch {
		case atRoot && w.rootCompound(&c):
			if comb != " " && comb != ">" {
				w.ok = false
			}
			// html and body are both the wrapper.
		case atRoot && (comb == "+" || comb == "~"):
			w.ok = false // beside the wrapper is the portal
		default:
			atRoot = false
			w.b.WriteString(comb)
			w.compound(&c)
		}
	}
	if !w.ok || first || w.parts > maxSelectorParts {
		return "", false
	}
	return w.b.String(), atRoot
}

// combinator reads what stands between two compound selectors; " " for white
// space, "" for an error.
func combinator(c *cursor) string {
	comb := ""
	if c.space() {
		comb = " "
	}
	for _, d := range []string{">", "+", "~"} {
		if c.delim(d) {
			c.space()
			return d
		}
	}
	return comb
}

// rootCompound reads html, body, :root or the wrapper's own class, with the
// classes and so on that follow, as part of the wrapper.
func (w *selectorWriter) rootCompound(c *cursor) bool {
	from := c.pos
	t := c.next()
	switch {
	case t.kind == css.IdentToken && (lowerASCII(t.text) == "body" || lowerASCII(t.text) == "html"):
	case t.kind == css.ColonToken && c.peek().kind == css.IdentToken && lowerASCII(c.peek().text) == "root":
		c.next()
	case t.kind == css.DelimToken && t.text == "." && c.peek().kind == css.IdentToken && c.peek().text == Wrapper:
		c.next()
	default:
		c.pos = from
		return false
	}
	w.parts++
	w.simples(c)
	return true
}

// compound reads a type or universal selector and what follows it directly.
func (w *selectorWriter) compound(c *cursor) {
	from := c.pos
	switch t := c.peek(); {
	case t.kind == css.IdentToken:
		c.next()
		name := lowerASCII(t.text)
		if e := elementOf(name); e.fate != keep || strings.Contains(name, "-") {
			w.ok = false // nothing of that name is in the output
			return
		}
		if name == "form" {
			name = "." + formClass
		}
		w.b.WriteString(name)
		w.parts++
	case t.kind == css.DelimToken && t.text == "*":
		c.next()
		w.b.WriteByte('*')
		w.parts++
	}
	w.simples(c)
	if c.pos == from {
		w.ok = false
	}
}

// simples reads classes, ids, attribute and pseudo-class selectors.
func (w *selectorWriter) simples(c *cursor) {
	for w.ok && c.more() {
		t := c.peek()
		switch {
		case t.kind == css.DelimToken && t.text == ".":
			c.next()
			name := c.next()
			if name.kind != css.IdentToken {
				w.ok = false
				return
			}
			w.name(".", name.text)
		case t.kind == css.HashToken:
			c.next()
			w.name("#", t.text)
		case t.kind == css.LeftBracketToken:
			c.next()
			w.attribute(c.inside())
		case t.kind == css.ColonToken:
			c.next()
			w.pseudo(c)
		default:
			return
		}
		w.parts++
	}
}

func (w *selectorWriter) name(sign, name string) {
	if name == "" || len(name) > maxName || strings.ContainsAny(name, " \t\r\n\f") {
		w.ok = false
		return
	}
	w.b.WriteString(sign)
	writeIdent(&w.b, scopedName(name))
}

// matchers are the operators of attribute selectors.
var matchers = map[css.TokenType]string{
	css.IncludeMatchToken: "~=", css.DashMatchToken: "|=", css.PrefixMatchToken: "^=",
	css.SuffixMatchToken: "$=", css.SubstringMatchToken: "*=",
}

// attribute reads what stands in the brackets of an attribute selector.
func (w *selectorWriter) attribute(c cursor) {
	c.space()
	name := c.next()
	if name.kind != css.IdentToken || name.text == "" || len(name.text) > maxName || ours(lowerASCII(name.text)) {
		w.ok = false
		return
	}
	w.b.WriteByte('[')
	writeIdent(&w.b, lowerASCII(name.text))
	c.space()
	if c.more() {
		op := matchers[c.peek().kind]
		if c.peek().kind == css.DelimToken && c.peek().text == "=" {
			op = "="
		}
		c.next()
		c.space()
		v := c.next()
		if op == "" || v.kind != css.StringToken && v.kind != css.IdentToken || len(v.text) > maxName {
			w.ok = false
			return
		}
		w.b.WriteString(op)
		writeString(&w.b, scopedValue(lowerASCII(name.text), op, v.text))
		w.caseFlag(&c)
	}
	w.b.WriteByte(']')
}

// caseFlag reads the i or s at the end of an attribute selector.
func (w *selectorWriter) caseFlag(c *cursor) {
	c.space()
	if !c.more() {
		return
	}
	t := c.next()
	c.space()
	if flag := lowerASCII(t.text); t.kind != css.IdentToken || flag != "i" && flag != "s" || c.more() {
		w.ok = false
	} else {
		w.b.WriteString(" " + flag)
	}
}

// scopedValue gives a value that is compared with ids or classes the prefix
// these have. A part that may begin anywhere is compared as it is.
func scopedValue(name, op, v string) string {
	if name != "class" && name != "id" || op == "*=" || op == "$=" || v == "" {
		return v
	}
	words := strings.Fields(v)
	for i := range words {
		words[i] = scopedName(words[i])
	}
	return strings.Join(words, " ")
}

// pseudoClasses are those that only ask where an element stands or what the
// reader points at. Pseudo-elements, :target, :has and form states are not.
var pseudoClasses = set("link visited hover active focus focus-visible focus-within any-link " +
	"first-child last-child only-child first-of-type last-of-type only-of-type empty read-only")

var nthClasses = set("nth-child nth-last-child nth-of-type nth-last-of-type")

func (w *selectorWriter) pseudo(c *cursor) {
	t := c.next()
	name := lowerASCII(t.text)
	switch {
	case t.kind == css.IdentToken && pseudoClasses[name]:
		w.b.WriteString(":" + name)
	case t.kind == css.FunctionToken && nthClasses[name]:
		w.nth(name, c.inside())
	case t.kind == css.FunctionToken && (name == "not" || name == "where"):
		in := c.inside()
		in.space()
		w.b.WriteString(":" + name + "(")
		w.compound(&in)
		in.space()
		w.ok = w.ok && !in.more()
		w.b.WriteByte(')')
	default:
		w.ok = false
	}
}

// nth writes an+b, whose parts the tokeniser cuts in its own ways.
func (w *selectorWriter) nth(name string, c cursor) {
	var b strings.Builder
	for c.more() {
		b.WriteString(lowerASCII(c.next().text))
	}
	arg := strings.ReplaceAll(b.String(), " ", "")
	if arg != "odd" && arg != "even" && (arg == "" || len(arg) > 12 || strings.Trim(arg, "0123456789n+-") != "") {
		w.ok = false
		return
	}
	w.b.WriteString(":" + name + "(" + arg + ")")
}
