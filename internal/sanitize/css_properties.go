package sanitize

import "strings"

// types are the kinds of value a property may have.
type types uint16

const (
	words    types = 1 << iota // keywords, any of the property's own
	numbers                    // 1.5
	lengths                    // 10px, 1em, and 0
	percents                   // 50%
	colours                    // #fff, rgb(); names are words
	strs                       // 'Segoe UI'
	images                     // gradients; url() becomes none
	calcs                      // calc(), min(), max(), clamp()
	angles                     // 45deg
	commas                     // a list with commas
	slashes                    // a / b
	tracks                     // repeat(), minmax(), fit-content() and fr
	negative                   // numbers and lengths below nought too
	zeroed                     // those below nought become 0
	unitless                   // in quirks mode, a bare number is a length in px
	hashless                   // in quirks mode, ff0000 is a colour
	size     = lengths | percents | calcs
)

// property is one row of the table of CSS properties.
type property struct {
	types    types
	keywords map[string]bool // nil for any
	limit    float64         // largest absolute value in px (or as a bare number); 0 for maxLength
}

// maxLength bounds every length in CSS px: more is no layout but a flood.
const maxLength = 10000

// properties is the allow-list of CSS properties. Not in it, on purpose:
//
//   - whatever takes content out of its place or over other content: offsets
//     (top, left, inset), z-index, transform, filter, clip-path, and position
//     but for static and relative;
//   - whatever fetches or names a resource: url() in any property, content,
//     cursor, mask, shape-outside, @import, @font-face;
//   - whatever computes from elsewhere: custom properties, var(), env(), attr();
//   - whatever changes over time or answers the reader: animation, transition,
//     pointer-events, user-select, resize, scroll-*, appearance.
var properties = buildProperties()

func buildProperties() map[string]property {
	m := make(map[string]property, 200)
	add := func(p property, names string) {
		for name := range strings.FieldsSeq(names) {
			m[name] = p
		}
	}
	only := func(keywords string) property {
		return property{types: words, keywords: set(keywords + " inherit initial unset revert")}
	}

	// Colours and backgrounds: painting inside the element's own box.
	add(property{types: hashless | words | colours}, "color background-color border-top-color border-right-color "+
		"border-bottom-color border-left-color border-color")
	add(property{types: words | colours}, "text-decoration-color outline-color column-rule-color "+
		"-webkit-text-fill-color border-block-color border-inline-color text-emphasis-color")
	add(property{types: words | colours | size | images | commas | slashes | negative}, "background")
	add(property{types: words | images | commas}, "background-image")
	add(property{types: words | size | commas | negative}, "background-position background-size "+
		"background-position-x background-position-y")
	add(property{types: words | commas}, "background-repeat background-attachment background-clip background-origin background-blend-mode")
	add(property{types: words | numbers | percents}, "opacity")
	add(only("normal light dark only light-only"), "color-scheme")
	add(only("visible hidden collapse"), "visibility")

	// Text.
	add(property{types: words | strs | size | numbers | commas | slashes}, "font")
	add(property{types: words | strs | commas}, "font-family")
	add(property{types: unitless | words | size}, "font-size")
	add(property{types: words | numbers}, "font-weight font-size-adjust")
	add(property{types: words}, "font-style font-variant font-variant-caps font-variant-numeric font-kerning "+
		"text-align text-align-last text-transform text-decoration-line text-decoration-style "+
		"text-decoration-skip-ink text-underline-position text-justify text-wrap text-orientation "+
		"white-space white-space-collapse word-break overflow-wrap word-wrap line-break hyphens "+
		"direction writing-mode text-rendering text-emphasis-style text-emphasis-position")
	add(property{types: words | percents}, "font-stretch text-size-adjust -webkit-text-size-adjust -ms-text-size-adjust -moz-text-size-adjust")
	add(property{types: words | colours | lengths | percents}, "text-decoration text-emphasis")
	add(property{types: words | lengths | percents, limit: 100}, "text-decoration-thickness text-underline-offset")
	add(property{types: words | size | numbers}, "line-height")
	add(property{types: unitless | words | lengths | negative, limit: 100}, "letter-spacing word-spacing")
	add(property{types: unitless | words | lengths | percents | negative, limit: 200}, "text-indent vertical-align")
	add(property{types: words | colours | lengths | commas | negative, limit: 50}, "text-shadow")
	add(property{types: words | numbers | lengths}, "tab-size -moz-tab-size")
	add(property{types: words | strs}, "quotes text-overflow hyphenate-character")
	add(only("normal embed isolate plaintext"), "unicode-bidi")
	add(property{types: numbers}, "orphans widows")

	// The box: sizes and room, never outwards.
	add(property{types: unitless | words | size}, "width height min-width max-width min-height max-height "+
		"inline-size block-size min-inline-size max-inline-size min-block-size max-block-size")
	add(property{types: unitless | words | lengths | percents | zeroed}, "margin margin-top margin-right margin-bottom margin-left "+
		"margin-block margin-block-start margin-block-end margin-inline margin-inline-start margin-inline-end")
	add(property{types: unitless | words | size}, "padding padding-top padding-right padding-bottom padding-left "+
		"padding-block padding-block-start padding-block-end padding-inline padding-inline-start padding-inline-end")
	add(property{types: words | numbers | slashes}, "aspect-ratio")
	add(only("content-box border-box"), "box-sizing")
	add(only("none block inline inline-block flow-root list-item contents "+
		"flex inline-flex -webkit-box -webkit-flex -ms-flexbox grid inline-grid "+
		"table inline-table table-row table-cell table-row-group table-header-group table-footer-group "+
		"table-column table-column-group table-caption ruby ruby-text"), "display")
	add(only("static relative"), "position")
	add(only("left right none inline-start inline-end"), "float")
	add(only("left right both none inline-start inline-end"), "clear")
	add(only("visible hidden clip auto scroll"), "overflow overflow-x overflow-y")
	add(only("fill contain cover none scale-down"), "object-fit")
	add(property{types: words | size}, "object-position")
	add(property{types: words}, "image-rendering break-before break-after break-inside page-break-before page-break-after page-break-inside")

	// Borders, corners and shadows.
	add(property{types: words | colours | lengths, limit: 200}, "border border-top border-right border-bottom border-left "+
		"border-block border-block-start border-block-end border-inline border-inline-start border-inline-end column-rule")
	add(property{types: words}, "border-style border-top-style border-right-style border-bottom-style border-left-style "+
		"outline-style column-rule-style border-collapse empty-cells caption-side table-layout box-decoration-break")
	add(property{types: unitless | words | lengths, limit: 200}, "border-width border-top-width border-right-width border-bottom-width "+
		"border-left-width column-rule-width")
	add(property{types: size | slashes | words}, "border-radius border-top-left-radius border-top-right-radius "+
		"border-bottom-left-radius border-bottom-right-radius -webkit-border-radius -moz-border-radius "+
		"border-start-start-radius border-start-end-radius border-end-start-radius border-end-end-radius")
	add(property{types: unitless | words | lengths}, "border-spacing")
	add(property{types: words | colours | lengths | commas | negative, limit: 100}, "box-shadow -webkit-box-shadow -moz-box-shadow")
	add(property{types: words | colours | lengths, limit: 20}, "outline outline-width outline-offset")

	// Lists.
	add(property{types: words | strs | images}, "list-style list-style-type")
	add(property{types: words | images}, "list-style-image")
	add(property{types: words}, "list-style-position")
	add(property{types: words | numbers}, "counter-reset counter-increment")

	// Columns, flex and grid: layout inside the element's own box.
	add(property{types: words | numbers | size}, "columns column-count column-width flex flex-basis -webkit-flex -ms-flex")
	add(property{types: words | size}, "gap row-gap column-gap grid-gap")
	add(property{types: words}, "column-span column-fill flex-direction flex-wrap flex-flow justify-content justify-items justify-self "+
		"align-items align-content align-self place-content place-items place-self grid-auto-flow "+
		"-webkit-flex-direction -webkit-flex-wrap -webkit-justify-content -webkit-align-items")
	add(property{types: numbers | words}, "flex-grow flex-shrink -webkit-box-flex")
	add(property{types: numbers | negative, limit: 1000}, "order")
	add(property{types: words | size | tracks | numbers | commas}, "grid-template-columns grid-template-rows grid-auto-columns grid-auto-rows")
	add(property{types: words | numbers | slashes | negative, limit: 1000}, "grid-column grid-row grid-area grid-column-start grid-column-end grid-row-start grid-row-end")
	return m
}
