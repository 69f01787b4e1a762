package query

import (
	"slices"
	"strings"

	"postern/internal/i18n"
)

// Named returns the parts of the search that call a label or an account by its name, each once.
func (q Query) Named() (parts []Node) {
	var walk func(Node)
	walk = func(node Node) {
		switch n := node.(type) {
		case Label, Account:
			if !slices.Contains(parts, node) {
				parts = append(parts, node)
			}
		case Not:
			walk(n.Node)
		case And:
			for _, part := range n {
				walk(part)
			}
		case Or:
			for _, part := range n {
				walk(part)
			}
		}
	}
	walk(q.Root)
	return parts
}

// NamesMailbox tells whether the search says itself in which mailboxes to look. Leaving one out does not: "-in:inbox" opens
// neither Trash nor Junk.
func (q Query) NamesMailbox() bool {
	return asks(q.Root, func(node Node) bool {
		_, mailbox := node.(Mailbox)
		return mailbox
	})
}

// AsksDeleted tells whether the search asks for what is not on its server any more, or will not be: most of that lies in
// Trash.
func (q Query) AsksDeleted() bool {
	return asks(q.Root, func(node Node) bool { return slices.Contains([]Node{Is{PendingDelete}, Is{Gone}, Is{Deleted}}, node) })
}

// asks tells whether a part of the search that wants messages, and does not leave them out, is one of those.
func asks(node Node, one func(Node) bool) bool {
	parts := func(n Node) bool { return asks(n, one) }
	switch n := node.(type) {
	case And:
		return slices.ContainsFunc(n, parts)
	case Or:
		return slices.ContainsFunc(n, parts)
	case Not:
		return false
	}
	return one(node)
}

// Unknown is the hint that there is no label or account of the name that part has. Of the names that there are, the one
// that was probably meant is offered: a typing mistake away, or else with the name in it.
func (q Query) Unknown(part Node, text i18n.Text, names []string) Hint {
	h := Hint{Text: text}
	var by Node
	switch n := part.(type) {
	case Label:
		if near := nearestName(n.Name, names); near != "" {
			by = Label{near}
		}
	case Account:
		if near := nearestName(n.Name, names); near != "" {
			by = Account{near}
		}
	}
	if by != nil {
		h.Near = write(by)
		h.Meant = strings.Join(Query{Root: replaced(q.Root, part, by)}.Chips(), " ")
	}
	return h
}

func nearestName(s string, names []string) string {
	low := make([]string, len(names))
	for i, name := range names {
		low[i] = strings.ToLower(name)
	}
	s = strings.ToLower(s)
	i := slices.Index(low, nearest(s, low))
	if i < 0 {
		i = slices.IndexFunc(low, func(name string) bool { return strings.Contains(name, s) })
	}
	if i < 0 {
		return ""
	}
	return names[i]
}

// replaced is a copy of node in which by stands in the place of part.
func replaced(node, part, by Node) Node {
	all := func(nodes []Node) []Node {
		nodes = slices.Clone(nodes)
		for i, n := range nodes {
			nodes[i] = replaced(n, part, by)
		}
		return nodes
	}
	switch n := node.(type) {
	case Label, Account:
		if node == part {
			return by
		}
	case Not:
		return Not{replaced(n.Node, part, by)}
	case And:
		return And(all(n))
	case Or:
		return Or(all(n))
	}
	return node
}
