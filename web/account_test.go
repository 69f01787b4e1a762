package web

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/store"
	"postern/templates"
)

// typed is a form that is in order, with changes.
func typed(changes ...string) []string {
	form := map[string]string{
		"email": "ann@example.com", "name": "Work", "host": "pop.example.com", "port": "995", "security": "tls", "username": "ann", "password": "pop secret 17",
		"policy": "on-delete", "days": "30", "read_after_days": "7", "interval_minutes": "10",
	}
	for i := 0; i < len(changes); i += 2 {
		form[changes[i]] = changes[i+1]
	}
	var pairs []string
	for k, v := range form {
		pairs = append(pairs, k, v)
	}
	return pairs
}

func TestCreateAccount(t *testing.T) {
	p := newPortal(t)
	ann := p.as(p.ann)
	ann.get("/accounts").want(t, 200).has(t, "No account yet")
	ann.get("/accounts/new").want(t, 200).has(t, "Your first mailbox", `value="995"`, `value="7"`)
	ann.post("/accounts", typed()...).leads(t, "/mail/inbox")
	if p.worker.woken != 1 {
		t.Error("the worker sleeps on")
	}
	a, err := p.store.Account(t.Context(), p.ann.ID, 1)
	p.must(err)
	want := store.Settings{Name: "Work", Email: "ann@example.com", Host: "pop.example.com", Port: 995, Security: store.TLS, Username: "ann",
		Policy: store.DeleteOnDelete, ReadAfterDays: 7, Interval: 10 * time.Minute}
	if a.Settings != want {
		t.Errorf("stored as %+v, want %+v", a.Settings, want)
	}
	password, err := p.store.AccountPassword(t.Context(), p.ann.ID, 1)
	p.must(err)
	if password.Reveal() != "pop secret 17" {
		t.Error("another password was stored")
	}
	// What is left empty is filled in.
	ann.post("/accounts", typed("email", "zoe@example.org", "name", "", "username", "", "port", "", "security", "starttls", "interval_minutes", "", "policy", "days", "days", "14")...).leads(t, "/accounts/2")
	a, err = p.store.Account(t.Context(), p.ann.ID, 2)
	p.must(err)
	if a.Name != "zoe@example.org" || a.Username != "zoe@example.org" || a.Port != 110 || a.Interval != defaultInterval*time.Minute || a.PolicyDays != 14 {
		t.Errorf("stored as %+v", a.Settings)
	}
	ann.get("/accounts").has(t, "Work", "zoe@example.org", "Deleted after 14 days", "Not checked yet.")
	for _, path := range []string{"/accounts", "/accounts/1", "/accounts/1/edit", "/accounts/1/remove", "/accounts/new", "/mail/inbox"} {
		ann.get(path).want(t, 200).hasNot(t, "pop secret 17")
	}
	if strings.Contains(p.log.String(), "pop secret 17") {
		t.Error("the password is in the log")
	}
}

// TestFormSentTwice: a double click, one after the other or at once, adds one account and shows it.
func TestFormSentTwice(t *testing.T) {
	p := newPortal(t)
	ann := p.as(p.ann)
	ann.post("/accounts", typed()...).leads(t, "/mail/inbox")
	ann.post("/accounts", typed("host", "POP.example.com.")...).leads(t, "/accounts/1")
	ann.post("/accounts", typed("port", "110")...).want(t, 422).has(t, "This mailbox is here already")
	var sending sync.WaitGroup
	for range 6 {
		sending.Go(func() { p.as(p.ann).post("/accounts", typed("username", "zoe")...).leads(t, "/accounts/2") })
	}
	sending.Wait()
	accounts, err := p.store.Accounts(t.Context(), p.ann.ID)
	p.must(err)
	if len(accounts) != 2 {
		t.Errorf("%d accounts", len(accounts))
	}
	p.clock.pass(twice)
	ann.post("/accounts", typed()...).want(t, 422).has(t, "This mailbox is here already, as “Work”:").hasNot(t, "Type the password once more") // that would not help
}

func TestAccountFormErrors(t *testing.T) {
	p := newPortal(t)
	p.addAccount(p.ann, "work")
	p.clock.pass(twice)
	ann := p.as(p.ann)
	for _, c := range []struct{ field, value, says string }{
		{"email", "", "Type the e-mail address"},
		{"email", "ann", "This is not an e-mail address"},
		{"email", "@example.com", "This is not an e-mail address"},
		{"email", "a b@example.com", "This is not an e-mail address"},
		{"email", strings.Repeat("a", 300) + "@example.com", "too long"},
		{"host", "", "Type the name of the POP3 server"},
		{"host", "pop3s://pop.example.com", "without pop3s://"},
		{"host", "ann@example.com", "This is an e-mail address; the server"},
		{"host", "pop.example.com:995", "Type the port into its own field."},
		{"host", "pop example.com", "This is not the name of a server"},
		{"host", "pop/../x", "This is not the name of a server"},
		{"host", "a..b", "This is not the name of a server"},
		{"host", "pop.example.com\r\nQUIT", "This is not the name of a server"},
		{"port", "0", "A port is a number from 1 to 65535"},
		{"port", "70000", "A port is a number"},
		{"port", "-1", "A port is a number"},
		{"port", "99999999999999999999", "A port is a number"},
		{"port", "abc", "A port is a number"},
		{"security", "maybe", "Choose TLS, STARTTLS or None."},
		{"username", "ann\r\nDELE 1", "control characters"},
		{"username", "a\x00b", "control characters"},
		{"name", "a\tb", "control characters"},
		{"password", "", "Type the password of this mailbox."},
		{"password", "a\r\nDELE 1", "A password cannot hold line breaks."},
		{"password", "a\x00b", "A password cannot hold line breaks."},
		{"password", strings.Repeat("p", 2000), "too long"},
		{"policy", "burn", "Choose what happens"},
		{"read_after_days", "-1", "from 0 to 3650"},
		{"interval_minutes", "1.5", "from 1 to 1440"},
		{"interval_minutes", "1441", "from 1 to 1440"},
		{"max_size_mb", "-1", "a number of megabytes"},
	} {
		fields := "Please look at 1 field again."
		if slices.Contains([]string{"host", "port", "security", "username"}, c.field) {
			fields = "Please look at 2 fields again." // the password was typed for another server
		}
		ann.post("/accounts", typed(c.field, c.value)...).want(t, 422).has(t, c.says, fields, "Save account").hasNot(t, "pop secret 17")
	}
	ann.post("/accounts", typed("policy", "days", "days", "0")...).want(t, 422).has(t, "days from 1 to 3650")
	ann.post("/accounts", typed("host", "MX7.example.com.", "username", "work@example.com")...).want(t, 422).has(t, "This mailbox is here already, as “work”:")
	accounts, err := p.store.Accounts(t.Context(), p.ann.ID)
	p.must(err)
	if len(accounts) != 1 || p.worker.woken != 0 {
		t.Error("an account was made of a form that is not in order")
	}
	for _, host := range []string{"192.0.2.1", "[2001:db8::1]", "2001:db8::1", "邮件.example.com", "localhost"} {
		form := readForForm(typed("host", host))
		if _, errs := form.settings(nil, nil); len(errs) > 0 {
			t.Errorf("host %q: %v", host, errs)
		}
	}
}

func readForForm(pairs []string) accountForm {
	r, _ := http.NewRequest("POST", "/", nil)
	r.PostForm = map[string][]string{}
	for i := 0; i < len(pairs); i += 2 {
		r.PostForm.Set(pairs[i], pairs[i+1])
	}
	return readAccountForm(r)
}

// TestEditAccount: an account is pointed elsewhere only by who knows its password.
func TestEditAccount(t *testing.T) {
	p := newPortal(t)
	id := p.addAccount(p.ann, "work")
	ann := p.as(p.ann)
	same := func(changes ...string) []string {
		return typed(append([]string{"email", "work@example.com", "username", "work@example.com", "host", "mx7.example.com", "password", ""}, changes...)...)
	}
	ann.get("/accounts/"+formatID(id)+"/edit").want(t, 200).has(t, "Edit work", `value="mx7.example.com"`, `name="account" value="`+formatID(id)+`"`).hasNot(t, "pop-secret")
	ann.post("/accounts/"+formatID(id), same("name", "Office", "policy", "keep", "interval_minutes", "0")...).leads(t, "/accounts/"+formatID(id))
	ann.get("/accounts/"+formatID(id)).has(t, "Saved.", "Office", "Nothing is deleted", "Only when asked")
	ann.post("/accounts/"+formatID(id), same("policy", "keep", "adaptive", "1", "max_size_mb", "20")...).leads(t, "/accounts/"+formatID(id))
	ann.get("/accounts/"+formatID(id)).has(t, "Every 10 minutes, more often while mail comes", "larger than 20 MB")
	ann.get("/accounts/"+formatID(id)+"/edit").has(t, `name="adaptive" value="1" checked`, `name="max_size_mb" value="20"`)
	password, err := p.store.AccountPassword(t.Context(), p.ann.ID, id)
	p.must(err)
	if password.Reveal() != "pop-secret-of-work" {
		t.Error("the stored password is gone")
	}
	for _, change := range [][]string{{"host", "evil.example.net"}, {"port", "9995"}, {"security", "none"}} {
		ann.post("/accounts/"+formatID(id), same(change...)...).want(t, 422).has(t, "type the password again")
		p.prober.password = ""
		ann.post("/accounts/test", same(append(change, "account", formatID(id))...)...).want(t, 422)
		if p.prober.password != "" {
			t.Error("the stored password was sent elsewhere")
		}
	}
	ann.post("/accounts/"+formatID(id), same("host", "new.example.net", "password", "again")...).want(t, 303)
	a, err := p.store.Account(t.Context(), p.ann.ID, id)
	p.must(err)
	if a.Host != "new.example.net" {
		t.Errorf("host %q", a.Host)
	}
}

func TestTestConnection(t *testing.T) {
	p := newPortal(t)
	id := p.addAccount(p.ann, "work")
	ann := p.as(p.ann)
	p.prober.result = ProbeResult{OK: true, Summary: "It works: 3 messages, 12 kB.", Facts: []ProbeFact{{Name: "UIDL", Value: "<yes>", Tone: templates.ToneOK}}}
	ann.post("/accounts/test", typed()...).want(t, 200).has(t, "It works: 3 messages, 12 kB.", "&lt;yes&gt;", "Save account", `value="pop.example.com"`, "is kept for ten minutes").hasNot(t, "pop secret 17")
	if p.prober.password != "pop secret 17" || p.prober.settings.Host != "pop.example.com" {
		t.Errorf("probed %+v", p.prober.settings)
	}
	ann.header.Set("X-Requested-With", "fetch")
	ann.post("/accounts/test", typed()...).want(t, 200).has(t, "It works").hasNot(t, "<html", "Save account")
	ann.post("/accounts/test", typed("host", "", "port", "x")...).want(t, 200).has(t, "not complete", "Type the name of the POP3 server", "A port is a number").hasNot(t, "<html")
	ann.post("/accounts/test", typed("account", formatID(id), "host", "mx7.example.com", "password", "")...).want(t, 200)
	if p.prober.password != "pop-secret-of-work" {
		t.Error("the stored password was not used")
	}
	accounts, err := p.store.Accounts(t.Context(), p.ann.ID)
	p.must(err)
	if len(accounts) != 1 {
		t.Error("a test stored something")
	}
	for range userProbes {
		p.server.probes.take(p.ann.ID)
	}
	ann.post("/accounts/test", typed()...).want(t, 200).has(t, "Try again in a minute.")
	bob := p.as(p.bob)
	bob.header.Set("X-Requested-With", "fetch")
	bob.post("/accounts/test", typed()...).want(t, 200).hasNot(t, "Try again in a minute.")
}

func TestSyncAndStop(t *testing.T) {
	p := newPortal(t)
	id := p.addAccount(p.ann, "work")
	ann := p.as(p.ann)
	p.must(p.store.FinishSync(t.Context(), p.account(p.ann, id), store.Sync{Account: id, Started: p.clock.Now(), Ended: p.clock.Now(), Sentence: "Wrong password: <b>no</b>"},
		store.Next{At: p.clock.Now().Add(time.Hour), BadLogin: true, Pause: true}))
	ann.get("/accounts/"+formatID(id)).has(t, "Wrong password: &lt;b&gt;no&lt;/b&gt;.", "type its password again", "Recent sessions").hasNot(t, `role="status" data-banner="1"`)
	ann.get("/mail/inbox").has(t, "banner bad", "work: Wrong password")
	ann.post("/accounts/"+formatID(id)+"/sync", "return", "/accounts").leads(t, "/accounts")
	a, err := p.store.Account(t.Context(), p.ann.ID, id)
	p.must(err)
	if p.worker.woken != 1 || a.Paused || a.NextCheck.After(p.clock.Now()) {
		t.Errorf("after Check now: %+v, woken %d", a, p.worker.woken)
	}
	p.server.hub.SyncStarted(p.ann.ID, id)
	p.server.hub.SyncProgress(p.ann.ID, id, "retrieving", 1240, 8310, 96_000_000, 3*time.Minute)
	ann.get("/accounts/"+formatID(id)).has(t, "1,240 of 8,310 · 96 MB · 3 min left", "Checking now.")
	ann.get("/mail/inbox").has(t, "1,240 of 8,310 · 96 MB · 3 min left")
	ann.post("/accounts/"+formatID(id)+"/stop").leads(t, "/accounts/"+formatID(id))
	if len(p.worker.stopped) != 1 || p.worker.stopped[0] != id {
		t.Errorf("stopped: %v", p.worker.stopped)
	}
}

func TestRemoveAccount(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	path := "/accounts/" + formatID(w.account)
	ann.get(path+"/remove").want(t, 200).has(t, "Remove work?", "3 messages of this account are stored here.", "1 deletion that waits for the server will be cancelled.")
	ann.post(path+"/remove").want(t, 422).has(t, "Choose what becomes of the mail")

	a, err := w.store.Account(t.Context(), w.ann.ID, w.account)
	w.must(err)
	w.must(w.store.Quitting(t.Context(), a))
	for _, mail := range []string{"keep", "delete"} {
		ann.post(path+"/remove", "mail", mail).want(t, 409).has(t, "Remove work?", "A server may be deleting mail at this moment.")
	}
	ann.get(path).want(t, 200)
	if len(w.worker.stopped) != 0 {
		t.Error("stopped a session that is not to end here")
	}
	w.clock.pass(5 * time.Minute)
	ann.post(path+"/remove", "mail", "keep").leads(t, "/accounts")
	if len(w.worker.stopped) != 1 {
		t.Error("the session runs on")
	}
	ann.get("/accounts").want(t, 200).has(t, "work was removed. Its mail stays here.", "No account yet")
	for _, below := range []string{"", "/edit", "/remove"} {
		ann.get(path+below).want(t, 404)
	}
	ann.post(path+"/sync").want(t, 404)
	ann.get("/mail/inbox").has(t, "Newsletter")
	ann.get("/messages/"+formatID(w.message)).want(t, 200)
	ann.get("/deletions").has(t, "1 cancelled.")

	second := w.addAccount(w.ann, "second")
	ids := w.deliver(w.ann, second, mail("Goes too", "x"))
	ann.post("/accounts/"+formatID(second)+"/remove", "mail", "delete").leads(t, "/accounts")
	ann.get("/messages/"+formatID(ids[0])).want(t, 404)
}
