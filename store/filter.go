package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"postern/internal/query"
)

// filter is a search as the index and SQLite are asked for it. Together they find every
// message that the search means, and perhaps more; each must then be compared with the
// parts in unsure.
type filter struct {
	names names

	// What FTS5 looks for: expressions that must hold, and that must not. Each user's
	// word in them stands in quotes, as a term of query.Terms, which knows no quotes.
	fts, not []string
	head     bool // they are about the fields of the head table alone

	// What narrows a search by text, but does not make one: expressions that SQL terms
	// below say again, and bounds of the time of receipt, after <= received < before.
	narrow        []string
	after, before int64
	label         *query.Label        // one that all hits have, if there is any
	flags         map[query.Flag]bool // that all hits have
	larger        int64               // all hits have more octets than this
	boxes         []query.Mailbox     // all hits are in each of these

	sql  []string
	args []any

	texts  []query.Node // parts that only fts holds to
	unsure []query.Node // parts that neither fts nor sql answers exactly
	links  []byte       // that all hits have: see linksOf
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

// namesAny tells whether a search calls an account or a label by its name.
func namesAny(node query.Node) bool {
	switch n := node.(type) {
	case query.Account, query.Label:
		return true
	case query.Not:
		return namesAny(n.Node)
	case query.And:
		return slices.ContainsFunc(n, namesAny)
	case query.Or:
		return slices.ContainsFunc(n, namesAny)
	}
	return false
}

// compile makes the filter of a tree. The parts of a top-level "and" become FTS5 and
// SQL terms one by one. What mixes text and other filters below that is found by its
// text alone, as far as it must hold, and checked afterwards.
func compile(root query.Node, user UserID, n names) *filter {
	f := &filter{names: n, after: math.MinInt64, before: math.MaxInt64, flags: map[query.Flag]bool{}}
	parts, ok := root.(query.And)
	if !ok {
		parts = query.And{root}
	}
	f.head = !slices.ContainsFunc(parts, beyondHead)
	for _, part := range parts {
		f.add(part, user)
	}
	if len(f.fts) == 0 { // FTS5 can exclude only from something
		f.unsure, f.not, f.texts = append(f.unsure, f.texts...), nil, nil
	}
	f.links = linksOf(f.unsure)
	return f
}

func (f *filter) add(part query.Node, user UserID) {
	if expr, exact := f.ftsOf(part); expr != "" {
		f.fts = append(f.fts, expr)
		if exact {
			f.texts = append(f.texts, part)
		} else {
			f.unsure = append(f.unsure, part)
		}
		return
	}
	if term, args, ok := f.sqlOf(part); ok {
		f.sql, f.args = append(f.sql, term), append(f.args, args...)
		f.narrowBy(part)
		return
	}
	if not, ok := part.(query.Not); ok && !(f.head && beyondHead(not.Node)) {
		if expr, exact := f.ftsOf(not.Node); exact {
			f.not, f.texts = append(f.not, expr), append(f.texts, part)
			return
		}
	}
	if id, ok := part.(query.ID); ok { // one of its thread
		f.sql = append(f.sql, "m.thread_id IN (SELECT thread_id FROM thread_ids WHERE user_id = ? AND ref = ?)")
		f.args = append(f.args, user, threadRef(id.MessageID))
	}
	f.unsure = append(f.unsure, part)
}

// narrowBy notes what helps the index to find a part that SQL answers.
func (f *filter) narrowBy(part query.Node) {
	switch n := part.(type) {
	case query.Account:
		f.narrowAccounts(f.accountIDs(n.Name))
	case query.Is:
		f.flags[n.Flag] = true
		if n.Flag == query.HasAttachment {
			f.narrow = append(f.narrow, ftsTerm(attachmentMark))
		}
	case query.Size:
		if n.Larger {
			f.larger = max(f.larger, n.Octets)
		}
	case query.Mailbox:
		f.boxes = append(f.boxes, n)
	case query.Label:
		f.label = &n
	case query.Date:
		if n.Before {
			f.before = min(f.before, n.Time.UnixMilli())
		} else {
			f.after = max(f.after, n.Time.UnixMilli())
		}
	}
}

func (f *filter) narrowAccounts(ids []AccountID) {
	marks := make([]string, len(ids))
	for i, id := range ids {
		marks[i] = ftsTerm(accountMark(id))
	}
	if len(marks) > 0 {
		f.narrow = append(f.narrow, "("+strings.Join(marks, " OR ")+")")
	}
}

// match is the FTS5 expression of the whole search; "": it names no text.
func (f *filter) match() string { return f.matchWith(f.narrow) }

// matchWith is the FTS5 expression of the search's text and of what narrows it.
func (f *filter) matchWith(narrow []string) string {
	if len(f.fts) == 0 {
		return ""
	}
	expr := strings.Join(append(slices.Clone(f.fts), narrow...), " AND ")
	if len(f.not) > 0 {
		expr = "(" + expr + ") NOT (" + strings.Join(f.not, " OR ") + ")"
	}
	return expr
}

// beyondHead tells whether node must hold of text outside the head table.
func beyondHead(node query.Node) bool {
	switch n := node.(type) {
	case query.Text:
		return n.Field == query.Any || n.Field == query.Body || n.Field == query.Filename
	case query.And:
		return slices.ContainsFunc(n, beyondHead)
	case query.Or:
		return slices.ContainsFunc(n, beyondHead)
	}
	return false
}

// ftsOf is the FTS5 expression for every message that node can mean; "": none, text
// does not narrow it. exact: for no other message.
func (f *filter) ftsOf(node query.Node) (expr string, exact bool) {
	switch n := node.(type) {
	case query.Text:
		return f.ftsText(n)
	case query.And:
		return f.ftsJoin(n, " AND ", func(total, found int) bool { return found > 0 })
	case query.Or:
		return f.ftsJoin(n, " OR ", func(total, found int) bool { return found == total })
	}
	return "", false
}

func (f *filter) ftsJoin(nodes []query.Node, op string, enough func(total, found int) bool) (string, bool) {
	var exprs []string
	exact := true
	for _, n := range nodes {
		e, x := f.ftsOf(n)
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

func (f *filter) ftsText(t query.Text) (string, bool) {
	words := t.Words()
	if len(words) == 0 || t.Short() && !f.head { // only the head table has an index for that
		return "", false
	}
	exprs := make([]string, len(words))
	for i, w := range words {
		exprs[i] = ftsWord(t.Field, w)
	}
	// The index does not tell body and attachments from the rest, nor Cc from To.
	unsure := slices.Contains([]query.Field{query.Body, query.Attached, query.Cc, query.Bcc}, t.Field)
	return "(" + strings.Join(exprs, " AND ") + ")", t.Exact() && !unsure
}

// ftsWord is the expression for a word in a field.
func ftsWord(f query.Field, w query.Word) string {
	if f == query.Head {
		var parts []string
		for _, part := range f.Parts() {
			parts = append(parts, ftsWord(part, w))
		}
		return "(" + strings.Join(parts, " OR ") + ")"
	}
	term := ftsTerm(fieldMarks[f] + w.Term)
	if w.Prefix {
		term += " *"
	}
	return term
}

// ftsTerm quotes a term for FTS5.
func ftsTerm(term string) string { return `"` + term + `"` }

// sqlOf is the SQL term for exactly the messages that node means; false: there is none.
func (f *filter) sqlOf(node query.Node) (term string, args []any, ok bool) {
	switch n := node.(type) {
	case query.Nothing:
		return never, nil, true
	case query.Text:
		return never, nil, len(n.Words()) == 0 // nothing but punctuation
	case query.And:
		return f.sqlJoin(n, " AND ")
	case query.Or:
		return f.sqlJoin(n, " OR ")
	case query.Not:
		term, args, ok = f.sqlOf(n.Node)
		return "NOT " + term, args, ok
	case query.Mailbox:
		return mailboxSQL(n)
	case query.Account:
		ids := f.accountIDs(n.Name)
		for _, id := range ids {
			args = append(args, id)
		}
		return "coalesce(m.account_id, 0) IN (" + strings.TrimSuffix(strings.Repeat("?,", len(ids)), ",") + ")", args, true
	case query.Is:
		return flagSQL(n.Flag), nil, true
	case query.Date:
		if n.Before {
			return "m.received < ?", []any{n.Time.UnixMilli()}, true
		}
		return "m.received >= ?", []any{n.Time.UnixMilli()}, true
	case query.Size:
		if n.Larger && n.Octets >= largeSize {
			return fmt.Sprintf("(m.size > %d AND m.size > ?)", largeSize), []any{n.Octets}, true
		}
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

func mailboxSQL(n query.Mailbox) (string, []any, bool) {
	switch n.Name {
	case "all":
		return "m.mailbox IN (?, ?)", []any{Inbox, Archive}, true
	case "anywhere":
		return "m.mailbox <> ?", []any{Purged}, true
	}
	m, ok := MailboxNamed(n.Name)
	if !ok {
		return never, nil, true
	}
	return "m.mailbox = ?", []any{m}, true
}

// accountIDs are the accounts a person means by a name or an address, or a part of it.
func (f *filter) accountIDs(name string) []AccountID {
	var ids []AccountID
	name = strings.ToLower(name)
	for _, a := range f.names.accounts {
		if strings.Contains(strings.ToLower(a.Name), name) || strings.Contains(strings.ToLower(a.Email), name) {
			ids = append(ids, a.ID)
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

// serverSQL says of the states that few messages have once more that they are among these,
// as the index does that has them.
func serverSQL(s ServerState) string {
	if s > ServerPresent {
		return fmt.Sprintf("(m.server > 1 AND m.server = %d)", s)
	}
	return fmt.Sprintf("m.server = %d", s)
}

// largeSize is from which size on an index has the messages, which says it too.
const largeSize = 256 << 10

// within tells whether hits can be in a mailbox, by what the search says of mailboxes.
func (f *filter) within(m Mailbox) bool {
	for _, n := range f.boxes {
		named, ok := MailboxNamed(n.Name)
		if !(ok && m == named || n.Name == "anywhere" || n.Name == "all" && (m == Inbox || m == Archive)) {
			return false
		}
	}
	return true
}

func flagSQL(f query.Flag) string {
	if t, ok := flagTests[f]; ok {
		return t.sql
	}
	return never
}

// never is a term that holds for no message. SQLite must not see that by itself: it would forget what stands beside it,
// and with that by which of its indexes a search is led.
const never = "m.id < 0"
