package web

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestSetup(t *testing.T) {
	p := emptyPortal(t, func(o *Options) { o.SetupToken = "one-time-token" })
	b := p.browser()
	b.get("/").leads(t, "/setup")
	b.get("/mail/inbox").leads(t, "/setup")
	b.get("/login").leads(t, "/setup")
	b.get("/setup").want(t, http.StatusForbidden).has(t, "one-time link")
	b.get("/setup?token=wrong").want(t, http.StatusForbidden)
	b.post("/setup", "token", "wrong", "name", "eve", "password", "long enough", "repeat", "long enough").want(t, http.StatusForbidden)
	b.get("/setup?token=one-time-token").want(t, 200).has(t, "Create owner", "At least eight characters.")
	for _, c := range []struct{ name, password, repeat, says string }{
		{"", "long enough", "long enough", "Choose a name."},
		{"a\nb", "long enough", "long enough", "control characters"},
		{strings.Repeat("n", 65), "long enough", "long enough", "at most 64"},
		{"ann", "", "", "Choose a password."},
		{"ann", "seven77", "seven77", "at least eight"},
		{"ann", "long enough", "different", "differ"},
		{"longname", "longname", "longname", "must not be the name"},
		{"ann", strings.Repeat("p", 1025), strings.Repeat("p", 1025), "at most"},
	} {
		b.post("/setup", "token", "one-time-token", "name", c.name, "password", c.password, "repeat", c.repeat).
			want(t, http.StatusUnprocessableEntity).has(t, c.says).hasNot(t, "long enough")
	}
	a := b.post("/setup", "token", "one-time-token", "name", "ann", "password", "long enough", "repeat", "long enough").leads(t, "/accounts/new")
	if len(a.Cookies()) != 1 {
		t.Fatal("the owner is not signed in")
	}
	b.get("/accounts/new").want(t, 200).has(t, "Your first mailbox")
	for _, path := range []string{"/setup", "/setup?token=one-time-token"} {
		p.browser().get(path).want(t, http.StatusNotFound)
	}
	p.browser().post("/setup", "token", "one-time-token", "name", "eve", "password", "long enough", "repeat", "long enough").want(t, http.StatusNotFound)
	users, err := p.store.Users(t.Context())
	p.must(err)
	if len(users) != 1 || !users[0].Owner {
		t.Errorf("users after setup: %+v", users)
	}
}

// TestSetupRace lets several people open the same link at once: one of them becomes the owner.
func TestSetupRace(t *testing.T) {
	p := emptyPortal(t, func(o *Options) { o.SetupToken = "token" })
	var wg sync.WaitGroup
	var mu sync.Mutex
	codes := map[int]int{}
	for _, name := range []string{"a1", "b2", "c3", "d4", "e5", "f6"} {
		wg.Go(func() {
			a := p.browser().post("/setup", "token", "token", "name", name, "password", "long enough", "repeat", "long enough")
			mu.Lock()
			defer mu.Unlock()
			codes[a.StatusCode]++
		})
	}
	wg.Wait()
	if codes[http.StatusSeeOther] != 1 || codes[http.StatusNotFound] != 5 {
		t.Errorf("answers: %v, want one 303 and five 404", codes)
	}
}

func TestSetupWithoutLink(t *testing.T) {
	p := emptyPortal(t)
	p.browser().get("/setup?token=").want(t, http.StatusForbidden).has(t, "postern user add")
	p.browser().post("/setup", "token", "", "name", "eve", "password", "long enough", "repeat", "long enough").want(t, http.StatusForbidden)
	p.addUser("ann", true)
	p.browser().get("/mail/inbox").leads(t, "/login?next=%2Fmail%2Finbox")
}

func TestLogin(t *testing.T) {
	p := newPortal(t)
	b := p.browser()
	b.get("/login?next=/mail/archive%3Fq%3Dx").want(t, 200).has(t, "Sign in", `value="/mail/archive?q=x"`)
	wrong := b.post("/login", "name", "ann", "password", "not it").want(t, http.StatusUnprocessableEntity).has(t, "do not fit together").hasNot(t, "not it")
	unknown := b.post("/login", "name", "zed", "password", "not it").want(t, http.StatusUnprocessableEntity)
	if strings.ReplaceAll(wrong.body, `"ann"`, `"zed"`) != unknown.body {
		t.Error("a name that does not exist is answered differently")
	}
	b.post("/login", "name", "ann", "password", strings.Repeat("x", 5000)).want(t, http.StatusUnprocessableEntity)
	a := b.post("/login", "name", "ANN ", "password", annPassword, "next", "/mail/archive?q=x").leads(t, "/mail/archive?q=x")
	c := a.Cookies()[0]
	if c.Name != "postern-8110" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Secure || c.MaxAge != 90*24*3600 || len(c.Value) != 43 {
		t.Errorf("cookie %+v", c)
	}
	row, err := p.store.Session(t.Context(), hashID(c.Value))
	p.must(err)
	if row.User != p.ann.ID || strings.Contains(string(row.Data), c.Value) {
		t.Errorf("session row %+v", row)
	}
	b.get("/login?next=/settings").leads(t, "/settings")
	for _, next := range []string{"//evil.example", "https://evil.example", `/\evil.example`, "javascript:alert(1)", "/a\nb", ""} {
		p.browser().post("/login", "name", "ann", "password", annPassword, "next", next).leads(t, "/mail/inbox")
	}
	if strings.Contains(p.log.String(), annPassword) || strings.Contains(p.log.String(), "not it") {
		t.Error("a password is in the log")
	}
}

// TestRotation signs in from a browser that has a session: the old id is worth nothing afterwards.
func TestRotation(t *testing.T) {
	p := newPortal(t)
	b := p.as(p.ann)
	old := *b.cookies["postern-8110"]
	b.post("/login", "name", "ann", "password", annPassword).leads(t, "/mail/inbox")
	if b.cookies[old.Name].Value == old.Value {
		t.Fatal("the id stayed the same")
	}
	thief := p.browser()
	thief.cookies[old.Name] = &old
	thief.get("/settings").leads(t, "/login?next=%2Fsettings")
	b.get("/settings").want(t, 200)
}

func TestLogout(t *testing.T) {
	p := newPortal(t)
	b := p.as(p.ann)
	copied := *b.cookies["postern-8110"]
	b.get("/logout").want(t, http.StatusMethodNotAllowed)
	b.get("/settings").want(t, 200)
	a := b.post("/logout").leads(t, "/login?out=1")
	if a.Header.Get("Clear-Site-Data") == "" || len(b.cookies) != 0 {
		t.Error("the browser keeps something")
	}
	b.get("/login?out=1").has(t, "You are signed out.")
	thief := p.browser()
	thief.cookies[copied.Name] = &copied
	thief.get("/settings").leads(t, "/login?next=%2Fsettings")
}

// TestEndedStaysEnded: an answer under way must not bring a session back that was ended meanwhile.
func TestEndedStaysEnded(t *testing.T) {
	p := newPortal(t)
	b := p.as(p.ann)
	r, _ := http.NewRequest("GET", "http://"+b.host+"/", nil)
	r.AddCookie(b.cookies["postern-8110"])
	v, err := p.server.current(r)
	p.must(err)
	b.post("/logout")
	p.must(v.say(nil, r, toast{Text: "late"}))
	if _, err := p.store.Session(t.Context(), v.row.ID); err == nil {
		t.Error("the session is back")
	}
}

func TestSessionLimits(t *testing.T) {
	p := newPortal(t)
	b := p.as(p.ann)
	for range 7 {
		p.clock.pass(13 * 24 * time.Hour)
		if b.get("/settings").StatusCode != 200 {
			break
		}
	}
	p.clock.pass(-time.Hour)
	b.get("/settings").leads(t, "/login?next=%2Fsettings") // 91 days, used every 13
	b = p.as(p.ann)
	p.clock.pass(14*24*time.Hour + time.Minute)
	b.get("/settings").leads(t, "/login?next=%2Fsettings")
}

func TestChangePassword(t *testing.T) {
	p := newPortal(t)
	b, other, bob := p.as(p.ann), p.as(p.ann), p.as(p.bob)
	b.post("/settings/password", "current", "wrong", "password", "a new password", "repeat", "a new password").want(t, 422).has(t, "not your current password")
	b.post("/settings/password", "current", annPassword, "password", "short", "repeat", "short").want(t, 422)
	old := *b.cookies["postern-8110"]
	b.post("/settings/password", "current", annPassword, "password", "a new password", "repeat", "a new password").leads(t, "/settings")
	b.get("/settings").want(t, 200).has(t, "Password changed.", "this browser")
	other.get("/settings").want(t, 303)
	bob.get("/settings").want(t, 200)
	thief := p.browser()
	thief.cookies[old.Name] = &old
	thief.get("/settings").want(t, 303)
	p.browser().post("/login", "name", "ann", "password", annPassword).want(t, 422)
	p.browser().post("/login", "name", "ann", "password", "a new password").want(t, 303)
}

func TestSessionsPage(t *testing.T) {
	p := newPortal(t)
	b, other, third := p.as(p.ann), p.as(p.ann), p.as(p.ann)
	page := b.get("/settings").want(t, 200).has(t, "Sign out all other browsers", "this browser")
	if n := strings.Count(page.body, `name="session"`); n != 3 {
		t.Errorf("%d browsers to sign out, want 2 and all", n)
	}
	p.must(p.store.EndSession(t.Context(), p.ann.ID, hashID(third.cookies["postern-8110"].Value)))
	b.post("/settings/sessions/end", "session", "zz").want(t, 404)
	b.post("/settings/sessions/end", "session", "others").leads(t, "/settings")
	other.get("/settings").want(t, 303)
	b.get("/settings").want(t, 200).has(t, "All other browsers are signed out.").hasNot(t, "Sign out all other browsers")
}

func TestTheme(t *testing.T) {
	p := newPortal(t)
	b := p.as(p.ann)
	b.get("/settings").hasNot(t, `data-theme=`)
	b.post("/settings/theme", "theme", "dark").leads(t, "/settings")
	b.get("/mail/inbox").has(t, `data-theme="dark"`)
	b.post("/settings/theme", "theme", `"><script>`).want(t, 422)
}

func TestDevice(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0":                                                           "Firefox on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0":            "Edge on Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile Safari/604.1": "Safari on iPhone",
		"curl/8.9": "curl", "": "Unknown browser",
	} {
		if got := device(agent).String(); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}

func TestThrottle(t *testing.T) {
	clock := &fakeClock{}
	th := newThrottle(clock.Now, nameDelay)
	for i := range freeAttempts {
		if wait := th.attempt("ann", "192.0.2.0"); wait != 0 {
			t.Fatalf("attempt %d has to wait %s", i, wait)
		}
	}
	if wait := th.attempt("ann", "198.51.100.0"); wait <= 0 || wait > time.Second {
		t.Errorf("after %d wrong passwords for a name: wait %s", freeAttempts, wait)
	}
	if wait := th.attempt("bob", "192.0.2.0"); wait <= 0 {
		t.Error("the network that guesses may go on with another name")
	}
	if wait := th.attempt("bob", "203.0.113.0"); wait != 0 {
		t.Error("others are held up")
	}
	for range 30 { // never longer than nameDelay for a name, however often somebody guesses
		clock.pass(nameDelay)
		th.attempt("ann", "")
	}
	clock.pass(nameDelay)
	if wait := th.attempt("ann", "203.0.113.0"); wait != 0 {
		t.Errorf("the owner of the name waits %s more", wait)
	}
	th.succeeded("ann", "203.0.113.0")
	if wait := th.attempt("ann", "203.0.113.0"); wait != 0 {
		t.Error("success was not counted")
	}
	for i := range maxThrottled + 10 {
		th.attempt(string(rune('a'+i%26))+time.Duration(i).String(), "")
	}
	if len(th.entries) > maxThrottled {
		t.Errorf("%d entries", len(th.entries))
	}
}

func TestLoginThrottled(t *testing.T) {
	p := newPortal(t)
	b := p.browser()
	for range freeAttempts {
		b.post("/login", "name", "ann", "password", "wrong").want(t, 422)
	}
	a := b.post("/login", "name", "ann", "password", annPassword).want(t, http.StatusTooManyRequests).has(t, "too many attempts")
	if a.Header.Get("Retry-After") == "" {
		t.Error("it does not say when to try again")
	}
	b.post("/login", "name", "bob", "password", annPassword).want(t, 303) // this machine itself is no network to lock out
	p.clock.pass(2 * time.Second)
	b.post("/login", "name", "ann", "password", annPassword).want(t, 303)
}

// TestRemovedUser: sessions go with their user.
func TestRemovedUser(t *testing.T) {
	p := newPortal(t)
	bob := p.as(p.bob)
	p.must(p.store.RemoveUser(t.Context(), p.bob.ID))
	bob.get("/settings").want(t, 303)
}

// TestRehash: a verifier of older costs is replaced when its owner signs in.
func TestRehash(t *testing.T) {
	p := newPortal(t)
	const old = "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$rAjuexKlLdAHLvqk7TeeiWZjW4OPoRGwldJXdHbTuKI"
	p.must(p.store.SetPassword(t.Context(), p.ann.ID, old, nil))
	p.browser().post("/login", "name", "ann", "password", annPassword).want(t, 303)
	after, err := p.store.User(t.Context(), p.ann.ID)
	p.must(err)
	if after.Password == old {
		t.Error("the old verifier is still there")
	}
	p.browser().post("/login", "name", "ann", "password", annPassword).want(t, 303)
}

// TestImportCommand: the settings name the command that brings mail in, to owners with where the data lies.
func TestImportCommand(t *testing.T) {
	p := newPortal(t, func(o *Options) { o.DataDir = "/srv/it's mail" })
	p.as(p.ann).get("/settings").want(t, 200).has(t, `postern import --data-dir &#39;/srv/it&#39;\&#39;&#39;s mail&#39; --user ann PATH`)
	p.as(p.bob).get("/settings").want(t, 200).has(t, "postern import --user bob PATH").hasNot(t, "/srv")
}
