package sanitize

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// Marks on elements, for FrameCSS to see on a phone. They are no classes, so that what the mail's own style says of
// [class="x"] still holds; and as attributes that are not in the table they are never the sender's.
const (
	// wideMark is on an element that insists on more width than a phone may have, to let it shrink there. Its value is
	// that width in CSS px, empty when more would be welcome.
	wideMark = "data-mail-wide"

	// smallMark is on a shown image that nothing is to be shrunk of: an icon or a spacer.
	smallMark = "data-mail-small"

	// thinMark is on a shown image that is drawn out to a line, of a picture with other proportions: it keeps its height.
	thinMark = "data-mail-thin"
)

// ours tells whether an attribute is one of this package's own, which no rule of a mail may ask for.
func ours(name string) bool { return name == wideMark || name == smallMark || name == thinMark }

// Widths from which an element is marked as wide, and to which an image counts as small or thin, in CSS px.
const (
	wideAlone  = 300 // what the narrowest phones have room for
	wideBeside = 200 // two such columns stand beside each other in many mails
	smallImage = 40
	thinImage  = 10
)

// markWidth marks the element being written, by its attributes as they are written.
func (r *renderer) markWidth(name string) {
	width, style := r.written("width"), r.written("style")
	limit := float64(wideAlone)
	switch {
	case name == "img" && r.written("src") != "": // with max-width it shrinks even in a table
		r.markImage(width, r.written("height"))
		return
	case name == "img" || name == "table":
		limit = wideBeside
	}
	if px, ok := wide(width, style, limit); ok {
		r.attrs = append(r.attrs, html.Attribute{Key: wideMark, Val: px})
	}
}

// markImage marks a shown image by the room that its attributes ask for.
func (r *renderer) markImage(width, height string) {
	w, h := attributePx(width), attributePx(height)
	switch {
	case w > 0 && w <= smallImage:
		r.attrs = append(r.attrs, html.Attribute{Key: smallMark})
	case width != "" && h > 0 && h <= thinImage:
		r.attrs = append(r.attrs, html.Attribute{Key: thinMark})
	}
}

// wide tells whether an element insists on a width above the limit, and on which.
func wide(width, style string, limit float64) (px string, ok bool) {
	most, least := attributePx(width), 0.
	if strings.Contains(style, "width:") || strings.Contains(style, "inline-size:") { // seldom
		for decl := range strings.SplitSeq(style, ";") {
			property, value, _ := strings.Cut(strings.TrimSuffix(decl, "!important"), ":")
			switch property {
			case "width", "inline-size":
				most = fixedPx(value)
			case "min-width", "min-inline-size":
				least = max(least, fixedPx(value))
			}
		}
	}
	switch {
	case least > limit && least > most:
		return "", true
	case most > limit:
		return strconv.FormatFloat(most, 'f', -1, 64), true
	}
	return "", false
}

// attributePx gives a width or height that is written as an attribute, in CSS px; 0 for a share.
func attributePx(value string) float64 {
	if value == "" || value[len(value)-1] == '%' {
		return 0
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return 0
	}
	return n
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
