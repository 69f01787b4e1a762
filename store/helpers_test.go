package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func removeIndex(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"index.db", "index.db-wal", "index.db-shm"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
}
