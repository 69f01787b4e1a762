package web

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	pngfile "image/png"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"postern/internal/browsertest"
	"postern/store"
)

// wideNewsletter is a mail of nested tables that are 600 px wide each, as newsletters were made before phones.
func wideNewsletter(t *testing.T) string {
	t.Helper()
	html, err := os.ReadFile("testdata/newsletter.html")
	if err != nil {
		t.Fatal(err)
	}
	var hero bytes.Buffer
	if err := pngfile.Encode(&hero, image.NewPaletted(image.Rect(0, 0, 600, 200), color.Palette{color.RGBA{R: 0xb8, G: 0x86, B: 0x3b, A: 0xff}})); err != nil {
		t.Fatal(err)
	}
	url := "data:image/png;base64," + base64.StdEncoding.EncodeToString(hero.Bytes())
	return mail("The garden in autumn", strings.Replace(string(html), "HERO", url, 1), "MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8")
}

// inBody makes a function for InDocuments of statements that look at the document of the mail alone.
func inBody(statements string) string {
	return `function() { if (this.title !== "Message body") return ""; const page = this.documentElement; ` + statements + ` }`
}

// What is asked of the frame's document.
var (
	fits = inBody(`return String(page.scrollWidth <= page.clientWidth)`)

	// outside lists the texts and images that are not wholly between the frame's sides, or cut off by what they stand in.
	outside = inBody(`
		const out = [], walk = this.createTreeWalker(this.body, NodeFilter.SHOW_ALL);
		for (let n; n = walk.nextNode();) {
			const text = n.nodeType === Node.TEXT_NODE;
			if (n.nodeName !== "IMG" && !(text && n.data.trim())) continue;
			const range = this.createRange();
			range.selectNode(n);
			for (const r of range.getClientRects()) {
				const box = n.parentElement.getBoundingClientRect();
				if (r.left < 0 || r.right > page.clientWidth || text && r.bottom > box.bottom + 1) out.push(text ? n.data.trim() : n.alt);
			}
		}
		return out.join("; ") || "none"`)

	layout = inBody(`return JSON.stringify([...this.body.querySelectorAll("*")].map(e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.width, r.height] }))`)

	unmark = inBody(`const marked = this.querySelectorAll("[data-mail-wide]"); marked.forEach(e => e.removeAttribute("data-mail-wide")); return String(marked.length > 0)`)
)

// TestWideNewsletterInBrowser: on a phone a newsletter made 600 px wide fits the window, all of it to be seen, the image
// that is shown and those held back; on a desk it is as its author made it.
func TestWideNewsletterInBrowser(t *testing.T) {
	b := browsertest.New(t)
	w := newWorld(t)
	ts := httptest.NewServer(w.server.Handler())
	t.Cleanup(func() { w.server.Close(); ts.Close() })
	url := ts.URL + "/messages/" + formatID(w.deliver(w.ann, w.account, wideNewsletter(t))[0])

	phone := b.Page(t, 390, 844, false)
	phone.Goto(ts.URL + "/login")
	phone.Fill("User name", "ann")
	phone.Fill("Password", annPassword)
	phone.Click("button", "Sign in")
	phone.WaitText("Inbox", 10*time.Second)
	desk := b.Page(t, 1280, 800, false)
	ask := func(page *browsertest.Page, question string) string {
		t.Helper()
		answer := strings.Join(page.InDocuments(question), "")
		if answer == "" {
			t.Fatal("no answer from the frame")
		}
		return answer
	}
	for _, page := range []*browsertest.Page{phone, desk} {
		page.Goto(url)
		if text := page.FrameText("Message body"); !strings.Contains(text, "Read the catalogue") {
			t.Fatalf("the frame shows %q", text)
		}
	}

	if ask(phone, fits) != "true" {
		t.Error("on a phone the mail is wider than the window")
	}
	if got := ask(phone, outside); got != "none" {
		t.Errorf("on a phone, not to be seen without scrolling sideways: %s", got)
	}
	ask(phone, unmark)
	if ask(phone, fits) == "true" || ask(phone, outside) == "none" {
		t.Error("the mail fits a phone without any mark: it proves nothing")
	}

	made := ask(desk, layout)
	if ask(desk, unmark) != "true" {
		t.Fatal("nothing is marked")
	}
	if ask(desk, layout) != made {
		t.Error("the marks change the mail on a desk")
	}
}

// TestMessageOnPhone: the subject and the way to the next message are in sight, other ways to look at it in a menu, with
// scripts and without.
func TestMessageOnPhone(t *testing.T) {
	w, page, base := seenAt(t, 390, 844)
	const seen = `(e => e.checkVisibility() && e.getBoundingClientRect().bottom <= innerHeight && e.getBoundingClientRect().top >= 0)`
	for _, scripts := range []string{"with", "without"} {
		page.Goto(base + "/messages/" + formatID(w.message))
		waitEval(t, page, seen+`(document.querySelector("#subject"))`, "true")
		for _, way := range []string{"Source", "Print"} {
			if page.Eval(`[...document.querySelectorAll(".way")].find(e => e.textContent.includes("`+way+`")).checkVisibility()`) != "false" {
				t.Errorf("%s scripts %q is there before its menu is open", scripts, way)
			}
		}
		page.Click("button", "More ways to look at it")
		waitEval(t, page, seen+`([...document.querySelectorAll(".way")].find(e => e.textContent.includes("Source")))`, "true")
		page.Press("Escape")
		if page.Eval(`[...document.querySelectorAll(".message a[rel]")].filter(e => e.checkVisibility()).length`) != "1" {
			t.Errorf("%s scripts there is not one way on", scripts)
		}
		page.Eval(`[...document.querySelectorAll(".message a[rel]")].find(e => e.checkVisibility()).click()`)
		page.WaitText("Parcel", 20*time.Second)
		page.DisableScripts()
	}
	if lines := page.Console(); len(lines) > 0 {
		t.Errorf("console: %q", lines)
	}
}

// TestNarrowList: on the narrowest phone the head of a long list has room for all that it says.
func TestNarrowList(t *testing.T) {
	w, page, base := seenAt(t, 320, 640)
	raws := make([]string, 60)
	for i := range raws {
		raws[i] = mail(fmt.Sprintf("Note %d", i), "An offer for you.")
	}
	w.deliver(w.ann, w.account, raws...)
	page.Goto(base + "/mail/inbox")
	page.WaitText("Conversations 1–50 · ", 10*time.Second)
	waitEval(t, page, `document.documentElement.scrollWidth`, "320")
}

// TestNarrowStorage: on the narrowest phone an account's name stays beside its dot, however long it is, and nothing is
// wider than the window; while mail is leaving, too. What is wrong with an account takes no more than its place.
func TestNarrowStorage(t *testing.T) {
	w, page, base := seenAt(t, 320, 640)
	failing := w.addAccount(w.ann, "the mailbox of the allotment society")
	w.addSync(w.ann, store.Sync{Account: failing, Sentence: "The server did not answer. " + strings.Repeat("It is tried again later. ", 6)})
	if _, err := w.store.Act(t.Context(), w.ann.ID, store.RemoveFromServer, []store.MessageID{w.message}); err != nil {
		t.Fatal(err)
	}
	page.Goto(base + "/storage")
	page.WaitText("2 of them leaving", 10*time.Second)
	waitEval(t, page, `[...document.querySelectorAll(".totals tbody th")].every(th => {
		const dot = th.querySelector(".dot").getBoundingClientRect(), name = th.querySelector("a").getBoundingClientRect();
		return name.top <= dot.top && name.bottom >= dot.bottom && name.width > 20;
	})`, "true")
	waitEval(t, page, `document.documentElement.scrollWidth`, "320")
	waitEval(t, page, `document.querySelector(".banner").getBoundingClientRect().height < 75`, "true")
}
