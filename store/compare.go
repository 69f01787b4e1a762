package store

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"

	"postern/internal/query"
)

// How many candidates are compared with a search at first, where a page is wanted or only
// their number, and at most, before the next ones are looked for.
const (
	firstCompared = 64
	firstCounted  = 16
	mostCompared  = 256
	mostLinked    = 1024 // of those that their links may rule out
)

// compare tells for each of some messages whether it holds for parts of the search.
func (f *finder) compare(ctx context.Context, hits []hit, parts []query.Node) ([]bool, error) {
	holds := make([]bool, len(hits))
	left := make([]int, 0, len(hits)) // those that are not ruled out
	may, err := f.store.linked(ctx, hits, linksOf(parts))
	if err != nil {
		return nil, err
	}
	for i, h := range hits {
		if may == nil || may[h.id] {
			left = append(left, i)
		}
	}
	for some := range slices.Chunk(left, mostCompared) {
		if err := f.compareSome(ctx, hits, some, parts, holds); err != nil {
			return nil, err
		}
	}
	return holds, nil
}

// compareSome notes of some of the hits whether they hold.
func (f *finder) compareSome(ctx context.Context, all []hit, which []int, parts []query.Node, holds []bool) error {
	hits, candidates := make([]hit, len(which)), make([]*candidate, len(which))
	for i, n := range which {
		hits[i] = all[n]
		candidates[i] = &candidate{ctx: ctx, store: f.store, filter: f.filter, id: all[n].id}
	}
	if slices.ContainsFunc(parts, readsText) {
		if err := f.store.readTexts(ctx, hits, candidates); err != nil {
			return err
		}
	}
	errs := make([]error, len(which))
	var group sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), 4)
	for w := range workers {
		group.Go(func() {
			for i := w; i < len(which); i += workers {
				if errs[i] = ctx.Err(); errs[i] != nil {
					return
				}
				holds[which[i]], errs[i] = candidates[i].holdsAll(parts)
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// readsText tells whether a part of a search is about what a message says.
func readsText(node query.Node) bool {
	switch n := node.(type) {
	case query.Text, query.ID:
		return true
	case query.And:
		return slices.ContainsFunc(n, readsText)
	case query.Or:
		return slices.ContainsFunc(n, readsText)
	case query.Not:
		return readsText(n.Node)
	}
	return false
}

// readTexts gives candidates their texts, with one query for all of them.
func (s *Store) readTexts(ctx context.Context, hits []hit, candidates []*candidate) error {
	list, err := idList(hits)
	if err != nil {
		return err
	}
	_, err = collect(ctx, s.data.read, func(row scanner) (struct{}, error) {
		var at, attachments int
		var t texts
		err := row.Scan(&at, &t.subject, &t.stored, &t.text, &attachments)
		if err == nil && attachments > 0 {
			id := candidates[at].id
			t.attached = func() (string, error) { return s.attachedText(ctx, id) }
		}
		if err == nil {
			candidates[at].texts = &t
		}
		return struct{}{}, err
	}, "SELECT j.key, m.subject, "+storedReading+`, r.text, m.attachments
		FROM json_each(?) j CROSS JOIN messages m ON m.id = j.value CROSS JOIN readings r ON r.message_id = m.id`, list)
	return err
}
