package main_test

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/internal/browsertest"
	"postern/pop3client"
	"postern/pop3client/pop3test"
	"postern/store"
)

// homeServer is a POP3 server with certificates of its own making.
type homeServer struct {
	t *testing.T
	*pop3test.Server
}

func newHomeServer(t *testing.T) homeServer {
	drop := pop3test.NewMaildrop("ann", "wonder land")
	drop.Add("uid-1", pop3test.CRLF("From: bob@example.net\nTo: ann@example.com\nSubject: From the cellar\n\nHello.\n"))
	return homeServer{t, pop3test.NewServer(t, drop)}
}

// renew shows another certificate from now on.
func (s homeServer) renew() store.Fingerprint {
	s.t.Helper()
	c, err := s.Authority().Issue(pop3test.Leaf{SelfSigned: true})
	if err != nil {
		s.t.Fatal(err)
	}
	s.SetCertificate(c)
	s.ResetLog()
	return store.Fingerprint(pop3client.Fingerprint(c.Leaf))
}

// silent makes sure that nobody has begun to log in since the certificate was renewed.
func (s homeServer) silent(when string) {
	s.t.Helper()
	for _, c := range s.Log() {
		if verb, _, _ := strings.Cut(c.Line, " "); slices.Contains([]string{"USER", "PASS", "AUTH", "APOP"}, verb) {
			s.t.Errorf("%s: a login was begun: %s", when, verb)
		}
	}
}

// press presses a button that leads to another page, and waits until it is there: to go elsewhere before would abort it.
func press(page *browsertest.Page, button string) {
	page.Eval(`document.body.append("The page before.")`)
	page.Click("button", button)
	page.WaitNoText("The page before.", 10*time.Second)
}

// TestTrustInBrowser: a mailbox on a server of one's own, from the first test of its connection to its next certificate,
// with a script and without.
func TestTrustInBrowser(t *testing.T) {
	browser := browsertest.New(t)
	for name, script := range map[string]bool{"with script": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			server := newHomeServer(t)
			first := server.renew()
			p := start(t, t.TempDir(), nil)
			page := browser.Page(t, 1280, 900, false)
			page.Goto(p.setup)
			page.Fill("User name", "anna")
			page.Fill("Password", "a good long password")
			page.Fill("Repeat password", "a good long password")
			page.Click("button", "Create owner")
			page.WaitText("Your first mailbox", 10*time.Second)
			if !script {
				page.DisableScripts()
				page.Goto(p.base + "/accounts/new")
			}
			host, port, _ := net.SplitHostPort(server.TLSAddr())
			page.Fill("E-mail address", "ann@example.com")
			page.Fill("Server", host)
			page.Fill("Port", port)
			page.Fill("User name", "ann")
			page.Fill("Password", "wonder land")
			page.Click("button", "Test connection")
			page.WaitText("not signed by an authority", 30*time.Second)
			page.WaitText(first.String(), time.Second)
			page.Check("Trust this certificate")
			if !script { // a password is never sent back
				page.Fill("Password", "wonder land")
			}
			server.silent("before somebody decides")
			press(page, "Save account")
			waitFor(t, "the mail", func() bool {
				page.Goto(p.base + "/mail/inbox")
				return strings.Contains(page.Text("body"), "From the cellar")
			})

			second := server.renew()
			page.Goto(p.base + "/accounts/1")
			page.WaitText("Trusted by you, SHA-256 "+first.String(), 10*time.Second)
			press(page, "Check now")
			waitFor(t, "the account to stop", func() bool {
				page.Goto(p.base + "/mail/inbox")
				return strings.Contains(page.Text("body"), "another certificate than the one you trusted")
			})
			page.WaitText(first.String(), time.Second)
			page.WaitText(second.String(), time.Second)
			page.Goto(p.base + "/accounts/1")
			page.Click("button", "Look at the certificate")
			page.WaitText("SHA-256 that you trusted", 30*time.Second)
			page.Check("Trust this certificate")
			page.Click("button", "Save account")
			page.WaitText("To trust a certificate, type the password again.", 10*time.Second)
			server.silent("before the password is typed again")
			page.Fill("Password", "wonder land")
			press(page, "Save account")
			page.WaitText("Trusted by you, SHA-256 "+second.String(), 10*time.Second)
			waitFor(t, "a session that goes well", func() bool {
				page.Goto(p.base + "/accounts/1")
				return strings.Contains(page.Text("main .result"), "Nothing new.")
			})

			page.Click("button", "Forget the certificate")
			// The account is checked at once, and what comes of that may take the place of the notice.
			page.WaitEval(`/is no longer trusted|is not signed by an authority/.test(document.body.innerText) && !document.body.innerText.includes("Trusted by you")`, "true", 10*time.Second)
			for _, line := range page.Console() {
				if !strings.Contains(line, "status of 422") { // the form that was not in order
					t.Errorf("console: %s", line)
				}
			}
		})
	}
}

// TestPinAtTheCommandLine: what probe prints is what --pin takes.
func TestPinAtTheCommandLine(t *testing.T) {
	server := newHomeServer(t)
	first := server.renew()
	dir := t.TempDir()
	writeFile(t, dir+"/portal.txt", "a good long password\n")
	writeFile(t, dir+"/pop.txt", "wonder land\n")
	command(t, dir, "user", "add", "anna", "--password-file", "portal.txt")
	url := "pop3s://ann@" + server.TLSAddr()
	out, err := tryCommand(t, dir, nil, "probe", "--password-file", "pop.txt", url)
	if err == nil || strings.Count(out, first.String()) < 2 || !strings.Contains(out, "--pin") {
		t.Errorf("probe: %v, %s", err, out)
	}
	if out, err := tryCommand(t, dir, nil, "account", "add", "--user", "anna", "--pin", "12:34", "--password-file", "pop.txt", url); err == nil || !strings.Contains(out, "64 hexadecimal digits") {
		t.Errorf("a short fingerprint: %v, %s", err, out)
	}
	server.silent("before anything is trusted")
	if out := command(t, dir, "probe", "--pin", first.String(), "--password-file", "pop.txt", url); !strings.Contains(out, "trusted by you, SHA-256 "+first.String()) {
		t.Errorf("probe --pin: %s", out)
	}
	command(t, dir, "account", "add", "--user", "anna", "--name", "Cellar", "--pin", "sha256:"+first.Hex(), "--password-file", "pop.txt", url)
	if out := command(t, dir, "account", "list"); !strings.Contains(out, "certificate pinned, SHA-256 "+first.String()) {
		t.Errorf("list: %s", out)
	}
	if out := command(t, dir, "sync"); !strings.Contains(out, "1 retrieved") && !strings.Contains(out, "1 new") {
		t.Errorf("sync: %s", out)
	}
	second := server.renew()
	if out, err := tryCommand(t, dir, nil, "sync"); err == nil || !strings.Contains(out, first.String()) || !strings.Contains(out, second.String()) {
		t.Errorf("sync with another certificate: %v, %s", err, out)
	}
	server.silent("another certificate")
	if out, err := tryCommand(t, dir, nil, "doctor"); err == nil || !strings.Contains(out, second.String()) || !strings.Contains(out, "--pin") {
		t.Errorf("doctor: %v, %s", err, out)
	}
	command(t, dir, "account", "set", "--user", "anna", "Cellar", "--pin", second.String())
	command(t, dir, "sync")
	command(t, dir, "account", "set", "--user", "anna", "Cellar", "--pin", "none")
	if out := command(t, dir, "account", "list"); strings.Contains(out, "pinned") {
		t.Errorf("list: %s", out)
	}
}
