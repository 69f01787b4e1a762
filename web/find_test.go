package web

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/internal/autoconfig"
	"postern/internal/i18n"
	"postern/store"
)

// fakeFinder knows a few domains that are not in the table.
type fakeFinder struct {
	mu    sync.Mutex
	asked []string
}

func (f *fakeFinder) Find(ctx context.Context, _ store.User, address string) (autoconfig.Found, error) {
	f.mu.Lock()
	f.asked = append(f.asked, address)
	f.mu.Unlock()
	_, domain, _ := strings.Cut(address, "@")
	found := autoconfig.Found{Settings: autoconfig.Settings{Host: "pop." + domain, Port: 1995, Username: address}, Source: autoconfig.SRV}
	switch domain {
	case "good.example":
		return found, nil
	case "away.example":
		found.Host, found.Confirm = "pop.elsewhere.example", true
		return found, nil
	case "starttls.example":
		found.Port, found.Security, found.Username = 110, autoconfig.STARTTLS, "ann"
		return found, nil
	case "none.example":
		return autoconfig.Found{}, &autoconfig.NoPOP3Error{Domain: domain}
	}
	if domain == "deaf.example" {
		return autoconfig.Found{}, autoconfig.ErrNoAnswer
	}
	return autoconfig.InTable(address)
}

func withFinder(f Finder) func(*Options) { return func(o *Options) { o.Finder = f } }

// TestAddressAndPassword: they suffice where the settings can be found.
func TestAddressAndPassword(t *testing.T) {
	p := newPortal(t, withFinder(&fakeFinder{}))
	ann := p.as(p.ann)
	for i, c := range []struct {
		email, host string
		port        int
		security    store.Security
		username    string
	}{
		{"ann@gmail.com", "pop.gmail.com", 995, store.TLS, "ann@gmail.com"},
		{"ann@web.de", "pop3.web.de", 995, store.TLS, "ann"},
		{"ann@starttls.example", "pop.starttls.example", 110, store.STARTTLS, "ann"},
	} {
		ann.post("/accounts", "email", c.email, "password", "pop secret 17").want(t, 303)
		a, err := p.store.Account(t.Context(), p.ann.ID, store.AccountID(i+1))
		p.must(err)
		if a.Host != c.host || a.Port != c.port || a.Security != c.security || a.Username != c.username {
			t.Errorf("%s: stored as %+v", c.email, a.Settings)
		}
	}
	// The default port and security of the form say nothing about a server that was not named.
	ann.post("/accounts/test", typed("email", "ann@starttls.example", "host", "", "username", "")...).want(t, 200)
	if v := p.prober.settings; v.Port != 110 || v.Security != store.STARTTLS || v.Username != "ann" {
		t.Errorf("tested with %+v", v)
	}
	// A user name that was typed stays.
	ann.post("/accounts/test", typed("email", "ann@good.example", "host", "", "username", "other")...).want(t, 200)
	if v := p.prober.settings; v.Host != "pop.good.example" || v.Username != "other" {
		t.Errorf("tested with %+v", v)
	}
}

func TestSettingsNotFound(t *testing.T) {
	p := newPortal(t, withFinder(&fakeFinder{}))
	ann := p.as(p.ann)
	for email, says := range map[string]string{
		"ann@unknown.example": "No settings were found for unknown.example. Type the name of the POP3 server",
		"ann@deaf.example":    "no name server answers. Type the name of the POP3 server",
		"ann@icloud.com":      "IMAP, and no POP3",
		"ann@none.example":    "none.example says that it offers no POP3.",
		"ann@hotmail.com":     "OAuth only",
		"ann@away.example":    "save again",
	} {
		ann.post("/accounts", "email", email, "password", "pop secret 17").want(t, 422).has(t, says).hasNot(t, "pop secret 17")
	}
	accounts, err := p.store.Accounts(t.Context(), p.ann.ID)
	p.must(err)
	if len(accounts) != 0 {
		t.Errorf("%d accounts were made", len(accounts))
	}
	ann.post("/accounts", typed("email", "ann@away.example", "host", "pop.elsewhere.example")...).want(t, 303)
}

// TestTypedServerIsLeftAlone: whoever names a server is not second-guessed, and nobody is asked.
func TestTypedServerIsLeftAlone(t *testing.T) {
	finder := &fakeFinder{}
	p := newPortal(t, withFinder(finder))
	ann := p.as(p.ann)
	ann.post("/accounts/test", typed("email", "ann@gmail.com", "host", "192.0.2.7", "port", "1100", "security", "none", "username", "x")...).want(t, 200)
	if v := p.prober.settings; v.Host != "192.0.2.7" || v.Port != 1100 || v.Security != store.Plain || v.Username != "x" {
		t.Errorf("tested with %+v", v)
	}
	if len(finder.asked) > 0 {
		t.Errorf("asked about %q", finder.asked)
	}
}

func TestFindWithoutScript(t *testing.T) {
	p := newPortal(t, withFinder(&fakeFinder{}))
	ann := p.as(p.ann)
	ann.get("/accounts/new").has(t, "Find settings", "Leave Server empty")
	ann.post("/accounts/find", "email", "li@163.com", "password", "pop secret 17").want(t, 200).
		has(t, "pop.163.com", "授权码", `value="li@163.com"`, "is kept for ten minutes").hasNot(t, "pop secret 17")
	ann.post("/accounts/find", "email", "li").want(t, 200).has(t, "This is not an e-mail address")
	ann.post("/accounts/find", "email", "ann@deaf.example").want(t, 200).has(t, "no name server answers, perhaps for want of a network", "Save account")
	ann.post("/accounts/find", "email", "ann@unknown.example").want(t, 200).has(t, "No settings were found for unknown.example.", "Save account")
	accounts, err := p.store.Accounts(t.Context(), p.ann.ID)
	p.must(err)
	if len(accounts) != 0 {
		t.Error("a search has made an account")
	}
}

func TestFindInBrowser(t *testing.T) {
	w, page, base := seen(t, withFinder(&fakeFinder{}))
	page.Goto(base + "/accounts/new")
	page.Fill("E-mail address", "ann@gmail.com")
	page.Fill("Password", "pop secret 17") // leaving the address starts the search
	page.WaitText("Gmail wants an app password", 10*time.Second)
	if page.Value("Server") != "pop.gmail.com" || page.Value("Port") != "995" || page.Value("User name") != "ann@gmail.com" {
		t.Errorf("filled in: %s, %s, %s", page.Value("Server"), page.Value("Port"), page.Value("User name"))
	}
	// Another address: what was filled in is replaced.
	page.Fill("E-mail address", "ann@starttls.example")
	page.Fill("Account name", "Mine")
	page.WaitText("starttls.example names pop.starttls.example, port 110.", 10*time.Second)
	if page.Value("Server") != "pop.starttls.example" || page.Value("Port") != "110" || page.Value("Security") != "starttls" || page.Value("User name") != "ann" {
		t.Errorf("filled in: %s, %s, %s, %s", page.Value("Server"), page.Value("Port"), page.Value("Security"), page.Value("User name"))
	}
	// By hand: what was found is forgotten, and what is typed stays whatever the address.
	page.Fill("Server", "pop.mine.example")
	if page.Value("User name") != "" {
		t.Errorf("the user name of another server stays: %s", page.Value("User name"))
	}
	page.Fill("E-mail address", "ann@gmail.com")
	page.Fill("Account name", "Mine too")
	if page.Value("Server") != "pop.mine.example" {
		t.Errorf("the typed server became %s", page.Value("Server"))
	}
	page.Click("button", "Save account")
	page.WaitText("pop.mine.example", 10*time.Second)
	accounts, err := w.store.Accounts(t.Context(), w.ann.ID)
	if err != nil || len(accounts) == 0 {
		t.Fatal(err)
	}
	if a := accounts[len(accounts)-1]; a.Host != "pop.mine.example" || a.Username != "ann@gmail.com" {
		t.Errorf("stored as %+v", a.Settings)
	}
	if lines := page.Console(); len(lines) > 0 {
		t.Errorf("console: %q", lines)
	}
}

// TestServerForgotten: who leaves out a server that could not be found is led to its field, and types the password once.
func TestServerForgotten(t *testing.T) {
	_, page, base := seen(t, withFinder(&fakeFinder{}))
	page.Goto(base + "/accounts/new")
	page.Fill("E-mail address", "ann@nowhere.example")
	page.Fill("Password", "pop secret 17")
	page.WaitText("No settings were found for nowhere.example.", 10*time.Second)
	page.Click("button", "Save account")
	waitEval(t, page, `document.activeElement.name`, "host")
	page.Fill("Server", "pop.nowhere.example")
	page.Click("button", "Save account")
	page.WaitText("pop.nowhere.example, port 995", 10*time.Second)
}

// TestTableAlone: a portal that asks nobody says so, and does not blame the provider.
func TestTableAlone(t *testing.T) {
	p := newPortal(t, func(o *Options) { o.Notice = i18n.Say("Trash") })
	p.as(p.ann).post("/accounts/find", "email", "ann@good.example").want(t, 200).has(t, "This Postern asks nobody for settings", "good.example is none of the providers").hasNot(t, "No settings were found")
	p.as(p.ann).post("/accounts/find", "email", "ann@gmail.com").want(t, 200).has(t, "pop.gmail.com")
	p.browser().get("/login").want(t, 200).has(t, "Trash")
}
