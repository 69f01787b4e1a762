package web

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/internal/browsertest"
	"postern/store"
)

// TestBackgroundsTellNothing: a browser fetches a background when it is seen, and what is seen may hang on the width of the
// window, on dark or light, on the mouse. All of them are fetched at once, so that whoever counts learns nothing of that.
func TestBackgroundsTellNothing(t *testing.T) {
	b := browsertest.New(t)
	p := newPortal(t)
	host, url := newImageHost(t, p)
	ts := httptest.NewServer(p.server.Handler())
	t.Cleanup(func() { p.server.Close(); ts.Close() })
	html := `<style>.a,.b,.c,.d{display:none;height:40px}@media(max-width:500px){.a{display:block}}@media(prefers-color-scheme:dark){.b{display:block}}
		p:hover+.c{display:block}a:active+.d{display:block}</style><p style="height:300px">Hello</p>`
	for _, one := range []string{"c", "a", "b", "d"} {
		html += fmt.Sprintf(`<div class=%s style="background:#eee url(%s/%s.png)">x</div>`, one, url, one)
	}
	html += fmt.Sprintf(`<ul class=a style="list-style-image:url(%s/l.png)"><li>x</ul><table class=a background="%s/t.png"><td>x</table>`, url, url)
	id := p.deliver(p.ann, p.addAccount(p.ann, "work"), mail("Backgrounds", html, "Content-Type: text/html; charset=utf-8"))[0]
	page := b.Page(t, 1280, 800, false)
	page.Goto(ts.URL + "/login")
	page.Fill("User name", "ann")
	page.Fill("Password", annPassword)
	page.Click("button", "Sign in")
	page.WaitText("Inbox", 10*time.Second)
	page.Goto(ts.URL + messageURL(id, ""))
	if asked := host.requests(); asked != "" {
		t.Fatalf("before they were asked for: %s", asked)
	}
	page.Click("button", "Load images")
	page.WaitText("are loaded through Postern", 10*time.Second)
	want := "/a.png /b.png /c.png /d.png /l.png /t.png"
	var asked string
	for end := time.Now().Add(10 * time.Second); asked != want && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		list := strings.Fields(host.requests())
		slices.Sort(list)
		asked = strings.Join(list, " ")
	}
	if asked != want {
		t.Errorf("fetched: %s, want %s", asked, want)
	}
}

// TestImagesInVainInBrowser: the strip says so by itself once the frame has tried.
func TestImagesInVainInBrowser(t *testing.T) {
	b := browsertest.New(t)
	p := newPortal(t)
	_, url := newImageHost(t, p)
	ts := httptest.NewServer(p.server.Handler())
	t.Cleanup(func() { p.server.Close(); ts.Close() })
	html := fmt.Sprintf(`<img src="%s/a.png" width=20><img src="%s/gone.png" width=20>`, url, url)
	id := p.deliver(p.ann, p.addAccount(p.ann, "work"), mail("Pictures", html, "Content-Type: text/html; charset=utf-8"))[0]
	page := b.Page(t, 390, 800, false)
	page.Goto(ts.URL + "/login")
	page.Fill("User name", "ann")
	page.Fill("Password", annPassword)
	page.Click("button", "Sign in")
	page.WaitText("Inbox", 10*time.Second)
	page.Goto(ts.URL + messageURL(id, ""))
	page.Click("button", "Load images")
	page.WaitText("1 of 2 images could not be loaded (not found).", 10*time.Second)
	page.Click("button", "Try again")
	page.WaitText("1 of 2 images could not be loaded (not found).", 10*time.Second)
}

// TestUnfoldedImagesInVainInBrowser: so does that of a message which was unfolded in its conversation.
func TestUnfoldedImagesInVainInBrowser(t *testing.T) {
	w, page, base := seen(t)
	_, url := newImageHost(t, w.portal)
	said := func(text, minute string) string {
		return mail("Pictures", `<p>`+text+fmt.Sprintf(`<img src="%s/a.png" width=20><img src="%s/gone.png?%s" width=20>`, url, url, minute),
			"Content-Type: text/html; charset=utf-8", "Authentication-Results: "+proved, "References: <pictures@example.net>", "Received: from a by b; Tue, 3 Nov 2026 10:"+minute+":00 +0000")
	}
	ids := w.deliver(w.ann, w.account, said("First", "01"), said("Second", "02"))
	w.as(w.ann).post("/settings/senders", "sender", "lina@example.net", "action", "load")
	_, err := w.store.Act(t.Context(), w.ann.ID, store.Read, ids)
	w.must(err)
	page.Goto(base + messageURL(ids[1], ""))
	const strips = `[...document.querySelectorAll("[data-images]")].filter(e => e.innerText.includes("1 of 2 images could not be loaded")).length`
	waitEval(t, page, strips, "1")
	page.Eval(`document.querySelector("[data-unfold]").click()`)
	waitEval(t, page, strips, "2")
}
