package sanitize

import (
	"strconv"
	"strings"
)

// wideMark is the attribute of an element that insists on more width than a
// phone has, for FrameCSS to let it shrink there. It is no class, so that what
// the mail's own style says of [class="x"] still holds; and as an attribute
// that is not in the table it is never the sender's.
const wideMark = "data-mail-wide"

// Widths from which an element is marked, in CSS px.
const (
	wideAlone  = 300 // what the narrowest phones have room for
	wideBeside = 200 // two such columns stand beside each other in many mails
)

// isWide tells whether an element insists on such a width, by the attributes
// as they are written. A shown image does not: with max-width it shrinks even
// in a table.
func isWide(name, width, style, src string) bool {
	limit := float64(wideAlone)
	switch {
	case name == "img" && src != "":
		return false
	case name == "img" || name == "table":
		limit = wideBeside
	}
	if width != "" && fixedPx(width+"px") > limit { // "50%px" is no length
		return true
	}
	if !strings.Contains(style, "width:") && !strings.Contains(style, "inline-size:") {
		return false // soon done with most elements
	}
	for decl := range strings.SplitSeq(style, ";") {
		property, value, _ := strings.Cut(strings.TrimSuffix(decl, "!important"), ":")
		switch property {
		case "width", "min-width", "inline-size", "min-inline-size":
			if fixedPx(value) > limit {
				return true
			}
		}
	}
	return false
}

// fixedPx gives a length in CSS px; 0 for what is none, and for one that is a
// part of the window and shrinks with it.
func fixedPx(value string) float64 {
	end := numberEnd(value)
	unit := value[end:]
	if end == 0 || strings.Contains(unit, "v") {
		return 0
	}
	n, err := strconv.ParseFloat(value[:end], 64)
	if err != nil {
		return 0
	}
	return n * units[unit]
}
