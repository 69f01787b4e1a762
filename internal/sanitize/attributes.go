package sanitize

import (
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
	"border":      {{on: "table img", check: number(0, 100)}},
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

// number is for whole numbers from low to high.
func number(low, high int) func(string) (string, bool) {
	return func(v string) (string, bool) {
		v = strings.TrimSuffix(lowerASCII(strings.TrimSpace(v)), "px")
		n, err := strconv.Atoi(v)
		if err != nil || n < low || n > high {
			return "", false
		}
		return strconv.Itoa(n), true
	}
}

// dimension is for widths and heights: pixels or per cent (HTML 2.3.4.4).
func dimension(v string) (string, bool) {
	v = strings.TrimSuffix(lowerASCII(strings.TrimSpace(v)), "px")
	digits, percent := strings.CutSuffix(v, "%")
	n, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if err != nil || !(n >= 0 && n <= maxLength) || percent && n > 100 {
		return "", false
	}
	v = strconv.FormatFloat(n, 'f', -1, 64)
	if percent {
		v += "%"
	}
	return v, true
}

// colour is for a legacy colour: a name, or hexadecimal digits with or without
// their number sign (HTML 2.3.6.2).
func colour(v string) (string, bool) {
	v = lowerASCII(strings.TrimSpace(v))
	digits := strings.TrimPrefix(v, "#")
	if hexDigits(digits) && (len(digits) == 3 || len(digits) == 6) {
		return "#" + digits, true
	}
	if v == "" || len(v) > 30 || strings.Trim(v, "abcdefghijklmnopqrstuvwxyz") != "" {
		return "", false
	}
	return v, true
}

func hexDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789abcdefABCDEF") == "" }

func fontSize(v string) (string, bool) {
	v = strings.TrimSpace(v)
	n, err := strconv.Atoi(v)
	if err != nil || n < -7 || n > 7 {
		return "", false
	}
	if v[0] == '+' {
		return "+" + strconv.Itoa(n), true
	}
	return strconv.Itoa(n), true
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
