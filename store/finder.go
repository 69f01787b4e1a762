package store

import (
	"context"
	"math"
	"slices"

	"postern/internal/query"
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
// messages, only these are looked for, however common the words are.
type finder struct {
	store  *Store
	user   UserID
	view   View
	filter *filter
	match  string // the FTS5 expression; "": the search names no text
	few    *few   // the messages that the filters leave, if these are few
	sought bool   // it was found out whether they are
	from   place

	first   int   // how many candidates are compared at first
	moved   bool  // each has passed something
	reached place // how far
}

func (s *Store) newFinder(ctx context.Context, user UserID, v View) (*finder, error) {
	var names names
	if namesAny(v.Query.Root) {
		var err error
		if names, err = s.names(ctx, user); err != nil {
			return nil, err
		}
	}
	f := &finder{store: s, user: user, view: v, filter: compile(v.Query.Root, user, names), first: firstCompared}
	if c, ok := parseCursor(v.Cursor); ok {
		f.from = place{true, c.key, MessageID(c.id)}
	}
	if f.reached = f.from; !f.from.set {
		f.reached = place{true, math.MaxInt64, math.MaxInt64} // the beginning, as a cursor
	}
	if v.Account != 0 {
		f.filter.narrowAccounts([]AccountID{v.Account})
	}
	f.match = f.filter.match()
	return f, nil
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
	if parts := f.compared(); len(parts) > 0 {
		return f.eachCompared(ctx, from, parts, found)
	}
	return f.candidates(ctx, from, func(h hit) (more bool, err error) {
		more = found(h)
		f.moved, f.reached = true, place{true, h.key, h.id}
		return more, nil
	})
}

// compared are the parts of the search that each candidate has to be compared with.
func (f *finder) compared() []query.Node {
	if f.few.compared() {
		return slices.Concat(f.filter.unsure, f.filter.texts)
	}
	return f.filter.unsure
}

// eachCompared does the same where candidates have to be compared with parts of the
// search: some at a time, more and more of them.
func (f *finder) eachCompared(ctx context.Context, from place, parts []query.Node, found func(hit) bool) error {
	for size := f.first; ; size = min(2*size, mostCompared) {
		var batch []hit
		was := *f
		err := f.candidates(ctx, from, func(h hit) (bool, error) {
			batch = append(batch, h)
			return len(batch) < size, nil
		})
		if len(batch) == 0 {
			return err
		}
		moved, reached := f.moved, f.reached
		f.moved, f.reached = was.moved, was.reached // nothing is passed before it is compared
		var holds []bool
		if err == nil {
			holds, err = f.compare(ctx, batch, parts)
		}
		if err != nil {
			return err
		}
		for i, h := range batch {
			f.moved, f.reached, from = true, place{true, h.key, h.id}, place{true, h.key, h.id}
			if holds[i] && !found(h) {
				return nil
			}
		}
		if len(batch) < size {
			f.moved, f.reached = moved, reached
			return nil
		}
	}
}

// candidates are the messages that may be hits.
func (f *finder) candidates(ctx context.Context, from place, try func(hit) (more bool, err error)) error {
	switch {
	case f.few.compared():
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
		s, ok := f.documents(t), true
		if f.few != nil {
			s, ok, err = f.fewDocuments(t)
		}
		more := true
		if ok && err == nil {
			more, err = f.walk(ctx, s, try)
		}
		if err != nil || !more {
			return err
		}
		if f.moved, f.reached = true, (place{true, t.low, 0}); f.backward() {
			f.reached.key = t.high - 1
		}
	}
	return nil
}

// count counts hits from a place on, up to limit. Where nothing has to be compared,
// SQLite counts.
func (f *finder) count(ctx context.Context, from place, limit int) (n int, err error) {
	forward := *f
	forward.from, forward.first = place{}, firstCounted
	f = &forward
	if f.few != nil || len(f.filter.unsure) > 0 {
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
			selects = append(selects, f.documents(t))
		}
	}
	for _, s := range selects {
		more, err := s.count(ctx, limit-n)
		if n += more; err != nil || n >= limit {
			return n, err
		}
	}
	return n, nil
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
		t := table{shardTable(s.id), s.low, s.high}
		if f.filter.head {
			t.name = headTable(f.user)
		}
		if f.filter.after != math.MinInt64 {
			t.low = max(t.low, slotOf(f.filter.after))
		}
		if f.filter.before != math.MaxInt64 {
			t.high = min(t.high, slotOf(f.filter.before)+1+s.late)
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

func (f *finder) walk(ctx context.Context, s selection, try func(hit) (bool, error)) (more bool, err error) {
	stmt, release, err := s.pool.lend(ctx, s.query+s.order)
	if err != nil {
		return false, err
	}
	defer release()
	rows, err := stmt.QueryContext(ctx, s.args...)
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
