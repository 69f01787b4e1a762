package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/internal/seal"
	"postern/store"
)

// What is damaged behind the store's back is found, told in a sentence, and mended as far as
// it is derived; a second check finds nothing.
func TestCheckFindsAndMends(t *testing.T) {
	defer store.SetCheckedAtOnce(2)()
	const open = "INSERT INTO deletions (account_id, uidl, message_id, subject, reason, state, requested, not_before, changed) VALUES "
	for _, test := range []struct{ damage, index, want string }{
		{damage: "UPDATE messages SET mailbox = 7 WHERE id = 1", want: "messages in no mailbox, which belong in Archive: 1"},
		{damage: "UPDATE messages SET unread = 0, server = 3 WHERE id = 2; UPDATE counts SET total = total + 2", want: "messages whose server mark did not follow from the rest: 1"},
		{damage: "UPDATE counts SET total = total + 2", want: "counters that did not follow from the rest: 1"},
		{damage: "DELETE FROM readings WHERE message_id = 3", want: "messages that had lost what was read of them: 1"},
		{damage: "UPDATE unique_ids SET proved = 1, listed = 0 WHERE message_id = 1; UPDATE messages SET server = 4 WHERE id = 1", want: "unique-ids that counted as proved"},
		{damage: "UPDATE unique_ids SET sha256 = NULL WHERE message_id = 1", want: "unique-ids that counted as proved"},
		{damage: "UPDATE messages SET account_id = NULL, server = 0 WHERE id = 1", want: "unique-ids that stood for a message of another account"},
		{damage: open + "(1, x'00', NULL, '', 1, 1, 0, 0, 0)", want: "open deletions of a message that their account does not have, which are cancelled: 1"},
		{damage: open + "(1, CAST('uid-1' AS BLOB), NULL, '', 1, 12, 0, 0, 0)", want: "deletions in no state that there is, which are cancelled: 1"},
		{index: "DELETE FROM docs WHERE message_id = 1; UPDATE shards SET count = count - 1", want: "belong to no message"},
		{index: "UPDATE shards SET count = 7", want: "shards with other numbers of messages than they count: 1"},
		{index: "DELETE FROM fts_1 WHERE rowid = (SELECT doc FROM docs WHERE message_id = 2)", want: "messages in the search index with other words"},
		{index: "DELETE FROM head_1 WHERE rowid = (SELECT doc FROM docs WHERE message_id = 2)", want: "messages in the search index with other words"},
		{index: "INSERT INTO fts_1 (rowid, terms) VALUES (77, 'planted')", want: "entries that belong to no message: 1"},
		{index: "UPDATE fts_1_data SET block = x'00ff' WHERE id > 10", want: "index.db: "},
		{index: "DROP TABLE fts_1", want: "index.db: "},
	} {
		t.Run(test.want, func(t *testing.T) {
			h := newHousehold(t)
			for i := range 4 {
				h.deliver(mail(i, "Mail", "needle 发票"))
			}
			h.check(h.IndexAll(context.Background()))
			if found := h.checkStore(false); len(found) > 0 {
				t.Fatalf("before any damage: %q", found)
			}
			if test.damage != "" {
				h.check(h.Exec(test.damage))
			} else {
				h.check(h.ExecIndex(test.index))
			}
			before := h.checkStore(false)
			if !strings.Contains(strings.Join(before, "\n"), test.want) {
				t.Errorf("found %q, want %q", before, test.want)
			}
			h.checkStore(true)
			if after := h.checkStore(false); len(after) > 0 {
				t.Errorf("after mending: %q", after)
			}
			if found := h.found("needle 发票"); len(found) != 4 {
				t.Errorf("%d of 4 messages are found", len(found))
			}
			p, err := h.Messages(context.Background(), h.user, store.View{})
			if err != nil || len(p.Messages) != 4 {
				t.Errorf("%d of 4 messages are listed, %v", len(p.Messages), err)
			}
			for id := store.MessageID(1); id <= 4; id++ {
				h.message(id)
			}
			if open, err := h.OpenDeletions(context.Background(), h.user, h.account); err != nil || len(open) > 0 {
				t.Errorf("mending would delete: %+v, %v", open, err)
			}
		})
	}
}

// When the last message is removed, the index keeps no word of any. The word begins as no
// other one does: of words that do, FTS5 writes only where they differ.
func TestPurgedWordsLeaveTheIndex(t *testing.T) {
	c := &crowd{household: newHousehold(t)}
	c.dir = c.Dir()
	id := c.deliver(mail(1, "Secret", "zwieback"))
	c.check(c.IndexAll(context.Background()))
	if data, err := os.ReadFile(filepath.Join(c.dir, "index.db-wal")); err != nil || !strings.Contains(string(data), "zwieback") {
		t.Fatalf("the index does not have the word as it is written: %v", err)
	}
	c.act(store.Delete, id)
	c.act(store.Purge, id)
	_, err := c.ApplyListing(context.Background(), c.acct(), store.Listing{Missing: []string{"uid-1"}})
	c.check(err)
	c.check(c.Housekeep(context.Background()))
	c.check(c.IndexAll(context.Background()))
	c.check(c.Close())
	if strings.Contains(c.indexFile(), "zwieback") {
		t.Error("index.db has a word of a message that is gone")
	}
}

// An index that turns out to be damaged while mail is indexed, or in a search, is built again by
// check, and at the next start.
func TestDamagedIndexIsBuiltAgain(t *testing.T) {
	ctx := context.Background()
	for _, test := range []struct{ noticed, mend string }{{"indexing", "check"}, {"indexing", "start"}, {"search", "check"}, {"search", "start"}} {
		t.Run(test.noticed+"-"+test.mend, func(t *testing.T) {
			dir, key := t.TempDir(), seal.NewKey()
			h := &household{Store: openIn(t, dir, key), t: t}
			h.user = h.addUser("ann")
			h.account = h.addAccount(store.Keep)
			for i := range 4 {
				h.deliver(mail(i, "Mail", "needle"))
			}
			h.check(h.IndexAll(ctx))
			damage := "UPDATE fts_1_data SET block = x'00ff'" // what a search takes for an empty table
			if test.noticed == "search" {
				damage += " WHERE id > 10"
			}
			h.check(h.ExecIndex(damage))
			h.check(h.Close())
			h.Store = openIn(t, dir, key)
			var err error
			if test.noticed == "indexing" {
				h.deliver(mail(9, "Mail", "needle"))
				err = h.IndexAll(ctx)
			} else {
				_, err = h.Messages(ctx, h.user, store.View{Query: needle()})
				h.deliver(mail(9, "Mail", "needle"))
			}
			if !errors.Is(err, store.ErrIndexDamaged) {
				t.Fatalf("the damage is not noticed: %v", err)
			}
			if test.mend == "check" {
				if found := h.checkStore(true); len(found) == 0 {
					t.Error("check finds nothing")
				}
			} else {
				h.check(h.Close())
				h.Store = openIn(t, dir, key)
			}
			if found := h.found("needle"); len(found) != 5 {
				t.Errorf("%d of 5 messages are found", len(found))
			}
			if found := h.checkStore(false); len(found) > 0 {
				t.Errorf("check: %q", found)
			}
		})
	}
}
