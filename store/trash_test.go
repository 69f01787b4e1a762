package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"postern/internal/seal"
	"postern/store"
)

// TestTrashIsPurgedInTime: what lies in Trash is gone after the days its user wants, counted from when it came there, and
// nothing else is; the copy of what the server has still to delete waits.
func TestTrashIsPurgedInTime(t *testing.T) {
	ctx := context.Background()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s, err := store.Open(ctx, t.TempDir(), store.Options{Key: seal.NewKey(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	h := &household{Store: s, t: t}
	h.user = h.addUser("ann")
	deleting := h.addAccount(store.DeleteOnDelete)
	keeping := h.addAccount(store.Keep)
	days := func(n int) { now = now.Add(time.Duration(n) * 24 * time.Hour) }
	here := func(id store.MessageID) bool {
		t.Helper()
		h.check(h.Housekeep(ctx))
		_, err := h.Message(ctx, h.user, id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil
	}

	h.account = keeping
	old, restored, kept := h.deliver(mail(1, "Old", "text")), h.deliver(mail(2, "Restored", "text")), h.deliver(mail(3, "Kept", "text"))
	h.account = deleting
	waiting := h.deliverAs("waits", mail(4, "Waiting", "text")).ID
	h.act(store.ToArchive, kept)
	h.act(store.Delete, old, restored, waiting)
	days(29)
	h.act(store.Restore, restored)
	h.act(store.Delete, restored) // from now on
	h.act(store.Star, old)        // which is no new beginning
	if !here(old) {
		t.Error("gone after 29 days")
	}
	days(1)
	if here(old) {
		t.Error("there after 30 days")
	}
	if !here(restored) || !here(kept) || !here(waiting) {
		t.Error("what came to Trash yesterday, lies elsewhere or waits for its server is gone")
	}
	_, err = h.ApplyListing(ctx, h.acct(), store.Listing{Missing: []string{"waits"}})
	h.check(err)
	if here(waiting) {
		t.Error("there though its server has deleted it")
	}
	h.check(h.SetPreferences(ctx, h.user, store.Preferences{TrashDays: store.ForEver}))
	days(1000)
	if !here(restored) {
		t.Error("gone though nothing is to be purged")
	}
	h.check(h.SetPreferences(ctx, h.user, store.Preferences{TrashDays: 365}))
	days(1) // after so long a time off, the clock is looked at for a day
	if here(restored) {
		t.Error("there after a thousand days of 365")
	}
	if again := h.deliverAs("waits", mail(4, "Waiting", "text")); again.Outcome != store.Proved || again.ID != 0 {
		t.Errorf("what was purged came again: %+v", again)
	}
	for _, finding := range h.checkStore(false) {
		t.Errorf("check: %s", finding)
	}
}

// TestClockLeaps: a clock that leaps ahead by years purges nothing until Postern has run for a day with it, and nothing at
// all when it is set right before.
func TestClockLeaps(t *testing.T) {
	ctx := context.Background()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s, err := store.Open(ctx, t.TempDir(), store.Options{Key: seal.NewKey(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	h := &household{Store: s, t: t}
	h.user = h.addUser("ann")
	h.account = h.addAccount(store.Keep)
	id := h.deliver(mail(1, "Deleted", "text"))
	h.act(store.Delete, id)
	run := func(hours int) (there bool) {
		t.Helper()
		for range hours {
			now = now.Add(time.Hour)
			h.check(h.Housekeep(ctx))
		}
		_, err := h.Message(ctx, h.user, id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil
	}
	run(30)
	for range 3 {
		now = now.AddDate(10, 0, 0)
		if !run(23) {
			t.Fatal("purged within a day of a leap of the clock")
		}
		now = now.AddDate(-10, 0, 0)
		if !run(26) {
			t.Fatal("purged with the clock set right")
		}
	}
	now = now.AddDate(0, 2, 0)
	if run(26) {
		t.Error("there after two months, and a day of running")
	}
}

// TestImportedTrash: mail that is imported into Trash is as new there as what is deleted.
func TestImportedTrash(t *testing.T) {
	ctx := context.Background()
	h := newHousehold(t)
	in := incoming(t, "", mail(1, "Old", "text"))
	in.Mailbox = store.Trash
	kept, err := h.ImportMessages(ctx, h.user, []store.Incoming{in})
	h.check(err)
	h.check(h.Housekeep(ctx))
	h.message(kept[0].ID)
}
