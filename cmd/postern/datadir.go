package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gofrs/flock"

	"postern/internal/seal"
	"postern/store"
)

// openStore opens the data directory; with create it makes what is missing. The key is
// made together with the first database and never again: a new one could not open what
// the old one sealed.
func (p *program) openStore(ctx context.Context, create bool) (*store.Store, error) {
	_, err := os.Stat(filepath.Join(p.DataDir, "postern.db"))
	isNew := errors.Is(err, fs.ErrNotExist)
	if isNew && !create {
		return nil, fmt.Errorf("there is no Postern data in %s; name it with --data-dir", p.DataDir)
	}
	if err := p.makeDataDir(); err != nil {
		return nil, err
	}
	keyFile := p.KeyFile
	if keyFile == "" {
		keyFile = filepath.Join(p.DataDir, "postern.key")
	}
	key, err := seal.LoadKey(keyFile, isNew)
	if errors.Is(err, seal.ErrNoKey) {
		return nil, fmt.Errorf("the key file %s is missing, and without it the stored passwords cannot be opened; put it back or name it with --key-file", keyFile)
	}
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, p.DataDir, store.Options{Key: key, Log: p.log})
	switch {
	case errors.Is(err, store.ErrNewer), errors.Is(err, store.ErrForeign):
		return nil, fmt.Errorf("%s: %w", p.DataDir, err)
	case err != nil:
		return nil, fmt.Errorf("the data directory %s cannot be used: %w", p.DataDir, err)
	}
	return s, nil
}

func (p *program) makeDataDir() error {
	if err := os.MkdirAll(p.DataDir, 0o700); err != nil {
		return fmt.Errorf("the data directory %s cannot be made: %w; choose another with --data-dir", p.DataDir, errors.Unwrap(err))
	}
	probe, err := os.CreateTemp(p.DataDir, ".writable-")
	if err != nil {
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
		return nil, fmt.Errorf("lock %s: %w", p.DataDir, err)
	case !ok:
		return nil, fmt.Errorf("%w (%s); stop it, or choose another directory with --data-dir", errServing, p.DataDir)
	}
	return l.Unlock, nil
}
