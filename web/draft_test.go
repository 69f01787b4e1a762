package web

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

var draftField = regexp.MustCompile(`name="draft" value="([^"]+)"`)

func draftOf(t *testing.T, a answer) string {
	t.Helper()
	m := draftField.FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("no draft in the form:\n%s", truncate(a.body, 1000))
	}
	return m[1]
}

// TestPasswordOutlivesATest: without a script, too, it is typed once, and never sent back.
func TestPasswordOutlivesATest(t *testing.T) {
	p := newPortal(t)
	p.prober.result = ProbeResult{OK: true, Summary: "It works."}
	ann := p.as(p.ann)
	tested := func() string {
		t.Helper()
		return draftOf(t, ann.post("/accounts/test", typed()...).want(t, 200).has(t, "is kept for ten minutes").hasNot(t, "pop secret 17"))
	}
	draft := tested()
	// It is good for what was tested alone, ...
	for _, change := range [][]string{{"host", "evil.example.net"}, {"port", "9995"}, {"security", "starttls"}, {"username", "bob"}, {"pin", pinOf(shownPrint, "pop.example.com:995")}} {
		ann.post("/accounts", typed(append(change, "draft", draft, "password", "")...)...).want(t, 422).has(t, "Type the password of this mailbox.")
	}
	// ... in the session alone, ...
	p.as(p.ann).post("/accounts", typed("draft", draft, "password", "")...).want(t, 422)
	p.as(p.bob).post("/accounts", typed("draft", draft, "password", "")...).want(t, 422)
	// ... and for a while.
	p.clock.pass(draftLife + time.Second)
	ann.post("/accounts", typed("draft", draft, "password", "")...).want(t, 422)

	draft = tested()
	p.prober.password = ""
	ann.post("/accounts/test", typed("draft", draft, "password", "")...).want(t, 200)
	if p.prober.password != "pop secret 17" {
		t.Error("a second test goes without the password")
	}
	ann.post("/accounts", typed("draft", draft, "password", "")...).leads(t, "/mail/inbox")
	password, err := p.store.AccountPassword(t.Context(), p.ann.ID, 1)
	p.must(err)
	if password.Reveal() != "pop secret 17" {
		t.Error("another password was stored")
	}
	p.clock.pass(twice)
	ann.post("/accounts", typed("draft", draft, "password", "", "username", "ann")...).want(t, 422).has(t, "Type the password of this mailbox.")
}

// TestPasswordOutlivesAFault: a form that is not in order elsewhere keeps it; one whose server is wrong does not.
func TestPasswordOutlivesAFault(t *testing.T) {
	p := newPortal(t, withFinder(&fakeFinder{}))
	ann := p.as(p.ann)
	draft := draftOf(t, ann.post("/accounts", typed("interval_minutes", "x")...).want(t, 422).has(t, "Please look at 1 field again."))
	ann.post("/accounts", typed("host", "a b")...).want(t, 422).has(t, "Type the password once more: it is not sent back.", "Please look at 2 fields again.").hasNot(t, `name="draft"`)
	p.prober.result = ProbeResult{Summary: "The server refuses the user name or the password."}
	ann.post("/accounts/test", typed()...).want(t, 200).has(t, "Type the password once more").hasNot(t, `name="draft"`)
	ann.post("/accounts", typed("draft", draft, "password", "")...).leads(t, "/mail/inbox")

	// A server that was found is to be looked at before the password goes there.
	a := ann.post("/accounts", "email", "ann@away.example", "password", "away secret").want(t, 422).has(t, "save again", "is kept for ten minutes")
	ann.post("/accounts", "email", "ann@away.example", "host", "pop.elsewhere.example", "port", "1995", "security", "tls", "username", "ann@away.example", "draft", draftOf(t, a)).leads(t, "/accounts/2")

	// An account's own form.
	draft = draftOf(t, ann.post("/accounts/1", typed("interval_minutes", "x", "host", "new.example.net", "password", "another")...).want(t, 422))
	ann.post("/accounts/1", typed("draft", draft, "host", "other.example.net", "password", "")...).want(t, 422).has(t, "type the password again")
	ann.post("/accounts/1", typed("draft", draft, "host", "new.example.net", "password", "")...).leads(t, "/accounts/1")
	password, err := p.store.AccountPassword(t.Context(), p.ann.ID, 1)
	p.must(err)
	if password.Reveal() != "another" {
		t.Error("the password that was typed was not stored")
	}
}

// TestSavedWithoutScript: tested, then saved, with the password typed once.
func TestSavedWithoutScript(t *testing.T) {
	w, page, base := seen(t)
	w.prober.result = ProbeResult{OK: true, Summary: "It works: 3 messages."}
	page.DisableScripts()
	page.Goto(base + "/accounts/new")
	page.Fill("E-mail address", "ann@gmail.com")
	page.Fill("Password", "pop secret 17")
	page.Click("button", "Test connection")
	page.WaitText("It works: 3 messages.", 10*time.Second)
	page.WaitText("is kept for ten minutes", time.Second)
	if page.Value("Password") != "" || strings.Contains(page.HTML(), "pop secret 17") {
		t.Error("the password came back")
	}
	page.Click("button", "Save account")
	page.WaitText("pop.gmail.com", 10*time.Second)
	page.WaitText("Not checked yet.", time.Second)
}

// TestPolicyThatBeginsLater says when mail begins to leave the server.
func TestPolicyThatBeginsLater(t *testing.T) {
	w := newWorld(t)
	ann, path := w.as(w.ann), "/accounts/"+formatID(w.account)
	a := w.portal.account(w.ann, w.account)
	same := typed("email", a.Email, "name", a.Name, "username", a.Username, "host", a.Host, "password", "", "policy", "days", "days", "14")
	ann.post(path, same...).leads(t, path)
	day := w.clock.Now().UTC().AddDate(0, 0, 14).Format("2 January")
	ann.get(path).has(t, "Saved. The first message leaves "+a.Host+" on "+day)
	ann.post(path, same...).leads(t, path)
	ann.get(path).has(t, "Saved.").hasNot(t, "The first message leaves")
	empty := w.addAccount(w.ann, "empty")
	ann.post("/accounts/"+formatID(empty), typed("email", "empty@example.com", "username", "empty@example.com", "host", "mx7.example.com", "password", "", "policy", "days")...).want(t, 303)
	ann.get("/accounts/"+formatID(empty)).has(t, "Saved.").hasNot(t, "The first message leaves")
}
