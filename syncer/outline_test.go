package syncer_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"postern/internal/query"
	"postern/pop3client/pop3test"
	"postern/store"
)

// limited is a world whose account leaves messages of more than 10 kB on the server, and
// in which one such lies between two small ones.
func limited(t *testing.T, change ...func(*store.Settings)) *world {
	w := newWorld(t, append([]func(*store.Settings){func(s *store.Settings) { s.MaxSize = 10_000 }}, change...)...)
	w.add(1)
	w.drop.Add("big", bigLetter(2))
	w.add(1)
	return w
}

func bigLetter(i int) []byte {
	return append(letter(i), bytes.Repeat([]byte("0123456789012345678901234567890123456789\r\n"), 1000)...)
}

// big is the row of the large message.
func (w *world) big() store.Summary {
	w.t.Helper()
	for _, m := range w.stored() {
		if m.Subject == "Letter 2" {
			return m
		}
	}
	w.t.Fatal("the large message has no row")
	return store.Summary{}
}

func (w *world) onServer(uid string) bool {
	return strings.Contains(strings.Join(w.drop.UIDs(), " "), uid)
}

// A large message has a row, is not fetched twice nor unasked, and keeps its row when it is.
func TestLargeMessageIsARowUntilAskedFor(t *testing.T) {
	w := limited(t)
	for range 2 {
		v := w.sync()
		if v.Skipped != 1 || w.commands("RETR") != 2 || w.commands("TOP") != 1 {
			t.Fatalf("%+v, RETR %d, TOP %d", v, w.commands("RETR"), w.commands("TOP"))
		}
	}
	m := w.big()
	if n := len(w.stored()); n != 3 || !m.Partial || m.Size != int64(len(bigLetter(2))) || m.Server != store.ServerPresent || m.From.Address != "bob@example.net" {
		t.Fatalf("%d rows, the large one %+v", n, m)
	}
	w.act(store.Star, m.ID)
	w.act(store.FetchWhole, m.ID)
	if due := w.current().NextCheck; due.After(w.store.Now()) {
		t.Errorf("asked for, and the account is due only at %v", due)
	}
	if v := w.sync(); v.Retrieved != 1 || v.Skipped != 0 {
		t.Errorf("sync: %+v", v)
	}
	whole := w.big()
	if n := len(w.stored()); n != 3 || whole.Partial || whole.ID != m.ID || !whole.Starred || whole.Size != m.Size {
		t.Errorf("%d rows, the large one %+v", n, whole)
	}
	for sum, n := range w.octets() {
		if n != 1 {
			t.Errorf("%x is here %d times", sum, n)
		}
	}
	w.check(w.store.IndexAll(t.Context()))
	_, err := w.store.Check(t.Context(), false, func(finding string) { t.Error(finding) })
	w.check(err)
	w.deleteNow(m.ID)
	w.sync()
	if w.onServer("big") {
		t.Error("deleted like any other, it is still on the server")
	}
}

// Nothing is deleted that is not stored, whatever is done to its row and whatever the policy.
func TestLargeMessageIsNotDeletedUnread(t *testing.T) {
	for policy := store.DeleteOnDelete; policy <= store.DeleteAfterDownload; policy++ {
		t.Run(fmt.Sprint(policy), func(t *testing.T) {
			w := limited(t, func(s *store.Settings) { s.Policy, s.PolicyDays = policy, 1 })
			w.sync()
			w.later.Add(int64(72 * time.Hour))
			m := w.big()
			w.act(store.RemoveFromServer, m.ID)
			w.deleteNow(m.ID)
			w.sync()
			w.act(store.Purge, m.ID)
			w.check(w.store.Housekeep(t.Context()))
			w.sync()
			w.update(func(s *store.Settings) { s.MaxSize = 0 })
			w.sync()
			if !w.onServer("big") {
				t.Error("a message that was never stored is gone from its server")
			}
			for _, m := range w.stored() {
				if m.Subject == "Letter 2" {
					t.Error("what was purged is here again")
				}
			}
		})
	}
}

func TestLargeMessageIsDeletedUnreadOnRequest(t *testing.T) {
	w := limited(t)
	w.sync()
	m := w.big()
	done, err := w.store.Act(t.Context(), w.user, store.DeleteUnread, []store.MessageID{m.ID})
	w.check(err)
	if got := w.big(); got.Mailbox != store.Trash || got.Server != store.ServerPending {
		t.Fatalf("asked for: %+v", got)
	}
	if _, err := w.store.Undo(t.Context(), w.user, done.Undo); err != nil {
		t.Fatal(err)
	}
	if got := w.big(); got.Mailbox != store.Inbox || got.Server != store.ServerPresent {
		t.Fatalf("undone: %+v", got)
	}
	w.later.Add(int64(store.UndoWindow))
	w.sync()
	if !w.onServer("big") {
		t.Fatal("deleted though it was undone")
	}
	w.act(store.DeleteUnread, m.ID)
	w.act(store.DeleteUnread, w.stored()[0].ID) // is here: nothing happens
	w.later.Add(int64(store.UndoWindow))
	w.sync()
	w.sync()
	if w.onServer("big") || len(w.drop.Messages()) != 2 {
		t.Errorf("on the server: %q", w.drop.UIDs())
	}
	if d := w.ledger()[0]; d.Reason != store.Unfetched || d.State != store.Confirmed {
		t.Errorf("ledger: %+v", d)
	}
}

// Another message under the unique-id that a person wanted deleted is not theirs to lose.
func TestLargeMessageUnderAnotherHeaderStays(t *testing.T) {
	w := limited(t)
	w.sync()
	w.deleteUnread(w.big().ID)
	w.drop.Remove("big")
	w.drop.Add("big", bigLetter(7))
	w.sync()
	if !w.onServer("big") {
		t.Error("another message was deleted")
	}
	if d := w.ledger()[0]; d.State != store.Refused {
		t.Errorf("ledger: %+v", d)
	}
}

func (w *world) deleteUnread(id store.MessageID) {
	w.act(store.DeleteUnread, id)
	w.later.Add(int64(store.UndoWindow))
}

// Where there is no TOP, the row has a size only, and nothing is deleted by it.
func TestLargeMessageWithoutTOP(t *testing.T) {
	w := limited(t)
	w.server.Configure(func(c *pop3test.Config) { c.NoTOP = true })
	w.sync()
	var m store.Summary
	for _, s := range w.stored() {
		if s.Partial {
			m = s
		}
	}
	if m.Size != int64(len(bigLetter(2))) || m.Subject != "" {
		t.Fatalf("row: %+v", m)
	}
	w.deleteUnread(m.ID)
	w.sync()
	if !w.onServer("big") {
		t.Error("deleted though nothing shows what it is")
	}
	w.act(store.Restore, m.ID)
	w.act(store.FetchWhole, m.ID)
	w.sync()
	if got := w.big(); got.Partial || got.ID != m.ID {
		t.Errorf("fetched: %+v", got)
	}
}

// The limit of Postern itself stands, and whoever asks is told so.
func TestLargerThanPosternTakes(t *testing.T) {
	w := limited(t)
	w.worker.MaxSize = 20_000
	w.sync()
	m := w.big()
	w.act(store.FetchWhole, m.ID)
	w.sync()
	o, err := w.store.Outline(t.Context(), w.user, m.ID)
	w.check(err)
	if o.Wanted || !strings.Contains(o.Trouble, "--max-message-size") || w.commands("RETR") != 2 {
		t.Errorf("%+v, RETR %d", o, w.commands("RETR"))
	}
}

// What is tried in vain has a row as well, and is found by its header.
func TestUnfetchableMessageHasARow(t *testing.T) {
	w := newWorld(t)
	w.add(3)
	fault := pop3test.Refuse("RETR", 0, "cannot be read")
	fault.Arg = "2"
	w.server.SetFaults(fault)
	for range 4 {
		w.sync()
	}
	m := w.big()
	o, err := w.store.Outline(t.Context(), w.user, m.ID)
	w.check(err)
	if !m.Partial || !strings.Contains(o.Trouble, "cannot be read") {
		t.Errorf("%+v %+v", m, o)
	}
	w.check(w.store.IndexAll(t.Context()))
	p, err := w.store.Messages(t.Context(), w.user, store.View{Query: query.Parse("subject:letter from:bob", w.store.Now())})
	w.check(err)
	if len(p.Messages) != 3 {
		t.Errorf("%d found", len(p.Messages))
	}
	w.server.SetFaults()
	w.act(store.FetchWhole, m.ID)
	w.sync()
	if got := w.big(); got.Partial || got.ID != m.ID {
		t.Errorf("fetched: %+v", got)
	}
}
