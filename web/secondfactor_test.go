package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"
)

// code is what an app would show for a secret, steps away from now.
func (p *portal) code(secret string, steps int64) string {
	code, err := hotp.GenerateCode(secret, uint64(p.clock.Now().Unix()/30+steps))
	p.must(err)
	return code
}

var (
	secretField   = regexp.MustCompile(`name="secret" value="([A-Z2-7]+)"`)
	ticketField   = regexp.MustCompile(`name="ticket" value="([^"]+)"`)
	recoveryCodes = regexp.MustCompile(`<code>([a-z2-7-]{19})</code>`)
)

// find returns what a pattern's group matches in a page.
func (a answer) find(t *testing.T, pattern *regexp.Regexp) string {
	t.Helper()
	m := pattern.FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("the page has no %s:\n%s", pattern, a.body)
	}
	return m[1]
}

// turnOn gives ann a second factor.
func (p *portal) turnOn(t *testing.T, b *browser) (secret string, codes []string) {
	t.Helper()
	secret = b.get("/settings/totp").want(t, 200).has(t, "data:image/png;base64,").find(t, secretField)
	page := b.post("/settings/totp", "secret", secret, "code", p.code(secret, 0), "current", annPassword).want(t, 200).has(t, "Your recovery codes")
	for _, m := range recoveryCodes.FindAllStringSubmatch(page.body, -1) {
		codes = append(codes, m[1])
	}
	if len(codes) != 10 {
		t.Fatalf("%d recovery codes, want 10", len(codes))
	}
	return secret, codes
}

// ticket signs ann in with her password and returns the ticket for the code.
func (p *portal) ticket(t *testing.T, b *browser) string {
	t.Helper()
	return b.post("/login", "name", "ann", "password", annPassword, "next", "/storage").want(t, 200).has(t, "authenticator app").find(t, ticketField)
}

func TestSecondFactor(t *testing.T) {
	p := newPortal(t)
	p.clock.pass(30*time.Second - time.Duration(p.clock.Now().UnixNano())%(30*time.Second)) // no code grows old while we look
	b, other := p.as(p.ann), p.as(p.ann)
	secret := b.get("/settings/totp").want(t, 200).find(t, secretField)
	b.post("/settings/totp", "secret", secret, "code", "000000", "current", annPassword).want(t, 422).has(t, "not the code", secret)
	b.post("/settings/totp", "secret", secret, "code", p.code(secret, 0), "current", "wrong").want(t, 422).has(t, "not your current password")
	b.post("/settings/totp", "secret", "AAAA", "code", "000000", "current", annPassword).want(t, 303)
	before := *b.cookies["postern-8110"]
	secret, _ = p.turnOn(t, b)
	if b.cookies["postern-8110"].Value == before.Value {
		t.Error("the session kept its id")
	}
	other.get("/settings").want(t, 303)
	b.get("/settings").want(t, 200).has(t, "On. 10 recovery codes are left.").hasNot(t, secret)
	b.get("/settings/totp").want(t, 200).hasNot(t, secret, `name="secret"`)

	// The password alone lets nobody in.
	c := p.browser()
	ticket := p.ticket(t, c)
	c.get("/mail/inbox").want(t, 303)
	for _, wrong := range []string{"", "123456", p.code(secret, 5), p.code(secret, -5), p.code(secret, 0)} { // the last one turned it on
		c.post("/login/code", "ticket", ticket, "code", wrong).want(t, 422)
		c.get("/mail/inbox").want(t, 303)
	}
	c.post("/login/code", "ticket", ticket, "code", p.code(secret, 1)).want(t, 422).has(t, "Sign in once more")
	p.clock.pass(time.Minute)
	ticket, code := p.ticket(t, c), p.code(secret, 0)
	c.post("/login/code", "ticket", ticket, "code", code, "next", "/storage").leads(t, "/storage")
	c.get("/mail/inbox").want(t, 200)

	// Neither the ticket nor the code counts twice.
	d := p.browser()
	d.post("/login/code", "ticket", ticket, "code", p.code(secret, 1)).want(t, 422).has(t, "Sign in once more")
	d.post("/login/code", "ticket", p.ticket(t, d), "code", code).want(t, 422).has(t, "used before")
	d.post("/login/code", "ticket", "invented", "code", p.code(secret, 1)).want(t, 422)
	if strings.Contains(p.log.String(), secret) || strings.Contains(p.log.String(), code) {
		t.Error("the log holds the secret or a code")
	}
}

func TestTicketsEnd(t *testing.T) {
	p := newPortal(t)
	secret, _ := p.turnOn(t, p.as(p.ann))
	b := p.browser()
	ticket := p.ticket(t, b)
	p.clock.pass(ticketLife + time.Second)
	b.post("/login/code", "ticket", ticket, "code", p.code(secret, 0)).want(t, 422).has(t, "Sign in once more")
	ticket = p.ticket(t, b)
	p.must(p.store.SetPassword(t.Context(), p.ann.ID, annHash()+" ", nil))
	b.post("/login/code", "ticket", ticket, "code", p.code(secret, 0)).leads(t, "/login")
	for range 2 * maxTickets / 1000 { // bounded, whoever asks
		for range 1000 {
			p.server.tickets.issue(p.ann)
		}
	}
	if n := len(p.server.tickets.open); n > maxTickets {
		t.Errorf("%d tickets", n)
	}
}

// TestCodeGuessing: who has the password gets a few codes in five minutes, however many tickets they ask for.
func TestCodeGuessing(t *testing.T) {
	p := newPortal(t)
	p.turnOn(t, p.as(p.ann))
	b := p.browser()
	tried := 0
	for range 40 { // ten minutes
		p.clock.pass(15 * time.Second)
		a := b.post("/login", "name", "ann", "password", annPassword)
		if a.StatusCode == http.StatusOK {
			if b.post("/login/code", "ticket", a.find(t, ticketField), "code", "000000").StatusCode == http.StatusUnprocessableEntity {
				tried++
			}
		}
	}
	if tried < freeAttempts || tried > 15 {
		t.Errorf("%d codes tried in ten minutes", tried)
	}
}

func TestRecoveryCodes(t *testing.T) {
	p := newPortal(t)
	b := p.as(p.ann)
	_, codes := p.turnOn(t, b)
	c := p.browser()
	c.post("/login/code", "ticket", p.ticket(t, c), "code", strings.ToUpper(codes[3])).leads(t, "/mail/inbox")
	c.get("/settings").has(t, "On. 9 recovery codes are left.")
	d := p.browser()
	d.post("/login/code", "ticket", p.ticket(t, d), "code", codes[3]).want(t, 422)

	b.post("/settings/totp/codes", "current", "wrong").want(t, 422).has(t, "not your current password")
	page := b.post("/settings/totp/codes", "current", annPassword).want(t, 200)
	fresh := page.find(t, recoveryCodes)
	d.post("/login/code", "ticket", p.ticket(t, d), "code", codes[4]).want(t, 422)
	d.post("/login/code", "ticket", p.ticket(t, d), "code", fresh).leads(t, "/mail/inbox")

	b.post("/settings/totp/remove", "current", "wrong").want(t, 422)
	b.post("/settings/totp/remove", "current", annPassword).leads(t, "/settings")
	d.get("/mail/inbox").want(t, 303)
	b.get("/settings").want(t, 200).has(t, "Two-step sign-in is off.", "Off. With it")
	b.post("/settings/totp/codes", "current", annPassword).leads(t, "/settings/totp")
	b.post("/settings/totp/remove", "current", annPassword).leads(t, "/settings/totp")
	d.post("/login", "name", "ann", "password", annPassword).leads(t, "/mail/inbox")
}
