package web

import (
	"path/filepath"
	"testing"

	"postern/store"
)

// TestRestoredAccountAsks: after a restore every page says that deletions wait, and one click lets them go.
func TestRestoredAccountAsks(t *testing.T) {
	w := newWorld(t)
	file, dir := filepath.Join(t.TempDir(), "b"), t.TempDir()
	_, err := w.store.Backup(t.Context(), file, nil)
	w.must(err)
	_, _, err = store.RestoreBackup(t.Context(), file, dir, store.Options{})
	w.must(err)
	restored, err := store.Open(t.Context(), dir, store.Options{Now: w.clock.Now})
	w.must(err)
	defer restored.Close()
	w.store, w.server.store, w.server.sessions.store = restored, restored, restored

	ann := w.as(w.ann)
	ann.get("/mail/inbox").want(t, 200).has(t, "work came out of a backup")
	ann.get("/deletions").want(t, 200).has(t, "Nothing is deleted on mx7.example.com until you have looked at what waits: 1 deletion below.", "Let deletions go on")
	ann.post("/deletions/release", "account", formatID(w.account)).leads(t, "/deletions")
	ann.get("/deletions").want(t, 200).hasNot(t, "came out of a backup")
	a, err := restored.Account(t.Context(), w.ann.ID, w.account)
	w.must(err)
	if a.Held {
		t.Error("it is still held")
	}
}
