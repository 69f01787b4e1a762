package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"postern/internal/query"
)

func removeIndex(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"index.db", "index.db-wal", "index.db-shm"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

// copyStore takes the files of an open store as they are at this moment.
func copyStore(t testing.TB, from, to string) {
	t.Helper()
	for _, name := range []string{"postern.db", "postern.db-wal", "index.db", "index.db-wal"} {
		data, err := os.ReadFile(filepath.Join(from, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// setIndexVersion makes index.db one of another version of Postern.
func setIndexVersion(t *testing.T, dir string, version int) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		t.Fatal(err)
	}
}

// vacuum leaves nothing in a database file but what is in its tables.
func vacuum(path string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	_, err = db.Exec("VACUUM")
	return errors.Join(err, db.Close())
}

// needle is the search for a word that tests put into messages.
func needle() query.Query { return query.Parse("needle", time.Now()) }

// userVersion is the version of the schema of a database file.
func userVersion(t testing.TB, path string) (version int) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err == nil {
		err = db.QueryRow("PRAGMA user_version").Scan(&version)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return version
}
