package syncer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"postern/store"
)

// Times around an account's lock.
const (
	lockPoll  = 100 * time.Millisecond // between looks while waiting for it
	lockLater = 15 * time.Second       // until the worker looks again
)

// accountLock is the account's lock file, which the system releases if we die: two
// processes never meet in one maildrop.
func (w *Worker) accountLock(id store.AccountID) (*flock.Flock, error) {
	dir := filepath.Join(w.Store.Dir(), "locks")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("lock the account: %w", err)
	}
	return flock.New(filepath.Join(dir, fmt.Sprintf("account-%d", id)), flock.SetPermissions(0o600)), nil
}

// lockedSession holds a session if no other process has one with the account; else the
// account is looked at again a little later.
func (w *Worker) lockedSession(ctx context.Context, a store.Account) error {
	l, err := w.accountLock(a.ID)
	if err != nil {
		return err
	}
	ok, err := l.TryLock()
	if err != nil {
		return fmt.Errorf("lock the account: %w", err)
	}
	if !ok {
		return w.Store.Postpone(ctx, a.User, a.ID, w.Store.Now().Add(lockLater))
	}
	_, err = w.session(ctx, a)
	return errors.Join(err, l.Unlock())
}

// Sync holds one session with an account now, whether or not it is due, and returns its
// record. It is for the command line: if another process has a session with the account,
// it waits for its end.
func (w *Worker) Sync(ctx context.Context, a store.Account) (store.Sync, error) {
	w.init()
	l, err := w.accountLock(a.ID)
	if err != nil {
		return store.Sync{}, err
	}
	if _, err := l.TryLockContext(ctx, lockPoll); err != nil {
		return store.Sync{}, fmt.Errorf("wait for the account's other session to end: %w", err)
	}
	v, err := w.session(ctx, a)
	return v, errors.Join(err, l.Unlock())
}
