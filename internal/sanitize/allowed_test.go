package sanitize

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// The judge of the tests: written apart from the tables, it says what an inert
// tree may hold at all.

var inertElements = set("a abbr acronym address area article aside b bdi bdo big blockquote br caption center cite code " +
	"col colgroup data dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hgroup hr " +
	"i img ins kbd li main map mark nav nobr ol p pre q rp rt ruby s samp section small span strike strong style sub " +
	"summary sup table tbody td tfoot th thead time tr tt u ul var wbr")

var inertAttributes = set("abbr align alt aria-hidden aria-label bgcolor border bordercolor cellpadding cellspacing class clear " +
	"color colspan compact coords datetime dir face frame height href hspace id lang name noshade nowrap open rel reversed role " +
	"rowspan rules scope shape size span src start style summary target title type usemap valign value vspace width")

var (
	liveHref   = regexp.MustCompile(`^(https?://[^/\s"'<>]|mailto:|tel:|#pm-)`)
	rasterData = regexp.MustCompile(`^data:image/(png|gif|jpeg|webp|avif|bmp);base64,[A-Za-z0-9+/]+=*$`)
	cssFetch   = regexp.MustCompile(`(?i)url\s*\(|image-set|src\(|@import|@font-face|expression|var\(|env\(|attr\(|javascript|behavior|binding|element\(|[<\\]/`)
	cssOverlay = regexp.MustCompile(`(?i)(^|[;{])(position:(fixed|absolute|sticky)|z-index|(-[a-z]+-)?transform:|top:|left:|right:|bottom:|inset|margin[a-z-]*:[^;}]*-\d|content:|pointer-events|animation|filter|clip)`)
)

// inert gives the first thing in out that a browser would act on; "" if none.
// src tells which image sources may stand in it beside raster data.
func inert(out string, src func(string) bool) string {
	for _, doctype := range []string{"", "<!doctype html>"} {
		doc, err := html.Parse(strings.NewReader(doctype + out))
		if err != nil {
			return err.Error()
		}
		for n := range doc.Descendants() {
			if why := inertNode(n, src); why != "" {
				return why
			}
		}
	}
	return ""
}

func inertNode(n *html.Node, src func(string) bool) string {
	switch n.Type {
	case html.TextNode:
		return ""
	case html.DoctypeNode:
		return ""
	case html.ElementNode:
	default:
		return fmt.Sprintf("a node of type %v: %q", n.Type, n.Data)
	}
	if n.Data == "html" || n.Data == "head" || n.Data == "body" {
		if len(n.Attr) > 0 {
			return "attributes on " + n.Data
		}
		return ""
	}
	if n.Namespace != "" || !inertElements[n.Data] {
		return "element " + n.Namespace + ":" + n.Data
	}
	if n.Data == "style" {
		if len(n.Attr) > 0 || n.FirstChild == nil {
			return "an odd style element"
		}
		return inertCSS(n.FirstChild.Data)
	}
	for _, a := range n.Attr {
		if why := inertAttribute(n, a, src); why != "" {
			return why
		}
	}
	return ""
}

func inertAttribute(n *html.Node, a html.Attribute, src func(string) bool) string {
	if ours(a.Key) && strings.Trim(a.Val, "0123456789.") == "" {
		return ""
	}
	if a.Namespace != "" || !inertAttributes[a.Key] {
		return "attribute " + a.Key
	}
	bad := false
	switch a.Key {
	case "href":
		bad = !liveHref.MatchString(a.Val)
		if !strings.HasPrefix(a.Val, "#") {
			bad = bad || attr(n, "target") != "_blank" || attr(n, "rel") != "noopener noreferrer"
		}
	case "src":
		bad = n.Data != "img" || !rasterData.MatchString(a.Val) && (src == nil || !src(a.Val))
	case "style":
		return inertCSS(a.Val)
	case "usemap":
		bad = !strings.HasPrefix(a.Val, "#"+prefix)
	case "id", "name":
		bad = !strings.HasPrefix(a.Val, prefix)
	case "target":
		bad = a.Val != "_blank"
	}
	if bad {
		return fmt.Sprintf("%s=%q on %s", a.Key, a.Val, n.Data)
	}
	return ""
}

func inertCSS(sheet string) string {
	stripped := cssStrings.ReplaceAllString(cssNames.ReplaceAllString(sheet, "x"), "''")
	if m := cssFetch.FindString(stripped); m != "" {
		return fmt.Sprintf("CSS %q in %q", m, sheet)
	}
	if m := cssOverlay.FindString(stripped); m != "" {
		return fmt.Sprintf("CSS %q in %q", m, sheet)
	}
	return ""
}

// Names and strings of the mail may hold any word.
var (
	cssStrings = regexp.MustCompile(`'[^']*'`)
	cssNames   = regexp.MustCompile(`[.#]pm-(?:[A-Za-z0-9_-]|[^\x00-\x7f]|\\[0-9a-f]+ )*`)
)
