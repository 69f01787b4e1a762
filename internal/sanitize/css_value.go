package sanitize

import (
	"strconv"
	"strings"

	"github.com/tdewolff/parse/v2/css"
)

// maxFunctionDepth bounds functions in functions in one value.
const maxFunctionDepth = 6

// valueWriter writes a value of allowed types; ok turns false at the first
// token of another kind, and the declaration is dropped.
type valueWriter struct {
	b     strings.Builder
	prop  property
	ok    bool
	glued bool // nothing, an opening bracket, comma or slash was written last
	image func(url string) string
}

// value rewrites the value of a property; "" when it is not allowed. image is
// told of each picture in it, and says from where it is shown; "" is nowhere.
func value(p property, c cursor, image func(url string) string) string {
	w := valueWriter{prop: p, ok: true, glued: true, image: image}
	w.sequence(&c, p.types, 0)
	if !w.ok {
		return ""
	}
	return w.b.String()
}

func (w *valueWriter) fail() { w.ok = false }

// begin makes room for a component: a blank where one is needed.
func (w *valueWriter) begin() {
	if !w.glued {
		w.b.WriteByte(' ')
	}
	w.glued = false
}

// put appends a component.
func (w *valueWriter) put(s string) {
	w.begin()
	w.b.WriteString(s)
}

// sign appends a comma, slash or bracket, which needs no blanks.
func (w *valueWriter) sign(s string) {
	w.b.WriteString(s)
	w.glued = true
}

// sequence writes the components up to the end of c.
func (w *valueWriter) sequence(c *cursor, allowed types, depth int) {
	for w.ok && c.more() {
		t := c.next()
		if allowed&hashless != 0 && w.hashlessColour(t) {
			continue
		}
		switch t.kind {
		case css.WhitespaceToken:
		case css.IdentToken:
			w.word(t.text, allowed)
		case css.NumberToken:
			w.number(t.text, "", allowed)
		case css.PercentageToken:
			w.number(strings.TrimSuffix(t.text, "%"), "%", allowed)
		case css.DimensionToken:
			n := numberEnd(t.text)
			w.number(t.text[:n], lowerASCII(t.text[n:]), allowed)
		case css.HashToken:
			w.hash(t.text, allowed)
		case css.StringToken:
			w.str(t.text, allowed)
		case css.CommaToken:
			w.separator(",", allowed&commas != 0 || depth > 0)
		case css.DelimToken:
			w.separator(t.text, t.text == "/" && (allowed&slashes != 0 || depth > 0))
		case css.FunctionToken:
			w.function(lowerASCII(t.text), c.inside(), allowed, depth)
		case css.URLToken:
			w.picture(urlText(t.text), allowed)
		case css.BadURLToken:
			w.noImage(allowed)
		default:
			w.fail()
		}
	}
}

func (w *valueWriter) separator(s string, ok bool) {
	if !ok || w.glued {
		w.fail()
		return
	}
	w.sign(s)
}

// word writes a keyword: one of the property's, or any plain one. What is not
// plain can only be the name of a font.
func (w *valueWriter) word(s string, allowed types) {
	lower := lowerASCII(s)
	switch {
	case allowed&words == 0 || s == "" || len(s) > 60 || strings.HasPrefix(s, "--"):
		w.fail()
	case w.prop.keywords != nil && !w.prop.keywords[lower]:
		w.fail()
	case w.prop.keywords != nil:
		w.put(lower)
	case allowed&strs != 0 || onlyLetters(lower, '-'):
		w.begin()
		writeIdent(&w.b, s)
	default:
		w.fail()
	}
}

// units are the units that are let through, with their size in CSS px (for a
// usual font and window) to judge lengths by.
var units = map[string]float64{
	"px": 1, "pt": 4. / 3, "pc": 16, "in": 96, "cm": 38, "mm": 3.8, "q": 0.95,
	"em": 16, "rem": 16, "ex": 8, "ch": 8, "lh": 20, "rlh": 20, "ic": 16,
	"vw": 13, "vh": 9, "vmin": 9, "vmax": 13, "svw": 13, "svh": 9, "dvw": 13, "dvh": 9,
}

var angleUnits = set("deg grad rad turn")

// number writes a number with its unit within the property's bounds.
func (w *valueWriter) number(digits, unit string, allowed types) {
	n, err := strconv.ParseFloat(digits, 64)
	px, isLength := units[unit]
	ok := err == nil
	switch {
	case unit == "" && n != 0 && allowed&unitless != 0:
		unit, px = "px", 1
	case unit == "":
		ok = ok && (allowed&numbers != 0 || allowed&lengths != 0 && n == 0 || allowed&angles != 0 && n == 0)
		px = 1
	case unit == "%":
		ok = ok && allowed&percents != 0
		px = 1
	case isLength:
		ok = ok && allowed&lengths != 0
	case angleUnits[unit]:
		ok = ok && allowed&angles != 0
	case unit == "fr":
		ok = ok && allowed&tracks != 0
		px = 1
	default:
		ok = false
	}
	if n < 0 && allowed&zeroed != 0 {
		n, unit = 0, ""
	}
	limit := w.prop.limit
	if limit == 0 {
		limit = maxLength
	}
	if !ok || n*px > limit || n*px < -limit || n < 0 && allowed&(negative|zeroed) == 0 {
		w.fail()
		return
	}
	w.put(formatNumber(n))
	w.b.WriteString(unit)
}

func formatNumber(n float64) string {
	if n == float64(int(n)) {
		return strconv.Itoa(int(n))
	}
	s := strconv.FormatFloat(n, 'f', 5, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "" || s == "-" || s == "-0" {
		return "0"
	}
	return s
}

// numberEnd gives where the number of a dimension ends and its unit begins.
func numberEnd(s string) int {
	i := 0
	digits := func() {
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i++
		}
	}
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	digits()
	if i+1 < len(s) && s[i] == '.' && '0' <= s[i+1] && s[i+1] <= '9' {
		i++
		digits()
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		back := i
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		from := i
		digits()
		if i == from {
			i = back
		}
	}
	return i
}

func (w *valueWriter) hash(digits string, allowed types) {
	if allowed&colours == 0 || !hexDigits(digits) || len(digits) > 8 || len(digits) < 3 {
		w.fail()
		return
	}
	w.put("#")
	w.b.WriteString(digits)
}

// hashlessColour writes a colour that lacks its "#" (Quirks Mode 3.1), and
// tells whether it is one.
func (w *valueWriter) hashlessColour(t token) bool {
	digits := t.text
	switch t.kind {
	case css.NumberToken, css.DimensionToken: // 003399, 6600cc
		digits = strings.Repeat("0", max(0, 6-len(digits))) + digits
	case css.IdentToken:
	default:
		return false
	}
	if !hexDigits(digits) || len(digits) != 6 && (len(digits) != 3 || t.kind != css.IdentToken) {
		return false
	}
	w.put("#" + digits)
	return true
}

func (w *valueWriter) str(s string, allowed types) {
	if allowed&strs == 0 || len(s) > 200 {
		w.fail()
		return
	}
	w.begin()
	writeString(&w.b, s)
}

// picture writes a picture that may be shown, with an address of the caller's.
func (w *valueWriter) picture(url string, allowed types) {
	if allowed&images == 0 || w.image == nil {
		w.noImage(allowed)
		return
	}
	src := w.image(url)
	if src == "" {
		w.noImage(allowed)
		return
	}
	w.put("url(")
	writeString(&w.b, src)
	w.b.WriteByte(')')
}

// noImage stands in for an image that is not fetched.
func (w *valueWriter) noImage(allowed types) {
	if allowed&images == 0 {
		w.fail()
		return
	}
	w.put("none")
}

// Functions by what they give. Each takes numbers, percentages, words, colours
// and further allowed functions, nothing else.
var (
	colourFunctions = set("rgb rgba hsl hsla hwb lab lch oklab oklch color-mix light-dark")
	imageFunctions  = set("linear-gradient radial-gradient conic-gradient repeating-linear-gradient repeating-radial-gradient " +
		"-webkit-linear-gradient -moz-linear-gradient -webkit-radial-gradient")
	calcFunctions  = set("calc min max clamp")
	trackFunctions = set("repeat minmax fit-content")
	// fetching functions are shown as none where an image may stand.
	fetching = set("url src image image-set -webkit-image-set cross-fade -webkit-cross-fade element paint -moz-element")
)

func (w *valueWriter) function(name string, args cursor, allowed types, depth int) {
	var inner types
	switch {
	case depth >= maxFunctionDepth:
	case colourFunctions[name] && allowed&colours != 0:
		inner = words | numbers | percents | angles | colours | negative
	case imageFunctions[name] && allowed&images != 0:
		inner = words | numbers | percents | angles | colours | lengths | calcs | negative
	case calcFunctions[name] && allowed&calcs != 0:
		w.calc(name, args, depth)
		return
	case trackFunctions[name] && allowed&tracks != 0:
		inner = words | numbers | percents | lengths | tracks | calcs
	case fetching[name]:
		w.pictures(args)
		w.noImage(allowed)
		return
	}
	if inner == 0 {
		w.fail()
		return
	}
	w.put(name)
	w.sign("(")
	w.sequence(&args, inner, depth+1)
	w.close()
}

// pictures tells of those in a function that is not written.
func (w *valueWriter) pictures(args cursor) {
	for args.more() && w.image != nil {
		switch t := args.next(); t.kind {
		case css.StringToken:
			w.image(t.text)
		case css.URLToken:
			w.image(urlText(t.text))
		}
	}
}

func (w *valueWriter) close() {
	if w.glued { // an empty function, or one that ends in a comma
		w.fail()
	}
	w.b.WriteByte(')')
	w.glued = false
}

// calc writes a calculation, with its operators between blanks.
func (w *valueWriter) calc(name string, args cursor, depth int) {
	if depth >= maxFunctionDepth {
		w.fail()
		return
	}
	w.put(name)
	w.sign("(")
	const operands = numbers | lengths | percents | negative
	for w.ok && args.more() {
		t := args.next()
		switch t.kind {
		case css.WhitespaceToken:
		case css.NumberToken:
			w.number(t.text, "", operands)
		case css.PercentageToken:
			w.number(strings.TrimSuffix(t.text, "%"), "%", operands)
		case css.DimensionToken:
			n := numberEnd(t.text)
			w.number(t.text[:n], lowerASCII(t.text[n:]), operands)
		case css.CommaToken:
			w.separator(",", name != "calc" && name != "")
		case css.DelimToken:
			if !strings.Contains("+-*/", t.text) || w.glued {
				w.fail()
			}
			w.put(t.text)
		case css.LeftParenthesisToken:
			w.calc("", args.inside(), depth+1)
		case css.FunctionToken:
			if !calcFunctions[lowerASCII(t.text)] {
				w.fail()
				break
			}
			w.calc(lowerASCII(t.text), args.inside(), depth+1)
		default:
			w.fail()
		}
	}
	w.close()
}
