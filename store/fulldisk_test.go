package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"postern/store"
)

// The disk gets full at any page of whatever is done: that is then done not at all, the
// store says why, everything is read as before, and once there is room it goes on.
func TestFullDiskAtAnyPage(t *testing.T) {
	t.Cleanup(store.SetRemovalPatience(0))
	ctx := context.Background()
	r := rand.New(rand.NewPCG(4, 2))
	noise := func(n int) string {
		var b strings.Builder
		for range n {
			fmt.Fprintf(&b, "%x\n", r.Uint64())
		}
		return b.String()
	}
	h := newHousehold(t)
	h.deliver(mail(0, "Mail 0", "needle"))
	refused := 0
	n := 0
	all := func() (ids []store.MessageID) {
		p, err := h.Messages(ctx, h.user, store.View{Mailbox: store.Inbox, Limit: 1000})
		h.check(err)
		for _, m := range p.Messages {
			ids = append(ids, m.ID)
		}
		return ids
	}
	state := func() string {
		labels, err := h.Labels(ctx, h.user)
		h.check(err)
		past, err := h.History(ctx, h.user, 1000)
		h.check(err)
		waiting, err := h.WaitingDeletions(ctx, h.user)
		h.check(err)
		counts, err := h.Counts(ctx, h.user)
		h.check(err)
		searches, err := h.SavedSearches(ctx, h.user)
		h.check(err)
		accounts, err := h.Accounts(ctx, h.user)
		h.check(err)
		return fmt.Sprint(all(), labels, len(past), waiting, counts, searches, len(accounts))
	}
	for round := range 60 {
		h.check(h.LimitDisk(r.IntN(4)))
		before := state()
		var do func() error
		switch round % 6 {
		case 0, 1, 2:
			n++
			var in []store.Incoming
			for i := range 1 + r.IntN(3) {
				in = append(in, incoming(t, fmt.Sprintf("full-%d-%d", n, i), mail(n, fmt.Sprint("Mail ", n), "needle "+noise(10+r.IntN(8000)))))
			}
			do = func() error {
				_, err := h.AddMessages(ctx, h.acct(), in)
				return err
			}
		case 3:
			ids := all()
			do = func() error {
				_, err := h.Act(ctx, h.user, store.Delete, ids[:1])
				return err
			}
		case 4:
			name, ids := fmt.Sprint("Label ", round, strings.Repeat("x", 60)), all()
			do = func() error {
				_, err := h.Label(ctx, h.user, name, true, ids)
				return err
			}
		case 5:
			do = func() error {
				_, err := h.SaveSearch(ctx, h.user, store.SavedSearch{Name: fmt.Sprint("Search ", round), Query: strings.Repeat("x ", 2000)})
				return err
			}
		}
		if err := do(); err != nil {
			refused++
			if h.DiskTrouble() == nil {
				t.Errorf("round %d: %v, and the disk is not to blame", round, err)
			}
			if after := state(); after != before && round%6 != 4 { // a label may be there without messages
				t.Errorf("round %d: half of it was done:\n%s, before\n%s", round, after, before)
			}
			h.check(h.LimitDisk(-1))
			if err := do(); err != nil {
				t.Fatalf("round %d: with room again: %v", round, err)
			}
			if err := h.DiskTrouble(); err != nil {
				t.Errorf("round %d: with room again: %v", round, err)
			}
			h.check(h.LimitDisk(0))
		}
		if err := h.IndexAll(ctx); err != nil {
			refused++
		}
	}
	h.check(h.LimitDisk(-1))
	if refused < 10 {
		t.Errorf("the disk was full only %d times", refused)
	}
	h.check(h.IndexAll(ctx))
	found, _ := h.searchAll(needle(), store.Inbox, 100)
	if want := all(); !sameSet(found, want) {
		t.Errorf("found %v, want %v", found, want)
	}
	for _, finding := range h.checkStore(false) {
		t.Errorf("check: %s", finding)
	}
}

// A disk that turns read-only stops what writes and nothing else, and is told; when it can be
// written again, all goes on.
func TestReadOnlyDisk(t *testing.T) {
	ctx := context.Background()
	h := newHousehold(t)
	h.account = h.addAccount(store.Keep)
	id := h.deliver(mail(1, "Mail 1", "needle"))
	gone := h.deliver(mail(2, "Mail 2", "needle"))
	h.act(store.Delete, gone)
	h.act(store.Purge, gone)
	h.check(h.IndexAll(ctx))
	h.check(h.MakeReadOnly(true))
	for name, do := range map[string]func() error{
		"add": func() error {
			_, err := h.AddMessages(ctx, h.acct(), []store.Incoming{incoming(t, "uid-3", mail(3, "Mail 3", "needle"))})
			return err
		},
		"a large one": func() error {
			_, err := h.AddMessages(ctx, h.acct(), []store.Incoming{incoming(t, "uid-4", mail(4, "Mail 4", strings.Repeat("needle ", 2<<20)))})
			return err
		},
		"act":   func() error { _, err := h.Act(ctx, h.user, store.Star, []store.MessageID{id}); return err },
		"label": func() error { _, err := h.Label(ctx, h.user, "Work", true, []store.MessageID{id}); return err },
		"list": func() error {
			_, err := h.ApplyListing(ctx, h.acct(), store.Listing{Missing: []string{"uid-1"}})
			return err
		},
		"housekeep": func() error { return h.Housekeep(ctx) },
		"remove":    func() error { return h.RemoveAccount(ctx, h.user, h.account, false) },
	} {
		if err := do(); err == nil {
			t.Errorf("%s: done on a disk that is read-only", name)
		}
		if h.DiskTrouble() == nil {
			t.Errorf("%s: the disk is not to blame", name)
		}
	}
	m := h.message(id)
	o, err := h.Octets(ctx, h.user, id)
	h.check(err)
	h.check(o.Verify())
	p, err := h.Messages(ctx, h.user, store.View{Query: needle()})
	h.check(err)
	if len(p.Messages) != 1 || m.Starred || len(m.Labels) > 0 || m.Server != store.ServerPresent {
		t.Errorf("what is there: %+v, %d found", m.Summary, len(p.Messages))
	}
	h.check(h.MakeReadOnly(false))
	h.deliverAs("uid-3", mail(3, "Mail 3", "needle"))
	h.check(h.DiskTrouble())
	h.check(h.Housekeep(ctx))
	if n := len(h.found("needle")); n != 2 {
		t.Errorf("%d found when it can be written again", n)
	}
	for _, finding := range h.checkStore(false) {
		t.Errorf("check: %s", finding)
	}
}
