package sanitize

import (
	"strings"

	"golang.org/x/net/html"
)

// attributes gives the attributes of n as they are written on the element
// name. The slice is the renderer's and good until the next call.
func (r *renderer) attributes(n *html.Node, name string) []html.Attribute {
	r.attrs, r.node = r.attrs[:0], n
	background := ""
	for _, a := range n.Attr {
		if a.Namespace != "" {
			continue
		}
		switch a.Key {
		case "class":
			if name != "img" {
				r.put("class", classes(a.Val, ""))
			}
		case "id":
			r.put("id", identifier(a.Val))
		case "name":
			r.anchor(n, name, a.Val)
		case "style":
			r.put("style", r.css.inline(a.Val))
		case "href":
			r.href(name, a.Val)
		case "background":
			if named("table td th tr tbody thead tfoot", name) {
				background = backgroundStyle(r.background(a.Val))
			}
		case "usemap":
			if id := identifier(strings.TrimPrefix(a.Val, "#")); name == "img" && id != "" {
				r.put("usemap", "#"+id)
			}
		default:
			if v, ok := checkAttribute(name, a.Key, a.Val); ok {
				r.painted = r.painted || a.Key == "bgcolor" && paint(v)
				r.attrs = append(r.attrs, html.Attribute{Key: a.Key, Val: v})
			}
		}
	}
	if name == "img" {
		r.image(n)
	}
	if n.Data == "form" {
		r.addClass(formClass)
	}
	if background != "" {
		r.prependStyle(background)
	}
	r.markWidth(name)
	return r.attrs
}

// backgroundStyle is a background that was an attribute, as style.
func backgroundStyle(src string) string {
	if src == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString("background-image:url(")
	writeString(&b, src)
	b.WriteByte(')')
	return b.String()
}

// prependStyle puts a declaration before those of the element being written, which win.
func (r *renderer) prependStyle(decl string) {
	r.painted = true
	for i := range r.attrs {
		if r.attrs[i].Key == "style" {
			r.attrs[i].Val = joinStyle(decl, r.attrs[i].Val)
			return
		}
	}
	r.put("style", decl)
}

// addClass adds a class to those of the element being written.
func (r *renderer) addClass(class string) {
	for i := range r.attrs {
		if r.attrs[i].Key == "class" {
			r.attrs[i].Val += " " + class
			return
		}
	}
	r.put("class", class)
}

// put adds an attribute that has a value.
func (r *renderer) put(key, value string) {
	if value != "" {
		r.attrs = append(r.attrs, html.Attribute{Key: key, Val: value})
	}
}

// anchor writes the name of a link target as an id, and that of an image map.
func (r *renderer) anchor(n *html.Node, name, value string) {
	switch {
	case name == "map":
		r.put("name", identifier(value))
	case name == "a" && identifier(attr(n, "id")) == "":
		r.put("id", identifier(value))
	}
}

// href writes a link that opens beside the portal, knows nothing of it and
// tells the other side nothing; or a jump to a place in the same mail. A link
// to anything else is dead.
func (r *renderer) href(name, value string) {
	if name != "a" && name != "area" {
		return
	}
	if jump, ok := strings.CutPrefix(strings.TrimSpace(value), "#"); ok {
		if id := identifier(jump); id != "" && r.hasID(id) {
			r.put("href", "#"+id)
		}
		return
	}
	if u := link(value); u != "" {
		r.put("href", u)
		r.put("target", "_blank")
		r.put("rel", "noopener noreferrer")
	}
}

// hasID tells whether an element of the output may have the id.
func (r *renderer) hasID(id string) bool {
	if r.ids == nil {
		r.ids = make(map[string]bool)
		for n := range r.body.Descendants() {
			if n.Type == html.ElementNode {
				r.ids[identifier(attr(n, "id"))] = true
				if n.Data == "a" {
					r.ids[identifier(attr(n, "name"))] = true
				}
			}
		}
	}
	return r.ids[id]
}

// image writes the source of an image, or marks it as held back.
func (r *renderer) image(n *html.Node) {
	class := attr(n, "class")
	reserved := ""
	value := attr(n, "src")
	if value == "" {
		if hasClass(class, Held) {
			reserved = Held
		}
	} else {
		src, held := r.imageSource(value, attr(n, "width"), attr(n, "height"))
		r.put("src", src)
		if held {
			reserved = Held
		}
	}
	r.put("class", classes(class, reserved))
}

// written gives the value of an attribute of the element being written.
func (r *renderer) written(key string) string {
	for _, a := range r.attrs {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// writeWrapper writes the start tag of the wrapper, with what the mail says of
// its html and body elements.
func (r *renderer) writeWrapper(root, content *html.Node) {
	r.attrs = r.attrs[:0]
	class, style := "", ""
	if content != nil {
		class = attr(content, "class")
		style = r.css.inlineRoot(attr(content, "style"))
	}
	r.put("class", classes(class, Wrapper))
	r.put("style", joinStyle(r.bodyStyle(content), style))
	for _, key := range []string{"id", "dir", "lang", "title"} {
		value := attr(content, key)
		if value == "" {
			value = attr(root, key)
		}
		if key == "id" {
			r.put(key, identifier(value))
		} else if v, ok := checkAttribute("div", key, value); ok {
			r.put(key, v)
		}
	}
	r.out.WriteString("<div")
	r.writeAttributes(r.attrs)
	r.out.WriteByte('>')
}

// tableColour is a rule for the colour of tables in quirks mode: that of the body, whatever they stand in (HTML 15.3.10).
func (r *renderer) tableColour() string {
	ink, _ := colour(attr(r.body, "text"))
	if c := r.css.ink; c != "" {
		ink = c
	}
	if c := r.css.inlineColour(attr(r.body, "style")); c != "" {
		ink = c
	}
	if ink == "" {
		return ""
	}
	return "." + Wrapper + " :where(table){color:" + ink + "}"
}

// bodyStyle maps the presentational attributes of a body to style.
func (r *renderer) bodyStyle(n *html.Node) string {
	if n == nil || n.Data != "body" {
		return ""
	}
	var decls []string
	if c, ok := colour(attr(n, "bgcolor")); ok {
		r.painted = r.painted || paint(c)
		decls = append(decls, "background-color:"+c)
	}
	if b := backgroundStyle(r.background(attr(n, "background"))); b != "" {
		r.painted = true
		decls = append(decls, b)
	}
	if c, ok := colour(attr(n, "text")); ok {
		decls = append(decls, "color:"+c)
	}
	for _, m := range [][]string{ // one that says nothing of its side has the margin of the other
		{"padding-top", "topmargin", "marginheight"},
		{"padding-right", "rightmargin", "marginwidth", "leftmargin"},
		{"padding-bottom", "bottommargin", "marginheight", "topmargin"},
		{"padding-left", "leftmargin", "marginwidth"},
	} {
		for _, key := range m[1:] {
			if v, ok := number(0, 200)(attr(n, key)); ok {
				decls = append(decls, m[0]+":"+v+"px")
				break
			}
		}
	}
	return strings.Join(decls, ";")
}

func joinStyle(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ";" + b
}
