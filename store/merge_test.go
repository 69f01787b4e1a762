package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"postern/internal/query"
	"postern/store"
)

// Housekeeping leaves one segment of each table of the index, and every word is found as
// before.
func TestHousekeepingMergesTheIndex(t *testing.T) {
	defer store.SetShardSize(40)()
	h := newHousehold(t)
	ctx := context.Background()
	day := time.Date(2026, 1, 2, 8, 0, 0, 0, time.UTC)
	for i := range 120 {
		at := day.Add(time.Duration(i) * time.Hour)
		h.deliver(fmt.Sprintf("From: lina@example.com\nDate: %s\nSubject: number%d\n\nevery word%d 会议安排\n", at.Format(time.RFC1123Z), i, i))
		if i%10 == 9 {
			h.check(h.IndexAll(ctx)) // a segment each
		}
	}
	all, _ := h.searchAll(query.Parse("every", time.Now()), 0, 1000)
	if len(all) != 120 {
		t.Fatalf("%d of 120 are found", len(all))
	}
	if segments := h.segments(); segments["fts_1"] < 2 || segments["head_1"] < 2 {
		t.Fatalf("segments before: %v", segments)
	}
	h.check(h.Housekeep(ctx))
	for table, n := range h.segments() {
		if n != 1 {
			t.Errorf("%s has %d segments", table, n)
		}
	}
	if again, _ := h.searchAll(query.Parse("every", time.Now()), 0, 1000); fmt.Sprint(again) != fmt.Sprint(all) {
		t.Errorf("found after merging: %v, before: %v", again, all)
	}
	for i := range 120 {
		if n := len(h.found(fmt.Sprintf("word%d number%d 安排", i, i))); n != 1 {
			t.Errorf("message %d: %d hits", i, n)
		}
	}
	if found := h.checkStore(false); len(found) > 0 {
		t.Error(found)
	}
}

// segments counts the segments of each FTS5 table.
func (h *household) segments() map[string]int {
	h.t.Helper()
	segments := map[string]int{}
	names, err := h.Names("SELECT substr(name, 1, length(name) - 4) FROM sqlite_schema WHERE name LIKE 'fts!_%!_idx' ESCAPE '!' OR name LIKE 'head!_%!_idx' ESCAPE '!'")
	h.check(err)
	for _, name := range names {
		segments[name], err = h.Count("SELECT count(DISTINCT segid) FROM " + name + "_idx")
		h.check(err)
	}
	return segments
}

// Mail that comes nearly in order fills one shard after the other.
func TestMailNearlyInOrderMakesNoSmallShards(t *testing.T) {
	const size, messages = 10, 400
	defer store.SetShardSize(size)()
	h := newHousehold(t)
	r := rand.New(rand.NewPCG(1, 2))
	day := time.Date(2026, 1, 2, 8, 0, 0, 0, time.UTC)
	for i := range messages {
		at := day.Add(time.Duration(i)*time.Hour - time.Duration(r.IntN(600))*time.Minute)
		h.deliver(fmt.Sprintf("From: lina@example.com\nDate: %s\nSubject: number%d\n\nword\n", at.Format(time.RFC1123Z), i))
		if r.IntN(3) == 0 {
			h.check(h.IndexAll(context.Background()))
		}
	}
	h.check(h.IndexAll(context.Background()))
	shards, err := h.Count("SELECT count(*) FROM shards")
	h.check(err)
	if shards > messages/size {
		t.Errorf("%d shards for %d messages, of %d each", shards, messages, size)
	}
}
