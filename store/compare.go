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
)

// compare tells for each of some messages whether it holds for parts of the search.
func (f *finder) compare(ctx context.Context, hits []hit, parts []query.Node) ([]bool, error) {
	candidates := make([]*candidate, len(hits))
	for i, h := range hits {
		candidates[i] = &candidate{ctx: ctx, store: f.store, filter: f.filter, id: h.id}
	}
	if slices.ContainsFunc(parts, readsText) {
		if err := f.store.readTexts(ctx, hits, candidates); err != nil {
			return nil, err
		}
	}
	holds := make([]bool, len(hits))
	errs := make([]error, len(hits))
	var group sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), 4)
	for w := range workers {
		group.Go(func() {
			for i := w; i < len(hits); i += workers {
				if errs[i] = ctx.Err(); errs[i] != nil {
					return
				}
				holds[i], errs[i] = candidates[i].holdsAll(parts)
			}
		})
	}
	group.Wait()
	return holds, errors.Join(errs...)
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
