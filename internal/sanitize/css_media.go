package sanitize

import (
	"strconv"
	"strings"

	"github.com/tdewolff/parse/v2/css"
)

// mediaTypes are the media a mail is read on.
var mediaTypes = set("all screen print")

// mediaFeatures are the questions a mail may ask of the window: how wide, how
// dense, light or dark. None of them leaves the frame, where nothing can fetch.
var mediaFeatures = map[string]types{
	"width": lengths, "min-width": lengths, "max-width": lengths,
	"device-width": lengths, "min-device-width": lengths, "max-device-width": lengths,
	"height": lengths, "min-height": lengths, "max-height": lengths,
	"device-height": lengths, "min-device-height": lengths, "max-device-height": lengths,
	"orientation": words, "prefers-color-scheme": words, "prefers-reduced-motion": words, "hover": words,
	"-webkit-min-device-pixel-ratio": numbers, "-webkit-max-device-pixel-ratio": numbers,
	"min-resolution": numbers, "max-resolution": numbers, "-webkit-device-pixel-ratio": numbers,
}

// maxQueries bounds the queries of one list.
const maxQueries = 20

// mediaList rewrites a media query list; a query that is not understood is
// left out. ok is false when none remains.
func mediaList(c cursor) (list string, dark, ok bool) {
	var queries []string
	for more := true; more && len(queries) < maxQueries; {
		one := c.until(css.CommaToken)
		more = c.next().kind == css.CommaToken
		if q := mediaQuery(one); q != "" {
			queries = append(queries, q)
			dark = dark || strings.Contains(q, "(prefers-color-scheme:dark)")
		}
	}
	return strings.Join(queries, ","), dark, len(queries) > 0
}

// mediaQuery rewrites "[only|not] type and (feature:value) and ...".
func mediaQuery(c cursor) string {
	var parts []string
	prefix := ""
	and := true // a type or a feature may stand here
	for c.more() {
		t := c.next()
		word := lowerASCII(t.text)
		switch {
		case t.kind == css.WhitespaceToken:
		case t.kind == css.IdentToken && (word == "only" || word == "not") && len(parts) == 0 && prefix == "":
			prefix = word + " "
		case t.kind == css.IdentToken && word == "and" && !and, t.kind == css.FunctionToken && word == "and" && !and:
			and = true
			if t.kind == css.FunctionToken { // "and(" without its blank, as many write it
				f := mediaFeature(c.inside())
				if f == "" {
					return ""
				}
				parts, and = append(parts, f), false
			}
		case t.kind == css.IdentToken && mediaTypes[word] && len(parts) == 0:
			parts, and = append(parts, word), false
		case t.kind == css.LeftParenthesisToken && and:
			f := mediaFeature(c.inside())
			if f == "" {
				return ""
			}
			parts, and = append(parts, f), false
		default:
			return ""
		}
	}
	if len(parts) == 0 || and || len(parts) > maxQueries {
		return ""
	}
	if prefix != "" && parts[0][0] == '(' { // only and not go with a type
		return ""
	}
	return prefix + strings.Join(parts, " and ")
}

// mediaFeature rewrites what stands in the parentheses of a feature.
func mediaFeature(c cursor) string {
	c.space()
	name := c.next()
	kind, ok := mediaFeatures[lowerASCII(name.text)]
	c.space()
	if name.kind != css.IdentToken || !ok || c.next().kind != css.ColonToken {
		return ""
	}
	c.space()
	v := mediaValue(kind, c.next())
	c.space()
	if v == "" || c.more() {
		return ""
	}
	return "(" + lowerASCII(name.text) + ":" + v + ")"
}

func mediaValue(kind types, t token) string {
	switch {
	case kind == words && t.kind == css.IdentToken:
		if w := lowerASCII(t.text); len(w) <= 20 && onlyLetters(w, '-') && !strings.HasPrefix(w, "-") {
			return w
		}
	case kind == lengths && t.kind == css.NumberToken, kind == numbers && t.kind == css.NumberToken:
		return mediaNumber(t.text, "")
	case t.kind == css.DimensionToken:
		n := numberEnd(t.text)
		unit := lowerASCII(t.text[n:])
		_, isLength := units[unit]
		if kind == lengths && isLength || kind == numbers && (unit == "dppx" || unit == "dpi" || unit == "x") {
			return mediaNumber(t.text[:n], unit)
		}
	}
	return ""
}

func mediaNumber(digits, unit string) string {
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || n < 0 || n > 100000 {
		return ""
	}
	return formatNumber(n) + unit
}
