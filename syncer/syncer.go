// Package syncer is the worker: it decides which account is due, holds one session
// with its maildrop, and records what came of it.
//
// A session is a listing, a pure decision ([makePlan]), retrievals, deletions and
// QUIT. It upholds one rule at every instant: what is stored here and what is on
// the server are together everything that was ever seen, less what a person
// purged. So a message is on disk before its deletion can be planned, and a
// deletion counts only when a later complete listing does not have it.
package syncer

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"postern/store"
)

// Observer is told what happens, so that pages can show it. Its methods must not
// block.
type Observer interface {
	// SyncStarted: a session with the account begins.
	SyncStarted(user store.UserID, account store.AccountID)
	// SyncProgress: phase is "connecting", "listing", "retrieving" or "deleting";
	// done of total messages, octets so far; left is below 0 while unknown.
	SyncProgress(user store.UserID, account store.AccountID, phase string, done, total int, octets int64, left time.Duration)
	// SyncEnded: the session is over and its record stored.
	SyncEnded(user store.UserID, v store.Sync)
	// MailArrived: n new messages are stored.
	MailArrived(user store.UserID, account store.AccountID, n int)
}

// Worker polls the accounts of all users. Set its fields before Run.
type Worker struct {
	Store    *store.Store
	Connect  *Connector
	Observer Observer // nil: nobody watches
	Log      *slog.Logger
	Sessions int   // at a time; 0: 8
	MaxSize  int64 // octets of the largest message to retrieve; 0: 100 MiB

	// SessionTime is how long a session lasts; 0: 10 minutes. A long first sync is many
	// sessions, so that new mail shows in between and a dropped line costs little. Only a
	// message that is on its way is waited for.
	SessionTime time.Duration

	// HostWait is the time between the beginnings of two sessions with one server; 0:
	// half a second.
	HostWait time.Duration

	once    sync.Once
	wake    chan struct{}
	mu      sync.Mutex
	running map[store.AccountID]*run
	begun   map[string]time.Time // when the last session with a server began, for a moment
	known   map[store.AccountID]*habits
}

// habits are what earlier sessions of this process taught about an account's server. Only
// the account's own session touches them; there is one at a time.
type habits struct {
	oneByOne bool              // it broke when commands were pipelined
	held     time.Time         // no session before then: the last one could not be recorded
	short    int               // how many messages STAT counted more than LIST
	fell     string            // the unique-id of the message in which the last session broke off, "": none
	broke    map[string]int    // how often the connection broke over a message whose key this is
	topWorks bool              // it has answered TOP
	noTop    bool              // it breaks the connection when it is asked for a header
	again    time.Time         // when messages that it lists again were retrieved once more
	unnamed  int               // the number of the message from which on the last session named none; 0: it named all
	headers  map[string][]byte // fingerprints by unique-id, while all of them are new; nil: they are not
}

// errStopped is the cause of a session that a person ended.
var errStopped = errors.New("stopped by hand")

func (w *Worker) init() {
	w.once.Do(func() {
		w.wake = make(chan struct{}, 1)
		w.running = map[store.AccountID]*run{}
		w.begun = map[string]time.Time{}
		w.known = map[store.AccountID]*habits{}
		if w.Sessions == 0 {
			w.Sessions = 8
		}
		if w.MaxSize == 0 {
			w.MaxSize = 100 << 20
		}
		if w.SessionTime == 0 {
			w.SessionTime = 10 * time.Minute
		}
		if w.HostWait == 0 {
			w.HostWait = usualHostWait
		}
		if w.Log == nil {
			w.Log = slog.New(slog.DiscardHandler)
		}
		if w.Observer == nil {
			w.Observer = nobody{}
		}
	})
}

// Run polls until ctx ends; it returns when the sessions have ended. The schedule
// is in the store, so a restart loses nothing.
func (w *Worker) Run(ctx context.Context) error {
	w.init()
	var sessions sync.WaitGroup
	defer sessions.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-w.wake:
		case <-timer.C:
		}
		next, err := w.startDue(ctx, &sessions)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			w.Log.Error("look for accounts that are due", "err", err)
		}
		timer.Reset(next)
	}
}

// Wake has the worker look for accounts that are due now. It does not block.
func (w *Worker) Wake() {
	w.init()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Stop ends the session of an account, if one runs, and tells whether one did. The
// server then forgets what was marked for deletion; nothing stored is lost.
func (w *Worker) Stop(account store.AccountID) bool {
	w.init()
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.running[account]
	if r != nil {
		r.stop(errStopped)
	}
	return r != nil
}

// startDue starts a session for each due account that has room, and returns how long
// to wait before the next look.
func (w *Worker) startDue(ctx context.Context, sessions *sync.WaitGroup) (time.Duration, error) {
	due, err := w.Store.DueAccounts(ctx, w.Store.Now())
	if err != nil {
		return lookEvery, err
	}
	soon := lookEvery
	for _, a := range due {
		if time.Now().Before(w.habits(a.ID).held) {
			continue
		}
		runCtx, wait, ok := w.begin(ctx, a)
		if !ok {
			soon = min(soon, wait)
			continue
		}
		sessions.Go(func() {
			defer w.Wake() // its place is free
			defer w.end(a.ID)
			if !w.stillDue(ctx, a) {
				return
			}
			if err := w.lockedSession(runCtx, a); err != nil && ctx.Err() == nil {
				w.Log.Error("record a sync", "account", a.ID, "err", err)
				// The schedule is in the store, which cannot be written to just now:
				// without this the account would be due again at once.
				w.habits(a.ID).held = time.Now().Add(firstRetry)
			}
		})
	}
	next, err := w.Store.NextCheck(ctx)
	if err != nil || next.IsZero() {
		return soon, err
	}
	// A due account without room is looked at again when a session ends.
	return min(max(next.Sub(w.Store.Now()), time.Second), soon), nil
}

// stillDue tells whether no session of the account has ended since a was read: without
// the question it would be checked twice in a row.
func (w *Worker) stillDue(ctx context.Context, a store.Account) bool {
	now, err := w.Store.Account(ctx, a.User, a.ID)
	return err == nil && now.NextCheck.Equal(a.NextCheck)
}

// habits gives what is known of an account's server.
func (w *Worker) habits(account store.AccountID) *habits {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := w.known[account]
	if h == nil {
		h = &habits{}
		w.known[account] = h
	}
	return h
}

// shortAgain notes by how many messages STAT counts more than a listing has, and tells
// whether it was as many the time before. Then it is the server's way of counting, and
// the listing is complete.
func (h *habits) shortAgain(by int) bool {
	again := by > 0 && h.short == by
	h.short = by
	return again
}

// brokeOver notes that the connection broke over a message.
func (h *habits) brokeOver(key string) {
	if h.broke == nil {
		h.broke = map[string]int{}
	}
	h.broke[key]++
}

// nobody is the Observer of a worker that nobody watches.
type nobody struct{}

func (nobody) SyncStarted(store.UserID, store.AccountID) {}
func (nobody) SyncProgress(store.UserID, store.AccountID, string, int, int, int64, time.Duration) {
}
func (nobody) SyncEnded(store.UserID, store.Sync)             {}
func (nobody) MailArrived(store.UserID, store.AccountID, int) {}
