package web

import (
	"slices"
	"strings"
	"testing"

	"postern/store"
	"postern/templates"
)

var shownPrint = store.Fingerprint{0xA1, 0xB2}

// pinOf is what the box posts for a certificate that a server has shown.
func pinOf(f store.Fingerprint, server string) string { return f.Hex() + " " + server }

// TestTrustACertificate: from the test of a connection to the account that has it, and back to none.
func TestTrustACertificate(t *testing.T) {
	p := newPortal(t)
	ann := p.as(p.ann)
	p.prober.result = ProbeResult{Summary: "The certificate of pop.example.com is not signed by an authority that this machine knows.", Advice: "Advice.",
		Facts: []ProbeFact{{Name: "SHA-256 fingerprint", Value: shownPrint.String()}}, Refused: shownPrint}
	here := pinOf(shownPrint, "pop.example.com:995")
	ann.post("/accounts/test", typed()...).want(t, 200).
		has(t, "is not signed by an authority", "A1:B2:00", "Trust this certificate", `name="pin" value="`+here+`"`, "No password was sent", "-connect localhost:995").
		hasNot(t, "-starttls", here+`" checked`)
	ann.post("/accounts/test", typed("security", "starttls", "port", "110")...).want(t, 200).has(t, "-starttls pop3 -connect localhost:110")
	if !p.prober.settings.Pin.IsZero() {
		t.Error("a certificate is trusted before anybody has said so")
	}

	// A form that is not in order keeps what was chosen, and says what is missing.
	ann.post("/accounts", typed("pin", here, "password", "")...).want(t, 422).has(t, "Type the password", here+`" checked`, "A1:B2:00")
	ann.post("/accounts", typed("pin", here, "host", "evil.example.net")...).want(t, 422).has(t, "is another server&#39;s").hasNot(t, "checked aria-describedby=\"pin-help\"")
	ann.post("/accounts", typed("pin", here, "port", "9995")...).want(t, 422).has(t, "is another server&#39;s")
	ann.post("/accounts", typed("pin", "nonsense pop.example.com:995")...).want(t, 422).has(t, "This is not the fingerprint")
	ann.post("/accounts", typed("host", "pop.gmail.com", "pin", pinOf(shownPrint, "pop.gmail.com:995"))...).want(t, 422).has(t, "do not trust another one")
	ann.post("/accounts/test", typed("host", "pop.gmail.com")...).want(t, 200).has(t, "Advice.").hasNot(t, "Trust this certificate")
	ann.header.Set("X-Requested-With", "fetch")
	ann.post("/accounts/test", typed("pin", here, "password", "")...).want(t, 200).has(t, "not complete", here+`" checked`)
	p.prober.result = ProbeResult{OK: true, Summary: "It works."}
	ann.post("/accounts/test", typed("pin", here)...).want(t, 200).has(t, "It works.", here+`" checked`)
	if p.prober.settings.Pin != shownPrint {
		t.Error("the test does not trust what was chosen")
	}
	ann.header.Del("X-Requested-With")

	ann.post("/accounts", typed("pin", here)...).leads(t, "/mail/inbox")
	if a := p.account(p.ann, 1); a.Pin != shownPrint {
		t.Errorf("trusted: %v", a.Pin)
	}
	ann.get("/accounts/1").has(t, "Trusted by you, SHA-256 A1:B2:00", "Forget the certificate")
	ann.post("/accounts/1/forget-certificate").leads(t, "/accounts/1")
	ann.get("/accounts/1").has(t, "is no longer trusted").hasNot(t, "Trusted by you", "Forget the certificate")
	if a := p.account(p.ann, 1); !a.Pin.IsZero() || p.worker.woken != 2 {
		t.Errorf("after forgetting: %v, woken %d", a.Pin, p.worker.woken)
	}
}

// TestTrustNeedsThePassword: whoever has a session alone cannot lead the stored password to another certificate, nor keep
// a trusted one for another server.
func TestTrustNeedsThePassword(t *testing.T) {
	p := newPortal(t)
	id := p.addAccount(p.ann, "work")
	ann, path := p.as(p.ann), "/accounts/"+formatID(id)
	same := func(changes ...string) []string {
		return typed(append([]string{"email", "work@example.com", "username", "work@example.com", "host", "mx7.example.com", "password", ""}, changes...)...)
	}
	here := pinOf(shownPrint, "mx7.example.com:995")
	for _, to := range []string{path, "/accounts/test"} {
		ann.post(to, same("account", formatID(id), "pin", here)...).want(t, 422).has(t, "To trust a certificate, type the password again.", here+`" checked`)
	}
	if p.prober.password != "" || !p.account(p.ann, id).Pin.IsZero() {
		t.Error("the stored password was sent, or the certificate trusted")
	}
	ann.post(path, same("pin", here, "password", "typed again")...).leads(t, path)
	if p.account(p.ann, id).Pin != shownPrint {
		t.Error("not trusted")
	}
	// It stays with whatever else is changed, and needs no password then.
	ann.post(path, same("name", "Office")...).leads(t, path)
	ann.post(path, same("pin", here)...).leads(t, path)
	other := store.Fingerprint{7}
	ann.post(path, same("pin", pinOf(other, "mx7.example.com:995"))...).want(t, 422).has(t, "type the password again")
	if p.account(p.ann, id).Pin != shownPrint {
		t.Error("another one is trusted")
	}
	for _, change := range [][]string{{"port", "9995"}, {"host", "new.example.net"}, {"security", "none"}} {
		ann.post(path, same("pin", "", "password", "again")...).leads(t, path)
		ann.post(path, same("pin", here, "password", "again")...).leads(t, path)
		ann.post(path, same(append(change, "password", "again")...)...).leads(t, path)
		if a := p.account(p.ann, id); !a.Pin.IsZero() {
			t.Errorf("with %v: still trusted: %v", change, a.Pin)
		}
	}
}

// TestRemedyFirst: the first button of an account in trouble is what helps.
func TestRemedyFirst(t *testing.T) {
	p := newPortal(t)
	id := p.addAccount(p.ann, "work")
	ann, path := p.as(p.ann), "/accounts/"+formatID(id)
	for remedy, want := range map[store.Remedy]string{
		store.Wait: "Check now", store.TypePassword: "Enter the password again", store.ReviewSettings: "Edit", store.ReviewCertificate: "Look at the certificate",
	} {
		p.must(p.store.FinishSync(t.Context(), p.account(p.ann, id), store.Sync{Account: id, Started: p.clock.Now(), Ended: p.clock.Now(), Sentence: "Trouble."}, store.Next{At: p.clock.Now(), Remedy: remedy}))
		body := ann.get(path).want(t, 200).body
		main := strings.SplitN(body, `class="button main"`, 3)
		if len(main) != 2 || !strings.Contains(main[1][:300], want) || !strings.Contains(body, "Check now") {
			t.Errorf("remedy %v: not %q first, or several", remedy, want)
		}
		edit := ann.get(path+"/edit").want(t, 200).body
		if strings.Contains(edit, "refuses the stored password") != (remedy == store.TypePassword) {
			t.Errorf("remedy %v: the form", remedy)
		}
	}
	p.prober.result = ProbeResult{Summary: "Another one.", Refused: shownPrint}
	review := slices.Concat([]string{"account", formatID(id)}, fieldPairs(accountFormOf(p.account(p.ann, id)).fields()))
	ann.post("/accounts/test", review...).want(t, 200).has(t, "Edit work", "Another one.", "Trust this certificate")
}

func fieldPairs(fields []templates.Field) (pairs []string) {
	for _, f := range fields {
		pairs = append(pairs, f.Name, f.Value)
	}
	return pairs
}
