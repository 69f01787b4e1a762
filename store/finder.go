package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// place is where in the order of a search something begins: after the hit of this key
// and message. The zero place is the beginning.
type place struct {
	set bool
	key int64
	id  MessageID
}

func (p place) String() string { return cursor{p.key, int64(p.id)}.String() }

// finder walks through the hits of one search. There are three ways to go: FTS5 leads
// where the search names text; the messages themselves are read where it does not, so
// that those not indexed yet are found too; and where the other filters leave few
// messages, each of these is compared with the text, however common its words are.
type finder struct {
	store  *Store
	user   UserID
	view   View
	filter *filter
	match  string // the FTS5 expression; "": the search names no text
	few    []hit  // the messages that the filters leave, newest first
	isFew  bool
	from   place

	moved   bool  // each has passed something
	reached place // how far
}

func (s *Store) newFinder(ctx context.Context, user UserID, v View) (*finder, error) {
	names, err := s.names(ctx, user)
	if err != nil {
		return nil, err
	}
	f := &finder{store: s, user: user, view: v, filter: compile(v.Query.Root, user, names)}
	if c, ok := parseCursor(v.Cursor); ok {
		f.from = place{true, c.key, MessageID(c.id)}
	}
	f.reached = f.from
	if v.Account != 0 {
		f.filter.narrowAccounts([]AccountID{v.Account})
	}
	f.match = f.filter.match()
	return f, f.findFew(ctx)
}

// conditions are the SQL terms that every hit meets.
func (f *finder) conditions() (where []string, args []any) {
	where, args = f.view.conditions(f.user)
	return append(where, f.filter.sql...), append(args, f.filter.args...)
}

// backward tells whether the finder walks from old to new.
func (f *finder) backward() bool { return f.from.set && f.view.Newer }

// each calls found for each hit in the view's direction from a place, until it returns
// false.
func (f *finder) each(ctx context.Context, from place, found func(hit) bool) error {
	parts := f.filter.unsure
	if f.isFew {
		parts = append(slices.Clone(parts), f.filter.texts...)
	}
	return f.candidates(ctx, from, func(h hit) (more bool, err error) {
		ok := true
		if len(parts) > 0 {
			ok, err = f.store.holds(ctx, f.filter, h.id, parts)
		}
		if err != nil {
			return false, err
		}
		more = !ok || found(h)
		f.moved, f.reached = true, place{true, h.key, h.id}
		return more, nil
	})
}

// candidates are the messages that may be hits.
func (f *finder) candidates(ctx context.Context, from place, try func(hit) (more bool, err error)) error {
	switch {
	case f.isFew:
		return f.eachOfFew(from, try)
	case f.match == "":
		_, err := f.walk(ctx, f.messages(from), try)
		return err
	}
	tables, err := f.tables(ctx, from)
	if err != nil {
		return err
	}
	for _, t := range tables {
		more, err := f.walk(ctx, f.documents(t, from), try)
		if err != nil || !more {
			return err
		}
		if !f.backward() {
			f.moved, f.reached = true, place{true, t.low, 0}
		}
	}
	return nil
}

// count counts hits from a place on, up to limit. Where nothing has to be compared,
// SQLite counts.
func (f *finder) count(ctx context.Context, from place, limit int) (n int, err error) {
	forward := *f
	forward.from = place{}
	f = &forward
	if f.isFew || len(f.filter.unsure) > 0 {
		err = f.each(ctx, from, func(hit) bool { n++; return n < limit })
		return n, err
	}
	selects := []selection{f.messages(from)}
	if f.match != "" {
		tables, err := f.tables(ctx, from)
		if err != nil {
			return 0, err
		}
		selects = selects[:0]
		for _, t := range tables {
			selects = append(selects, f.documents(t, from))
		}
	}
	for _, s := range selects {
		var more int
		err := s.pool.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 "+s.from+" LIMIT ?)", append(s.args, limit-n)...).Scan(&more)
		if n += more; err != nil || n >= limit {
			return n, err
		}
	}
	return n, nil
}

// selection is a SELECT of hits in order: columns, then FROM and WHERE, then ORDER BY.
type selection struct {
	pool                 *pool
	columns, from, order string
	args                 []any
}

// messages selects the messages themselves.
func (f *finder) messages(from place) selection {
	where, args := f.conditions()
	beyond, dir := f.direction()
	received, id, tables := f.view.order()
	if from.set {
		where, args = append(where, fmt.Sprintf("(%s, %s) %s (?, ?)", received, id, beyond)), append(args, from.key, from.id)
	}
	return selection{f.store.data.read, "m.received, m.id", "FROM " + tables + " WHERE " + strings.Join(where, " AND "),
		fmt.Sprintf("ORDER BY %[1]s %[3]s, %[2]s %[3]s", received, id, dir), args}
}

func (f *finder) direction() (beyond, dir string) {
	if f.backward() {
		return ">", "ASC"
	}
	return "<", "DESC"
}

// table is an FTS5 table with the documents it may hold hits among: low <= doc < high.
type table struct {
	name      string
	low, high int64
}

// tables are those that may hold hits, in the order of the walk.
func (f *finder) tables(ctx context.Context, from place) ([]table, error) {
	type shard struct{ id, low, high, late int64 }
	shards, err := collect(ctx, f.store.index.read, func(row scanner) (v shard, err error) {
		return v, row.Scan(&v.id, &v.low, &v.high, &v.late)
	}, "SELECT id, low, high, late FROM shards WHERE user_id = ? AND count > 0 ORDER BY low DESC", f.user)
	if err != nil || len(shards) == 0 {
		return nil, err
	}
	if f.filter.head {
		all := shard{low: math.MinInt64, high: math.MaxInt64}
		for _, s := range shards {
			all.late = max(all.late, s.late)
		}
		shards = []shard{all}
	}
	if f.backward() {
		slices.Reverse(shards)
	}
	var tables []table
	for _, s := range shards {
		t := table{shardTable(s.id), max(s.low, f.filter.after), s.high}
		if f.filter.head {
			t.name = headTable(f.user)
		}
		if f.filter.before < math.MaxInt64-s.late {
			t.high = min(t.high, f.filter.before+s.late)
		}
		switch {
		case from.set && f.backward():
			t.low = max(t.low, from.key+1)
		case from.set:
			t.high = min(t.high, from.key)
		}
		if t.low < t.high {
			tables = append(tables, t)
		}
	}
	return tables, nil
}

// documents selects the documents of a table. FTS5 leads: it gives rows in the order of
// their numbers, so the first hits cost no more than themselves. CROSS JOIN keeps
// SQLite from leading with another table.
func (f *finder) documents(t table, from place) selection {
	where, args := f.conditions()
	where = append([]string{t.name + " MATCH ?", "d.user_id = ?", "d.doc = " + t.name + ".rowid", "m.id = d.message_id"}, where...)
	args = append([]any{f.match, f.user}, args...)
	if t.low != math.MinInt64 {
		where, args = append(where, t.name+".rowid >= ?"), append(args, t.low)
	}
	if t.high != math.MaxInt64 {
		where, args = append(where, t.name+".rowid < ?"), append(args, t.high)
	}
	messages := "data.messages m"
	if f.view.Label != 0 {
		messages += " CROSS JOIN data.message_labels l"
		where = append(where, "l.message_id = m.id")
	}
	_, dir := f.direction()
	return selection{f.store.index.read, "d.doc, m.id",
		"FROM " + t.name + " CROSS JOIN docs d CROSS JOIN " + messages + " WHERE " + strings.Join(where, " AND "),
		fmt.Sprintf("ORDER BY %s.rowid %s", t.name, dir), args}
}

func (f *finder) walk(ctx context.Context, s selection, try func(hit) (bool, error)) (more bool, err error) {
	rows, err := s.pool.QueryContext(ctx, "SELECT "+s.columns+" "+s.from+" "+s.order, s.args...)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	for rows.Next() {
		var h hit
		if err := rows.Scan(&h.key, &h.id); err != nil {
			return false, err
		}
		if more, err := try(h); err != nil || !more {
			return false, err
		}
	}
	return true, rows.Err()
}

// Where the filters leave at most fewMessages, which it may take fewTime to find out,
// comparing all their texts is quicker than passing through all hits of a common word.
const (
	fewMessages = 1000
	fewTime     = 10 * time.Millisecond
)

// findFew notes the messages that the filters leave, if they are few.
func (f *finder) findFew(ctx context.Context) error {
	narrow := len(f.filter.sql) > 0 || f.view.Starred || f.view.Account != 0 || f.view.Label != 0
	if f.match != "" && !narrow || f.match == "" && f.filter.label == nil {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, fewTime)
	defer cancel()
	where, args := f.conditions()
	_, _, tables := f.view.order()
	if f.filter.label != nil { // lead with the label: SQLite would not know how few have it
		tables = "message_labels few CROSS JOIN " + tables
		where = append(where, "few.label_id = ? AND m.id = few.message_id")
		args = append(args, f.filter.labelID(f.filter.label.Name))
	}
	rows, err := f.store.data.read.QueryContext(limited, "SELECT m.received, m.id FROM "+tables+" WHERE "+strings.Join(where, " AND ")+" LIMIT ?", append(args, fewMessages+1)...)
	var few []hit
	if err == nil {
		few, err = scanAll(rows, scanHit)
	}
	if limited.Err() != nil || len(few) > fewMessages {
		return ctx.Err()
	}
	if err == nil && f.match != "" {
		few, err = f.numbered(ctx, few)
	}
	slices.SortFunc(few, func(a, b hit) int { return cmp.Or(cmp.Compare(b.key, a.key), cmp.Compare(b.id, a.id)) })
	f.few, f.isFew = few, true
	return err
}

func scanHit(row scanner) (h hit, err error) { return h, row.Scan(&h.key, &h.id) }

// numbered gives messages their document numbers, and leaves out those that have none yet.
func (f *finder) numbered(ctx context.Context, hits []hit) ([]hit, error) {
	list, err := idList(hits)
	if err != nil {
		return nil, err
	}
	return collect(ctx, f.store.index.read, scanHit, "SELECT d.doc, d.message_id FROM json_each(?) j CROSS JOIN docs d ON d.message_id = j.value", list)
}

func (f *finder) eachOfFew(from place, try func(hit) (bool, error)) error {
	few := f.few
	if f.backward() {
		few = slices.Clone(few)
		slices.Reverse(few)
	}
	for _, h := range few {
		side := cmp.Or(cmp.Compare(h.key, from.key), cmp.Compare(h.id, from.id))
		if from.set && (f.backward() && side <= 0 || !f.backward() && side >= 0) {
			continue
		}
		if more, err := try(h); err != nil || !more {
			return err
		}
	}
	return nil
}
