package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"postern/internal/query"
)

// View says which messages a list shows.
type View struct {
	Mailbox Mailbox     // 0: all mail but Trash and Junk
	Starred bool        // only starred ones
	Label   LabelID     // 0: with or without labels; else Mailbox is 0
	Account AccountID   // 0: all accounts
	Whole   bool        // without messages of which only the header is here
	Query   query.Query // empty: no search

	// Threads makes it a list of conversations, each by its newest message in the view. A
	// search finds messages, and lists them.
	Threads bool

	// Where the page begins: a Cursor of an earlier page, "" for the newest. With
	// Newer the page ends there instead.
	Cursor string
	Newer  bool
	Limit  int // rows on the page, 0: 50

	Count Counting // of a search; other lists are counted anyway

	// Bound leaves out what arrived after this message; 0: nothing.
	Bound MessageID
}

// Counting is how a search is counted.
type Counting int

const (
	// CountQuickly counts as far as it goes without having the page wait.
	CountQuickly Counting = iota
	// CountAll counts up to [CountLimit], which may take seconds.
	CountAll
	// CountNone leaves Total and More zero.
	CountNone
)

// Page is a part of a list, newest first.
type Page struct {
	Messages []Summary
	Newer    string // cursor for the page before this one, "": there is none
	Older    string // cursor for the next page, "": there is none
	Total    int    // messages in the whole list, as far as they were counted: a search up to [CountLimit] at most
	More     bool   // there are more than Total, or may be: to count them would have taken long
	Cut      bool   // the search ran out of time: what lies beyond was not looked at; Older searches on
}

// CountLimit is how far a search counts its hits.
const CountLimit = 1000

// cursor is a place in a list: between two messages, by the list's order.
type cursor struct{ key, id int64 }

func (c cursor) String() string { return fmt.Sprintf("%d.%d", c.key, c.id) }

func parseCursor(s string) (c cursor, ok bool) {
	key, id, _ := strings.Cut(s, ".")
	var err1, err2 error
	c.key, err1 = strconv.ParseInt(key, 10, 64)
	c.id, err2 = strconv.ParseInt(id, 10, 64)
	return c, err1 == nil && err2 == nil
}

// Messages returns a page of a list or of a search, newest first.
func (s *Store) Messages(ctx context.Context, user UserID, v View) (Page, error) {
	if v.Limit == 0 {
		v.Limit = 50
	}
	if v.Query.Root != nil {
		return s.search(ctx, user, v)
	}
	total, more, err := s.total(ctx, user, v)
	if err != nil {
		return Page{}, fmt.Errorf("list messages: %w", err)
	}
	rows, err := s.listRows(ctx, user, v)
	if err != nil {
		return Page{}, fmt.Errorf("list messages: %w", err)
	}
	p := pageOf(rows, v, func(m Summary) cursor { return cursor{m.Received.UnixMilli(), int64(m.ID)} })
	p.Total, p.More = total, more
	if v.Threads {
		err = s.converse(ctx, v, p.Messages)
	}
	return p, err
}

// order names the columns by which a view without text to search for is ordered, and the
// tables it is read from. A label's list is led by the label's own rows, which are in
// that order.
func (v View) order() (received, id, tables string) {
	if v.Label != 0 {
		return "l.received", "l.message_id", "message_labels l CROSS JOIN messages m ON m.id = l.message_id"
	}
	return "m.received", "m.id", "messages m"
}

// conditions are the WHERE terms of a view, but for its search and its cursor, on the
// tables that order names.
func (v View) conditions(user UserID) (where []string, args []any) {
	add := func(term string, a ...any) { where, args = append(where, term), append(args, a...) }
	if v.Account != 0 && !v.Starred && v.Label == 0 {
		add("+m.user_id = ?", user) // no index of the user's: the account's has fewer rows to look at
	} else {
		add("m.user_id = ?", user)
	}
	switch {
	case v.Label != 0:
		add("l.label_id = ? AND l.shown = 1", v.Label)
	case v.Mailbox != 0:
		add("m.mailbox = ?", v.Mailbox)
	case v.Query.NamesMailbox():
		add("m.mailbox <> ?", Purged) // "in:trash" looks there, wherever it is typed
	default:
		add("m.mailbox IN (?, ?)", Inbox, Archive)
	}
	if v.Starred {
		add("m.starred = 1")
	}
	if v.Account != 0 {
		add("m.account_id = ?", v.Account)
	}
	if v.Bound != 0 {
		add("m.id <= ?", v.Bound)
	}
	if v.Whole {
		add("m.partial = 0")
	}
	return where, args
}

// listRows reads one row more than the page holds, so as to know whether there is
// another page. The rows come newest first, or oldest first for a page that ends at
// its cursor.
func (s *Store) listRows(ctx context.Context, user UserID, v View) ([]Summary, error) {
	q, args := v.listSQL(user)
	return collect(ctx, s.data.read, scanSummary, q, append(args, v.Limit+1)...)
}

// listSQL is the query for the rows of a list, but for their number. A list over several
// mailboxes is put together from one list of each, which SQLite merges as it reads them:
// no index has the order of all of them without what lies elsewhere.
func (v View) listSQL(user UserID) (q string, args []any) {
	views := []View{v}
	if v.Mailbox == 0 && v.Label == 0 {
		views = []View{v, v}
		views[0].Mailbox, views[1].Mailbox = Inbox, Archive
	}
	received, id, tables := v.order()
	c, paged := parseCursor(v.Cursor)
	order, cmp := "DESC", "<"
	if paged && v.Newer {
		order, cmp = "ASC", ">"
	}
	var parts []string
	for _, one := range views {
		where, a := one.conditions(user)
		if v.Threads {
			newest, more := v.newestOfThread()
			where, a = append(where, newest), append(a, more...)
		}
		if paged {
			where = append(where, fmt.Sprintf("(%s, %s) %s (?, ?)", received, id, cmp))
			a = append(a, c.key, c.id)
		}
		parts = append(parts, fmt.Sprintf("SELECT %s FROM %s WHERE %s", summaryColumns, tables, strings.Join(where, " AND ")))
		args = append(args, a...)
	}
	return fmt.Sprintf("%s ORDER BY %[2]s %[4]s, %[3]s %[4]s LIMIT ?", strings.Join(parts, " UNION ALL "), received, id, order), args
}

// pageOf makes a page of rows that were read up to one too many.
func pageOf(rows []Summary, v View, at func(Summary) cursor) Page {
	_, paged := parseCursor(v.Cursor)
	backward := paged && v.Newer
	extra := len(rows) > v.Limit
	if extra {
		rows = rows[:v.Limit]
	}
	if backward {
		for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
			rows[i], rows[j] = rows[j], rows[i]
		}
	}
	p := Page{Messages: rows}
	if len(rows) == 0 {
		return p
	}
	if extra || backward {
		p.Older = at(rows[len(rows)-1]).String()
	}
	if paged && !backward || backward && extra {
		p.Newer = at(rows[0]).String()
	}
	return p
}

// total counts a list by the maintained counters, or row by row where there are
// none for it.
func (s *Store) total(ctx context.Context, user UserID, v View) (n int, more bool, err error) {
	if v.Starred || v.Bound != 0 || v.Label != 0 && v.Account != 0 {
		where, args := v.conditions(user)
		_, _, tables := v.order()
		n, err = one(ctx, s.data.read, scanValue[int],
			"SELECT count(*) FROM (SELECT 1 FROM "+tables+" WHERE "+strings.Join(where, " AND ")+" LIMIT ?)", append(args, CountLimit+1)...)
		return min(n, CountLimit), n > CountLimit, err
	}
	if v.Label != 0 {
		n, err = one(ctx, s.data.read, scanValue[int], "SELECT total FROM labels WHERE id = ? AND user_id = ?", v.Label, user)
		return n, false, err
	}
	first, last := v.Mailbox, v.Mailbox
	if v.Mailbox == 0 {
		first, last = conversationBoxes(Inbox)
	}
	n, err = one(ctx, s.data.read, scanValue[int],
		"SELECT coalesce(sum(total), 0) FROM counts WHERE user_id = ? AND mailbox BETWEEN ? AND ? AND ? IN (0, account_id)", user, first, last, v.Account)
	return n, false, err
}

// MessageIDs returns the ids of all messages of a view, up to limit, for an action
// on a whole list. The cursor of the view does not matter.
func (s *Store) MessageIDs(ctx context.Context, user UserID, v View, limit int) ([]MessageID, error) {
	if v.Query.Root != nil {
		return s.searchIDs(ctx, user, v, limit)
	}
	where, args := v.conditions(user)
	received, id, tables := v.order()
	return collect(ctx, s.data.read, scanValue[MessageID],
		fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s DESC, %[1]s DESC LIMIT ?", id, tables, strings.Join(where, " AND "), received), append(args, limit)...)
}

// LastArrival returns the id of the user's newest arrival, the bound for an action
// that must not touch later mail; 0: there is no mail.
func (s *Store) LastArrival(ctx context.Context, user UserID) (MessageID, error) {
	// From the last row on, and not through an index of all that the user has.
	return one(ctx, s.data.read, scanValue[MessageID], "SELECT coalesce((SELECT id FROM messages WHERE +user_id = ? ORDER BY id DESC LIMIT 1), 0)", user)
}

// Neighbours returns the messages next to one in a list or a search, or next to its
// conversation in a list of these; 0: there is none.
func (s *Store) Neighbours(ctx context.Context, user UserID, v View, id MessageID) (newer, older MessageID, err error) {
	m, err := one(ctx, s.data.read, scanSummary, "SELECT "+summaryColumns+" FROM messages m WHERE m.id = ? AND m.user_id = ?", id, user)
	if err != nil {
		return 0, 0, err
	}
	if v.Threads && v.Query.Root == nil {
		if m, err = s.head(ctx, user, v, m); err != nil {
			return 0, 0, err
		}
	}
	at := cursor{m.Received.UnixMilli(), int64(m.ID)}
	if v.Query.Root != nil && compile(v.Query.Root, user, names{}).match() != "" {
		if at.key, err = one(ctx, s.index.read, scanValue[int64], "SELECT doc FROM docs WHERE message_id = ?", id); err != nil {
			return 0, 0, err
		}
	}
	v.Cursor, v.Limit, v.Count = at.String(), 1, CountNone
	for _, side := range []struct {
		newer bool
		id    *MessageID
	}{{true, &newer}, {false, &older}} {
		v.Newer = side.newer
		p, err := s.Messages(ctx, user, v)
		if err != nil {
			return 0, 0, err
		}
		if len(p.Messages) > 0 {
			*side.id = p.Messages[0].ID
		}
	}
	return newer, older, nil
}
