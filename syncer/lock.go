package syncer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
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
	path := filepath.Join("locks", fmt.Sprintf("account-%d", id))
	if err := makeLock(w.Store.Dir(), path); err != nil {
		return nil, fmt.Errorf("lock the account: %w", err)
	}
	return flock.New(filepath.Join(w.Store.Dir(), path), flock.SetPermissions(0o600)), nil
}

// makeLock makes a lock file if it is missing. If root makes it, it is for the user to whom the data directory belongs: a
// worker that runs as that user could not lock the account any more.
func makeLock(dataDir, path string) error {
	root, err := os.OpenRoot(dataDir)
	if err != nil {
		return err
	}
	defer root.Close()
	leave := func(string) {}
	if info, err := root.Stat("."); err == nil && os.Geteuid() == 0 {
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			// Where the system does not let even root, there is no such user to run as.
			leave = func(path string) { root.Lchown(path, int(st.Uid), int(st.Gid)) }
		}
	}
	switch err := root.Mkdir(filepath.Dir(path), 0o700); {
	case err == nil:
		leave(filepath.Dir(path))
	case !errors.Is(err, fs.ErrExist):
		return err
	}
	f, err := root.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	leave(path)
	return f.Close()
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
// record. It is for the command line: it waits for its turn with the server, for the end
// of another process's session with the account, and for the time that the server wants
// between logins.
func (w *Worker) Sync(ctx context.Context, a store.Account) (store.Sync, error) {
	w.init()
	for {
		wait, err := w.loginWait(ctx, a)
		if err != nil {
			return store.Sync{}, err
		}
		if wait > 0 {
			w.Log.Info("wait for the time that the server wants between logins", "account", a.ID, "wait", wait.Round(time.Second))
			if err := sleep(ctx, wait); err != nil {
				return store.Sync{}, fmt.Errorf("wait for the time that %s wants between logins: %w", a.Host, err)
			}
		}
		if v, done, err := w.syncInTurn(ctx, a); done || err != nil {
			return v, err
		}
	}
}

// Drain holds sessions with an account, each as [Worker.Sync] does, until nothing is left
// to do at once, or one has done nothing. It returns the record of the last one, in which
// retrieved, deleted and gone messages of all are counted, and how many there were.
func (w *Worker) Drain(ctx context.Context, a store.Account) (v store.Sync, sessions int, err error) {
	for {
		before := v
		v, err = w.Sync(ctx, a)
		sessions++
		done := v.Retrieved+v.Deleted == 0
		v.Retrieved += before.Retrieved
		v.Deleted += before.Deleted
		v.Gone += before.Gone
		if err != nil || !v.Unfinished || v.OK && done {
			return v, sessions, err
		}
	}
}

// syncInTurn holds a session when there is a place for it and no other process has one
// with the account. done is false if the server wants another login later by then.
func (w *Worker) syncInTurn(ctx context.Context, a store.Account) (v store.Sync, done bool, err error) {
	ctx, err = w.waitToBegin(ctx, a)
	if err != nil {
		return v, false, fmt.Errorf("wait for a place: %w", err)
	}
	defer w.end(a.ID)
	l, err := w.accountLock(a.ID)
	if err != nil {
		return v, false, err
	}
	if _, err := l.TryLockContext(ctx, lockPoll); err != nil {
		return v, false, fmt.Errorf("wait for the account's other session to end: %w", err)
	}
	defer func() { err = errors.Join(err, l.Unlock()) }()
	if wait, err := w.loginWait(ctx, a); wait > 0 || err != nil {
		return v, false, err
	}
	v, err = w.session(ctx, a)
	return v, true, err
}

// loginWait is how long the server does not want to see the account.
func (w *Worker) loginWait(ctx context.Context, a store.Account) (time.Duration, error) {
	a, err := w.Store.Account(ctx, a.User, a.ID)
	if err != nil {
		return 0, ignoreGone(err)
	}
	wait := a.LoginAfter.Sub(w.Store.Now())
	if wait > longest {
		return 0, nil // noted by a clock that was wrong
	}
	return max(wait, 0), nil
}
