package web

import (
	"strings"
	"testing"
	"time"
)

// TestBeside: the list beside a message is wanted by a switch, and has the place of the message in it.
func TestBeside(t *testing.T) {
	p := newPortal(t)
	ids := p.talk(p.addAccount(p.ann, "work"))
	ann := p.as(p.ann)
	talk, other := "/messages/"+formatID(ids[1]), "/messages/"+formatID(ids[2])
	ann.get(talk).want(t, 200).hasNot(t, `class="beside"`).has(t, `aria-pressed="false"`)
	ann.post("/settings/view", "toggle", "beside", "return", talk).leads(t, talk)
	a := ann.get(talk).want(t, 200).has(t, `class="app  split"`, `data-list="/mail/inbox"`, "2 conversations")
	if n := strings.Count(a.body, `class="side-row`); n != 2 {
		t.Errorf("%d rows beside the conversation, want 2", n)
	}
	if _, row, _ := strings.Cut(a.body, `aria-current="true">`); !strings.Contains(a.body, `href="/messages/`+formatID(ids[3])+`" aria-current="true">`) {
		t.Errorf("the row that is open: %.200s", row)
	}
	ann.get(other).has(t, `href="`+other+`" aria-current="true">`)
	ann.get(other+"?list=/mail/all%3Fq%3Dlunch").has(t, "3 messages", "Search results").hasNot(t, other+`" aria-current`)
	ann.post("/settings/view", "toggle", "conversations", "return", talk).want(t, 303)
	if n := strings.Count(ann.get(talk).body, `class="side-row`); n != 4 {
		t.Errorf("%d rows of messages apart, want 4", n)
	}
	ann.post("/settings/view", "toggle", "compact", "return", "//evil.example").leads(t, "/mail/inbox")
	ann.get("/mail/inbox").has(t, `data-density="compact"`)
	ann.get("/settings").has(t, `name="compact" value="1" checked`, `name="beside" value="1" checked`).hasNot(t, `name="conversations" value="1" checked`)
	ann.post("/settings/view", "toggle", "ceiling").want(t, 422)
}

func TestBesideInBrowser(t *testing.T) {
	w, page, base := seen(t)
	w.talk(w.account)
	page.Goto(base + "/mail/inbox")
	page.Click("button", "View")
	page.Click("button", "List beside the message")
	page.ClickNth("link", "Re: Lunch", 0)
	const box = `(e => { const r = document.querySelector(e).getBoundingClientRect(); return r.left < r.right && r.top < innerHeight && r.bottom > 0 })`
	waitEval(t, page, box+`(".beside") && `+box+`(".message")`, "true")
	if page.Eval(`document.querySelector(".beside").getBoundingClientRect().right <= document.querySelector(".message").getBoundingClientRect().left`) != "true" {
		t.Error("the list does not stand beside the message")
	}
	waitEval(t, page, `document.querySelector(".side-row:has([aria-current])").classList.contains("unread")`, "false")
	page.Eval(`[...document.querySelectorAll(".side-row a")].find(a => a.textContent.includes("Newsletter")).click()`)
	page.WaitText("Held back", 20*time.Second)
	waitEval(t, page, `document.querySelector(".side-row [aria-current]").textContent.includes("Newsletter")`, "true")
	page.Click("button", "List beside the message")
	waitEval(t, page, `document.querySelector(".beside") === null`, "true")
	if lines := page.Console(); len(lines) > 0 {
		t.Errorf("console: %q", lines)
	}
}

// TestFaviconInBrowser: the tab's mark tells how many messages are unread, as it changes.
func TestFaviconInBrowser(t *testing.T) {
	w, page, base := seen(t)
	const icon = `document.querySelector("link[rel=icon]").getAttribute("href")`
	waitEval(t, page, icon, "/favicon.svg?n=2")
	w.deliver(w.ann, w.account, mail("Fresh", "just now"))
	for end := time.Now().Add(20 * time.Second); page.Eval(icon) != `"/favicon.svg?n=3"`; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the icon is %s", page.Eval(icon))
		}
		w.server.hub.MailArrived(w.ann.ID, w.account, 1)
	}
	if code := page.Goto(base + "/favicon.svg?n=3"); code != 200 {
		t.Errorf("the icon is answered with %d", code)
	}
}
