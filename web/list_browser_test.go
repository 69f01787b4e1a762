package web

import (
	"fmt"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/internal/browsertest"
	"postern/store"
)

// full is a portal in a browser at its inbox, with many messages of ann's.
func full(t *testing.T, n int) (*world, *browsertest.Page, string) {
	w, page, base := seen(t)
	raws := make([]string, n)
	for i := range raws {
		raws[i] = mail(fmt.Sprintf("Note %d", n-i), "An offer for you.", fmt.Sprintf("Received: from a by b; Tue, 3 Nov 2026 10:%02d:%02d +0000", i/60, i%60))
	}
	w.deliver(w.ann, w.account, raws...)
	page.Goto(base + "/mail/inbox")
	return w, page, base
}

const (
	rowIDs   = `[...document.querySelectorAll(".row")].map(r => r.id).join(" ")`
	selected = `document.querySelectorAll(".row input:checked").length`
)

// press clicks on the box of row i, as with the mouse.
func press(page *browsertest.Page, i int, shift bool) {
	page.Eval(fmt.Sprintf(`document.querySelectorAll(".row input[type=checkbox]")[%d].dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true, shiftKey: %v}))`, i, shift))
}

// TestSelectInBrowser: ranges with Shift, a whole page, and all that a search found, which a page asks about first.
func TestSelectInBrowser(t *testing.T) {
	w, page, base := full(t, 120)
	press(page, 2, false)
	press(page, 6, true)
	waitEval(t, page, selected, "5")
	press(page, 4, true) // from the last one, in the other direction: its own state is taken on
	waitEval(t, page, selected, "2")
	waitEval(t, page, `document.querySelector("#all").indeterminate`, "true")
	page.Eval(`document.querySelector("#all").click()`)
	waitEval(t, page, selected, "50")
	page.Eval(`document.querySelector("#all").click()`)
	waitEval(t, page, selected, "0")

	page.Goto(base + "/mail/all?q=offer")
	page.WaitText("Select all 120 messages in this search", 20*time.Second)
	page.Eval(`[...document.querySelectorAll("summary")].find(s => s.textContent.includes("Select all 120 messages in this search")).click()`)
	page.Eval(`document.querySelector(".select-all button[value=archive]").click()`)
	confirm := `document.querySelector("main .page button.main, main .page button.danger")`
	page.WaitText("Archive 120 messages?", 20*time.Second)
	late := w.deliver(w.ann, w.account, mail("Late", "One more offer."))
	page.Eval(confirm + `.click()`)
	page.WaitText("120 messages archived.", 20*time.Second)
	if m, err := w.store.Message(t.Context(), w.ann.ID, late[0]); err != nil || m.Mailbox != store.Inbox {
		t.Errorf("mail that came after the question lies in %v: %v", m.Mailbox, err)
	}
	if lines := page.Console(); len(lines) > 0 {
		t.Errorf("console: %q", lines)
	}
}

// TestPlaceInBrowser: new mail moves nothing that is read, on the page of a list or on those after it; back leads to the
// row one came from.
func TestPlaceInBrowser(t *testing.T) {
	w, page, base := full(t, 120)
	page.Eval(`scrollTo(0, 700)`)
	before := page.Eval(rowIDs)
	w.deliver(w.ann, w.account, mail("Fresh", "just now"))
	page.Eval(`dispatchEvent(new Event("pagehide")), dispatchEvent(new Event("pageshow"))`) // once: each begins a stream anew
	waitEval(t, page, `document.querySelector("[data-arrived]").textContent`, "1 new message")
	if page.Eval(rowIDs) != before || page.Eval(`Math.abs(scrollY - 700) < 60`) != "true" {
		t.Errorf("the list moved to %s", page.Eval("scrollY"))
	}

	page.Eval(`document.querySelector("a[rel=next]").click()`)
	page.WaitText("51–100", 20*time.Second)
	second := page.Eval(rowIDs)
	if first, _, _ := strings.Cut(strings.Trim(second, `"`), " "); strings.Contains(before, first+" ") || strings.HasSuffix(strings.Trim(before, `"`), first) {
		t.Errorf("the second page begins with %s, which the first one has", first)
	}
	w.deliver(w.ann, w.account, mail("Fresh again", "just now"))
	page.Goto(strings.Trim(page.Eval("location.href"), `"`))
	if page.Eval(rowIDs) != second {
		t.Error("with new mail the second page has other rows")
	}

	// The row in the middle, by the browser's way back and by the page's own.
	const inView = `(e => { const r = e?.getBoundingClientRect(); return Boolean(r && r.top > 50 && r.bottom < innerHeight) })(document.querySelectorAll(".row")[40])`
	for _, way := range []string{"history.back()", `document.querySelector("a[data-key=u]").click()`} {
		page.Eval(`document.querySelectorAll(".row")[40].scrollIntoView({block: "center"})`)
		id := strings.Trim(page.Eval(`document.querySelectorAll(".row")[40].id`), `"`)
		page.Eval(`document.querySelectorAll(".row .subject")[40].click()`)
		waitEval(t, page, `document.readyState === "complete" && location.pathname`, "/messages/"+id[1:])
		page.Eval(way)
		waitEval(t, page, `document.readyState === "complete" && location.pathname`, "/mail/inbox")
		waitEval(t, page, inView, "true")
		if strings.Contains(way, "click") {
			waitEval(t, page, `document.activeElement.closest(".row")?.id`, id)
		}
	}
	page.Goto(base + "/mail/inbox")
	if lines := page.Console(); len(lines) > 0 {
		t.Errorf("console: %q", lines)
	}
}

// TestDensityInBrowser: compact lists have lower rows, chosen from the menu of a list.
func TestDensityInBrowser(t *testing.T) {
	_, page, _ := full(t, 3)
	height := func() float64 {
		h, err := strconv.ParseFloat(page.Eval(`document.querySelector(".row").getBoundingClientRect().height`), 64)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	roomy := height()
	page.Click("button", "View")
	page.Click("button", "Compact lists")
	waitEval(t, page, `document.documentElement.dataset.density`, "compact")
	if low := height(); low > 0.8*roomy {
		t.Errorf("a row is %g pixels high, and %g when lists are compact", roomy, low)
	}
}

// TestFirstCheckInBrowser: who has just added an account sees at once what becomes of it: what is wrong, or the mail.
func TestFirstCheckInBrowser(t *testing.T) {
	b := browsertest.New(t)
	p := newPortal(t)
	ts := httptest.NewServer(p.server.Handler())
	t.Cleanup(func() { p.server.Close(); ts.Close() })
	page := b.Page(t, 1280, 800, false)
	page.Goto(ts.URL + "/mail/inbox")
	page.Fill("User name", "bob")
	page.Fill("Password", annPassword)
	page.Click("button", "Sign in")
	page.WaitText("No account yet", 20*time.Second)

	home := p.addAccount(p.bob, "home")
	page.Goto(ts.URL + "/mail/inbox")
	page.WaitText("Mail is on its way", 20*time.Second)
	p.server.hub.SyncStarted(p.bob.ID, home)
	failed := store.Sync{Account: home, Sentence: "There is no server named mx7.example.com."}
	p.addSync(p.bob, failed)
	p.server.hub.SyncEnded(p.bob.ID, failed)
	page.WaitText("There is no server named mx7.example.com.", 20*time.Second)
	page.WaitNoText("Mail is on its way", 20*time.Second)

	p.deliver(p.bob, home, mail("The first letter", "Hello."))
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end) && page.Eval(`document.querySelectorAll(".row").length`) == "0"; time.Sleep(200 * time.Millisecond) {
		p.server.hub.MailArrived(p.bob.ID, home, 1) // again, should the page not listen yet
	}
	page.WaitText("The first letter", 20*time.Second)
	if lines := page.Console(); len(lines) > 0 {
		t.Errorf("console: %q", lines)
	}
}

// TestMenusInBrowser: a menu opens at its button, wherever that is.
func TestMenusInBrowser(t *testing.T) {
	_, page, _ := full(t, 3)
	page.Press("j")
	for _, button := range []string{"Label", "View", "Menu of ann"} {
		page.Click("button", button)
		waitEval(t, page, `(() => {
			const menu = document.querySelector(".menu:popover-open"), m = menu?.getBoundingClientRect();
			const b = document.querySelector("[popovertarget=" + menu?.id + "]")?.getBoundingClientRect();
			return Boolean(m) && m.top >= b.bottom && m.top < b.bottom + 20 && m.left < b.right && m.right > b.left && m.right <= innerWidth;
		})()`, "true")
		page.Press("Escape")
	}
}

// TestGoInBrowser: two keys lead to each mailbox, and along the pages of a list.
func TestGoInBrowser(t *testing.T) {
	_, page, base := full(t, 120)
	for key, box := range map[string]string{"s": "starred", "e": "archive", "j": "junk", "t": "trash", "a": "all", "i": "inbox"} {
		page.Press("g")
		page.Press(key)
		waitEval(t, page, `location.pathname`, "/mail/"+box)
	}
	page.Goto(base + "/mail/inbox")
	page.WaitText("Conversations 1–50 · ", 20*time.Second)
	page.Press("g")
	page.Press("n")
	page.WaitText("Conversations 51–100 · ", 20*time.Second)
	page.Press("g")
	page.Press("p")
	page.WaitText("Conversations 1–50 · ", 20*time.Second)
}

// TestSumInBrowser: what would be freed on a server is added up as one selects.
func TestSumInBrowser(t *testing.T) {
	w, page, base := seen(t)
	w.deliver(w.ann, w.account, mail("Big", strings.Repeat("0123456789\r\n", 3000)), mail("Bigger", strings.Repeat("0123456789\r\n", 100_000)))
	page.Goto(base + "/storage")
	const sum = `document.querySelector("#list .chosen").textContent`
	waitEval(t, page, sum, "")
	press(page, 0, false)
	waitEval(t, page, sum, "1 selected: frees 1.2 MB")
	press(page, 1, false)
	waitEval(t, page, sum, "2 selected: frees 1.2 MB")
	press(page, 0, false)
	waitEval(t, page, sum, "1 selected: frees 36 kB")
	press(page, 1, false)
	waitEval(t, page, sum, "")
}
