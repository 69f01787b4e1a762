package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func openTest(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(context.Background(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// A full disk in the middle of a group commit.
func TestFullDiskInAGroupCommit(t *testing.T) {
	ctx := context.Background()
	s := openTest(t, t.TempDir())
	var pages int
	s.write(ctx, func(tx *tx) error { return tx.row("SELECT page_count FROM pragma_page_count", nil, &pages) })
	// three jobs in one group: hold the writer while they queue up
	hold := make(chan struct{})
	started := make(chan struct{})
	errs := make([]error, 4)
	done := make(chan int, 4)
	go func() {
		errs[0] = s.write(ctx, func(tx *tx) error {
			_, err := tx.exec("INSERT INTO meta VALUES ('one', 1)")
			close(started)
			<-hold
			return err
		})
		done <- 0
	}()
	<-started
	big := strings.Repeat("x", 1<<20)
	go func() {
		errs[1] = s.write(ctx, func(tx *tx) error {
			if err := tx.w.exec("PRAGMA max_page_count = 1"); err != nil {
				return err
			}
			_, err := tx.exec("INSERT INTO meta VALUES ('two', ?)", big)
			tx.w.exec("PRAGMA max_page_count = 1000000")
			return err
		})
		done <- 1
	}()
	time.Sleep(10 * time.Millisecond)
	go func() {
		errs[2] = s.write(ctx, func(tx *tx) error {
			_, err := tx.exec("INSERT INTO meta VALUES ('three', 3)")
			return err
		})
		done <- 2
	}()
	time.Sleep(10 * time.Millisecond)
	close(hold)
	for range 3 {
		<-done
	}
	for i, k := range []string{"one", "two", "three"} {
		n, err := one(ctx, s.data.read, scanValue[int], "SELECT count(*) FROM meta WHERE key = ?", k)
		if err != nil {
			t.Fatal(err)
		}
		if (errs[i] == nil) != (n == 1) {
			t.Errorf("%s: told %v, in the file %d", k, errs[i], n)
		}
	}
	if err := s.write(ctx, func(tx *tx) error { return nil }); err != nil {
		t.Errorf("writer is stuck: %v", err)
	}
}

// Opening that is interrupted leaves the index as it is.
func TestInterruptedOpenKeepsTheIndex(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	s.Close()
	before, _ := os.Stat(filepath.Join(dir, indexFile))
	// a reader finds the index busy/cancelled: simulate by a context that ends at checkIndex
	ctx, cancel := context.WithCancel(context.Background())
	f, err := openFile(filepath.Join(dir, dataFile), "FULL", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	s2 := &Store{dir: dir, log: s.log, now: time.Now, data: f, dirty: make(chan struct{}, 1)}
	cancel()
	_, err = s2.openIndex(ctx)
	after, err2 := os.Stat(filepath.Join(dir, indexFile))
	f.close()
	if !errors.Is(err, context.Canceled) || err2 != nil || !os.SameFile(before, after) {
		t.Errorf("the index was thrown away because opening was interrupted: %v", err)
	}
}
