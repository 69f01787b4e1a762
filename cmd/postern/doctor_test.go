package main_test

import (
	"os"
	"path/filepath"
	"strings"
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
