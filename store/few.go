package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// few are the messages that the filters of a search by text leave, newest first.
type few struct {
	hits  []hit
	texts bool // are compared with the search
}

// Where the filters leave at most fewMessages, which it may take fewTime to find out,
// FTS5 is asked for these alone. Up to fewTexts their texts are compared with the search, which
// is quicker than passing through all hits of a common word; of a very common word the newest
// are soon found by comparing, however many there are.
const (
	fewMessages = 2000
	fewTime     = 50 * time.Millisecond
)

var ( // tests make them small
	fewTexts   = 200
	sampled    = 4000 // of the newest messages are looked at to see how common a search is
	veryCommon = 500  // of these have what it names
)

// compared tells whether the texts of the few are compared.
func (f *few) compared() bool { return f != nil && f.texts }

// mayLeaveFew tells whether it is still worth finding out whether the filters leave few messages.
func (f *finder) mayLeaveFew() bool { return f.match != "" && !f.sought && f.lead().rare }

// findFew notes the messages that the filters leave, if they are few.
func (f *finder) findFew(ctx context.Context) error {
	if !f.mayLeaveFew() {
		return nil
	}
	f.sought = true
	limited, cancel := context.WithTimeout(ctx, fewTime)
	defer cancel()
	s := f.messages(place{})
	stmt, release, err := s.pool.lend(ctx, s.query+" LIMIT ?")
	if err != nil {
		return err
	}
	defer release()
	rows, err := stmt.QueryContext(limited, append(s.args, fewMessages+1)...)
	var hits []hit
	if err == nil {
		hits, err = scanAll(rows, scanHit)
	}
	if limited.Err() != nil || err == nil && len(hits) > fewMessages {
		return ctx.Err()
	}
	if err == nil {
		hits, err = f.numbered(ctx, hits)
	}
	if err != nil {
		return err
	}
	slices.SortFunc(hits, func(a, b hit) int { return b.compare(a) })
	f.few = &few{hits, len(hits) <= fewTexts}
	if !f.few.texts {
		f.few.texts, err = f.common(ctx)
	}
	return err
}

// common tells whether very many of the user's newest messages have what the search names.
func (f *finder) common(ctx context.Context) (bool, error) {
	tables, err := f.tables(ctx, place{})
	if err != nil || len(tables) == 0 {
		return false, err
	}
	t := slices.MaxFunc(tables, func(a, b table) int { return cmp.Compare(a.high, b.high) })
	first, err := one(ctx, f.store.index.read, scanValue[int64], "SELECT coalesce((SELECT doc FROM docs WHERE user_id = ? AND doc < ? ORDER BY doc DESC LIMIT 1 OFFSET ?), ?)",
		f.user, t.high, sampled, t.low)
	if err != nil {
		return false, err
	}
	t.low = max(t.low, first)
	bounds, args := t.bounds()
	n, err := selection{
		pool:  f.store.index.read,
		query: fmt.Sprintf("SELECT 1 FROM %[1]s WHERE %[1]s MATCH ?%[2]s", t.name, bounds),
		args:  append([]any{f.filter.matchWith(nil)}, args...),
	}.count(ctx, veryCommon)
	return n >= veryCommon, err
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

// eachOfFew walks through all of the few.
func (f *finder) eachOfFew(from place, try func(hit) (bool, error)) error {
	hits := f.few.hits
	if f.backward() {
		hits = slices.Clone(hits)
		slices.Reverse(hits)
	}
	for _, h := range hits {
		side := h.compare(hit{from.key, from.id})
		if from.set && (f.backward() && side <= 0 || !f.backward() && side >= 0) {
			continue
		}
		if more, err := try(h); err != nil || !more {
			return err
		}
	}
	return nil
}

// fewDocuments selects those of the few that a table has, by what it says of the text
// alone; false: it can have none of them.
func (f *finder) fewDocuments(t table) (s selection, ok bool, err error) {
	var docs []int64
	for _, h := range f.few.hits {
		if t.low <= h.key && h.key < t.high {
			docs = append(docs, h.key)
		}
	}
	if len(docs) == 0 {
		return s, false, nil
	}
	list, err := json.Marshal(docs)
	if err != nil {
		return s, false, err
	}
	t.low, t.high = docs[len(docs)-1], docs[0]+1
	join, linked, links := f.filter.linked()
	bounds, args := t.bounds()
	_, dir := f.direction()
	// The plus keeps SQLite from asking FTS5 for one row after the other.
	return selection{
		pool: f.store.index.read,
		query: fmt.Sprintf("SELECT d.doc, d.message_id FROM %[1]s CROSS JOIN docs d%[2]s WHERE %[1]s MATCH ? AND +%[1]s.rowid IN (SELECT value FROM json_each(?))%[3]s%[4]s AND d.user_id = ? AND d.doc = %[1]s.rowid",
			t.name, join, linked, bounds),
		order: fmt.Sprintf(" ORDER BY %s.rowid %s", t.name, dir),
		args:  slices.Concat([]any{f.filter.matchWith(nil), string(list)}, links, args, []any{f.user}),
	}, true, nil
}
