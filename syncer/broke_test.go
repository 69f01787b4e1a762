package syncer_test

import (
	"strings"
	"testing"
	"time"

	"postern/pop3client/pop3test"
	"postern/store"
)

// breaksOver makes a server that closes the connection whenever it is asked for a message,
// or for its header.
func breaksOver(num string) []pop3test.Fault {
	retr, top := pop3test.Cut("RETR", 0, 10), pop3test.Cut("TOP", 0, 10)
	retr.Arg, top.Arg = num, num+" 0"
	return []pop3test.Fault{retr, top}
}

// partial finds the message of which only the header is here.
func (w *world) partial() store.Summary {
	w.t.Helper()
	for _, m := range w.stored() {
		if m.Partial {
			return m
		}
	}
	w.t.Fatal("no message has its header alone here")
	return store.Summary{}
}

// A message over which the server breaks off, every time, is left alone after three tries, and
// has a row with its size. It keeps neither the others nor deletions waiting for longer.
func TestMessageThatBreaksTheConnection(t *testing.T) {
	w := newWorld(t)
	w.add(5)
	w.sync()
	w.add(1)
	w.server.SetFaults(breaksOver("6")...)
	w.deleteNow(w.titled("Letter 1"))
	failed := 0
	for v := w.trySync(); !v.OK; v = w.trySync() {
		if failed++; failed == 10 {
			t.Fatalf("after %d sessions: %q", failed, v.Sentence)
		}
		if len(w.stored()) == 5 && v.Skipped != 1 {
			t.Errorf("session %d: %+v", failed, v)
		}
		w.later.Add(int64(time.Hour))
	}
	if n := w.commands("RETR 6"); n != 3 {
		t.Errorf("tried %d times", n)
	}
	if w.onServer("uid-0001") || !w.onServer("uid-0006") {
		t.Errorf("on the server: %q", w.drop.UIDs())
	}
	m := w.partial()
	o, err := w.store.Outline(t.Context(), w.user, m.ID)
	w.check(err)
	if !strings.Contains(o.Trouble, "connection broke") {
		t.Errorf("%+v %+v", m, o)
	}
	w.server.SetFaults()
	w.act(store.FetchWhole, m.ID)
	w.sync()
	if m := w.titled("Letter 6"); m == 0 || len(w.stored()) != 6 {
		t.Errorf("%d messages here", len(w.stored()))
	}
}

// Breaking off over a header is no reason to go without a proof: the message itself gives it.
func TestHeaderThatBreaksTheConnection(t *testing.T) {
	w := newWorld(t)
	w.add(5)
	w.sync()
	w.update(func(s *store.Settings) { s.Host = "localhost" })
	w.server.SetFaults(breaksOver("2")[1])
	w.deleteNow(w.titled("Letter 2"))
	for range 3 {
		w.trySync()
		w.later.Add(int64(time.Hour))
	}
	w.sync()
	if len(w.drop.Messages()) != 4 || w.onServer("uid-0002") || len(w.stored()) != 5 {
		t.Errorf("on the server %q, here %d", w.drop.UIDs(), len(w.stored()))
	}
}

// A line that drops is no fault of the message in which it does: it comes with the next session.
func TestLineThatDrops(t *testing.T) {
	w := newWorld(t)
	w.add(20)
	for i := range 20 {
		w.server.SetFaults(pop3test.Cut("RETR", 3, 5))
		if w.trySync().OK {
			break
		}
		if i == 19 {
			t.Error("no end")
		}
	}
	w.server.SetFaults()
	w.sync()
	if !w.exactlyOnce() {
		t.Errorf("%d of 20 here", len(w.stored()))
	}
}

// Who asks for a message that is refused again and again is told what the server says.
func TestFetchNowInVain(t *testing.T) {
	w := newWorld(t, func(s *store.Settings) { s.MaxSize = 100 })
	w.add(1)
	w.sync()
	m := w.partial()
	w.act(store.FetchWhole, m.ID)
	w.server.SetFaults(pop3test.Refuse("RETR", 0, "cannot be read"))
	for range 5 {
		w.sync()
	}
	o, err := w.store.Outline(t.Context(), w.user, m.ID)
	w.check(err)
	if n := w.commands("RETR"); n != 3 || o.Wanted || !strings.Contains(o.Trouble, "cannot be read") {
		t.Errorf("%d tries, %+v", n, o)
	}
}

// A server that closes the connection when it is asked for a header gets asked once. Where it has
// no unique-ids either, its messages are told apart by being retrieved.
func TestServerThatBreaksOverTop(t *testing.T) {
	for name, noUIDL := range map[string]bool{"with unique-ids": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.server.Configure(func(c *pop3test.Config) { c.NoUIDL, c.NoPipelining = noUIDL, true })
			w.add(12)
			w.server.SetFaults(pop3test.Cut("TOP", 0, 0))
			if noUIDL {
				v := w.trySync()
				if next := w.current().NextCheck; next.After(w.store.Now().Add(2*time.Second)) || !v.Unfinished {
					t.Errorf("what was learnt is of use at %v", next)
				}
				if v.OK || !strings.Contains(strings.Join(v.Remarks, " "), "from now on messages are fetched whole") {
					t.Errorf("first sync: %+v", v)
				}
				w.sync()
			} else {
				w.sync()
				w.update(func(s *store.Settings) { s.Host = "localhost" }) // all must be proved again
				w.trySync()
			}
			w.deleteNow(w.titled("Letter 3"))
			w.sync()
			if v := w.sync(); v.Retrieved != 0 {
				t.Errorf("once more: %+v", v)
			}
			if w.onServer("uid-0003") || len(w.drop.Messages()) != 11 || len(w.stored()) != 12 || w.commands("TOP") != 1 {
				t.Errorf("on the server %q, here %d, TOP %d times", w.drop.UIDs(), len(w.stored()), w.commands("TOP"))
			}
		})
	}
}

// Where several requests for headers were under way it may have been that: the next session sends one alone.
func TestServerThatBreaksOverTopsInARow(t *testing.T) {
	w := newWorld(t)
	w.server.Configure(func(c *pop3test.Config) { c.NoUIDL = true })
	w.add(12)
	w.server.SetFaults(pop3test.Cut("TOP", 0, 0))
	v, sessions, err := w.worker.Drain(t.Context(), w.current())
	w.check(err)
	if !v.OK || sessions != 3 || !w.exactlyOnce() {
		t.Errorf("%d of 12 here after %d sessions: %+v", len(w.stored()), sessions, v)
	}
}

// A message without a unique-id that breaks the connection, whatever is asked of it, does not keep
// the others from coming.
func TestUnnamedMessageThatBreaksTheConnection(t *testing.T) {
	w := newWorld(t)
	w.server.Configure(func(c *pop3test.Config) { c.NoUIDL = true })
	w.add(6)
	w.server.SetFaults(breaksOver("4")...)
	failed := 0
	v := w.trySync()
	for ; !v.OK; v = w.trySync() {
		if failed++; failed == 6 {
			t.Fatalf("after %d sessions: %q", failed, v.Sentence)
		}
	}
	if len(w.stored()) != 5 || v.Skipped != 1 {
		t.Errorf("%d of 5 here: %+v", len(w.stored()), v)
	}
	w.deleteNow(w.titled("Letter 6"))
	w.sync()
	if w.onServer("uid-0006") || !w.onServer("uid-0004") || len(w.drop.Messages()) != 5 {
		t.Errorf("on the server: %q", w.drop.UIDs())
	}
}

// What cannot be named may be the twin of a message of its size, which then stays on the server, and of no other.
func TestUnnamedMessageIsNoTwinOfAll(t *testing.T) {
	w := newWorld(t)
	w.server.Configure(func(c *pop3test.Config) { c.NoUIDL, c.NoTOP, c.NoPipelining = true, true, true })
	w.add(6)
	w.drop.Add("longer", append(letter(7), "and some more\r\n"...))
	w.server.SetFaults(breaksOver("4")...)
	for range 4 {
		w.trySync()
	}
	if len(w.stored()) != 6 {
		t.Fatalf("%d of 6 here", len(w.stored()))
	}
	w.deleteNow(w.titled("Letter 6"), w.titled("Letter 7"))
	w.trySync()
	if w.onServer("longer") || !w.onServer("uid-0006") {
		t.Errorf("on the server: %q", w.drop.UIDs())
	}
}
