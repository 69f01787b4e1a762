package sanitize

import (
	"strings"

	"golang.org/x/net/html"
)

// Hit is the class of the mark elements around what Options.Mark names. The first one
// has FirstHit as its id.
const (
	Hit      = "mail-hit"
	FirstHit = "mail-first-hit"
)

// maxHits bounds the marks of one body, so that marking one letter does not make it many
// times its size.
const maxHits = 1000

// findHits asks mark for the ranges of the text below n, and gives them by text node. The
// text is put together from all of its nodes, so that a hit may begin in one element and
// end in another; blocks stand apart.
func findHits(n *html.Node, mark func(string) [][2]int) map[*html.Node][][2]int {
	var t textRun
	t.collect(n)
	all := t.text.String()
	ranges := mark(all)
	hits := map[*html.Node][][2]int{}
	i := 0
	for _, r := range ranges[:min(len(ranges), maxHits)] {
		if r[0] < 0 || r[1] > len(all) {
			continue
		}
		for i < len(t.nodes) && t.ends[i] <= r[0] {
			i++
		}
		for j := i; j < len(t.nodes) && t.starts[j] < r[1]; j++ {
			from, to := max(r[0], t.starts[j])-t.starts[j], min(r[1], t.ends[j])-t.starts[j]
			if from < to && strings.TrimSpace(t.nodes[j].Data[from:to]) != "" { // blanks also stand between the cells of a table
				hits[t.nodes[j]] = append(hits[t.nodes[j]], [2]int{from, to})
			}
		}
	}
	return hits
}

// textRun is the text of a tree, with where each node's part of it is.
type textRun struct {
	text         strings.Builder
	nodes        []*html.Node
	starts, ends []int
}

func (t *textRun) collect(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.Type {
		case html.TextNode:
			t.nodes, t.starts = append(t.nodes, c), append(t.starts, t.text.Len())
			t.text.WriteString(c.Data)
			t.ends = append(t.ends, t.text.Len())
		case html.ElementNode:
			e := elementOf(c.Data)
			if e.fate == discard || c.Namespace != "" {
				continue
			}
			apart := e.traits&(closesP|special|cell|tableLike) != 0 || c.Data == "br"
			if apart {
				t.text.WriteString("\n\n")
			}
			t.collect(c)
			if apart {
				t.text.WriteString("\n\n")
			}
		}
	}
}

// marked writes text with its hits marked.
func (r *renderer) marked(s string, hits [][2]int) {
	at := 0
	for _, h := range hits {
		if h[0] < at {
			continue
		}
		r.escape(s[at:h[0]])
		r.out.WriteString(`<mark class="` + Hit + `"`)
		if !r.hitSeen {
			r.hitSeen = true
			r.out.WriteString(` id="` + FirstHit + `"`)
		}
		r.out.WriteByte('>')
		r.escape(s[h[0]:h[1]])
		r.out.WriteString("</mark>")
		at = h[1]
	}
	r.escape(s[at:])
}
