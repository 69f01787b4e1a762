package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"postern/internal/seal"
	"postern/store"
)

// fullHousehold has mail in the inbox, and one message on its way from the server.
func fullHousehold(t *testing.T) *household {
	t.Helper()
	h := newHousehold(t)
	for i := range 30 {
		h.deliver(mail(i, "letter", "body"))
	}
	h.act(store.Delete, h.deliver(mail(30, "unwanted", "body")))
	return h
}

func TestBackupAndRestore(t *testing.T) {
	h := fullHousehold(t)
	ctx := t.Context()
	file := filepath.Join(t.TempDir(), "all.tar.zst")
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := range 20 {
			h.deliver(mail(100+i, "meanwhile", "body"))
		}
	})
	m, err := h.Backup(ctx, file, nil)
	h.check(err)
	writing.Wait()
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup: %v, %v", info.Mode(), err)
	}
	if m.HoldsKey || m.Messages < 30 {
		t.Errorf("manifest %+v", m)
	}
	if _, err := h.Backup(ctx, file, nil); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second backup of the same name: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".*")); left != nil {
		t.Errorf("left behind: %q", left)
	}

	dir := t.TempDir()
	got, key, err := store.RestoreBackup(ctx, file, dir, store.Options{})
	h.check(err)
	if got != m || key != nil {
		t.Errorf("restored %+v, want %+v; key %q", got, m, key)
	}
	if _, _, err := store.RestoreBackup(ctx, file, dir, store.Options{}); !errors.Is(err, store.ErrOccupied) {
		t.Errorf("restored over another: %v", err)
	}
	s, err := store.Open(ctx, dir, store.Options{})
	h.check(err)
	defer s.Close()
	read, err := s.Check(ctx, false, func(finding string) { t.Errorf("check: %s", finding) })
	if err != nil || read != m.Messages {
		t.Errorf("check read %d messages, want %d: %v", read, m.Messages, err)
	}
	a, err := s.Account(ctx, h.user, h.account)
	h.check(err)
	if !a.Held {
		t.Fatal("an account with an open deletion is not held")
	}
	claim := func() []store.DeletionID {
		open, err := s.OpenDeletions(ctx, h.user, h.account)
		h.check(err)
		if len(open) != 1 {
			t.Fatalf("%d open deletions, want 1", len(open))
		}
		h.check(s.Exec("UPDATE deletions SET not_before = 0"))
		claimed, err := s.ClaimDeletions(ctx, a, []store.DeletionID{open[0].ID})
		h.check(err)
		return claimed
	}
	if got := claim(); len(got) != 0 {
		t.Errorf("a held account claims %v", got)
	}
	h.check(s.Release(ctx, h.user, h.account))
	if got := claim(); len(got) != 1 {
		t.Errorf("after the release %v is claimed", got)
	}
}

// TestRestoreHoldsWhatDeletesByItself: a rule that deletes by itself waits too; an account that
// deletes only what is deleted here, and has nothing open, goes on.
func TestRestoreHoldsWhatDeletesByItself(t *testing.T) {
	h := newHousehold(t)
	ids := map[store.Policy]store.AccountID{store.DeleteOnDelete: h.account}
	for _, p := range []store.Policy{store.Keep, store.DeleteAfterDays, store.DeleteAfterDownload} {
		ids[p] = h.addAccount(p)
	}
	file, dir := filepath.Join(t.TempDir(), "b"), t.TempDir()
	_, err := h.Backup(t.Context(), file, []byte("the key\n"))
	h.check(err)
	m, key, err := store.RestoreBackup(t.Context(), file, dir, store.Options{})
	h.check(err)
	if !m.HoldsKey || string(key) != "the key\n" {
		t.Errorf("key %q of %+v", key, m)
	}
	s, err := store.Open(t.Context(), dir, store.Options{})
	h.check(err)
	defer s.Close()
	for p, id := range ids {
		a, err := s.Account(t.Context(), h.user, id)
		h.check(err)
		if want := p == store.DeleteAfterDays || p == store.DeleteAfterDownload; a.Held != want {
			t.Errorf("policy %d: held %v", p, a.Held)
		}
	}
}

func TestRestoreRefusesDamage(t *testing.T) {
	h := fullHousehold(t)
	file := filepath.Join(t.TempDir(), "b")
	_, err := h.Backup(t.Context(), file, nil)
	h.check(err)
	whole, err := os.ReadFile(file)
	h.check(err)
	flipped := append([]byte{}, whole...)
	flipped[len(flipped)/2] ^= 0x40
	for name, data := range map[string][]byte{
		"empty": {}, "text": []byte("hello"), "cut": whole[:len(whole)-100], "half": whole[:len(whole)/2], "flipped": flipped,
	} {
		bad, dir := filepath.Join(t.TempDir(), "b"), t.TempDir()
		h.check(os.WriteFile(bad, data, 0o600))
		if _, _, err := store.RestoreBackup(t.Context(), bad, dir, store.Options{}); !errors.Is(err, store.ErrNoBackup) {
			t.Errorf("%s: %v", name, err)
		}
		if left := files(t, dir); len(left) > 0 {
			t.Errorf("%s leaves %d files", name, len(left))
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, _, err := store.RestoreBackup(stopped, file, t.TempDir(), store.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// TestCopyBeforeMigration: an older database is copied before it changes; a newer one is left alone.
func TestCopyBeforeMigration(t *testing.T) {
	dir, key := t.TempDir(), seal.NewKey()
	s := openIn(t, dir, key)
	if left, _ := filepath.Glob(filepath.Join(dir, "*.version-*")); left != nil {
		t.Errorf("a new database was copied: %q", left)
	}
	if err := s.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	s.Close()
	before := files(t, dir)["postern.db"]
	if _, err := store.Open(t.Context(), dir, store.Options{Key: key}); !errors.Is(err, store.ErrNewer) {
		t.Errorf("a newer database: %v", err)
	}
	if string(files(t, dir)["postern.db"]) != string(before) {
		t.Error("a newer database was changed")
	}
}
