package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"postern/internal/query"
)

// searchTime is how long a search may take before it shows what it has found.
const searchTime = 250 * time.Millisecond

// hit is a message that a search found, with its place in the search's order.
type hit struct {
	Summary
	doc int64
}

func (h hit) cursor() cursor { return cursor{h.doc, int64(h.ID)} }

// search finds a page of messages, newest first, and counts the hits up to
// CountLimit, within searchTime.
func (s *Store) search(ctx context.Context, user UserID, v View) (Page, error) {
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	names, err := s.names(ctx, user)
	if err != nil {
		return Page{}, fmt.Errorf("search: %w", err)
	}
	f := finder{store: s, user: user, view: v, filter: compile(v.Query.Root, names)}
	var hits []hit
	var p Page
	_, paged := parseCursor(v.Cursor)
	if paged {
		err = f.each(ctx, func(h hit) bool {
			hits = append(hits, h)
			return len(hits) <= v.Limit
		})
	}
	f.view.Cursor = ""
	if err == nil {
		err = f.each(ctx, func(h hit) bool {
			if !paged && len(hits) <= v.Limit {
				hits = append(hits, h)
			}
			p.Total++
			return p.Total <= CountLimit
		})
	}
	p.Cut = errors.Is(ctx.Err(), context.DeadlineExceeded)
	if err != nil && !p.Cut {
		return Page{}, fmt.Errorf("search: %w", err)
	}
	rows := make([]Summary, len(hits))
	at := make(map[MessageID]cursor, len(hits))
	for i, h := range hits {
		rows[i], at[h.ID] = h.Summary, h.cursor()
	}
	total := p.Total
	cut := p.Cut
	p = pageOf(rows, v, func(m Summary) cursor { return at[m.ID] })
	p.Total, p.More, p.Cut = min(total, CountLimit), total > CountLimit || cut, cut
	return p, nil
}

// searchIDs returns all hits of a search up to limit. It takes the time it needs: an
// action on "all of these" must not miss some.
func (s *Store) searchIDs(ctx context.Context, user UserID, v View, limit int) ([]MessageID, error) {
	names, err := s.names(ctx, user)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	v.Cursor = ""
	var ids []MessageID
	f := finder{store: s, user: user, view: v, filter: compile(v.Query.Root, names)}
	err = f.each(ctx, func(h hit) bool {
		ids = append(ids, h.ID)
		return len(ids) < limit
	})
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return ids, nil
}

// finder walks through the hits of one search.
type finder struct {
	store  *Store
	user   UserID
	view   View
	filter *filter
}

// each calls found for each hit in the view's direction from its cursor, until it
// returns false.
func (f *finder) each(ctx context.Context, found func(hit) bool) error {
	if f.filter.fts == nil {
		return f.eachUnindexed(ctx, found)
	}
	type shard struct{ id, low, high int64 }
	shards, err := collect(ctx, f.store.index.read, func(row scanner) (v shard, err error) {
		return v, row.Scan(&v.id, &v.low, &v.high)
	}, "SELECT id, low, high FROM shards WHERE user_id = ? AND count > 0 ORDER BY low DESC", f.user)
	if err != nil {
		return err
	}
	c, paged := parseCursor(f.view.Cursor)
	for i := range shards {
		sh := shards[i]
		if paged && f.view.Newer {
			sh = shards[len(shards)-1-i]
		}
		if paged && !f.view.Newer && sh.low >= c.key || paged && f.view.Newer && sh.high <= c.key {
			continue
		}
		if more, err := f.eachIn(ctx, sh.id, found); err != nil || !more {
			return err
		}
	}
	return nil
}

// eachIn walks through one shard. FTS5 leads: it gives rows in the order of their
// numbers, so the first hits cost no more than themselves.
func (f *finder) eachIn(ctx context.Context, shard int64, found func(hit) bool) (more bool, err error) {
	fts := fmt.Sprintf("fts_%d", shard)
	where, args := f.view.conditions(f.user)
	where = append([]string{fts + " MATCH ?", "d.user_id = ?", "d.doc = " + fts + ".rowid", "m.id = d.message_id"}, where...)
	args = append([]any{f.filter.fts.String(), f.user}, args...)
	where, args = append(where, f.filter.sql...), append(args, f.filter.args...)
	order := "DESC"
	if c, ok := parseCursor(f.view.Cursor); ok {
		cmp := "<"
		if f.view.Newer {
			cmp, order = ">", "ASC"
		}
		where, args = append(where, fts+".rowid "+cmp+" ?"), append(args, c.key)
	}
	tables := "data.messages m"
	if f.view.Label != 0 {
		where = append(where, "l.message_id = m.id")
		tables += " CROSS JOIN data.message_labels l"
	}
	// CROSS JOIN keeps SQLite from leading with another table.
	rows, err := f.store.index.read.QueryContext(ctx, fmt.Sprintf(
		"SELECT %[1]s, d.doc FROM %[2]s CROSS JOIN docs d CROSS JOIN %[5]s WHERE %[3]s ORDER BY %[2]s.rowid %[4]s",
		summaryColumns, fts, strings.Join(where, " AND "), order, tables), args...)
	if err != nil {
		return false, err
	}
	return f.pass(ctx, rows, found)
}

// eachUnindexed walks through a search that names no text, in the messages
// themselves: those that are not indexed yet are found too.
func (f *finder) eachUnindexed(ctx context.Context, found func(hit) bool) error {
	where, args := f.view.conditions(f.user)
	where, args = append(where, f.filter.sql...), append(args, f.filter.args...)
	received, id, tables := f.view.order()
	order := "DESC"
	if c, ok := parseCursor(f.view.Cursor); ok {
		cmp := "<"
		if f.view.Newer {
			cmp, order = ">", "ASC"
		}
		where, args = append(where, fmt.Sprintf("(%s, %s) %s (?, ?)", received, id, cmp)), append(args, c.key, c.id)
	}
	rows, err := f.store.data.read.QueryContext(ctx, fmt.Sprintf(
		"SELECT %s, m.received FROM %s WHERE %s ORDER BY %[4]s %[6]s, %[5]s %[6]s",
		summaryColumns, tables, strings.Join(where, " AND "), received, id, order), args...)
	if err != nil {
		return err
	}
	_, err = f.pass(ctx, rows, found)
	return err
}

// pass hands on the rows that really match: SQL finds a superset where the index
// does not know the order of words.
func (f *finder) pass(ctx context.Context, rows *sql.Rows, found func(hit) bool) (more bool, err error) {
	defer rows.Close()
	for rows.Next() {
		var h hit
		if h.Summary, err = scanSummary(trailing{rows, []any{&h.doc}}); err != nil {
			return false, err
		}
		if f.filter.check {
			ok, err := f.matches(ctx, h.Summary)
			if err != nil {
				return false, err
			}
			if !ok {
				continue
			}
		}
		if !found(h) {
			return false, nil
		}
	}
	return true, rows.Err()
}

// matches compares a message's own text with the search.
func (f *finder) matches(ctx context.Context, m Summary) (bool, error) {
	fields, err := one(ctx, f.store.data.read, func(row scanner) (map[query.Field]string, error) {
		var envelope, structure string
		var text []byte
		if err := row.Scan(&envelope, &structure, &text); err != nil {
			return nil, err
		}
		return searchFields(m.Subject, envelope, structure, text)
	}, "SELECT envelope, structure, text FROM readings WHERE message_id = ?", m.ID)
	if errors.Is(err, ErrNotFound) {
		return false, nil // purged while we looked
	}
	if err != nil {
		return false, err
	}
	return f.filter.holds(m, fields), nil
}
