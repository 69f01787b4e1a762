// Package sanitize turns the HTML and CSS of a mail, which anyone may have
// written, into HTML that looks as its author meant and does nothing.
//
// The way of a body through the package:
//
//	strain    tokens: what never has a place in mail goes before a tree is built
//	html.Parse  the tree, in the mode of the mail, as a browser builds it
//	css*.go   style sheets and style attributes: tokenised, judged by property
//	          and value type, rebuilt, scoped under the wrapper
//	render    the allow-lists applied to the tree while it is serialised;
//	          behind a link whose text names another host, the true one
//
// Everything is an allow-list: an element, attribute, URL scheme, selector,
// CSS property or value type that is not named in a table of this package is
// not in the output. Nothing is edited after it has been serialised, and the
// output is a fixpoint: HTML(HTML(x)) == HTML(x) with the zero Options.
package sanitize

import (
	"strings"
	"unicode/utf8"
)

// Options says where images may come from. The zero value shows none but
// those that stand in the mail itself as data: URLs.
type Options struct {
	// CID gives the URL to show for an image of the same message. It is asked
	// with the content-id of a cid: URL (percent-decoded, without <>), and
	// with any other image URL as it stands, for parts known by their
	// Content-Location. "" means: no such part. nil means no parts at all.
	CID func(contentID string) string

	// LoadRemote gives the URL (the portal's proxy) to load a remote image
	// through, "" to hold this one back. nil holds all of them back. It is
	// asked with an absolute http or https URL, never for a tracker.
	LoadRemote func(url string) string

	// Mark gives the ranges of a text, in octets, sorted and not overlapping,
	// that are to stand out, such as hits of a search. It is asked once, with
	// the whole text of the body, blocks apart. nil marks nothing.
	Mark func(text string) [][2]int

	// FoldQuote, when not empty, folds what the mail quotes at its end, the mail
	// that it answers, behind a mark of this name that unfolds it without a script.
	FoldQuote string
}

// Result is an inert body and what was done to make it so.
type Result struct {
	// HTML is a fragment: the scoped style sheet, if there is one, and one
	// <div class="mail-view">. It is safe inside <body> of a sandboxed frame,
	// and parses to the tree that was judged in a document of this Doctype.
	HTML string

	// Doctype is what the frame's document has to begin with for the layout
	// rules the mail was written for: "" is quirks mode, which old mail needs.
	Doctype string

	// Remote holds the absolute URL of every remote image, held back or
	// rewritten, in order, without repeats.
	Remote []string

	// Trackers is the part of Remote that is there to be fetched and not to
	// be seen (1 by 1 pixel, hidden, or of a known service that counts
	// openings). These are held back always.
	Trackers []string

	// Backgrounds holds the addresses given by LoadRemote that stand in styles, without repeats. A browser fetches these
	// only where they are seen, and what is seen may hang on the window or the mouse: who does not want that told has
	// to fetch them all.
	Backgrounds []string

	// Disguised counts the links whose text names another host than the one
	// they lead to.
	Disguised int

	// TrueHosts are those that they lead to, without repeats, the first maxTrueHosts. They stand behind the links too, where
	// a mail may yet draw a box so narrow that they are out of sight.
	TrueHosts []string

	// Painted tells that the mail brings backgrounds of its own: it is made
	// for its own paper and cannot simply be shown on another.
	Painted bool

	// Dark tells that the mail brings a dark style of its own
	// (prefers-color-scheme or color-scheme).
	Dark bool

	// Notes holds sentences about what the reader does not see as sent.
	Notes []string
}

// Wrapper is the class of the element around the body. Style rules of the mail
// apply below it only; what they say of html, body and :root applies to it.
const Wrapper = "mail-view"

// Held is the class of an image whose remote source is held back. Its width,
// height and alternative text are as sent.
const Held = "mail-held"

// FrameCSS is what the frame's own style sheet has to say before the mail's,
// so that the wrapper stands in for the body the mail was written for, and
// images held back keep their room: tinted, with their text and a frame when
// they have one, unseen when they only space things out; but not as high as the window, as a share of it would make them
// in quirks mode. On a phone, what was made for a
// desk is let shrink: a width of its own (wideMark) keeps a table in another table from it,
// however small the outer one may become, so that it is replaced by one that is no more than that. (Browsers that do not
// know attr() in a length give it all there is.) Cells beside each other keep theirs, as proportions. Icons and spacers do
// not shrink: in a cell they would to nothing. An image that is held back insists on the width of its attribute, where
// one that is shown would shrink with its cell: it is taken from it, or is a share of the window beside two other cells.
const FrameCSS = `html,body{margin:0}
.mail-view{display:flow-root;box-sizing:border-box;min-height:100vh;padding:8px;overflow-wrap:break-word}
.mail-quoted{margin:8px 0}.mail-quoted>summary{display:inline-block;width:40px;border-radius:10px;background:rgba(128,128,128,.2);font:16px/18px sans-serif;text-align:center;list-style:none;cursor:pointer}
.mail-quoted>summary::-webkit-details-marker{display:none}
img.mail-held{display:inline-block;overflow:hidden;box-sizing:border-box;background:rgba(128,128,128,.12);font:12px/1.3 sans-serif}
img.mail-held[alt]:not([alt=""]){outline:1px dashed rgba(128,128,128,.5);outline-offset:-1px}
.mail-view mark.mail-hit{background:#ffe8a3!important;color:#000!important;border-radius:2px;scroll-margin:40vh 0}
img.mail-held[height$="%"],img.mail-held[style*="height:100%"]{max-height:10em}
img.mail-held[width="1"],img.mail-held[height="1"]{background:none}
@media (max-width:600px){.mail-view table{max-width:100%!important}.mail-view img:not([data-mail-small]){max-width:100%!important}
.mail-view img[src]:not([data-mail-small],[data-mail-thin]){height:auto!important}
.mail-view img.mail-held:is([style^="width:100%"],[style*=";width:100%"]){width:0!important;min-width:100%!important}
.mail-view :is(tr:has(>td:nth-child(3))>td,tr:has(>td:nth-child(3))>td>a)>img.mail-held:not([data-mail-wide],[data-mail-small]){max-width:22vw!important}
.mail-view :where([data-mail-wide]){min-width:0!important}
.mail-view :where([data-mail-wide]:is(:only-child,:not(td,th,col))){width:auto!important}
.mail-view :where(td[data-mail-wide]:only-child){width:min(100vw,attr(data-mail-wide px,100vw))!important}
.mail-view :where(table[data-mail-wide]){width:100%!important;width:min(100%,attr(data-mail-wide px,100%))!important}
.mail-view :where(div[data-mail-wide]){max-width:100%!important;max-width:min(100%,attr(data-mail-wide px,100%))!important;height:auto!important}
.mail-view :where(img[data-mail-wide]){width:100%!important;max-width:100vw!important;max-width:min(100vw,attr(data-mail-wide px,100vw))!important;aspect-ratio:auto!important}}
`

// Bounds on one body. Each is far above what a person's mail has; a body over
// one of them is shown as text, with a note.
const (
	maxInput    = 5 << 20 // octets of HTML
	maxNodes    = 200_000 // nodes of the tree
	maxDepth    = 480     // elements inside each other, below html.Parse's own 512
	maxStyles   = 1 << 20 // octets of style sheets; the rest of them is left out
	maxFallback = 1 << 20 // octets of text shown instead
)

// HTML makes src, the decoded HTML of a mail, inert. It never fails: what
// cannot be read as HTML within the package's bounds is shown as text.
func HTML(src string, opt Options) Result {
	if len(src) > maxInput {
		return fallback(src, "This message is too large to show with its layout, so it is shown as text.")
	}
	if !utf8.ValidString(src) {
		src = strings.ToValidUTF8(src, "\uFFFD")
	}
	s := strain(src)
	defer s.release()
	if s.tokens > maxNodes {
		return fallback(src, "This message has too many elements, so it is shown as text.")
	}
	doc, err := s.parse()
	if err != nil {
		return fallback(src, "This message is too deeply nested, so it is shown as text.")
	}
	s.attrs.restore(doc)
	if s.attrs.disclosed {
		withoutRealHosts(doc)
	}
	r := newRenderer(opt, s.doctype == quirks)
	r.out.Grow(len(src))
	r.css.scheme(s.scheme)
	if s.forms && r.quirks {
		r.css.out.WriteString("." + Wrapper + " ." + formClass + "{margin-bottom:1em}")
	}
	r.document(doc)
	switch {
	case r.tooDeep:
		return fallback(src, "This message is too deeply nested, so it is shown as text.")
	case r.nodes > maxNodes:
		return fallback(src, "This message has too many elements, so it is shown as text.")
	}
	return r.result(s.doctype)
}
