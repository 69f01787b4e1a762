package syncer

import (
	"context"
	"strings"
	"time"

	"postern/store"
)

// Providers lock out clients that open many sessions, or many in a row: one server gets
// so many at a time, and each begins some time after the one before.
const (
	hostSessions  = 2
	usualHostWait = 500 * time.Millisecond
)

// run is one session under way.
type run struct {
	host string
	stop context.CancelCauseFunc
}

// begin reserves a place for a session of the account, unless it has one already, all
// places are taken, or its server has enough. wait is when to ask again at the latest; a
// session that ends may make room before that.
func (w *Worker) begin(ctx context.Context, a store.Account) (_ context.Context, wait time.Duration, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	host := strings.ToLower(a.Host)
	same := 0
	for _, r := range w.running {
		if r.host == host {
			same++
		}
	}
	if w.running[a.ID] != nil || len(w.running) >= w.Sessions || same >= hostSessions {
		return nil, time.Second, false
	}
	if wait := w.HostWait - time.Since(w.begun[host]); wait > 0 {
		return nil, wait, false
	}
	for other, at := range w.begun {
		if time.Since(at) >= w.HostWait {
			delete(w.begun, other)
		}
	}
	w.begun[host] = time.Now()
	ctx, stop := context.WithCancelCause(ctx)
	w.running[a.ID] = &run{host, stop}
	return ctx, 0, true
}

// waitToBegin is begin for a session that somebody waits for.
func (w *Worker) waitToBegin(ctx context.Context, a store.Account) (context.Context, error) {
	for {
		runCtx, wait, ok := w.begin(ctx, a)
		if ok {
			return runCtx, nil
		}
		if err := sleep(ctx, min(wait, lockPoll)); err != nil {
			return nil, err
		}
	}
}

func (w *Worker) end(account store.AccountID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running[account].stop(nil)
	delete(w.running, account)
}

// sleep waits; it fails when ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
