package web

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/internal/browsertest"
	"postern/internal/i18n"
	"postern/store"
	"postern/templates"
)

// TestAccessible has axe-core look at every page, in both languages, light on a desk and dark on the narrowest phone: it
// finds nothing wrong, and no page is wider than its window.
func TestAccessible(t *testing.T) {
	b := browsertest.New(t)
	browsertest.NeedAxe(t)
	w := newWorld(t)
	talk := "/messages/" + formatID(w.talk(w.account)[0])
	failing := w.addAccount(w.ann, "failing")
	w.addSync(w.ann, store.Sync{Account: failing, Sentence: "The server did not answer.", Transcript: "S: -ERR"})
	ts := httptest.NewServer(w.server.Handler())
	t.Cleanup(func() {
		w.server.Close()
		ts.Close()
	})
	fresh := emptyPortal(t, func(o *Options) { o.SetupToken = "first" })
	empty := httptest.NewServer(fresh.server.Handler())
	t.Cleanup(empty.Close)

	light, dark, paper := b.Page(t, 1280, 800, false), b.Page(t, 320, 640, true), b.Page(t, 320, 640, true)
	paper.IgnorePolicy()
	both := []*browsertest.Page{light, dark}
	judge := func(page *browsertest.Page) {
		t.Helper()
		for _, v := range page.Violations() {
			t.Errorf("%s: %s", page.URL(), v)
		}
	}
	look := func(page *browsertest.Page, url string) {
		t.Helper()
		page.Goto(url)
		if got := page.URL(); got != url {
			t.Errorf("%s leads to %s", url, got)
		}
		if wide := page.Eval("document.documentElement.scrollWidth - document.documentElement.clientWidth"); wide != "0" {
			t.Errorf("%s is %s pixels wider than its window", url, wide)
		}
		judge(page)
	}
	for _, page := range both {
		look(page, empty.URL+"/setup?token=first")
		look(page, ts.URL+"/login")
	}
	light.Fill("User name", "ann")
	light.Fill("Password", annPassword)
	light.Click("button", "Sign in")
	light.WaitText("Newsletter", 10*time.Second)

	w.prober.result = ProbeResult{Summary: "The certificate is not signed by an authority.", Advice: "Look at it.", Refused: shownPrint, Facts: []ProbeFact{{Name: "Signed by", Value: "nobody known", Tone: templates.ToneWarn}}}
	for i, language := range i18n.Languages {
		p := w.ann.Preferences
		p.Language = language.Tag
		p.Beside = i > 0
		w.must(w.store.SetPreferences(t.Context(), w.ann.ID, p))
		look(paper, ts.URL+talk+"/print") // not of HTML, whose pictures bear what their sender wrote
		for _, page := range both {
			for _, path := range append(w.pages(), "/accounts/"+formatID(failing), talk, talk+"?unfold=all") {
				look(page, ts.URL+path)
				if got := page.Eval("document.documentElement.lang"); got != strconv.Quote(language.Tag) {
					t.Errorf("%s is in %s, want %s", path, got, language.Tag)
				}
			}
			// What opens on a page: the keys, the menus, what can be done with messages that are selected.
			page.Goto(ts.URL + "/mail/inbox")
			page.Eval(`document.querySelector(".row input[type=checkbox]").click(), document.querySelectorAll("[popover]").forEach(p => p.showPopover())`)
			judge(page)
			page.Press("Escape")
			page.Press("?")
			judge(page)
			for _, a := range afterForms {
				page.Goto(ts.URL + a.path)
				page.Eval(a.send)
				waitEval(t, page, `document.readyState === "complete" && !!document.querySelector("`+a.shows+`")`, "true")
				judge(page)
			}
		}
	}

	light.Eval(`document.body.append(Object.assign(document.createElement("img"), {src: "data:,"})), document.querySelector("h1").style.color = "#fff"`)
	if found := strings.Join(light.Violations(), " "); !strings.Contains(found, "image-alt") || !strings.Contains(found, "color-contrast") {
		t.Errorf("an image without text and white on white are not found: %s", found)
	}
}

// afterForms are the pages that come only in answer to a form.
var afterForms = []struct{ path, send, shows string }{
	{"/mail/trash", `document.querySelector(".empty-bin button").click()`, "main .danger"},
	{"/accounts/new", `document.querySelector("main form").submit()`, "main :is(.error, [role=alert])"},
	{"/accounts/1/edit", `(f => { f.action = f.querySelector("[data-test]").formAction; f.submit() })(document.querySelector("main form"))`, "main .trust"},
	{"/labels", `document.querySelector("main form[action$='/labels']").submit()`, "main :is(.error, [role=alert])"},
	{"/settings", `document.querySelector("main form[action$='/password']").submit()`, "main :is(.error, [role=alert])"},
	{"/settings/totp", `document.querySelector("main form").submit()`, "main :is(.error, [role=alert])"},
}

// pages are the addresses of every page that ann can open, and of the states that some of them have.
func (w *world) pages() []string {
	id := "/messages/" + formatID(w.message)
	list := []string{
		"/mail/archive", "/mail/inbox?q=nothing-like-it", "/mail/all?q=newsletter+befor:2020", "/mail/trash", "/mail/inbox?account=" + formatID(w.account),
		id + "?list=%2Fmail%2Fall%3Fq%3Dnewsletter", id + "?images=once", "/messages/" + formatID(w.parcel), "/nothing",
	}
	w.eachRoute(func(method, pattern string) {
		if method == "GET" && public[method+" "+pattern] == 0 && pattern != "/" && pattern != "/events" && isPage(pattern) {
			list = append(list, w.path(pattern))
		}
	})
	return list
}

// isPage tells the routes that answer with a page of the portal from those that answer with something else.
func isPage(pattern string) bool {
	for _, other := range []string{"/raw", "/images/", ".zip", "/export", "/parts/", "/transcript", "/body", "/print", "/suggest"} {
		if strings.Contains(pattern, other) {
			return false
		}
	}
	return true
}

// TestSecondFactorAccessible does the same with the pages that come only while two-step sign-in is turned on and used.
func TestSecondFactorAccessible(t *testing.T) {
	browsertest.NeedAxe(t)
	for i, language := range i18n.Languages {
		w, page, base := seenAt(t, 320, 640)
		p := w.ann.Preferences
		p.Language = language.Tag
		w.must(w.store.SetPreferences(t.Context(), w.ann.ID, p))
		judge := func(shows string) {
			t.Helper()
			waitEval(t, page, `document.readyState === "complete" && !!document.querySelector("`+shows+`")`, "true")
			page.Eval(`document.documentElement.dataset.theme = "` + []string{"light", "dark"}[i%2] + `"`)
			for _, v := range page.Violations() {
				t.Errorf("%s, %s: %s", language.Tag, page.URL(), v)
			}
		}
		page.Goto(base + "/settings/totp")
		secret, err := strconv.Unquote(page.Eval(`document.querySelector("[name=secret]").value`))
		w.must(err)
		page.Eval(`document.querySelector("[name=code]").value = "` + w.code(secret, 0) + `", document.querySelector("[name=current]").value = "` + annPassword + `", document.querySelector("main form").submit()`)
		judge("main .recovery")
		page.Goto(base + "/settings/totp")
		judge("main form[action$='/remove']")
		page.Eval(`document.querySelector("form[action$='/logout']").submit()`)
		waitEval(t, page, `!!document.querySelector("[name=password]")`, "true")
		page.Eval(`document.querySelector("[name=name]").value = "ann", document.querySelector("[name=password]").value = "` + annPassword + `", document.querySelector("[name=password]").form.submit()`)
		judge("[name=code]")
	}
}
