package store_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"postern/internal/query"
	"postern/store"
)

// However early a search runs out of time, who searches on gets to its end and misses nothing.
func TestSearchGoesOnBehindAShard(t *testing.T) {
	defer store.SetShardSize(10)()
	g := &generator{rand.New(rand.NewPCG(uint64(fromEnv("POSTERN_SEED", 1)), 6))}
	h := newHousehold(t)
	for i := range 200 {
		h.deliver(g.mail(i))
	}
	h.check(h.IndexAll(context.Background()))
	scan := h.naive()
	cut := 0
	for range fromEnv("POSTERN_SEARCHES", 200) {
		q := query.Parse(g.search(), naiveNow)
		restore, leads := store.SetSearchTime(time.Microsecond<<g.IntN(15), 5*time.Second), store.SetLeadTime(time.Microsecond<<g.IntN(15))
		got, page := h.searchAll(q, 0, 7)
		back := h.searchBack(q, 7)
		restore()
		leads()
		if page.Cut {
			cut++
		}
		want := scan.search(q, 0)
		for way, got := range map[string][]store.MessageID{"to the oldest": got, "back to the newest": back} {
			if !sameSet(got, want) {
				t.Errorf("%s, %s:\nonly the index finds %v\nonly the scan finds %v", q.Source, way, without(got, want), without(want, got))
			}
		}
	}
	if cut == 0 {
		t.Error("no search ran out of time: this proves nothing")
	}
}

// searchBack runs a search from the oldest hit to the newest, page by page.
func (h *household) searchBack(q query.Query, limit int) (ids []store.MessageID) {
	h.t.Helper()
	v := store.View{Query: q, Limit: limit, Newer: true, Cursor: fmt.Sprintf("%d.0", math.MinInt64)}
	for {
		p, err := h.Messages(context.Background(), h.user, v)
		h.check(err)
		for _, m := range p.Messages {
			ids = append(ids, m.ID)
		}
		switch p.Newer {
		case "":
			return ids
		case v.Cursor:
			h.t.Fatalf("%q goes back from %s for ever", q.Source, v.Cursor)
		}
		v.Cursor = p.Newer
	}
}

// A search that has got nowhere, however long it was given, can be tried again and leaves nothing out.
func TestSearchThatGotNowhereIsTriedAgain(t *testing.T) {
	h := newHousehold(t)
	h.deliver(mail(1, "One", "needle"))
	h.check(h.IndexAll(context.Background()))
	restore := store.SetSearchTime(0, 0)
	p, err := h.Messages(context.Background(), h.user, store.View{Query: needle()})
	restore()
	h.check(err)
	if !p.Cut || len(p.Messages) > 0 {
		t.Fatalf("in no time it found %d messages, cut %v", len(p.Messages), p.Cut)
	}
	p, err = h.Messages(context.Background(), h.user, store.View{Query: needle(), Cursor: p.Older})
	h.check(err)
	if len(p.Messages) != 1 {
		t.Errorf("searched on, it found %d messages", len(p.Messages))
	}
}

// Who asks for all of them gets the true number of hits, however little time a page gives to counting or has itself, and
// from each page of the search the same.
func TestAllHitsAreCounted(t *testing.T) {
	defer store.SetCount(20, 0)()
	g := &generator{rand.New(rand.NewPCG(uint64(fromEnv("POSTERN_SEED", 1)), 7))}
	h := newHousehold(t)
	for i := range 200 {
		h.deliver(g.mail(i))
	}
	h.check(h.IndexAll(context.Background()))
	scan := h.naive()
	short := 0
	for i := range fromEnv("POSTERN_SEARCHES", 200) {
		store.SetCount(20, time.Duration(i%2)*time.Minute)
		v := store.View{Query: query.Parse(g.search(), naiveNow), Limit: 3}
		want := len(scan.search(v.Query, 0))
		quick, err := h.Messages(context.Background(), h.user, v)
		h.check(err)
		if quick.More {
			short++
			if quick.Total >= want {
				t.Errorf("%s: there are said to be more than %d hits of %d", v.Query.Source, quick.Total, want)
			}
		} else if quick.Total != want {
			t.Errorf("%s: %d hits are counted quickly, want %d", v.Query.Source, quick.Total, want)
		}
		for _, v.Cursor = range []string{"", quick.Older} {
			v.Count = store.CountAll
			restore := store.SetSearchTime(time.Microsecond<<g.IntN(15), time.Minute)
			all, err := h.Messages(context.Background(), h.user, v)
			restore()
			h.check(err)
			if all.More || all.Total != want {
				t.Errorf("%s, cursor %q: %d hits are counted, more: %v; want %d", v.Query.Source, v.Cursor, all.Total, all.More, want)
			}
		}
	}
	if short == 0 {
		t.Error("no count was cut short: this proves nothing")
	}
}
