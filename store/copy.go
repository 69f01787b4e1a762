package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// copyData writes a consistent copy of postern.db into the file at path, which is empty
// or not there, while others go on reading and writing. Nothing that was removed is in
// the copy. It is on disk when copyData returns.
func (s *Store) copyData(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	// A connection of its own: the reading ones may not even write elsewhere.
	db := openPool(s.data.path, 1, []string{"PRAGMA busy_timeout = 10000"})
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", path)
	return errors.Join(err, db.close(), f.Sync())
}

// keepVersion keeps a copy of the database as it was before its schema is brought from
// version before to the newest, and drops the copy of an earlier time.
func (s *Store) keepVersion(ctx context.Context, before int) error {
	if before == 0 || before == newestVersion() {
		return nil
	}
	earlier, err := filepath.Glob(s.data.path + ".version-*")
	if err != nil {
		return err
	}
	kept := fmt.Sprintf("%s.version-%d", s.data.path, before)
	temp, err := os.CreateTemp(s.dir, dataFile+".copy-")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	if err := errors.Join(temp.Close(), s.copyData(ctx, temp.Name()), os.Rename(temp.Name(), kept)); err != nil {
		return err
	}
	for _, path := range earlier {
		if path != kept {
			if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
	}
	s.log.Info("the database is brought up to date; a copy of it stays", "from", before, "to", newestVersion(), "copy", kept)
	return nil
}
