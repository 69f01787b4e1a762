package web

import (
	"strings"
	"testing"
	"time"

	"postern/store"
)

// TestHistory: every action on messages is listed, and is undone from there.
func TestHistory(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	id := formatID(w.message)
	for _, action := range []string{"archive", "star", "read", "label:Work", "delete"} {
		ann.post("/messages/actions", "id", id, "action", action).want(t, 303)
		w.clock.pass(time.Minute)
	}
	page := ann.get("/settings/history").want(t, 200).has(t, "1 message archived", "1 message starred", "1 message marked as read",
		"1 message labelled “Work”", "1 message moved to Trash", "Newsletter", "1 minute ago")
	bob := w.as(w.bob)
	bob.get("/settings/history").want(t, 200).has(t, "Nothing to undo").hasNot(t, "Newsletter")

	past, err := w.store.History(t.Context(), w.ann.ID, 10)
	w.must(err)
	entry := past[0]
	if entry.Deed != "delete" || !strings.Contains(page.body, entry.ID) {
		t.Fatalf("the newest entry is %+v", entry)
	}
	bob.post("/undo", "entry", entry.ID).want(t, 303)
	bob.get("/mail/inbox").has(t, "This can no longer be undone")
	ann.post("/undo", "entry", entry.ID, "return", "/settings/history").leads(t, "/settings/history")
	ann.get("/settings/history").has(t, "Undone: 1 message moved to Trash.").hasNot(t, entry.ID)
	ann.post("/undo", "entry", "zz").want(t, 303)

	// The latest action, without naming it.
	ann.post("/undo", "last", "1").want(t, 303)
	ann.get("/mail/inbox").has(t, "Undone: 1 message labelled “Work”.")
	m, err := w.store.Message(t.Context(), w.ann.ID, w.message)
	w.must(err)
	if len(m.Labels) != 1 || m.Unread || !m.Starred || m.Mailbox != store.Archive {
		t.Errorf("after two undos: %+v", m.Summary)
	}
	w.clock.pass(2 * time.Hour)
	ann.post("/undo", "last", "1").want(t, 303)
	ann.get("/mail/inbox").has(t, "There is nothing to undo.")
	ann.get("/settings/history").has(t, "1 message archived")
}

// TestOpeningIsNothingToUndo: what a page marks as read by itself does not stand between a person and their last action.
func TestOpeningIsNothingToUndo(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	ann.post("/messages/actions", "id", formatID(w.message), "action", "read", "opened", "1").want(t, 303)
	m, err := w.store.Message(t.Context(), w.ann.ID, w.message)
	w.must(err)
	if m.Unread {
		t.Error("an opened message stays unread")
	}
	past, err := w.store.History(t.Context(), w.ann.ID, 10)
	w.must(err)
	for _, p := range past {
		if p.Deed == "read" {
			t.Error("opening a message stands in the history")
		}
	}
}

func TestKeysInBrowser(t *testing.T) {
	w, page, base := seen(t)
	checked := func() string { return page.Eval(`document.querySelectorAll("#list input[name=id]:checked").length`) }
	for _, step := range []struct{ keys, want string }{{"*a", "2"}, {"*n", "0"}, {"*u", "2"}, {"*s", "0"}, {"*t", "2"}, {"*r", "0"}, {"jx", "1"}} {
		for _, key := range step.keys {
			page.Press(string(key))
		}
		if got := checked(); got != step.want {
			t.Errorf("%s: %s rows selected, want %s", step.keys, got, step.want)
		}
	}
	page.Press("e")
	page.WaitText("1 message archived.", 10*time.Second)
	page.Press("z")
	page.WaitText("Undone", 10*time.Second)
	// A star says nothing, and is undone all the same.
	page.Press("j")
	page.Press("s")
	if n := page.Eval(`document.querySelectorAll(".row.starred").length`); n != "1" {
		t.Fatalf("%s rows starred", n)
	}
	page.Press("z")
	page.WaitText("Undone: 1 message starred.", 10*time.Second)
	page.Press("g")
	page.Press("a")
	if url := page.URL(); url != base+"/mail/all" {
		t.Errorf("g a leads to %s", url)
	}
	page.Press("?")
	page.WaitText("Keyboard shortcuts", 10*time.Second)
	// Keys are for what is open, not for what lies behind it.
	page.Press("*")
	page.Press("a")
	page.Press("?")
	if got := checked(); got != "0" {
		t.Errorf("behind the help, %s rows were selected", got)
	}
	page.Press("j")
	page.Press("l")
	waitEval(t, page, `!!document.activeElement.closest("#label-menu")`, "true")
	page.Press("ArrowDown")
	page.Press("ArrowUp")
	waitEval(t, page, `document.activeElement === document.querySelector("#label-menu :is(a, button)")`, "true")
	page.Press("e")
	waitEval(t, page, `document.activeElement.innerText.trim()`, "Edit labels")
	// Not while somebody writes.
	page.Goto(base + "/mail/inbox")
	page.Press("/")
	for _, key := range "je#x" {
		page.Press(string(key))
	}
	if v := page.Value("Search mail"); !strings.HasSuffix(v, "je#x") {
		t.Errorf("the search box holds %q", v)
	}
	// Switched off.
	page.Goto(base + "/settings")
	page.Uncheck("Keyboard shortcuts")
	page.Click("button", "Save reading")
	page.Goto(base + "/mail/inbox")
	page.Press("*")
	page.Press("a")
	if got := checked(); got != "0" {
		t.Errorf("with keys switched off, %s rows were selected", got)
	}
	u, err := w.store.User(t.Context(), w.ann.ID)
	w.must(err)
	if !u.Preferences.NoKeys {
		t.Errorf("stored: %+v", u.Preferences)
	}
	if lines := page.Console(); len(lines) > 0 {
		t.Errorf("console: %q", lines)
	}
}
