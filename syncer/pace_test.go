package syncer_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"postern/pop3client/pop3test"
	"postern/store"
	"postern/syncer"
)

// offer adds a line to what the server says it can.
func (w *world) offer(line string) {
	w.server.Configure(func(c *pop3test.Config) {
		c.Capabilities = func(_ pop3test.State, lines []string) []string { return append(lines, line) }
	})
}

// checkNow is what a person does who does not want to wait.
func (w *world) checkNow() {
	w.t.Helper()
	_, err := w.store.CheckNow(context.Background(), w.user, w.account)
	w.check(err)
}

func (w *world) current() store.Account {
	w.t.Helper()
	a, err := w.store.Account(context.Background(), w.user, w.account)
	w.check(err)
	return a
}

// Whoever asks, a server that wants time between logins gets it.
func TestLoginDelayHoldsForEveryCheck(t *testing.T) {
	w := newWorld(t)
	w.offer("LOGIN-DELAY 300")
	w.sync()
	a := w.current()
	if wait := a.LoginAfter.Sub(w.store.Now()); wait < 290*time.Second || wait > 300*time.Second {
		t.Fatalf("next login in %v", wait)
	}
	w.checkNow()
	if next := w.current().NextCheck; !next.Equal(a.LoginAfter) {
		t.Errorf("Check now makes it due at %v, the server wants %v", next, a.LoginAfter)
	}
	w.update(func(s *store.Settings) { s.Name = "Other" })
	if next := w.current().NextCheck; !next.Equal(a.LoginAfter) {
		t.Errorf("new settings make it due at %v, the server wants %v", next, a.LoginAfter)
	}
	before := w.server.Sessions()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := w.worker.Sync(ctx, a); err == nil || !strings.Contains(err.Error(), "between logins") {
		t.Errorf("a sync by hand: %v", err)
	}
	if w.server.Sessions() != before {
		t.Error("it connected before its time")
	}
	w.later.Add(int64(301 * time.Second))
	w.sync()
	w.update(func(s *store.Settings) { s.Host = "localhost" })
	if w.current().NextCheck.After(w.store.Now()) {
		t.Error("another server has to wait for what this one wants")
	}
}

func TestWordsOfAServerThatDeletesByItself(t *testing.T) {
	w := newWorld(t)
	w.offer("EXPIRE 7")
	v := w.sync()
	if len(v.Remarks) != 1 || !strings.Contains(v.Remarks[0], "after 7 days") {
		t.Errorf("remarks: %q", v.Remarks)
	}
}

// The sessions of one server are spaced, also when its accounts are due together.
func TestSessionsOfOneServerAreSpaced(t *testing.T) {
	const wait = 150 * time.Millisecond
	w := newWorld(t)
	starts := make(chan time.Time, 3)
	w.worker = &syncer.Worker{Store: w.store, Connect: w.worker.Connect, HostWait: wait, Observer: starter{starts}}
	for _, name := range []string{"bob", "eve"} {
		w.addAccount(name)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.worker.Run(ctx) }()
	last := <-starts
	for range 2 {
		next := <-starts
		// Timers may be late and never early; what is measured begins a little later.
		if gap := next.Sub(last); gap < wait/2 {
			t.Errorf("two sessions %v apart, want %v", gap, wait)
		}
		last = next
	}
	stop()
	w.check(<-ended)
}

// addAccount adds another maildrop of the same server.
func (w *world) addAccount(name string) store.AccountID {
	w.t.Helper()
	w.server.AddMaildrop(pop3test.NewMaildrop(name, "wonder land"))
	s := w.settings()
	s.Name, s.Username = name, name
	id, err := w.store.AddAccount(context.Background(), w.user, s, password)
	w.check(err)
	return id
}

// starter tells when sessions start.
type starter struct{ at chan time.Time }

func (s starter) SyncStarted(store.UserID, store.AccountID) { s.at <- time.Now() }
func (starter) SyncProgress(store.UserID, store.AccountID, string, int, int, int64, time.Duration) {
}
func (starter) SyncEnded(store.UserID, store.Sync)             {}
func (starter) MailArrived(store.UserID, store.AccountID, int) {}

// An account that is paced by its mail is checked soon after some has come.
func TestAdaptivePace(t *testing.T) {
	w := newWorld(t, func(s *store.Settings) { s.Adaptive = true }) // around an hour
	w.later.Add(int64(time.Second))
	w.add(1)
	w.sync()
	soon := w.current().NextCheck.Sub(w.store.Now())
	w.later.Add(int64(48 * time.Hour))
	w.sync()
	late := w.current().NextCheck.Sub(w.store.Now())
	if soon > 20*time.Minute || late < 5*time.Hour {
		t.Errorf("after mail has come: %v; after two quiet days: %v", soon, late)
	}
}
