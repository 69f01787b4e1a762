package store

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"
)

// TestOlderDatabaseIsCopied: before a schema changes, the database is copied as it was; one such copy stays.
func TestOlderDatabaseIsCopied(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	first, err := migrations.ReadFile("migrations/0001.sql")
	if err != nil {
		t.Fatal(err)
	}
	old, err := openFile(filepath.Join(dir, dataFile), "FULL", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := migrate(ctx, old, fstest.MapFS{"migrations/0001.sql": &fstest.MapFile{Data: first}}); err != nil {
		t.Fatal(err)
	}
	if err := old.close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, dataFile+".version-0"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to do
		s, err := Open(ctx, dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
	kept, _ := filepath.Glob(filepath.Join(dir, "*.version-*"))
	if len(kept) != 1 || filepath.Base(kept[0]) != dataFile+".version-1" {
		t.Fatalf("copies: %q", kept)
	}
	if info, err := os.Stat(kept[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy: %v, %v", info.Mode(), err)
	}
	db := openPool(kept[0], 1, nil)
	defer db.close()
	var app, version int
	if err := db.QueryRow("SELECT application_id, user_version FROM pragma_application_id, pragma_user_version").Scan(&app, &version); err != nil || app != applicationID || version != 1 {
		t.Errorf("the copy is application %x, version %d, %v", app, version, err)
	}
}
