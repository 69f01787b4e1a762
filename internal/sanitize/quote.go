package sanitize

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Quoted is the class of the element that folds what a mail quotes at its end.
const Quoted = "mail-quoted"

// quoteClasses are how mail programs name the element around what they quote.
var quoteClasses = []string{"gmail_quote", "gmail_quote_container", "yahoo_quoted", "protonmail_quote", "zmail_extra"}

// maxQuoteDepth bounds how deep a quote is looked for.
const maxQuoteDepth = 60

// trailingQuote finds the element that quotes the mail which this one answers, if nothing follows it and something
// stands before it.
func trailingQuote(body *html.Node) *html.Node {
	before := false
	for n, depth := body, 0; n != nil && depth < maxQuoteDepth; depth++ {
		if isQuote(n) {
			if before {
				return n
			}
			return nil
		}
		last := n.LastChild
		for last != nil && !says(last) {
			last = last.PrevSibling
		}
		for c := n.FirstChild; c != last && !before; c = c.NextSibling {
			before = says(c)
		}
		n = last
	}
	return nil
}

func isQuote(n *html.Node) bool {
	if n.Type != html.ElementNode || n.Namespace != "" {
		return false
	}
	if n.DataAtom == atom.Blockquote && strings.EqualFold(attr(n, "type"), "cite") {
		return true
	}
	for _, name := range quoteClasses {
		if hasClass(attr(n, "class"), name) {
			return n.DataAtom == atom.Div || n.DataAtom == atom.Blockquote
		}
	}
	return false
}

// says tells whether a reader sees anything of a node.
func says(n *html.Node) bool {
	for d := n; d != nil; d = following(d, n) {
		switch {
		case d.Type == html.TextNode && strings.TrimSpace(d.Data) != "" && (d.Parent == nil || d.Parent.DataAtom != atom.Style):
			return true
		case d.Type == html.ElementNode && (d.DataAtom == atom.Img || d.DataAtom == atom.Hr):
			return true
		}
	}
	return false
}
