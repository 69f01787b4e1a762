package web

import (
	"testing"

	"postern/store"
)

// TestTrashDays: Trash says how long mail stays in it, and the settings change that.
func TestTrashDays(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	ann.get("/mail/trash").has(t, "What has been here for 30 days is deleted for good.")
	ann.get("/mail/trash?q=gone").hasNot(t, "is deleted for good")
	ann.get("/settings").has(t, `<option value="30" selected>Stays for 30 days</option>`)
	ann.post("/settings/reading", "keys", "1", "trash", "7").leads(t, "/settings")
	ann.get("/mail/trash").has(t, "What has been here for 7 days is deleted for good.")
	ann.post("/settings/reading", "keys", "1").want(t, 303) // a form of before changes nothing
	ann.get("/settings").has(t, `<option value="7" selected>`)
	for _, days := range []string{"0", "1", "-2", "x", ""} {
		ann.post("/settings/reading", "trash", days).want(t, 422)
	}
	ann.post("/settings/reading", "trash", "-1").want(t, 303)
	ann.get("/mail/trash").has(t, "Mail stays here until you empty Trash.")
	if u, err := w.store.User(t.Context(), w.bob.ID); err != nil || u.Preferences.DaysInTrash() != store.DefaultTrashDays {
		t.Errorf("another user: %+v, %v", u.Preferences, err)
	}
}
