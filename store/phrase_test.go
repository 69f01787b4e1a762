package store_test

import (
	"context"
	"fmt"
	"testing"

	"postern/store"
)

// Phrases are found whether the index has links of a message or, as of very long ones, none;
// and again after what is searched has changed.
func TestPhrasesWithAndWithoutLinks(t *testing.T) {
	h := newHousehold(t)
	h.account = h.addAccount(store.Keep)
	ctx := context.Background()
	for i := range 6 {
		h.deliver(mail(i, fmt.Sprintf("number %d", i), []string{"with best regards, Ann", "regards, best of all", "您的验证码是", "验证 证码"}[i%4]))
	}
	want := func(when string) {
		t.Helper()
		for q, hits := range map[string]int{`"best regards"`: 2, `"regards best"`: 2, "验证码": 1, `"with ann"`: 0, `"number 3"`: 1} {
			if got := h.found(q); len(got) != hits {
				t.Errorf("%s: %s finds %q, want %d", when, q, got, hits)
			}
		}
	}
	want("with links")
	links, err := h.Count("SELECT count(*) FROM links")
	if h.check(err); links != 6 {
		t.Errorf("%d filters of 6 messages", links)
	}
	h.check(h.ExecIndex("DELETE FROM links"))
	want("without links")
	if found := h.checkStore(true); len(found) != 1 {
		t.Errorf("check of missing filters: %q", found)
	}

	h.check(h.ExecIndex("UPDATE links SET bits = x'0000'"))
	if got := h.found(`"best regards"`); len(got) != 0 {
		t.Fatalf("filters of nothing rule out nothing: %q", got)
	}
	if found := h.checkStore(true); len(found) != 1 {
		t.Errorf("check of wrong filters: %q", found)
	}
	want("after check --fix")

	h.act(store.Delete, 1)
	h.act(store.Purge, 1)
	h.check(h.Housekeep(ctx))
	h.check(h.IndexAll(ctx))
	links, err = h.Count("SELECT count(*) FROM links WHERE message_id = 1")
	if h.check(err); links != 0 {
		t.Error("the filter of a purged message is left")
	}
}
