package main_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/internal/seal"
	"postern/pop3client/pop3test"
	"postern/store"
)

// mailServer is a POP3 server in this process, and an account of anna's with it.
type mailServer struct {
	*pop3test.Server
	drop *pop3test.Maildrop
	dir  string
	env  []string
}

// newMailServer makes the data directory dir/postern-data with the account Work.
func newMailServer(t *testing.T, policy string, letters int) *mailServer {
	t.Helper()
	m := &mailServer{drop: pop3test.NewMaildrop("anna@example.com", "maildrop password"), dir: t.TempDir()}
	m.Server = pop3test.NewServer(t, m.drop)
	for i := range letters {
		m.drop.Add(fmt.Sprint("uid-", i), letter(i))
	}
	writeFile(t, filepath.Join(m.dir, "owner"), "a good long password\n")
	writeFile(t, filepath.Join(m.dir, "mail"), "maildrop password\n")
	writeFile(t, filepath.Join(m.dir, "ca.pem"), string(m.Authority().PEM()))
	command(t, m.dir, "user", "add", "anna", "--password-file", "owner")
	command(t, m.dir, "account", "add", "--user", "anna", "--name", "Work", "--policy", policy, "--ca-file", "ca.pem", "--password-file", "mail",
		"pop3s://"+url.PathEscape("anna@example.com")+"@"+m.TLSAddr())
	return m
}

// TestRestoredNeitherDeletesNorDoubles: what a backup wanted deleted waits for a person, and what it knows is not
// fetched again; what came after it is.
func TestRestoredNeitherDeletesNorDoubles(t *testing.T) {
	m := newMailServer(t, "on-delete", 20)
	command(t, m.dir, "sync")
	inStore(t, m.dir, func(s *store.Store, user store.UserID) { // as of a minute ago: the undo window is over
		page, err := s.Messages(context.Background(), user, store.View{Mailbox: store.Inbox})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Act(context.Background(), user, store.Delete, []store.MessageID{page.Messages[0].ID}); err != nil {
			t.Fatal(err)
		}
	})
	if out := command(t, m.dir, "backup", "all.tar.zst"); !strings.Contains(out, "20 messages. The key is NOT in it") {
		t.Errorf("backup: %s", out)
	}
	if out, err := tryCommand(t, m.dir, nil, "backup", "all.tar.zst"); err == nil || !strings.Contains(out, "overwrites nothing") {
		t.Errorf("a second backup: %v, %s", err, out)
	}
	m.drop.Add("uid-20", letter(20))
	key, err := os.ReadFile(filepath.Join(m.dir, "postern-data", "postern.key"))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := tryCommand(t, m.dir, nil, "restore", "all.tar.zst"); err == nil || !strings.Contains(out, "is not empty") {
		t.Errorf("restore over what is there: %v, %s", err, out)
	}
	if err := os.RemoveAll(filepath.Join(m.dir, "postern-data")); err != nil {
		t.Fatal(err)
	}
	if out := command(t, m.dir, "restore", "all.tar.zst"); !strings.Contains(out, "Put the key file at") || !strings.Contains(out, "20 messages read back, 0 findings") {
		t.Errorf("restore: %s", out)
	}
	if out, err := tryCommand(t, m.dir, nil, "sync"); err == nil || !strings.Contains(out, "the key file") || !strings.Contains(out, "--forget-secrets") {
		t.Errorf("without the key: %v, %s", err, out)
	}
	writeFile(t, filepath.Join(m.dir, "postern-data", "postern.key"), string(key))

	m.ResetLog()
	if out := command(t, m.dir, "sync"); !strings.Contains(out, "retrieved 1, deleted on server 0") {
		t.Errorf("the first sync after it: %s", out)
	}
	fetched := 0
	for _, c := range m.Log() {
		switch verb, _, _ := strings.Cut(strings.ToUpper(c.Line), " "); verb {
		case "DELE":
			t.Errorf("%s was sent before anybody said so", c.Line)
		case "RETR":
			fetched++
		}
	}
	if fetched != 1 || len(m.drop.UIDs()) != 21 {
		t.Errorf("%d messages fetched, want the one that came later; %d on the server, want 21", fetched, len(m.drop.UIDs()))
	}
	inStore(t, m.dir, func(s *store.Store, user store.UserID) {
		a, err := s.Accounts(context.Background(), user)
		if err != nil || len(a) != 1 || !a[0].Held {
			t.Fatalf("accounts %+v, %v", a, err)
		}
		if err := s.Release(context.Background(), user, a[0].ID); err != nil {
			t.Fatal(err)
		}
	})
	if out := command(t, m.dir, "sync"); !strings.Contains(out, "deleted on server 1") {
		t.Errorf("after it was let go: %s", out)
	}
	if n := search(t, m.dir, "letter in:anywhere"); n != 21 {
		t.Errorf("%d letters here, want 21", n)
	}
}

// TestBackupWithKey: such a backup needs nothing else.
func TestBackupWithKey(t *testing.T) {
	m := newMailServer(t, "after-download", 3)
	if out := command(t, m.dir, "backup", "--with-key", "all.tar.zst"); !strings.Contains(out, "The key IS in it") {
		t.Errorf("backup: %s", out)
	}
	command(t, m.dir, "restore", "--data-dir", "again", "all.tar.zst")
	if out := command(t, m.dir, "sync", "--data-dir", "again"); !strings.Contains(out, "retrieved 3, deleted on server 0") {
		t.Errorf("sync: %s", out)
	}
	var open []string
	filepath.WalkDir(filepath.Join(m.dir, "again"), func(path string, d os.DirEntry, err error) error {
		if info, e := d.Info(); err != nil || e != nil || info.Mode().Perm()&0o077 != 0 {
			open = append(open, path)
		}
		return nil
	})
	if len(open) > 0 {
		t.Errorf("others may read %q", open)
	}
}

// TestScheduledBackups: serve makes them, without gaps and without piling them up.
func TestScheduledBackups(t *testing.T) {
	m := newMailServer(t, "keep", 1)
	backups := filepath.Join(m.dir, "backups")
	if err := os.Mkdir(backups, 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(backups, "mine.tar.zst"), "not Postern's to remove")
	for _, day := range []string{"01", "02", "03"} {
		writeFile(t, filepath.Join(backups, "postern-202001"+day+"T000000Z.tar.zst"), "old")
	}
	p := start(t, m.dir, nil, "serve", "--backup-dir", "backups", "--backup-keep", "2")
	var names []string
	waitFor(t, "a backup", func() bool {
		entries, err := os.ReadDir(backups)
		if err != nil {
			t.Fatal(err)
		}
		names = nil
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return len(names) == 3
	})
	p.stop(t)
	if names[0] != "mine.tar.zst" || names[1] != "postern-20200103T000000Z.tar.zst" || names[2] <= "postern-2026" {
		t.Errorf("left: %q", names)
	}
	if out := command(t, m.dir, "restore", "--data-dir", "again", filepath.Join(backups, names[2])); !strings.Contains(out, "0 findings") {
		t.Errorf("restore: %s", out)
	}
}

// TestWrongKeyRefusesToStart, and says what to do; nothing changes.
func TestWrongKeyRefusesToStart(t *testing.T) {
	m := newMailServer(t, "keep", 1)
	data := filepath.Join(m.dir, "postern-data")
	right := filepath.Join(data, "postern.key")
	key, err := os.ReadFile(right)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(data, "postern.db"))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(){
		"missing": func() { os.Remove(right) },
		"wrong":   func() { writeFile(t, right, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n") },
		"damaged": func() { writeFile(t, right, "hello\n") },
		"exposed": func() { writeFile(t, right, string(key)); os.Chmod(right, 0o644) },
	} {
		os.Remove(right)
		change()
		out, err := tryCommand(t, m.dir, nil, "serve", "--listen", "127.0.0.1:0")
		if err == nil || !strings.Contains(out, right) && !strings.Contains(out, "postern-data/postern.key") {
			t.Errorf("%s: %v, %s", name, err, out)
		}
		if (name == "missing" || name == "wrong") && !strings.Contains(out, "--forget-secrets") {
			t.Errorf("%s: it does not say what to do: %s", name, out)
		}
		after, err := os.ReadFile(filepath.Join(data, "postern.db"))
		if err != nil || string(after) != string(before) {
			t.Errorf("%s: the database changed (%v)", name, err)
		}
	}
	os.Remove(right)
	start(t, m.dir, nil, "serve", "--forget-secrets").stop(t)
	if out, err := tryCommand(t, m.dir, nil, "sync"); err == nil || strings.Contains(out, "retrieved 1") {
		t.Errorf("sync without a password: %v, %s", err, out)
	}
	command(t, m.dir, "account", "set", "--user", "anna", "--password-file", "mail", "Work")
	start(t, m.dir, nil, "serve", "--forget-secrets").stop(t) // the flag forgets nothing that the key opens
	if out := command(t, m.dir, "sync"); !strings.Contains(out, "retrieved 1") {
		t.Errorf("sync with the password typed again: %s", out)
	}
}

// TestKeyRotationKilled kills postern key rotate at many moments: the passwords always open.
func TestKeyRotationKilled(t *testing.T) {
	m := newMailServer(t, "keep", 1)
	running := start(t, m.dir, nil, "serve")
	for i := range 50 {
		cmd := exec.Command(binary, "key", "rotate")
		cmd.Dir = m.dir
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(i) * 2 * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
		mustOpen(t, m.dir)
	}
	command(t, m.dir, "key", "rotate")
	if out := command(t, m.dir, "sync"); !strings.Contains(out, "errors 0") {
		t.Errorf("sync: %s", out)
	}
	running.stop(t)
	if left, _ := filepath.Glob(filepath.Join(m.dir, "postern-data", "*.new")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// TestKeyRotationInterrupted stops where a kill can: the database wants the new key, and the file still holds the old.
func TestKeyRotationInterrupted(t *testing.T) {
	m := newMailServer(t, "keep", 1)
	path, fresh := filepath.Join(m.dir, "postern-data", "postern.key"), seal.NewKey()
	if err := fresh.WriteFile(path + ".new"); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, m.dir) // before the database has changed, the old key counts
	inStore(t, m.dir, func(s *store.Store, _ store.UserID) {
		if err := s.Rewrap(context.Background(), fresh); err != nil {
			t.Fatal(err)
		}
	})
	mustOpen(t, m.dir)
	if key, err := seal.LoadKey(path, false); err != nil || key.ID() != fresh.ID() {
		t.Errorf("the key file: %v, %v, want %v", key, err, fresh)
	}
	if out := command(t, m.dir, "sync"); !strings.Contains(out, "retrieved 1") {
		t.Errorf("sync: %s", out)
	}
}

// mustOpen runs a command that needs the key.
func mustOpen(t *testing.T, dir string) {
	t.Helper()
	if out := command(t, dir, "account", "list"); !strings.Contains(out, "Work") {
		t.Fatalf("account list: %s", out)
	}
}
