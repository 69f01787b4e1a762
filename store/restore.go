package store

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

// maxSmall bounds what is read into memory of a backup: manifest and key.
const maxSmall = 64 << 10

// RestoreBackup puts the database of the backup file into the data directory dir, where there
// must be none, brings its schema up to date, ends all sessions and holds the accounts:
// nothing is deleted on their servers until a person has said so (see [Store.Release]).
// It returns what is in the backup, and the text of the key file if it holds one. dir has
// no database until all of this is done. The error may match ErrNoBackup, ErrOccupied or
// ErrNewer.
func RestoreBackup(ctx context.Context, file, dir string, opt Options) (m Manifest, key []byte, err error) {
	if _, err := os.Lstat(filepath.Join(dir, dataFile)); err == nil {
		return m, nil, ErrOccupied
	}
	work, err := os.MkdirTemp(dir, ".restore-")
	if err != nil {
		return m, nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if m, key, err = readArchive(ctx, file, work); err != nil {
		return m, nil, err
	}
	opt.Key = nil // whatever is sealed stays so
	if err := settle(ctx, work, opt); err != nil {
		return m, nil, err
	}
	// A link, unlike a rename, replaces nothing.
	if err := os.Link(filepath.Join(work, dataFile), filepath.Join(dir, dataFile)); err != nil {
		return m, nil, err
	}
	return m, key, syncDir(dir)
}

// readArchive unpacks a backup into work.
func readArchive(ctx context.Context, file, work string) (m Manifest, key []byte, err error) {
	f, err := os.Open(file)
	if err != nil {
		return m, nil, err
	}
	defer f.Close()
	z, err := zstd.NewReader(&patient{ctx, f}, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return m, nil, err
	}
	defer z.Close()
	a := tar.NewReader(z)
	for {
		header, err := a.Next()
		if err != nil {
			return m, nil, cut(ctx, err)
		}
		switch header.Name {
		case manifestName, keyName:
			text, err := io.ReadAll(io.LimitReader(a, maxSmall))
			if err != nil {
				return m, nil, cut(ctx, err)
			}
			if header.Name == keyName {
				key = bytes.Clone(text)
			} else if err := json.Unmarshal(text, &m); err != nil {
				return m, nil, cut(ctx, err)
			}
		case dataFile:
			if m.Format != 1 {
				return m, nil, ErrNewer
			}
			return m, key, unpack(ctx, a, filepath.Join(work, dataFile))
		}
	}
}

func unpack(ctx context.Context, r io.Reader, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w := &failing{w: f}
	_, err = io.Copy(w, r)
	if err != nil && w.err == nil {
		err = cut(ctx, err) // the disk took all that was read
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// failing remembers why a write failed, to tell a full disk from a damaged backup.
type failing struct {
	w   io.Writer
	err error
}

func (f *failing) Write(b []byte) (int, error) {
	n, err := f.w.Write(b)
	f.err = err
	return n, err
}

// cut says that a backup cannot be read to its end.
func cut(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("%w: %w", ErrNoBackup, err)
}

// settle makes of an unpacked copy a database that is safe to go on with.
func settle(ctx context.Context, dir string, opt Options) error {
	db := openPool(filepath.Join(dir, dataFile), 1, []string{"PRAGMA journal_mode = WAL"})
	if err := errors.Join(db.PingContext(ctx), db.close()); err != nil {
		return err
	}
	s, err := Open(ctx, dir, opt)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(t *tx) error {
		for _, q := range []string{
			"DELETE FROM sessions", // some were ended since
			"DELETE FROM undos",
			`UPDATE accounts SET held = 1 WHERE removed IS NULL AND (policy NOT IN (1, 2)
				OR EXISTS (SELECT 1 FROM deletions WHERE account_id = accounts.id AND state IN (1, 2, 3)))`,
		} {
			if _, err := t.exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, s.Close())
}

// Release lets the deletions of an account that came out of a backup go to its server.
func (s *Store) Release(ctx context.Context, user UserID, id AccountID) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec("UPDATE accounts SET held = 0 WHERE id = ? AND user_id = ? AND removed IS NULL", id, user)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}
