package web

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"postern/internal/browsertest"
	"postern/store"
)

// seen is a portal in a real browser, with ann signed in.
func seen(t *testing.T, change ...func(*Options)) (*world, *browsertest.Page, string) {
	return seenAt(t, 1280, 800, change...)
}

// seenAt is seen in a window of another size.
func seenAt(t *testing.T, width, height int, change ...func(*Options)) (*world, *browsertest.Page, string) {
	b := browsertest.New(t) // first: where there is none, the test is skipped
	w := newWorld(t, change...)
	ts := httptest.NewServer(w.server.Handler())
	t.Cleanup(func() {
		w.server.Close()
		ts.Close()
	})
	page := b.Page(t, width, height, false)
	page.Goto(ts.URL + "/mail/inbox")
	page.Fill("User name", "ann")
	page.Fill("Password", annPassword)
	page.Click("button", "Sign in")
	page.WaitText("Newsletter", 10*time.Second)
	return w, page, ts.URL
}

// TestSignInByName is the portal on a home network: reached by a name, without TLS. Browsers tell such a site less of
// where a form came from.
func TestSignInByName(t *testing.T) {
	w := newWorld(t)
	ts := httptest.NewServer(w.server.Handler())
	defer ts.Close()
	defer w.server.Close() // first: an event stream would hold up the other
	page := browsertest.New(t, "postern.test "+ts.Listener.Addr().String()).Page(t, 1280, 800, false)
	page.Goto("http://postern.test/login")
	page.Fill("User name", "ann")
	page.Fill("Password", annPassword)
	page.Click("button", "Sign in")
	page.WaitText("Newsletter", 10*time.Second)
}

// TestInBrowser opens every page in Chromium: none breaks its own policy or has an error in its script.
func TestInBrowser(t *testing.T) {
	w, page, base := seen(t)
	w.eachRoute(func(method, pattern string) {
		switch {
		case method != "GET", public[method+" "+pattern] != 0, pattern == "/events":
		case strings.HasSuffix(pattern, "/raw"), strings.HasPrefix(pattern, "/images/"), strings.HasSuffix(pattern, ".zip"), pattern == "/export", strings.Contains(pattern, "/parts/"), strings.HasSuffix(pattern, "/transcript"):
		default:
			if code := page.Goto(base + w.path(pattern)); code != 200 {
				t.Errorf("%s: status %d", pattern, code)
			}
		}
	})
	for _, line := range page.Console() {
		t.Errorf("console: %s", line)
	}
	for _, url := range page.Requests() {
		if !strings.HasPrefix(url, base) && !strings.HasPrefix(url, "data:") {
			t.Errorf("the browser asked for %s", url)
		}
	}
}

// unread counts the bold rows of a list.
const unread = `document.querySelectorAll(".row.unread").length`

func TestReadInBrowser(t *testing.T) {
	w, page, base := seen(t)
	if n := page.Eval(unread); n != "2" {
		t.Fatalf("%s unread rows, want 2", n)
	}
	page.Click("link", "Newsletter")
	if text := page.FrameText("Message body"); !strings.Contains(text, "Hello Ann") {
		t.Errorf("the frame shows %q", text)
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if m, err := w.store.Message(t.Context(), w.ann.ID, w.message); err == nil && !m.Unread {
			break
		}
	}
	page.Goto(base + "/mail/inbox")
	if n := page.Eval(unread); n != "1" {
		t.Errorf("%s unread rows after one was opened, want 1", n)
	}
	page.Click("link", "Newsletter")
	page.Click("button", "Delete")
	page.WaitText("1 message moved to Trash.", 10*time.Second)
	page.Click("button", "Undo")
	page.WaitText("Newsletter", 10*time.Second)
	if lines := page.Console(); len(lines) > 0 {
		t.Errorf("console: %q", lines)
	}
}

// TestCursorStaysInBrowser: an action leaves the cursor of the keyboard on its row, or on the one that took its place.
func TestCursorStaysInBrowser(t *testing.T) {
	_, page, base := seen(t)
	const row = `document.activeElement.closest(".row")?.id`
	page.Goto(base + "/mail/inbox")
	page.Press("j")
	page.Press("j")
	id := strings.Trim(page.Eval(row), `"`)
	page.Press("s")
	waitEval(t, page, `document.querySelector("#`+id+`.starred") && `+row, id)
	page.Press("e")
	waitEval(t, page, `document.querySelector(".toast") && !document.querySelector("#`+id+`") && !!`+row, "true")
	page.Press("z")
	waitEval(t, page, row, id)
}

func TestLiveInBrowser(t *testing.T) {
	w, page, base := seen(t)
	page.Goto(base + "/accounts/" + formatID(w.account))
	w.server.hub.SyncStarted(w.ann.ID, w.account)
	w.server.hub.SyncProgress(w.ann.ID, w.account, "retrieving", 3, 9, 1000, -1)
	page.WaitText("3 of 9 · 1.0 kB", 10*time.Second)
	w.server.hub.SyncEnded(w.ann.ID, store.Sync{Account: w.account})
	page.WaitNoText("3 of 9", 10*time.Second)

	// Who asked for a check is told what came of it, where it was said that it began.
	page.Goto(base + "/mail/inbox")
	page.Click("button", "Check now")
	page.WaitText("Checking work.", 10*time.Second)
	failed := store.Sync{Account: w.account, Sentence: "There is no server named mx7.example.com."}
	w.addSync(w.ann, failed)
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end) && strings.Contains(page.Text(".toast"), "Checking"); time.Sleep(100 * time.Millisecond) {
		w.server.hub.SyncEnded(w.ann.ID, failed) // again, should the page not listen yet
	}
	if text := page.Text(".toast"); !strings.Contains(text, "There is no server named mx7.example.com.") {
		t.Errorf("the check that was asked for ended with %q", text)
	}

	page.Goto(base + "/mail/inbox")
	w.deliver(w.ann, w.account, mail("Fresh", "just now"))
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end) && page.Eval(`document.querySelector("[data-arrived]").hidden`) == "true"; time.Sleep(100 * time.Millisecond) {
		w.server.hub.MailArrived(w.ann.ID, w.account, 1) // again, should the page not listen yet
	}
	if text := page.Text("[data-arrived]"); !strings.Contains(text, "new message") {
		t.Errorf("the list says %q of new mail", text)
	}

	w.prober.result = ProbeResult{Summary: "The server refused the password.", Advice: "Type it again."}
	page.Goto(base + "/accounts/" + formatID(w.account) + "/edit")
	page.Click("button", "Test connection")
	page.WaitText("The server refused the password.", 10*time.Second)
	if page.Value("Server") != "mx7.example.com" {
		t.Error("the test left the form")
	}
}

// TestMissedMailInBrowser: mail that came while nobody listened is announced with the next stream.
func TestMissedMailInBrowser(t *testing.T) {
	w, page, base := seen(t)
	page.Goto(base + "/mail/inbox")
	w.deliver(w.ann, w.account, mail("Fresh", "just now")) // and the hub is not told
	page.Eval(`dispatchEvent(new Event("pagehide")), dispatchEvent(new Event("pageshow"))`)
	page.WaitText("1 new message", 10*time.Second)
	page.Click("link", "1 new message")
	page.WaitText("Fresh", 10*time.Second)
	page.Click("button", "Check now")
	page.WaitText("Checking work.", 10*time.Second)
	if w.worker.woken == 0 {
		t.Error("the worker was not woken")
	}
	page.Eval(`dispatchEvent(new Event("pagehide")), dispatchEvent(new Event("pageshow"))`)
	time.Sleep(300 * time.Millisecond)
	if page.Eval(`document.querySelector("[data-arrived]").hidden`) != "true" {
		t.Error("what the list shows is announced as new")
	}
}

// TestWithoutScript does the same with forms alone.
func TestWithoutScript(t *testing.T) {
	w, page, base := seen(t)
	page.DisableScripts()
	page.Goto(base + "/messages/" + formatID(w.message))
	page.Click("button", "Mark read")
	page.WaitNoText("Mark read", 10*time.Second)
	if m, err := w.store.Message(t.Context(), w.ann.ID, w.message); err != nil || m.Unread {
		t.Error("it is still unread")
	}
	w.prober.result = ProbeResult{OK: true, Summary: "It works: 3 messages."}
	page.Goto(base + "/accounts/" + formatID(w.account) + "/edit")
	page.Click("button", "Test connection")
	page.WaitText("It works: 3 messages.", 10*time.Second)
}

// TestCopyAddress: an address is copied, and shown to be.
func TestCopyAddress(t *testing.T) {
	w, page, base := seen(t)
	page.Goto(base + "/messages/" + formatID(w.message))
	page.Eval(`addEventListener("copy", () => document.title = getSelection().toString())`)
	page.Click("button", "Copy lina@example.net")
	if got := page.Eval("document.title"); got != `"lina@example.net"` {
		t.Errorf("copied %s", got)
	}
	if n := page.Count("button", "Copied."); n != 1 {
		t.Errorf("%d buttons say that it was copied", n)
	}
}
