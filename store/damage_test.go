package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"postern/store"
)

// An octet that has changed on the disk is never read as one that was stored, however the
// chunk it stands in was written; what other chunks hold is read as before.
func TestDamagedOctetsAreNotRead(t *testing.T) {
	ctx := context.Background()
	for codec := range 3 {
		t.Run(fmt.Sprint("codec ", codec), func(t *testing.T) {
			h := newHousehold(t)
			raw := mail(1, "Large", strings.Repeat("0123456789abcdé\n", 40_000))
			id := h.deliver(raw)
			want := []byte(strings.ReplaceAll(raw, "\n", "\r\n"))
			read := func(from, to int) error {
				o, err := h.Octets(ctx, h.user, id)
				h.check(err)
				got, err := io.ReadAll(io.NewSectionReader(o, int64(from), int64(to-from)))
				if !bytes.HasPrefix(want[from:], got) {
					t.Errorf("octets %d to %d are read as something else", from, to)
				}
				if (err == nil) != (o.Err() == nil) {
					t.Errorf("reading says %v, Err %v", err, o.Err())
				}
				return err
			}
			h.check(h.Recode(codec, -1))
			for from := 0; from < len(want); from += 100_000 {
				h.check(read(from, min(from+100_000, len(want))))
			}
			h.check(h.Recode(codec, 1))
			if err := read(300_000, 300_010); !errors.Is(err, store.ErrDamaged) {
				t.Errorf("a damaged chunk is read: %v", err)
			}
			// Only where nothing but the hash of the whole can tell do the others not count either.
			if err := read(10, 20); (err != nil) != (codec == 0) {
				t.Errorf("a chunk before the damaged one: %v", err)
			}
			o, err := h.Octets(ctx, h.user, id)
			h.check(err)
			if err := o.Verify(); !errors.Is(err, store.ErrDamaged) {
				t.Errorf("Verify: %v", err)
			}
			h.check(h.Exec("DELETE FROM chunks WHERE n = 0"))
			if err := read(10, 20); !errors.Is(err, store.ErrDamaged) {
				t.Errorf("a chunk that is missing: %v", err)
			}
			h.check(h.Exec("UPDATE chunks SET codec = 9"))
			if err := read(300_000, 300_010); !errors.Is(err, store.ErrDamaged) {
				t.Errorf("an unknown codec: %v", err)
			}
		})
	}
}

// A message that is purged while it is read is gone, not damaged.
func TestPurgedWhileRead(t *testing.T) {
	ctx := context.Background()
	h := newHousehold(t)
	h.account = h.addAccount(store.Keep)
	id := h.deliver(mail(1, "Gone", "body"))
	o, err := h.Octets(ctx, h.user, id)
	h.check(err)
	h.act(store.Delete, id)
	h.act(store.Purge, id)
	h.check(h.Housekeep(ctx))
	if err := o.Verify(); !errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrDamaged) {
		t.Errorf("reading what was purged: %v", err)
	}
}

// Damaged messages that their server still has are fetched again, and are then what they
// were; others are reported, and stay as they are.
func TestDamagedMailIsFetchedAgain(t *testing.T) {
	ctx := context.Background()
	h := newHousehold(t)
	raw := mail(1, "Damaged", "needle")
	id := h.deliverAs("uid-1", raw).ID
	gone := h.deliverAs("uid-2", mail(2, "Gone", "needle")).ID
	h.label(true, "Work", id)
	h.act(store.Star, id)
	h.act(store.Delete, id)
	_, err := h.ApplyListing(ctx, h.acct(), store.Listing{Count: 1, Missing: []string{"uid-2"}})
	h.check(err)
	h.check(h.IndexAll(ctx))
	h.check(h.Recode(2, 0))
	if found := h.checkStore(false); len(found) != 2 {
		t.Fatalf("found %q", found)
	}
	found := strings.Join(h.checkStore(true), "\n")
	if strings.Count(found, "fetched again") != 1 || strings.Count(found, "damaged") != 2 {
		t.Errorf("found %s", found)
	}
	if open, err := h.OpenDeletions(ctx, h.user, h.account); err != nil || len(open) > 0 {
		t.Errorf("the only sound copy would be deleted: %+v, %v", open, err)
	}
	if found := h.checkStore(true); len(found) != 2 { // still waiting
		t.Errorf("checked again: %q", found)
	}
	uids, err := h.UniqueIDs(ctx, h.user, h.account)
	h.check(err)
	for _, u := range uids {
		if wanted := u.UID == "uid-1"; u.Wanted != wanted || u.Retrieved == wanted {
			t.Errorf("%s: %+v", u.UID, u)
		}
	}
	if kept := h.deliverAs("uid-1", raw); kept.ID != id || kept.Outcome != store.Added {
		t.Fatalf("fetched again: %+v", kept)
	}
	m := h.message(id)
	if m.Partial || !m.Starred || len(m.Labels) != 1 || m.Mailbox != store.Trash || m.Text != "needle\n" {
		t.Errorf("fetched again: %+v", m)
	}
	o, err := h.Octets(ctx, h.user, id)
	h.check(err)
	h.check(o.Verify())
	if found := h.checkStore(false); len(found) != 1 || !strings.Contains(found[0], fmt.Sprint("message ", gone)) {
		t.Errorf("in the end: %q", found)
	}
}

// What was read of a message, and is damaged, holds nothing else up: new mail of the same
// subject is stored, the index and searches go on, and the message is read again.
func TestDamagedReadingHoldsNothingUp(t *testing.T) {
	ctx := context.Background()
	for _, damage := range []string{
		"UPDATE readings SET packed = x'28b52ffd00' WHERE message_id = 1",
		"UPDATE readings SET packed = NULL, envelope = '{', structure = 'x', defects = '' WHERE message_id = 1",
		"UPDATE readings SET text = x'00' WHERE message_id = 1",
		"UPDATE attachment_texts SET text = x'00' WHERE message_id = 1",
	} {
		h := newHousehold(t)
		id := h.deliver(withAttachments(1, "annex"))
		h.readAttachments(&plainReader{})
		h.check(h.Exec(damage))
		for n := range 2 {
			h.deliver(strings.Replace(withAttachments(2+n, "annex"), "Subject: mail "+fmt.Sprint(2+n), "Subject: Re: mail 1", 1))
		}
		if n := len(h.found("see attachment")); n < 2 {
			t.Errorf("%s: %d messages are found", damage, n)
		}
		if found := strings.Join(h.checkStore(false), "\n"); found == "" {
			t.Errorf("%s: check finds nothing", damage)
		}
		h.check(h.Exec("INSERT INTO index_queue (message_id) VALUES (1)"))
		h.check(h.IndexAll(ctx))
		h.readAttachments(&plainReader{})
		if n := len(h.found("see attachment annex")); n != 3 {
			t.Errorf("%s: %d messages are found in the end", damage, n)
		}
		h.message(id)
		for _, found := range h.checkStore(false) {
			t.Errorf("%s: check: %s", damage, found)
		}
	}
}
