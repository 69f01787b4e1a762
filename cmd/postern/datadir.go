package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/gofrs/flock"

	"postern/internal/seal"
	"postern/store"
)

// openStore opens the data directory; with create it makes what is missing. A key is made
// only where nothing is sealed yet: a new one could not open what another one sealed.
func (p *program) openStore(ctx context.Context, create bool) (*store.Store, error) {
	_, err := os.Stat(filepath.Join(p.DataDir, "postern.db"))
	isNew := errors.Is(err, fs.ErrNotExist)
	if isNew && !create {
		return nil, fmt.Errorf("there is no Postern data in %s; name it with --data-dir", p.DataDir)
	}
	if err := p.makeDataDir(); err != nil {
		return nil, err
	}
	s, err := p.openWithKey(ctx)
	switch {
	case errors.Is(err, seal.ErrNoKey):
		return nil, fmt.Errorf("the key file %s is missing, and without it the stored passwords cannot be opened. Nothing was changed. Put it back or name it with --key-file; if it is lost, postern serve --forget-secrets starts without the passwords, and each account asks for its own", p.keyPath())
	case errors.Is(err, seal.ErrWrongKey):
		return nil, fmt.Errorf("the key file %s is not the one that sealed the stored passwords (%w). Nothing was changed. Put the right one back or name it with --key-file; if it is lost, postern serve --forget-secrets starts without the passwords, and each account asks for its own", p.keyPath(), err)
	case errors.Is(err, seal.ErrBadKey), errors.Is(err, seal.ErrKeyExposed):
		return nil, err
	case errors.Is(err, store.ErrNewer):
		return nil, fmt.Errorf("%s: %w. Nothing was changed; use that version or a later one", p.DataDir, err)
	case errors.Is(err, store.ErrForeign):
		return nil, fmt.Errorf("%s: %w", p.DataDir, err)
	case err != nil:
		return nil, fmt.Errorf("the data directory %s cannot be used: %w%s", p.DataDir, err, p.whyForbidden())
	}
	return s, nil
}

// forbidden says that this user may not use the data directory or a file of it, and what to do, as when a command was
// run there as another user; "": that is not so.
func (p *program) forbidden() string {
	if refused(p.DataDir, accessRead|accessWrite|accessEnter) {
		return p.strange(p.DataDir)
	}
	files := []string{p.keyPath()}
	entries, _ := os.ReadDir(p.DataDir)
	for _, e := range entries {
		if e.Type().IsRegular() {
			files = append(files, filepath.Join(p.DataDir, e.Name()))
		}
	}
	for _, path := range files {
		if refused(path, accessRead|accessWrite) {
			return p.strange(path)
		}
	}
	return ""
}

// whyForbidden is forbidden behind what has failed.
func (p *program) whyForbidden() string {
	if why := p.forbidden(); why != "" {
		return ": " + why
	}
	return ""
}

// What access(2) is asked for. A file is not opened to find out: closing a database beside SQLite loses its locks.
const (
	accessEnter = 1
	accessWrite = 2
	accessRead  = 4
)

func refused(path string, mode uint32) bool {
	return errors.Is(syscall.Access(path, mode), fs.ErrPermission)
}

// strange says why a path cannot be used, and by whom it can.
func (p *program) strange(path string) string {
	me := userNamed(os.Geteuid())
	owner, known := ownerOf(path)
	if !known || owner == os.Geteuid() {
		return fmt.Sprintf("this command runs as %s, who may not read and write %s: see its mode", me, path)
	}
	return fmt.Sprintf("this command runs as %[1]s, and %[2]s belongs to %[3]s: run it as %[3]s (sudo -u %[3]s postern ...), or give %[1]s all that is there: chown -R %[1]s %[4]s", me, path, userNamed(owner), p.DataDir)
}

// ownerOf is the user to whom a file belongs.
func ownerOf(path string) (uid int, known bool) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, false
	}
	st, known := info.Sys().(*syscall.Stat_t)
	if !known {
		return 0, false
	}
	return int(st.Uid), true
}

// userNamed is a user's name, or number if they have none.
func userNamed(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return strconv.Itoa(uid)
}

// openWithKey opens the store with the key file or, where a rotation was interrupted
// after the database had changed to it, with the new one that waits beside it.
func (p *program) openWithKey(ctx context.Context) (*store.Store, error) {
	open := func(key *seal.Key, forget bool) (*store.Store, error) {
		return store.Open(ctx, p.DataDir, store.Options{Key: key, ForgetSecrets: forget, Log: p.log})
	}
	sealed, err := store.HasSecrets(ctx, p.DataDir)
	if err != nil {
		return nil, err
	}
	path := p.keyPath()
	key, err := seal.LoadKey(path, !sealed || p.forget)
	if err != nil {
		return nil, err
	}
	s, err := open(key, false)
	if !errors.Is(err, seal.ErrWrongKey) {
		return s, err
	}
	if next, e := seal.LoadKey(nextKey(path), false); e == nil {
		if s, e := open(next, false); e == nil {
			return s, errors.Join(finishRotation(path, next))
		}
	}
	if p.forget {
		return open(key, true)
	}
	return nil, err
}

func (p *program) makeDataDir() error {
	if err := os.MkdirAll(p.DataDir, 0o700); err != nil {
		return fmt.Errorf("the data directory %s cannot be made: %w; choose another with --data-dir", p.DataDir, errors.Unwrap(err))
	}
	probe, err := os.CreateTemp(p.DataDir, ".writable-")
	if err != nil {
		if why := p.whyForbidden(); why != "" {
			return fmt.Errorf("the data directory %s cannot be used%s", p.DataDir, why)
		}
		return fmt.Errorf("the data directory %s cannot be written to: %w; choose another with --data-dir", p.DataDir, errors.Unwrap(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

var errServing = errors.New("another Postern is serving this data directory already")

// lockDataDir makes this process the only one that serves the data directory. The
// system gives the lock back if we die.
func (p *program) lockDataDir() (unlock func() error, err error) {
	if err := p.makeDataDir(); err != nil {
		return nil, err
	}
	l := flock.New(filepath.Join(p.DataDir, "postern.lock"), flock.SetPermissions(0o600))
	ok, err := l.TryLock()
	switch {
	case err != nil && !errors.Is(err, syscall.EWOULDBLOCK):
		return nil, fmt.Errorf("lock %s: %w%s", p.DataDir, err, p.whyForbidden())
	case !ok:
		return nil, fmt.Errorf("%w (%s); stop it, or choose another directory with --data-dir", errServing, p.DataDir)
	}
	return l.Unlock, nil
}
