package sanitize

import (
	"slices"
	"strconv"
	"strings"
)

// attribute is one row of the table of attributes: where it may stand and what
// its value becomes. check gives false to drop the attribute.
type attribute struct {
	on    string // elements, blank-separated; "" for every one
	check func(value string) (string, bool)
}

// attributes is the allow-list of attributes that are judged by their value
// alone. Those that need more (class, id, name, style, href, src, usemap and
// what the renderer adds itself) are in attrs.go of the renderer; every other
// attribute, all event handlers among them, is dropped by not being named.
var attributes = map[string][]attribute{
	// Language and direction: how text is read.
	"dir":  {{check: oneOf("ltr", "rtl", "auto")}},
	"lang": {{check: languageTag}},

	// Text for those who cannot see the rest, and tips.
	"alt":         {{on: "img area", check: text(2000)}},
	"title":       {{check: text(1000)}},
	"aria-label":  {{check: text(1000)}},
	"aria-hidden": {{check: oneOf("true", "false")}},
	"role": {{check: oneOf("presentation", "none", "img", "article", "heading", "list", "listitem",
		"table", "row", "cell", "region", "separator", "link")}},
	"abbr":     {{on: "th td", check: text(200)}},
	"summary":  {{on: "table", check: text(1000)}},
	"datetime": {{on: "time ins del", check: text(100)}},

	// Layout by attribute, as mail still does it.
	"align": {
		{on: "img", check: oneOf("left", "right", "top", "middle", "bottom", "baseline", "texttop", "absmiddle", "absbottom", "center")},
		{on: "table hr", check: oneOf("left", "right", "center")},
		{on: "caption", check: oneOf("left", "right", "top", "bottom")},
		{on: "p div h1 h2 h3 h4 h5 h6 td th tr tbody thead tfoot col colgroup", check: oneOf("left", "right", "center", "justify", "middle")},
	},
	"valign":      {{on: "td th tr tbody thead tfoot col colgroup", check: oneOf("top", "middle", "bottom", "baseline")}},
	"width":       {{on: "img table td th col colgroup hr pre", check: dimension}},
	"height":      {{on: "img table td th tr", check: dimension}},
	"bgcolor":     {{on: "table td th tr tbody thead tfoot", check: colour}},
	"bordercolor": {{on: "table td th", check: colour}},
	"border":      {{on: "table", check: tableBorder}, {on: "img", check: number(0, 100)}},
	"cellpadding": {{on: "table", check: number(0, 500)}},
	"cellspacing": {{on: "table", check: number(0, 500)}},
	"hspace":      {{on: "img table", check: number(0, 500)}},
	"vspace":      {{on: "img table", check: number(0, 500)}},
	"rules":       {{on: "table", check: oneOf("none", "groups", "rows", "cols", "all")}},
	"frame":       {{on: "table", check: oneOf("void", "above", "below", "hsides", "lhs", "rhs", "vsides", "box", "border")}},
	"nowrap":      {{on: "td th", check: present}},
	"clear":       {{on: "br", check: oneOf("left", "right", "all", "none")}},
	"noshade":     {{on: "hr", check: present}},

	// Structure of tables and lists.
	"colspan":  {{on: "td th", check: number(1, 1000)}},
	"rowspan":  {{on: "td th", check: number(0, 1000)}},
	"span":     {{on: "col colgroup", check: number(1, 1000)}},
	"scope":    {{on: "th", check: oneOf("row", "col", "rowgroup", "colgroup")}},
	"start":    {{on: "ol", check: number(-1_000_000, 1_000_000)}},
	"value":    {{on: "li", check: number(-1_000_000, 1_000_000)}},
	"reversed": {{on: "ol", check: present}},
	"type": {
		{on: "ol ul li", check: listType},
		{on: "blockquote", check: oneOf("cite")}, // how clients mark what they quote
	},
	"compact": {{on: "ol ul dl", check: present}},
	"open":    {{on: "details", check: present}},

	// Fonts by attribute.
	"color": {{on: "font hr", check: colour}},
	"face":  {{on: "font", check: text(300)}},
	"size": {
		{on: "font", check: fontSize},
		{on: "hr", check: number(0, 200)},
	},

	// Image maps: geometry only.
	"shape":  {{on: "area", check: oneOf("rect", "circle", "poly", "default", "circ", "rectangle", "polygon")}},
	"coords": {{on: "area", check: coords}},
}

// checkAttribute gives the value of a plain attribute on an element.
func checkAttribute(elem, name, value string) (string, bool) {
	for _, a := range attributes[name] {
		if a.on == "" || named(a.on, elem) {
			return a.check(value)
		}
	}
	return "", false
}

func oneOf(words ...string) func(string) (string, bool) {
	return func(v string) (string, bool) {
		v = lowerASCII(strings.TrimSpace(v))
		for _, w := range words {
			if v == w {
				return w, true
			}
		}
		return "", false
	}
}

// present is for boolean attributes.
func present(string) (string, bool) { return "", true }

// text is for values that are only ever shown; limit in octets.
func text(limit int) func(string) (string, bool) {
	return func(v string) (string, bool) {
		if v = plain(v); len(v) > limit {
			v = strings.ToValidUTF8(v[:limit], "")
		}
		return v, true
	}
}

// number is for whole numbers from low to high. What follows one is passed over (HTML 2.3.4.1).
func number(low, high int) func(string) (string, bool) {
	return func(v string) (string, bool) {
		if v = leading(v, "+-", ""); v == "" {
			return "", false
		}
		n, err := strconv.Atoi(v)
		switch {
		case err != nil || n < low || n > high:
			return "", false
		case asWritten(v):
			return v, true
		}
		return strconv.Itoa(n), true
	}
}

// tableBorder is for the border of a table, which has one of a pixel when the attribute says nothing of it.
func tableBorder(v string) (string, bool) {
	if v, ok := number(0, 100)(v); ok {
		return v, true
	}
	return "1", true
}

// maxPercent bounds widths and heights in per cent.
const maxPercent = 1000

// dimension is for widths and heights: pixels or per cent. What follows is passed over (HTML 2.3.4.4).
func dimension(v string) (string, bool) {
	v = strings.TrimLeft(v, blanks)
	digits := leading(v, "", ".")
	if digits == "" {
		return "", false
	}
	percent := strings.HasPrefix(v[len(digits):], "%")
	n, err := strconv.ParseFloat(digits, 64)
	switch {
	case err != nil || n > maxLength || percent && n > maxPercent:
		return "", false
	case asWritten(digits) && percent:
		return v[:len(digits)+1], true
	case asWritten(digits):
		return digits, true
	}
	v = strconv.FormatFloat(n, 'f', -1, 64)
	if percent {
		v += "%"
	}
	return v, true
}

// asWritten tells whether a number, as leading gives it, is written as it would be here.
func asWritten(number string) bool {
	return '1' <= number[0] && number[0] <= '9' && strings.IndexByte(number, '.') < 0
}

// fontSize is for the size of a font element, 1 to 7, or by how many it is larger or smaller (HTML 15.3.4).
func fontSize(v string) (string, bool) {
	v = leading(v, "+-", "")
	n, err := strconv.Atoi(strings.TrimLeft(v, "+-"))
	if err != nil {
		return "", false
	}
	size := strconv.Itoa(min(n, 7))
	if v[0] == '+' || v[0] == '-' {
		size = v[:1] + size
	}
	return size, true
}

const blanks = " \t\n\f\r"

// leading gives the number that v begins with: one of signs, digits, and digits after point.
func leading(v, signs, point string) string {
	v = strings.TrimLeft(v, blanks)
	i := 0
	if i < len(v) && strings.IndexByte(signs, v[i]) >= 0 {
		i++
	}
	for ; i < len(v) && i < 20; i++ {
		if c := v[i]; '0' <= c && c <= '9' {
			continue
		}
		if i == 0 || point == "" || v[i] != point[0] {
			break
		}
		point = ""
	}
	return v[:i]
}

// colour is for a legacy colour (HTML 2.3.6.2): a name, or what browsers make of anything else.
func colour(v string) (string, bool) {
	v = lowerASCII(strings.Trim(v, blanks))
	switch {
	case v == "" || v == "transparent":
		return "", false
	case (len(v) == 7 || len(v) == 4) && v[0] == '#' && hexDigits(v[1:]):
		return v, true
	case len(v) <= 30 && onlyLetters(v) && !hexDigits(v): // no name is made of a to f alone
		return v, true
	}
	return legacyColour(v), true
}

// legacyColour reads six digits out of a string that is no colour: what is no digit is 0, and of each third of it
// the first two count.
func legacyColour(v string) string {
	var b []byte
	for _, c := range strings.TrimPrefix(v, "#") {
		if len(b) >= 128 {
			break
		}
		switch {
		case c > 0xffff:
			b = append(b, '0', '0')
		case c < 0x80 && hexDigits(string(c)):
			b = append(b, byte(c))
		default:
			b = append(b, '0')
		}
	}
	b = b[:min(len(b), 128)]
	for len(b) == 0 || len(b)%3 != 0 {
		b = append(b, '0')
	}
	n := len(b) / 3
	thirds := [3][]byte{b[:n], b[n : 2*n], b[2*n:]}
	for i := range thirds {
		thirds[i] = thirds[i][max(0, n-8):]
	}
	for len(thirds[0]) > 2 && thirds[0][0] == '0' && thirds[1][0] == '0' && thirds[2][0] == '0' {
		for i := range thirds {
			thirds[i] = thirds[i][1:]
		}
	}
	digits := "#"
	for _, t := range thirds {
		if len(t) == 1 {
			digits += "0"
		}
		digits += string(t[:min(len(t), 2)])
	}
	return digits
}

// hexDigits tells whether s is one or more of them.
func hexDigits(s string) bool {
	for i := range len(s) {
		if !isHex(s[i]) {
			return false
		}
	}
	return s != ""
}

// onlyLetters tells whether s is made of nothing but a to z and further signs.
func onlyLetters(s string, further ...byte) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && !slices.Contains(further, c) {
			return false
		}
	}
	return true
}

func listType(v string) (string, bool) {
	switch v = strings.TrimSpace(v); v {
	case "1", "a", "A", "i", "I":
		return v, true
	}
	switch v = lowerASCII(v); v {
	case "disc", "circle", "square":
		return v, true
	}
	return "", false
}

func languageTag(v string) (string, bool) {
	v = strings.TrimSpace(v)
	ok := v != "" && len(v) <= 40 &&
		strings.Trim(v, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
	return v, ok
}

func coords(v string) (string, bool) {
	v = strings.Join(strings.Fields(v), "")
	return v, v != "" && len(v) <= 2000 && strings.Trim(v, "0123456789.,-%") == ""
}
