package syncer_test

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"postern/pop3client/pop3test"
	"postern/store"
	"postern/syncer"
)

// slowWorld has n messages here and on the server, whose sessions have little time from now on.
func slowWorld(t *testing.T, n int, change ...func(*store.Settings)) *world {
	t.Helper()
	w := newWorld(t, change...)
	w.add(n)
	w.sync()
	w.hurry()
	return w
}

// hurry gives sessions little time from now on.
func (w *world) hurry() {
	w.worker = &syncer.Worker{Store: w.store, Connect: w.worker.Connect, HostWait: 1, SessionTime: 500 * time.Millisecond}
}

// slowly has the server take its time over each reply to a command.
func (w *world) slowly(command string) {
	w.server.SetFaults(pop3test.Fault{Command: command, Delay: 10 * time.Millisecond})
}

// sessionsUntil holds sessions until all is done, and tells how many it took. None may do
// all that is asked of the command, of which n are needed.
func (w *world) sessionsUntil(done func() bool, command string, n int) {
	w.t.Helper()
	sessions := 0
	for ; !done(); sessions++ {
		if sessions == 200 {
			w.t.Fatal("no end after 200 sessions")
		}
		before := w.commands(command)
		v := w.trySync()
		if now := w.commands(command) - before; now >= n {
			w.t.Errorf("session %d: %s %d times", sessions, command, now)
		}
		if w.current().Paused {
			w.t.Fatalf("session %d: %q", sessions, v.Sentence)
		}
		w.later.Add(int64(2 * time.Minute))
	}
	w.t.Logf("%d sessions", sessions)
}

// exactlyOnce tells whether each message of the server is here once, and nothing else is.
func (w *world) exactlyOnce() bool {
	sums := w.octets()
	for _, m := range w.drop.Messages() {
		if sums[sha256.Sum256(m.Raw)] != 1 {
			return false
		}
	}
	return len(sums) == len(w.drop.Messages()) && len(w.stored()) == len(sums)
}

// A server that is slow over TOP cannot hold a session either: what must be proved again
// is proved in several, and nothing is retrieved for it.
func TestSlowProof(t *testing.T) {
	const n = 80
	w := slowWorld(t, n)
	retrieved := w.commands("RETR")
	w.update(func(s *store.Settings) { s.Host = "localhost" })
	w.slowly("TOP")
	w.sessionsUntil(func() bool {
		known, err := w.store.UniqueIDs(t.Context(), w.user, w.account)
		w.check(err)
		for _, k := range known {
			if !k.Proved {
				return false
			}
		}
		return true
	}, "TOP", n)
	if again := w.commands("RETR") - retrieved; again != 0 || !w.exactlyOnce() {
		t.Errorf("%d retrieved again", again)
	}
}

// The same when all unique-ids are new.
func TestSlowRenumbering(t *testing.T) {
	const n = 80
	w := slowWorld(t, n)
	retrieved := w.commands("RETR")
	all := w.drop.Messages()
	w.drop.Clear()
	for i, m := range all {
		w.drop.Add(fmt.Sprint("other-", i), m.Raw)
	}
	w.slowly("TOP")
	w.sessionsUntil(func() bool {
		for _, m := range w.stored() {
			if m.Server != store.ServerPresent {
				return false
			}
		}
		known, err := w.store.UniqueIDs(t.Context(), w.user, w.account)
		w.check(err)
		return len(known) == 2*n
	}, "TOP", n)
	w.sync()
	if again := w.commands("RETR") - retrieved; again != 0 || !w.exactlyOnce() {
		t.Errorf("%d retrieved again", again)
	}
}

// Without unique-ids every session has to name the messages anew: what one does not come
// to, the next one begins with. Nothing is taken for gone meanwhile.
func TestSlowNaming(t *testing.T) {
	for name, without := range map[string]func(*pop3test.Config){
		"by TOP":  func(c *pop3test.Config) { c.NoUIDL = true },
		"by RETR": func(c *pop3test.Config) { c.NoUIDL, c.NoTOP = true, true },
	} {
		t.Run(name, func(t *testing.T) {
			const n = 80
			w := newWorld(t)
			w.server.Configure(without)
			w.add(n)
			w.hurry()
			command := map[string]string{"by TOP": "TOP", "by RETR": "RETR"}[name]
			w.slowly(command)
			w.sessionsUntil(w.exactlyOnce, command, n)
			for range 3 {
				w.trySync()
			}
			for _, m := range w.stored() {
				if m.Server != store.ServerPresent {
					t.Errorf("%q is %v", m.Subject, m.Server)
				}
			}
		})
	}
}

// Deletions go on in the next session; each session's are made to count by its QUIT.
func TestSlowDeletion(t *testing.T) {
	const n = 80
	w := slowWorld(t, n+5)
	var ids []store.MessageID
	for _, m := range w.stored()[:n] {
		ids = append(ids, m.ID)
	}
	w.deleteNow(ids...)
	w.slowly("DELE")
	w.sessionsUntil(func() bool { return len(w.drop.Messages()) <= 5 }, "DELE", n)
	w.server.SetFaults()
	w.sync()
	if there, here := len(w.drop.Messages()), len(w.stored()); there != 5 || here != n+5 {
		t.Errorf("%d there, %d here", there, here)
	}
	for _, d := range w.ledger() {
		if d.State != store.Confirmed {
			t.Errorf("deletion of %q: %v", d.Subject, d.State)
		}
	}
}

// Headers of messages that stay on the server come over several sessions.
func TestSlowOutlines(t *testing.T) {
	const n = 80
	w := newWorld(t, func(s *store.Settings) { s.MaxSize = 10 })
	w.add(n)
	w.hurry()
	w.slowly("TOP")
	w.sessionsUntil(func() bool { return len(w.stored()) == n }, "TOP", n)
	if w.commands("RETR") != 0 {
		t.Errorf("RETR %d times", w.commands("RETR"))
	}
}
