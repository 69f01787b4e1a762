package syncer_test

import (
	"crypto/sha256"
	"strconv"
	"testing"
	"time"

	"postern/pop3client/pop3test"
	"postern/store"
)

// The answer to QUIT is lost, the server has deleted the message, and its unique-id and size
// are those of a new one by the next session: that one is not deleted unseen.
func TestUniqueIDUsedAgainAfterALostQuit(t *testing.T) {
	for name, always := range map[string][]pop3test.Fault{"TOP": nil, "no TOP": {pop3test.Refuse("TOP", 0, "unknown command")}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.add(3)
			w.sync()
			w.deleteNow(w.titled("Letter 1"))
			w.server.SetFaults(append(always, pop3test.Cut("QUIT", 0, 0))...)
			w.trySync()
			if n := len(w.drop.Messages()); n != 2 {
				t.Fatalf("%d on the server", n)
			}
			w.server.SetFaults(always...)
			raw := letter(7) // as long as the other
			w.drop.Add("uid-0001", raw)
			for range 3 {
				w.sync()
				w.later.Add(int64(time.Minute))
			}
			if n := w.octets()[sha256.Sum256(raw)]; n != 1 || !w.onServer("uid-0001") || len(w.stored()) != 4 {
				t.Errorf("the new message is here %d times of %d, %q on the server; ledger: %+v", n, len(w.stored()), w.drop.UIDs(), w.ledger())
			}
		})
	}
}

// titled finds a message here by its subject.
func (w *world) titled(subject string) store.MessageID {
	w.t.Helper()
	for _, m := range w.stored() {
		if m.Subject == subject {
			return m.ID
		}
	}
	w.t.Fatalf("no message %q here", subject)
	return 0
}

// A server whose unique-ids are the numbers of its messages, which move up when one is
// deleted, and all of the same size: one deletion takes one message.
func TestNumbersForUniqueIDs(t *testing.T) {
	w := newWorld(t)
	number := func() { w.drop.Renumber(func(i int, _ string) string { return strconv.Itoa(i + 1) }) }
	w.add(9)
	number()
	w.sync()
	w.deleteNow(w.titled("Letter 2"))
	for range 6 {
		w.trySync()
		number()
		w.later.Add(int64(time.Minute))
	}
	if n := len(w.drop.Messages()); n != 8 {
		t.Errorf("%d of 9 messages left on the server, and one was deleted", n)
	}
	for sum, n := range w.octets() {
		if n != 1 {
			t.Errorf("%x is here %d times", sum[:4], n)
		}
	}
	if n := len(w.stored()); n != 9 {
		t.Errorf("%d messages here", n)
	}
}
