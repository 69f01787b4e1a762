package web

import (
	"testing"
	"time"

	"postern/internal/browsertest"
	"postern/store"
)

// waitEval waits until an expression has a value.
func waitEval(t *testing.T, page *browsertest.Page, expression, want string) {
	t.Helper()
	page.WaitEval(expression, want, 20*time.Second)
}

const (
	unfolded = `document.querySelectorAll(".part > details[open]").length`
	focused  = `document.activeElement.closest(".part")?.id ?? ""`
)

func TestConversationInBrowser(t *testing.T) {
	w, page, base := seen(t)
	ids := w.talk(w.account)
	part := func(i int) string { return "m" + formatID(ids[i]) }
	page.Goto(base + "/mail/inbox")
	page.ClickNth("link", "Re: Lunch", 0)
	waitEval(t, page, unfolded, "3")
	waitEval(t, page, `scrollY`, "0") // at the subject; the first unread message stands below it
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if m, err := w.store.Message(t.Context(), w.ann.ID, ids[3]); err == nil && !m.Unread {
			break
		} else if time.Now().After(end) {
			t.Fatal("what was looked at is still unread")
		}
	}

	// Read, it has its newest message unfolded; the keys go from one to the next, and unfold in place.
	page.Press("u")
	waitEval(t, page, `location.pathname + location.hash`, "/mail/inbox#"+part(3))
	page.ClickNth("link", "Re: Lunch", 0)
	waitEval(t, page, unfolded, "1")
	page.Press("p")
	waitEval(t, page, focused, part(1))
	page.Press("p")
	waitEval(t, page, focused, part(0))
	page.Press("n")
	waitEval(t, page, focused, part(1))
	before := page.URL()
	page.Press("o")
	waitEval(t, page, unfolded, "2")
	waitEval(t, page, focused, part(1))
	if page.URL() != before {
		t.Errorf("unfolding led to %s", page.URL())
	}
	page.Press("Enter") // and folds it again
	waitEval(t, page, unfolded, "1")
	page.Press(";")
	waitEval(t, page, unfolded, "3")
	page.Press(":")
	waitEval(t, page, unfolded, "0")
	page.Goto(before)

	// One message away, the others stay; then all of them, and back.
	page.Eval(`document.querySelector("#` + part(3) + ` [popovertarget^=more]").click()`)
	if page.Count("button", "Delete") != 2 {
		t.Error("the menu of the message offers no Delete beside the conversation's")
	}
	page.Eval(`document.querySelector("#` + part(3) + ` [value=delete]").click()`)
	page.WaitText("1 message moved to Trash.", 20*time.Second)
	waitEval(t, page, `document.querySelectorAll(".part").length`, "2")
	page.Press("z")
	page.WaitText("Undone: 1 message", 20*time.Second)
	page.Goto(base + "/messages/" + formatID(ids[3]))
	page.Press("e")
	page.WaitText("1 conversation (3 messages) archived.", 20*time.Second)
	page.Press("z")
	waitEval(t, page, `document.querySelectorAll(".talk").length`, "1")
	if lines := page.Console(); len(lines) > 0 {
		t.Errorf("console: %q", lines)
	}
}

// TestConversationWithoutScript reads it on a phone that runs no scripts.
func TestConversationWithoutScript(t *testing.T) {
	w, page, base := seenAt(t, 390, 844)
	ids := w.talk(w.account)
	_, err := w.store.Act(t.Context(), w.ann.ID, store.Read, ids)
	w.must(err)
	page.DisableScripts()
	page.Goto(base + "/mail/inbox")
	page.ClickNth("link", "Re: Lunch", 0)
	waitEval(t, page, unfolded, "1")
	page.Click("link", "Lina Berg Shall we? 3 Nov")
	waitEval(t, page, `[...document.querySelectorAll(".part > details[open]")].map(d => d.parentElement.id).join()`, "m"+formatID(ids[0]))
	page.Eval(`document.querySelector("#m` + formatID(ids[0]) + ` > details > summary").click()`) // folds without a script
	waitEval(t, page, unfolded, "0")
	page.Click("link", "Unfold all")
	waitEval(t, page, unfolded, "3")
	page.Click("link", "Fold all")
	waitEval(t, page, unfolded, "0")
	page.Click("link", "Lina Berg Shall we? 3 Nov")
	waitEval(t, page, unfolded, "1")
	page.Click("button", "More for this message") // the menu needs no script
	page.Click("button", "Star")
	waitEval(t, page, `document.querySelectorAll(".part.starred").length`, "1")
	page.ClickNth("button", "Archive", 0)
	page.WaitText("1 conversation (3 messages) archived.", 20*time.Second)
}
