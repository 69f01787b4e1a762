package main_test

import (
	"strings"
	"testing"
)

// TestSyncDrains: what takes several sessions, as deletions do whose QUIT comes after every 500, takes one command.
func TestSyncDrains(t *testing.T) {
	m := newMailServer(t, "after-download", 510)
	out := command(t, m.dir, "sync")
	if !strings.Contains(out, "retrieved 510, deleted on server 510,") || !strings.Contains(out, "2 sessions, the last one:") || len(m.drop.Messages()) != 0 {
		t.Errorf("%d left on the server: %s", len(m.drop.Messages()), out)
	}
	if out := command(t, m.dir, "sync"); !strings.Contains(out, "retrieved 0, deleted on server 0,") || strings.Contains(out, "sessions") {
		t.Errorf("once more: %s", out)
	}
}
