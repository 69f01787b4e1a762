package web

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestSuggestions(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	ask := func(q string) answer { return ann.get("/searches/suggest?q="+url.QueryEscape(q)).want(t, 200) }
	ask("").has(t, `data-fill="has:attachment"`).hasNot(t, "Recent searches", "Messages")
	ask("lin").has(t, `data-fill="from:lina@example.net"`, "<mark>Lina</mark> Berg")
	ask("word from:lin").has(t, `data-fill="word from:lina@example.net"`)
	ask("word to:lin").has(t, `data-fill="word to:lina@example.net"`)
	ask("newsl").has(t, "<mark>Newsletter</mark>", `data-url="/messages/`+formatID(w.message)+`?list=`)
	ask("tri").has(t, `data-fill="label:&#34;Trips/2026?&#34;"`).hasNot(t, "People")
	ask("label:").has(t, `data-fill="label:&#34;Trips/2026?&#34;"`)
	ask("account:wo").has(t, `data-fill="account:work"`)
	ask("is:unr").has(t, `data-fill="is:unread"`, "not read yet")
	ask("nothing of this kind ").has(t, `data-said="0 suggestions"`).hasNot(t, "option")
	ask("<script>").hasNot(t, "<script>")
	ask(strings.Repeat("(", 5000)).want(t, 200)
	ann.get("/searches/suggest?box=label/x&q=lin&account=zzz").want(t, 200)

	ann.post("/searches/recent", "q", "invoice 2026").want(t, 204)
	ann.post("/searches/recent", "q", `<b>"x`).want(t, 204)
	ask("").has(t, `data-fill="invoice 2026"`, `data-fill="&lt;b&gt;&#34;x"`)
	ask("VOICE").has(t, `data-fill="invoice 2026"`)
	ask("invoice 2026").hasNot(t, "Recent searches")
	ann.post("/searches/forget").leads(t, "/settings")
	ask("").hasNot(t, "Recent searches")
	ann.get("/settings").has(t, "Your recent searches are forgotten.")
}

// TestSuggestionsInBrowser types into the search box: what is offered is walked through with the keys, and said to those
// who do not see it.
func TestSuggestionsInBrowser(t *testing.T) {
	_, page, base := seen(t)
	shown := func() bool { return page.Eval(`!document.querySelector("#suggestions").hidden`) == "true" }
	await := func(text string) {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); !shown() || !strings.Contains(page.Text("#suggestions"), text); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%q is not suggested: %q", text, page.Text("#suggestions"))
			}
		}
	}
	active := func() string {
		return page.Eval(`document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.dataset.fill ?? ""`)
	}
	page.Fill("Search mail", "newsl")
	await("Messages")
	if page.Count("searchbox", "Search mail") != 1 || page.Count("listbox", "Suggestions") != 1 {
		t.Error("the box or its list is not what it is for a screen reader")
	}
	if said := page.Text("#suggested"); said != "1 suggestion" {
		t.Errorf("the number is told as %q", said)
	}
	page.Press("Escape")
	if shown() || page.Value("Search mail") != "newsl" {
		t.Error("Escape does not close the list alone")
	}
	page.Press("ArrowDown")
	await("Messages")
	page.Press("ArrowDown")
	page.Press("Enter")
	page.WaitText("Trips/2026?", 10*time.Second)
	if !strings.Contains(page.URL(), "/messages/") {
		t.Errorf("Enter on a message leads to %s", page.URL())
	}

	page.Fill("Search mail", "lin")
	await("People")
	page.Press("ArrowDown")
	if got := active(); got != `"from:lina@example.net"` {
		t.Errorf("the first is %s", got)
	}
	page.Press("ArrowUp")
	if got := active(); got != `""` {
		t.Errorf("above the first is %s", got)
	}
	page.Press("ArrowDown")
	page.Press("Enter")
	page.WaitText("Search results", 10*time.Second)
	if page.Value("Search mail") != "from:lina@example.net" {
		t.Errorf("searched for %q", page.Value("Search mail"))
	}

	page.Fill("Search mail", "is:")
	await("is:unread")
	page.Eval(`document.querySelector("[data-fill='is:unread']").click()`)
	page.WaitText("Parcel", 10*time.Second)
	page.Fill("Search mail", "")
	await("Recent searches")
	if page.Eval(`document.querySelector("[role=option]").dataset.fill`) != `"is:unread"` {
		t.Error("the last search is not offered first")
	}

	page.Fill("Search mail", "fil")
	await("filename:")
	page.Press("ArrowDown")
	page.Press("Enter")
	if page.Value("Search mail") != "filename:" || !strings.Contains(page.URL(), "is%3Aunread") {
		t.Errorf("an operator became %q at %s", page.Value("Search mail"), page.URL())
	}
	page.Goto(base + "/mail/inbox")
	if lines := page.Console(); len(lines) > 0 {
		t.Errorf("console: %q", lines)
	}

	page.DisableScripts()
	page.Goto(base + "/mail/inbox")
	page.Fill("Search mail", "newsl*")
	page.Press("Enter")
	page.WaitText("Search results", 10*time.Second)
}
