package web

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"postern/internal/browsertest"
)

// small lists what a finger would miss: links, buttons and fields that are lower than 44 pixels. Links within a
// sentence are as high as its line; .copy is not there for fingers.
const small = `[...document.querySelectorAll("a, button, summary, select, input:not([type=hidden])")].filter(e => {
	if (!e.checkVisibility({ visibilityProperty: true }) || e.closest(".banner, .lead, .hint, .words, .skip, .strip p, .panel > p, .enclosed-in, .copy")) return false;
	if (getComputedStyle(e).pointerEvents === "none") return false;
	const row = getComputedStyle(e, "::after").position === "absolute" && e.closest(".row"); // its link is as large as the row
	const person = e.closest(".person a")?.parentElement;
	const all = [e, row, person, ...(e.labels || [])].filter(Boolean).map(a => a.getBoundingClientRect());
	return all[0].width > 0 && all.every(r => r.height < 43.5);
}).map(e => e.outerHTML.slice(0, 90) + " " + e.getBoundingClientRect().height).join("\n")`

// TestNarrowInBrowser opens every page in a window of 320 pixels, and as a desk's window is at 200 %: nothing has to be
// scrolled sideways, and on a touch screen whatever is pressed is as large as a thumb.
func TestNarrowInBrowser(t *testing.T) {
	b := browsertest.New(t)
	w := newWorld(t)
	ids := w.talk(w.account)
	ts := httptest.NewServer(w.server.Handler())
	defer ts.Close()
	defer w.server.Close()
	for _, width := range []int{320, 640} {
		page := b.Page(t, width, 700, false)
		if page.Goto(ts.URL + "/mail/inbox"); strings.Contains(page.URL(), "/login") {
			page.Fill("User name", "ann")
			page.Fill("Password", annPassword)
			page.Click("button", "Sign in")
			page.WaitText("Newsletter", 20*time.Second)
		}
		look := func(path string) {
			page.Goto(ts.URL + path)
			if over := page.Eval(`document.documentElement.scrollWidth - document.documentElement.clientWidth`); over != "0" {
				t.Errorf("%s is %s pixels wider than a window of %d", path, over, width)
			}
			if found := page.Eval(small); found != `""` {
				t.Errorf("%s at %d pixels, too low for a thumb:\n%s", path, width, strings.ReplaceAll(found, `\n`, "\n"))
			}
		}
		look("/messages/" + formatID(ids[3]) + "?unfold=all")
		look("/mail/all?q=lunch")
		for _, path := range w.pages() {
			look(path)
		}
	}
}
