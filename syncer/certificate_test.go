package syncer_test

import (
	"context"
	"crypto/tls"
	"strings"
	"testing"
	"time"

	"postern/pop3client"
	"postern/pop3client/pop3test"
	"postern/store"
)

// certificate makes the server show one of the kind from now on.
func (w *world) certificate(leaf pop3test.Leaf) (tls.Certificate, store.Fingerprint) {
	w.t.Helper()
	c, err := w.server.Authority().Issue(leaf)
	w.check(err)
	w.server.SetCertificate(c)
	return c, store.Fingerprint(pop3client.Fingerprint(c.Leaf))
}

func (w *world) trust(f store.Fingerprint) { w.update(func(s *store.Settings) { s.Pin = f }) }

func (w *world) acct() store.Account {
	w.t.Helper()
	a, err := w.store.Account(context.Background(), w.user, w.account)
	w.check(err)
	return a
}

// A server with a certificate of its own making is trusted for the one that a person has seen, and for no other: whatever
// else it shows, it gets no password.
func TestTrustedCertificate(t *testing.T) {
	for name, security := range map[string]store.Security{"TLS": store.TLS, "STARTTLS": store.STARTTLS} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(s *store.Settings) { s.CA = "" })
			w.add(2)
			if security == store.STARTTLS {
				w.secure(store.STARTTLS, w.server.Addr())
			}
			refused := func(what string, remedy store.Remedy, paused bool, says ...string) {
				t.Helper()
				w.server.ResetLog()
				v := w.trySync()
				for _, s := range says {
					if v.OK || !strings.Contains(v.Sentence, s) {
						t.Errorf("%s: %q, want %q", what, v.Sentence, s)
					}
				}
				if w.sentCredentials(false) {
					t.Errorf("%s: credentials were sent: %v", what, w.server.Log())
				}
				if a := w.acct(); a.Remedy != remedy || a.Paused != paused {
					t.Errorf("%s: remedy %v, paused %v", what, a.Remedy, a.Paused)
				}
			}
			_, first := w.certificate(pop3test.Leaf{SelfSigned: true})
			refused("self-signed", store.ReviewCertificate, false, "not signed by an authority", "No password was sent", first.String(), "--pin")

			wrong := first
			wrong[31] ^= 1
			w.trust(wrong)
			refused("a wrong fingerprint", store.ReviewCertificate, true, "another certificate than the one you trusted", wrong.String(), first.String())

			w.trust(first)
			if w.sync(); len(w.stored()) != 2 {
				t.Fatalf("%d messages", len(w.stored()))
			}
			if a := w.acct(); a.Remedy != store.Wait || a.Pin != first || a.Paused {
				t.Errorf("after a session that went well: remedy %v, pin %v", a.Remedy, a.Pin)
			}

			_, second := w.certificate(pop3test.Leaf{SelfSigned: true})
			refused("another certificate", store.ReviewCertificate, true, first.String(), second.String())
			w.checkNow()
			refused("checked again", store.ReviewCertificate, true, second.String())
		})
	}
}

// What is trusted for its fingerprint may be for another name and out of date: the person was told.
func TestTrustedThoughOddlyMade(t *testing.T) {
	w := newWorld(t, func(s *store.Settings) { s.CA = "" })
	w.add(1)
	past := time.Now().AddDate(0, 0, -3)
	_, pin := w.certificate(pop3test.Leaf{SelfSigned: true, Names: []string{"nas\x1b[2J.example"}, NotBefore: past.AddDate(-1, 0, 0), NotAfter: past})
	r := w.worker.Connect.Probe(t.Context(), true, w.settings(), password)
	if r.Refused == nil || !r.Refused.SelfSigned || !r.Refused.OtherName || r.Refused.SHA256 != pin.Hex() {
		t.Fatalf("probe: %+v", r.Refused)
	}
	told := map[string]string{}
	for _, f := range r.Facts() {
		told[f.Name] = f.Value
	}
	for name, want := range map[string]string{
		"Made for": "which is not this server", "Signed by": "itself", "Valid": past.Format("2 January 2006") + ": it has expired", "SHA-256 fingerprint": pin.String(),
	} {
		if !strings.Contains(told[name], want) || strings.Contains(told[name], "\x1b") {
			t.Errorf("%s: %q, want %q", name, told[name], want)
		}
	}
	w.trust(pin)
	if v := w.sync(); len(v.Remarks) != 1 || !strings.Contains(v.Remarks[0], "expired on "+past.UTC().Format("2 January 2006")) {
		t.Errorf("remarks %q", v.Remarks)
	}
	r = w.worker.Connect.Probe(t.Context(), true, w.settings(), password)
	if r.Trouble != nil || r.TLS == nil || !r.TLS.Pinned || r.TLS.SHA256 != pin.Hex() {
		t.Errorf("probe of a trusted certificate: %+v, %v", r.TLS, r.Trouble)
	}
}

// Once the server shows a certificate that verifies, the exception is over.
func TestTrustEndsWithAValidCertificate(t *testing.T) {
	w := newWorld(t)
	w.add(1)
	_, own := w.certificate(pop3test.Leaf{SelfSigned: true})
	w.trust(own)
	w.sync()
	w.certificate(pop3test.Leaf{})
	if v := w.sync(); len(v.Remarks) != 1 || !strings.Contains(v.Remarks[0], "was forgotten") {
		t.Errorf("remarks %q", v.Remarks)
	}
	if a := w.acct(); !a.Pin.IsZero() {
		t.Errorf("still trusted: %v", a.Pin)
	}
	w.certificate(pop3test.Leaf{SelfSigned: true})
	if v := w.trySync(); v.OK {
		t.Error("the old trust is still good")
	}
}
