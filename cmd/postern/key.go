package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"postern/internal/seal"
	"postern/store"
)

type keyCmd struct {
	Rotate keyRotateCmd `cmd:"" help:"Make a new key file; the stored passwords stay."`
}

func (keyCmd) Help() string { return "Example:\n\n    postern key rotate" }

type keyRotateCmd struct{}

func (keyRotateCmd) Help() string {
	return "Works beside a running serve. The old key file opens earlier backups and nothing else any more.\n\nExample:\n\n    postern key rotate"
}

// Run first writes the new key beside the old one, then lets the database change to it,
// and last gives it the old one's name. Whatever stops this in between, openStore finds
// the key that fits.
func (keyRotateCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s *store.Store) error {
		l := flock.New(filepath.Join(p.DataDir, "key.lock"), flock.SetPermissions(0o600))
		if ok, err := l.TryLock(); err != nil || !ok {
			return errors.Join(errors.New("another postern key rotate is running"), err)
		}
		defer l.Unlock()
		path, key := p.keyPath(), seal.NewKey()
		if err := key.WriteFile(nextKey(path)); err != nil {
			return err
		}
		if err := s.Rewrap(ctx, key); err != nil {
			return err
		}
		if err := finishRotation(path, key); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "The key file %s is new (%s). Backups made before need the old one.\n", path, key)
		return nil
	})
}

// keyPath is where the key file is.
func (p *program) keyPath() string {
	if p.KeyFile != "" {
		return p.KeyFile
	}
	return filepath.Join(p.DataDir, "postern.key")
}

// nextKey is where a new key waits until the database has changed to it.
func nextKey(path string) string { return path + ".new" }

// finishRotation gives the new key the old one's name. Another process may do the same at
// this moment, having found that only the new one fits.
func finishRotation(path string, key *seal.Key) error {
	err := os.Rename(nextKey(path), path)
	if errors.Is(err, fs.ErrNotExist) {
		if now, e := seal.LoadKey(path, false); e == nil && now.ID() == key.ID() {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("the database wants the key in %s now, which could not be given the name %s: %w", nextKey(path), path, err)
	}
	return nil
}
