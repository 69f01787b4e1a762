package sanitize

import (
	"strings"

	"github.com/tdewolff/parse/v2/css"
)

// declaration is one allowed property with its rewritten value.
type declaration struct {
	name, value string
	important   bool
}

// declarations reads a declaration list (CSS Syntax 3, 5.4.5), dropping what
// is not allowed. Nested rules and at-rules in it are dropped whole. In quirks
// mode the numbers old mail writes without a unit are px, and its colours need
// no "#". The result is good until the next call.
func (s *styler) declarations(c cursor) []declaration {
	list := s.decls[:0]
	for c.more() {
		t := c.next()
		switch t.kind {
		case css.WhitespaceToken, css.SemicolonToken:
		case css.IdentToken:
			if d, ok := s.declaration(t.text, &c); ok {
				s.painted = s.painted || d.paints()
				list = append(list, d)
			}
		default: // an at-rule, a hack, an error
			c.pos--
			skipItem(&c)
		}
	}
	s.decls = list
	return list
}

// skipItem goes past a declaration that is none: to the semicolon, or past the
// block of a nested rule.
func skipItem(c *cursor) {
	c.until(css.SemicolonToken, css.LeftBraceToken)
	if c.next().kind == css.LeftBraceToken {
		c.inside()
	}
}

// declaration reads on after the property name.
func (s *styler) declaration(name string, c *cursor) (declaration, bool) {
	c.space()
	if c.peek().kind != css.ColonToken {
		skipItem(c)
		return declaration{}, false
	}
	c.next()
	v := c.until(css.SemicolonToken, css.LeftBraceToken)
	if c.next().kind == css.LeftBraceToken {
		c.inside()
		return declaration{}, false
	}
	d := declaration{name: lowerASCII(name)}
	p, ok := properties[d.name]
	if !ok {
		return d, false
	}
	if !s.quirks {
		p.types &^= unitless | hashless
	}
	d.important = cutImportant(&v)
	d.value = value(p, v, s.pictures)
	return d, d.value != ""
}

// paints tells whether the declaration gives a box a background of its own, or
// insists on a colour.
func (d declaration) paints() bool {
	if d.name == "color" {
		return d.important
	}
	return strings.HasPrefix(d.name, "background") && (d.name == "background" || d.name == "background-color" || d.name == "background-image") &&
		(d.important || paint(d.value))
}

// paint tells whether a background is another than that of white paper.
func paint(value string) bool {
	for word := range strings.FieldsSeq(lowerASCII(value)) {
		switch word {
		case "none", "transparent", "white", "#fff", "#ffffff", "inherit", "initial", "unset", "repeat", "no-repeat", "scroll", "0", "0%", "left", "top", "center", "auto":
		default:
			return true
		}
	}
	return false
}

// cutImportant takes "!important" off the end of a value.
func cutImportant(v *cursor) bool {
	end := v.end
	back := func() token {
		for end > v.pos && v.toks[end-1].kind == css.WhitespaceToken {
			end--
		}
		if end == v.pos {
			return token{}
		}
		end--
		return v.toks[end]
	}
	if t := back(); t.kind != css.IdentToken || lowerASCII(t.text) != "important" {
		return false
	}
	if t := back(); t.kind != css.DelimToken || t.text != "!" {
		return false
	}
	v.end = end
	return true
}

// writeDeclarations writes "name:value;name:value".
func writeDeclarations(b *strings.Builder, list []declaration) {
	for i, d := range list {
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteString(d.name)
		b.WriteByte(':')
		b.WriteString(d.value)
		if d.important {
			b.WriteString("!important")
		}
	}
}

// rootDeclarations adapts what a mail says of its body to the wrapper: the
// margin around a body is room inside the wrapper, whose background then
// reaches as far as a body's would; centring margins stay margins. The
// wrapper's height is the frame's own affair.
func rootDeclarations(list []declaration) []declaration {
	padded := false
	for _, d := range list {
		padded = padded || strings.HasPrefix(d.name, "padding")
	}
	kept := list[:0]
	for _, d := range list {
		switch side, isMargin := strings.CutPrefix(d.name, "margin"); {
		case d.name == "height" || d.name == "min-height" || d.name == "max-height":
			continue
		case isMargin && !strings.Contains(d.value, "auto"):
			if padded {
				continue
			}
			d.name = "padding" + side
		}
		kept = append(kept, d)
	}
	return kept
}
