package web

import (
	"net/url"

	"postern/internal/query"
	"postern/templates"
)

// marksOf is the search whose hits stand out in a message: that of the list it was opened from, unless marks=off; the
// frame of its HTML is told by mark=…
func (s *Server) marksOf(asked url.Values) query.Query {
	search := asked.Get("mark")
	if from, ok := listAt(asked.Get("list")); ok && asked.Get("marks") != "off" {
		search = from.search
	}
	if search == "" {
		return query.Query{}
	}
	return query.Parse(search, s.now())
}

// hits are the ranges of a body's text that the search looks for.
func (rd *reading) hits(text string) [][2]int { return ranges(rd.marks, text, query.Body) }

// blocks is a text for the page, with its hits marked.
func (rd *reading) blocks(text string) []templates.TextBlock {
	blocks := templates.Blocks(text)
	if rd.marks.Root != nil {
		for i := range blocks {
			blocks[i].Text = blocks[i].Text.Marked(rd.hits(blocks[i].Text.String()))
		}
	}
	return blocks
}

// marked fills in what the page says of the marks: the subject with its own, and the way to look at it without.
func (p *messagePage) marked(rd *reading) {
	if rd.marks.Root == nil {
		return
	}
	p.MarkedSubject = hits(rd.marks, p.Subject, query.Subject)
	p.UnmarkedURL = withQuery(p.Return, "marks", "off")
}
