package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// searchTime is how long a search may take before it shows what it has found.
var searchTime = 250 * time.Millisecond // tests make it short

// leadTime is how long FTS5 leads before a search finds out whether its filters leave few
// messages: where the page is full by then, that would have been in vain.
var leadTime = 5 * time.Millisecond // tests make it none

// How far, and how long, a search is counted when it has its page, which does not wait for
// a number.
var (
	countSome = 200
	countTime = time.Millisecond // tests make it none
)

// patience is how long a search may take that has not got anywhere in searchTime, so
// that whoever searches on is not sent round in a circle.
var patience = 5 * time.Second // tests make it short

// hit is a message that a search found, by its place in the search's order.
type hit struct {
	key int64 // document number, or time of receipt in a search without text
	id  MessageID
}

// compare orders hits from old to new.
func (h hit) compare(other hit) int {
	return cmp.Or(cmp.Compare(h.key, other.key), cmp.Compare(h.id, other.id))
}

// search finds a page of messages, newest first, within searchTime, and counts the hits.
func (s *Store) search(ctx context.Context, user UserID, v View) (Page, error) {
	f, err := s.newFinder(ctx, user, v)
	if err != nil {
		return Page{}, fmt.Errorf("search: %w", err)
	}
	hits, cut, err := f.page(ctx)
	if err != nil {
		return Page{}, fmt.Errorf("search: %w", s.damaged(ctx, err))
	}
	rows, err := s.summaries(ctx, user, hits)
	if err != nil {
		return Page{}, fmt.Errorf("search: %w", err)
	}
	at := make(map[MessageID]cursor, len(hits))
	for _, h := range hits {
		at[h.id] = cursor{h.key, int64(h.id)}
	}
	p := pageOf(rows, v, func(m Summary) cursor { return at[m.ID] })
	switch p.Cut = cut; {
	case cut && f.backward():
		p.Newer = f.reached.String()
	case cut:
		p.Older = f.reached.String()
	}
	switch v.Count {
	case CountQuickly:
		err = f.total(ctx, &p, hits, max(countSome, v.Limit), countTime)
	case CountAll:
		if err = f.findFew(ctx); err == nil {
			err = f.total(ctx, &p, hits, CountLimit, patience)
		}
	}
	if err != nil {
		return Page{}, fmt.Errorf("search: count: %w", s.damaged(ctx, err))
	}
	return p, nil
}

// page finds the hits of a page, and one more if there is one; cut: time ran out before that.
func (f *finder) page(ctx context.Context) (hits []hit, cut bool, err error) {
	find := func(limit time.Duration) (cut bool, err error) {
		limited, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		from := f.from
		if f.moved {
			from = f.reached
		}
		err = f.each(limited, from, func(h hit) bool {
			hits = append(hits, h)
			return len(hits) <= f.view.Limit
		})
		if cut = err != nil && limited.Err() != nil && ctx.Err() == nil; cut {
			err = nil
		}
		return cut, err
	}
	cut = true
	if f.mayLeaveFew() && f.lead().many {
		cut, err = find(leadTime)
	}
	if cut && err == nil {
		err = f.findFew(ctx)
	}
	if cut && err == nil {
		cut, err = find(searchTime)
	}
	if cut && err == nil && len(hits) == 0 && !f.moved {
		cut, err = find(patience)
	}
	return hits, cut, err
}

// total counts the hits up to limit, as far as there is time; hits are those of the page, and one
// more if there is one.
func (f *finder) total(ctx context.Context, p *Page, hits []hit, limit int, left time.Duration) error {
	n, from := 0, place{}
	if again := p.Cut && f.view.Count == CountAll; !f.from.set && !again { // the page is the beginning
		n = len(hits)
		if p.Cut || n <= f.view.Limit {
			p.Total, p.More = n, p.Cut
			return nil
		}
		from = place{set: true, key: hits[n-1].key, id: hits[n-1].id}
	}
	limited, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	more, err := f.count(limited, from, limit+1-n)
	n += more
	late := err != nil && limited.Err() != nil && ctx.Err() == nil
	if late {
		err = nil
		n = max(n, len(hits), 1) - 1 // of so many it is known that there are more
	}
	p.Total, p.More = min(n, limit), late || n > limit
	return err
}

// searchIDs returns all hits of a search up to limit. It takes the time it needs: an
// action on "all of these" must not miss some.
func (s *Store) searchIDs(ctx context.Context, user UserID, v View, limit int) ([]MessageID, error) {
	v.Cursor = ""
	f, err := s.newFinder(ctx, user, v)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	if err := f.findFew(ctx); err != nil {
		return nil, fmt.Errorf("search: %w", s.damaged(ctx, err))
	}
	var ids []MessageID
	err = f.each(ctx, f.from, func(h hit) bool {
		ids = append(ids, h.id)
		return len(ids) < limit
	})
	if err != nil {
		return nil, fmt.Errorf("search: %w", s.damaged(ctx, err))
	}
	return ids, nil
}

// summaries reads the rows of hits, in their order. What was purged meanwhile is left
// out.
func (s *Store) summaries(ctx context.Context, user UserID, hits []hit) ([]Summary, error) {
	list, err := idList(hits)
	if err != nil {
		return nil, err
	}
	return collect(ctx, s.data.read, scanSummary,
		"SELECT "+summaryColumns+" FROM json_each(?) j CROSS JOIN messages m ON m.id = j.value WHERE m.user_id = ? ORDER BY j.key", list, user)
}

// idList is the messages of hits as a JSON list, for SQLite's json_each.
func idList(hits []hit) (string, error) {
	ids := make([]MessageID, len(hits))
	for i, h := range hits {
		ids[i] = h.id
	}
	list, err := json.Marshal(ids)
	return string(list), err
}
