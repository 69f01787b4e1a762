package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"postern/internal/query"
)

// filter is a search as SQLite is asked for it: an FTS5 expression and SQL terms that
// together find every message the search means, and perhaps more; check says that
// each must then be compared with the tree itself.
type filter struct {
	root  query.Node
	names names
	fts   match // nil: no text
	sql   []string
	args  []any
	check bool
}

// names are what a user's search may call accounts and labels by.
type names struct {
	accounts []Account
	labels   []Label
}

func (s *Store) names(ctx context.Context, user UserID) (n names, err error) {
	if n.accounts, err = s.Accounts(ctx, user); err == nil {
		n.labels, err = s.Labels(ctx, user)
	}
	return n, err
}

// match is an FTS5 expression. Each user's word in it stands in quotes, as a term of
// query.Terms, which knows no quotes.
type match []string

func (m match) String() string { return strings.Join(m, " AND ") }

// compile makes the filter of a tree. The parts of a top-level "and" become FTS5 and
// SQL terms one by one. What mixes text and other filters below that is found by its
// text alone, as far as it must hold, and checked afterwards.
func compile(root query.Node, n names) *filter {
	f := &filter{root: root, names: n}
	parts, ok := root.(query.And)
	if !ok {
		parts = query.And{root}
	}
	for _, part := range parts {
		expr, exact := ftsOf(part)
		if expr != "" {
			f.fts = append(f.fts, expr)
			f.check = f.check || !exact
			continue
		}
		term, args, ok := f.sqlOf(part)
		if !ok {
			f.check = true
			continue
		}
		f.sql, f.args = append(f.sql, term), append(f.args, args...)
	}
	return f
}

var ftsNames = map[query.Field]string{
	query.Subject: "{subject}", query.From: "{sender}", query.Recipient: "{recipient}", query.Body: "{body}", query.Filename: "{file}",
}

// ftsOf is the FTS5 expression for every message that node can mean; "": none, text
// does not narrow it. exact: for no other message.
func ftsOf(node query.Node) (expr string, exact bool) {
	switch n := node.(type) {
	case query.Text:
		return ftsText(n)
	case query.And:
		return ftsJoin(n, " AND ", func(total, found int) bool { return found > 0 })
	case query.Or:
		return ftsJoin(n, " OR ", func(total, found int) bool { return found == total })
	}
	return "", false
}

func ftsJoin(nodes []query.Node, op string, enough func(total, found int) bool) (string, bool) {
	var exprs []string
	exact := true
	for _, n := range nodes {
		e, x := ftsOf(n)
		exact = exact && x
		if e != "" {
			exprs = append(exprs, e)
		}
	}
	if !enough(len(nodes), len(exprs)) || len(exprs) == 0 {
		return "", false
	}
	return "(" + strings.Join(exprs, op) + ")", exact && len(exprs) == len(nodes)
}

func ftsText(t query.Text) (string, bool) {
	words := t.Words()
	if len(words) == 0 {
		return "", false
	}
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = `"` + w.Term + `"`
		if w.Prefix {
			quoted[i] += " *"
		}
	}
	expr := "(" + strings.Join(quoted, " AND ") + ")"
	if name := ftsNames[t.Field]; name != "" {
		expr = name + " : " + expr
	}
	// FTS5 finds several words also where they stand in different fields.
	return expr, t.Exact() && (len(words) == 1 || t.Field != query.Any)
}

// sqlOf is the SQL term for exactly the messages that node means; false: there is none.
func (f *filter) sqlOf(node query.Node) (term string, args []any, ok bool) {
	switch n := node.(type) {
	case query.Nothing:
		return "0", nil, true
	case query.Text:
		return "0", nil, len(n.Words()) == 0 // nothing but punctuation
	case query.And:
		return f.sqlJoin(n, " AND ")
	case query.Or:
		return f.sqlJoin(n, " OR ")
	case query.Not:
		term, args, ok = f.sqlOf(n.Node)
		return "NOT " + term, args, ok
	case query.Mailbox:
		return f.mailboxSQL(n)
	case query.Account:
		ids := f.accountIDs(n.Name)
		return "coalesce(m.account_id, 0) IN (" + strings.TrimSuffix(strings.Repeat("?,", len(ids)), ",") + ")", ids, true
	case query.Is:
		return flagSQL(n.Flag), nil, true
	case query.Date:
		if n.Before {
			return "m.received < ?", []any{n.Time.UnixMilli()}, true
		}
		return "m.received >= ?", []any{n.Time.UnixMilli()}, true
	case query.Size:
		if n.Larger {
			return "m.size > ?", []any{n.Octets}, true
		}
		return "m.size < ?", []any{n.Octets}, true
	case query.Label:
		return "EXISTS (SELECT 1 FROM message_labels WHERE message_id = m.id AND label_id = ?)", []any{f.labelID(n.Name)}, true
	}
	return "", nil, false
}

func (f *filter) sqlJoin(nodes []query.Node, op string) (string, []any, bool) {
	var terms []string
	var args []any
	for _, n := range nodes {
		t, a, ok := f.sqlOf(n)
		if !ok {
			return "", nil, false
		}
		terms, args = append(terms, t), append(args, a...)
	}
	return "(" + strings.Join(terms, op) + ")", args, true
}

func (f *filter) mailboxSQL(n query.Mailbox) (string, []any, bool) {
	switch n.Name {
	case "all":
		return "m.mailbox IN (?, ?)", []any{Inbox, Archive}, true
	case "anywhere":
		return "m.mailbox <> ?", []any{Purged}, true
	}
	m, ok := MailboxNamed(n.Name)
	if !ok {
		return "0", nil, true
	}
	return "m.mailbox = ?", []any{m}, true
}

// accountIDs are the accounts a person means by a name or an address, or a part of it.
func (f *filter) accountIDs(name string) []any {
	ids := []any{}
	name = strings.ToLower(name)
	for _, a := range f.names.accounts {
		if strings.Contains(strings.ToLower(a.Name), name) || strings.Contains(strings.ToLower(a.Email), name) {
			ids = append(ids, int64(a.ID))
		}
	}
	return ids
}

// labelID is the label a person means by a name; 0: there is none.
func (f *filter) labelID(name string) LabelID {
	for _, l := range f.names.labels {
		if foldLabel(l.Name) == foldLabel(name) {
			return l.ID
		}
	}
	return 0
}

// flagTests are the two readings of each flag, side by side: in SQL, and in Go for
// what is checked afterwards.
var flagTests = map[query.Flag]struct {
	sql   string
	holds func(Summary) bool
}{
	query.Unread:        {"m.unread = 1", func(m Summary) bool { return m.Unread }},
	query.Read:          {"m.unread = 0", func(m Summary) bool { return !m.Unread }},
	query.Starred:       {"m.starred = 1", func(m Summary) bool { return m.Starred }},
	query.Unstarred:     {"m.starred = 0", func(m Summary) bool { return !m.Starred }},
	query.HasAttachment: {"m.attachments > 0", func(m Summary) bool { return m.Attachments > 0 }},
	query.PendingDelete: {serverSQL(ServerPending), func(m Summary) bool { return m.Server == ServerPending }},
	query.Gone:          {serverSQL(ServerGone), func(m Summary) bool { return m.Server == ServerGone }},
	query.Deleted:       {serverSQL(ServerDeleted), func(m Summary) bool { return m.Server == ServerDeleted }},
	query.Present:       {serverSQL(ServerPresent), func(m Summary) bool { return m.Server == ServerPresent }},
}

func serverSQL(s ServerState) string { return fmt.Sprintf("m.server = %d", s) }

func flagSQL(f query.Flag) string {
	if t, ok := flagTests[f]; ok {
		return t.sql
	}
	return "0"
}

// holds compares a message with the whole search.
func (f *filter) holds(m Summary, fields map[query.Field]string) bool {
	return f.nodeHolds(f.root, m, fields)
}

func (f *filter) nodeHolds(node query.Node, m Summary, fields map[query.Field]string) bool {
	switch n := node.(type) {
	case query.And:
		for _, part := range n {
			if !f.nodeHolds(part, m, fields) {
				return false
			}
		}
		return true
	case query.Or:
		for _, part := range n {
			if f.nodeHolds(part, m, fields) {
				return true
			}
		}
		return false
	case query.Not:
		return !f.nodeHolds(n.Node, m, fields)
	case query.Text:
		return n.Match(fields)
	case query.Mailbox:
		named, ok := MailboxNamed(n.Name)
		return ok && m.Mailbox == named || n.Name == "anywhere" || n.Name == "all" && (m.Mailbox == Inbox || m.Mailbox == Archive)
	case query.Account:
		for _, id := range f.accountIDs(n.Name) {
			if id == int64(m.Account) {
				return true
			}
		}
		return false
	case query.Label:
		return slices.Contains(m.Labels, f.labelID(n.Name))
	case query.Is:
		t, ok := flagTests[n.Flag]
		return ok && t.holds(m)
	case query.Date:
		return m.Received.Before(n.Time) == n.Before
	case query.Size:
		if n.Larger {
			return m.Size > n.Octets
		}
		return m.Size < n.Octets
	}
	return false
}
