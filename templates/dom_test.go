package templates_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"postern/internal/i18n"
	"postern/templates"
)

// page is a rendered document, to be asked about what a person finds on it.
type page struct {
	t    *testing.T
	root *html.Node
}

// render renders c in English, below the base path "/base".
func render(t *testing.T, c templ.Component) page {
	t.Helper()
	return renderIn(t, i18n.English, c)
}

func renderIn(t *testing.T, language *i18n.Language, c templ.Component) page {
	t.Helper()
	ctx := i18n.With(t.Context(), i18n.Locale{Language: language})
	var b strings.Builder
	if err := c.Render(templates.WithBase(ctx, "/base/"), &b); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return page{t, root}
}

// all returns the elements for which keep says yes, in the document's order.
func (p page) all(keep func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && keep(n) {
			found = append(found, n)
		}
	}
	return found
}

// tags returns the elements of one name.
func (p page) tags(names ...string) []*html.Node {
	return p.all(func(n *html.Node) bool { return slices.Contains(names, n.Data) })
}

func (p page) byID(id string) *html.Node {
	for _, n := range p.all(func(n *html.Node) bool { return attr(n, "id") == id }) {
		return n
	}
	return nil
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// words returns the text below n, blanks folded.
func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// within tells whether n stands inside an element of that name, and returns it.
func within(n *html.Node, name string) *html.Node {
	for a := range n.Ancestors() {
		if a.Data == name {
			return a
		}
	}
	return nil
}

// role is the role that matters for finding n: what the names in the interface paper are about.
func role(n *html.Node) string {
	switch n.Data {
	case "button":
		return "button"
	case "a":
		return "link"
	case "select":
		return "combobox"
	case "iframe":
		return "frame"
	case "fieldset":
		return cmp.Or(attr(n, "role"), "group")
	case "ul", "table":
		return "list"
	case "input":
		switch attr(n, "type") {
		case "checkbox", "radio":
			return attr(n, "type")
		case "search":
			return "searchbox"
		case "hidden":
			return ""
		}
		return "textbox"
	}
	return ""
}

// name is the accessible name of n, as far as these pages need it computed.
func (p page) name(n *html.Node) string {
	if ids := attr(n, "aria-labelledby"); ids != "" {
		var parts []string
		for id := range strings.FieldsSeq(ids) {
			if target := p.byID(id); target != nil {
				parts = append(parts, words(target))
			}
		}
		return strings.Join(parts, " ")
	}
	if s := attr(n, "aria-label"); s != "" {
		return s
	}
	switch n.Data {
	case "iframe":
		return attr(n, "title")
	case "fieldset":
		for _, l := range p.tags("legend") {
			if l.Parent == n {
				return words(l)
			}
		}
	case "input", "select":
		for _, l := range p.tags("label") {
			if attr(l, "for") != "" && attr(l, "for") == attr(n, "id") || within(n, "label") == l {
				return words(l)
			}
		}
		return ""
	}
	return words(n)
}

// find returns the elements with a role and a name.
func (p page) find(wantRole, wantName string) []*html.Node {
	return p.all(func(n *html.Node) bool { return role(n) == wantRole && p.name(n) == wantName })
}

// one returns the only element with a role and a name.
func (p page) one(wantRole, wantName string) *html.Node {
	p.t.Helper()
	found := p.find(wantRole, wantName)
	if len(found) != 1 {
		p.t.Fatalf("found %d times the %s %q, want it once", len(found), wantRole, wantName)
	}
	return found[0]
}
