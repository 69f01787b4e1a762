package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"postern/internal/query"
)

// selection is a query for hits: their keys and messages.
type selection struct {
	pool  *pool
	query string // without its order
	order string
	args  []any
}

// count counts the hits of a selection, up to limit.
func (s selection) count(ctx context.Context, limit int) (n int, err error) {
	stmt, release, err := s.pool.lend(ctx, "SELECT count(*) FROM ("+s.query+" LIMIT ?)")
	if err != nil {
		return 0, err
	}
	defer release()
	err = stmt.QueryRowContext(ctx, append(slices.Clone(s.args), limit)...).Scan(&n)
	return n, err
}

// lead is what a search without text is read from: rows in the order of the lists, of
// each of some parts that SQLite merges as it reads them.
type lead struct {
	tables, received, id string
	parts                []part
	rare                 bool // few messages may be there
	many                 bool // or many
	whole                bool // the parts say all that the search says
}

// part is one run of rows in order.
type part struct {
	where string
	args  []any
}

// lead chooses the index that leaves the fewest rows to look at, by what the search says.
func (f *finder) lead() lead {
	l := lead{tables: "messages m INDEXED BY ", received: "m.received", id: "m.id", rare: true}
	label := f.filter.label
	switch {
	case f.view.Label != 0: // the view has its condition
		l.received, l.id, l.tables = f.view.order()
		l.parts = []part{{where: "l.shown = 1"}}
		return l
	case f.view.Starred || f.filter.flags[query.Starred]:
		l.tables, l.many = l.tables+"messages_starred", true
	case f.filter.larger >= largeSize:
		l.tables += "messages_large"
	case f.filter.flags[query.PendingDelete] || f.filter.flags[query.Gone] || f.filter.flags[query.Deleted]:
		l.tables += "messages_server"
	case label != nil && f.labelAlone():
		l.received, l.id, l.tables, l.whole = "few.received", "few.message_id", "message_labels few", true
		l.parts = []part{{"few.label_id = ? AND few.shown = 1", []any{f.filter.labelID(label.Name)}}}
		return l
	case label != nil:
		l.received, l.id, l.tables = "few.received", "few.message_id", "message_labels few CROSS JOIN messages m INDEXED BY messages_facts ON m.id = few.message_id"
		for _, shown := range shownOf(f.boxes()) {
			l.parts = append(l.parts, part{"few.label_id = ? AND few.shown = ?", []any{f.filter.labelID(label.Name), shown}})
		}
		return l
	case f.filter.flags[query.Unread]:
		l.tables, l.many = l.tables+"messages_unread", true
	case f.filter.flags[query.HasAttachment]:
		l.tables, l.many = l.tables+"messages_attached", true
	case f.view.Account != 0:
		l.tables, l.rare = l.tables+"messages_account", false
	default:
		l.tables, l.rare = l.tables+"messages_mailbox", false
	}
	for _, box := range f.boxes() {
		l.parts = append(l.parts, part{"m.mailbox = ?", []any{box}})
	}
	return l
}

// labelAlone tells whether a label is all that narrows the search, in the mailboxes that
// message_labels calls shown.
func (f *finder) labelAlone() bool {
	v := f.view
	return len(f.filter.sql) == 1 && !v.Starred && v.Account == 0 && v.Bound == 0 && !v.Whole &&
		slices.Equal(f.boxes(), []Mailbox{Inbox, Archive})
}

// boxes are the mailboxes in which hits can lie.
func (f *finder) boxes() []Mailbox {
	boxes := []Mailbox{Inbox, Archive}
	switch {
	case f.view.Mailbox != 0:
		boxes = []Mailbox{f.view.Mailbox}
	case f.view.Query.NamesMailbox():
		boxes = []Mailbox{Inbox, Archive, Junk, Trash}
	}
	return slices.DeleteFunc(boxes, func(m Mailbox) bool { return !f.filter.within(m) })
}

// shownOf are the values of message_labels.shown in mailboxes.
func shownOf(boxes []Mailbox) (shown []int) {
	isShown := func(m Mailbox) bool { return m == Inbox || m == Archive }
	if slices.ContainsFunc(boxes, isShown) {
		shown = append(shown, 1)
	}
	if slices.ContainsFunc(boxes, func(m Mailbox) bool { return !isShown(m) }) {
		shown = append(shown, 0)
	}
	return shown
}

// messages selects the messages themselves.
func (f *finder) messages(from place) selection {
	l := f.lead()
	where, args := f.conditions()
	if l.whole {
		where, args = nil, nil
	}
	beyond, dir := f.direction()
	if from.set {
		where, args = append(where, fmt.Sprintf("(%s, %s) %s (?, ?)", l.received, l.id, beyond)), append(args, from.key, from.id)
	}
	s := selection{pool: f.store.data.read, order: fmt.Sprintf(" ORDER BY 1 %[1]s, 2 %[1]s", dir)}
	var selects []string
	for _, p := range l.parts {
		selects = append(selects, fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s", l.received, l.id, l.tables, strings.Join(append([]string{p.where}, where...), " AND ")))
		s.args = append(append(s.args, p.args...), args...)
	}
	if s.query = strings.Join(selects, " UNION ALL "); s.query == "" {
		s.query = "SELECT 0, 0 WHERE 0"
	}
	return s
}

// documents selects the documents of a table. FTS5 leads: it gives rows in the order of
// their numbers, so the first hits cost no more than themselves. CROSS JOIN keeps
// SQLite from leading with another table.
func (f *finder) documents(t table) selection {
	where, args := f.conditions()
	where = append([]string{t.name + " MATCH ?", "d.user_id = ?", "d.doc = " + t.name + ".rowid", "m.id = d.message_id"}, where...)
	args = append([]any{f.match, f.user}, args...)
	join, linked, links := f.filter.linked()
	bounds, more := t.bounds()
	messages := "data.messages m INDEXED BY messages_facts"
	if f.view.Label != 0 {
		messages += " CROSS JOIN data.message_labels l"
		where = append(where, "l.message_id = m.id")
	}
	_, dir := f.direction()
	return selection{
		pool:  f.store.index.read,
		query: fmt.Sprintf("SELECT d.doc, m.id FROM %s CROSS JOIN docs d%s CROSS JOIN %s WHERE %s%s%s", t.name, join, messages, strings.Join(where, " AND "), linked, bounds),
		order: fmt.Sprintf(" ORDER BY %s.rowid %s", t.name, dir),
		args:  slices.Concat(args, links, more),
	}
}

// bounds are the conditions that keep to the table's part of the documents.
func (t table) bounds() (where string, args []any) {
	if t.low != math.MinInt64 {
		where, args = where+" AND "+t.name+".rowid >= ?", append(args, t.low)
	}
	if t.high != math.MaxInt64 {
		where, args = where+" AND "+t.name+".rowid < ?", append(args, t.high)
	}
	return where, args
}
