package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestDoctor(t *testing.T) {
	if out := command(t, t.TempDir(), "doctor"); !strings.Contains(out, "is not there yet") {
		t.Errorf("before anything is there: %s", out)
	}
	m := newMailServer(t, "keep", 1)
	command(t, m.dir, "sync")
	out := command(t, m.dir, "doctor")
	for _, want := range []string{"ok    Data directory", "ok    Key", "ok    Disk", "ok    Store", "ok    Clock", "anna/Work: 1 new message", "note  Backups"} {
		if !strings.Contains(out, want) {
			t.Errorf("the doctor does not say %q:\n%s", want, out)
		}
	}
	data := filepath.Join(m.dir, "postern-data")
	os.Chmod(data, 0o755)
	os.Chmod(filepath.Join(data, "index.db"), 0o644)
	m.drop.SetPassword("another")
	tryCommand(t, m.dir, nil, "sync")
	out, err := tryCommand(t, m.dir, nil, "doctor", "--listen", "0.0.0.0:8110", "--backup-dir", "none", "--tls-cert", "x")
	for _, want := range []string{"WRONG Data directory", "chmod 700", "WRONG File", "WRONG Backups", "WRONG TLS", "WRONG anna/Work", "want your attention"} {
		if err == nil || !strings.Contains(out, want) {
			t.Errorf("%v: the doctor does not say %q:\n%s", err, want, out)
		}
	}
	os.Remove(filepath.Join(data, "postern.key"))
	if out, err := tryCommand(t, m.dir, nil, "doctor"); err == nil || !strings.Contains(out, "WRONG Key") || !strings.Contains(out, "--forget-secrets") {
		t.Errorf("without a key: %v, %s", err, out)
	}
}

// nobody is a user to whom nothing of Postern belongs.
const nobody = 65534

// TestAnotherUsersData: who runs a command as the wrong user is told whose the data is, and what to do.
func TestAnotherUsersData(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can run a command as another user")
	}
	m := newMailServer(t, "keep", 1)
	readable(t, m.dir)
	readable(t, filepath.Dir(binary))
	as := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(binary, args...)
		cmd.Dir = m.dir
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Errorf("%v ends well: %s", args, out)
		}
		return string(out)
	}
	data := filepath.Join(m.dir, "postern-data")
	for _, mode := range []os.FileMode{0o700, 0o777} {
		os.Chmod(data, mode)
		for _, args := range [][]string{{"doctor"}, {"sync"}, {"account", "list"}} {
			if out := as(args...); !strings.Contains(out, "belongs to root: run it as root") || !strings.Contains(out, "postern-data cannot be used") || strings.Contains(out, "for its owner alone") {
				t.Errorf("%v with mode %o: %s", args, mode, out)
			}
		}
	}
	os.Chmod(data, 0o700)
	os.Chown(filepath.Join(data, "index.db"), nobody, nobody)
	if out, err := tryCommand(t, m.dir, nil, "doctor"); err == nil || !strings.Contains(out, "index.db belongs to nobody, and the data directory to root; chown root it.") {
		t.Errorf("doctor: %v: %s", err, out)
	}

	// What root does in another's directory leaves nothing there that the owner cannot use.
	filepath.WalkDir(data, func(path string, _ os.DirEntry, _ error) error { return os.Chown(path, nobody, nobody) })
	command(t, m.dir, "sync")
	if out, err := tryCommand(t, m.dir, nil, "doctor"); err != nil || strings.Contains(out, "belongs to") {
		t.Errorf("after a sync by root: %v: %s", err, out)
	}
}

// readable lets others into the directories that a test's lies in.
func readable(t *testing.T, dir string) {
	t.Helper()
	for ; dir != "/"; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o005 == 0o005 {
			continue
		}
		if err := os.Chmod(dir, info.Mode().Perm()|0o005); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSyncOfNothing: where there is nothing to sync, that is said.
func TestSyncOfNothing(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "owner"), "a good long password\n")
	command(t, dir, "user", "add", "anna", "--password-file", "owner")
	for want, args := range map[string][]string{"there is no account in ./postern-data": {"sync"}, "there is no account of anna in ./postern-data": {"sync", "--user", "anna"}} {
		if out := command(t, dir, args...); !strings.Contains(out, want) || !strings.Contains(out, "postern account add") {
			t.Errorf("%v: %s", args, out)
		}
	}
}
