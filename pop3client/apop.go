package pop3client

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"strings"
)

// maxChallenge is the length to which a challenge is believed; RFC 5322 gives
// a message id one line.
const maxChallenge = 255

var errNoChallenge = errors.New("greeting has no APOP challenge")

// APOP logs in with APOP (RFC 1939, section 7). It needs a challenge in the
// greeting that is a proper message id: anything else may be made so as to
// reveal the password from the digests of a few logins (CVE-2007-1558).
//
// A digest that was overheard can be searched for the password at leisure:
// outside TLS, APOP is hardly better than USER and PASS.
func (c *Client) APOP(ctx context.Context, user, password string) error {
	if err := checkCredentials("APOP", user, password); err != nil {
		return err
	}
	if c.challenge == "" {
		return &AuthError{Mechanism: "APOP", Err: errNoChallenge}
	}
	if strings.ContainsAny(user, " \t") {
		return &ArgumentError{Command: "APOP", Argument: "user"}
	}
	return c.login(ctx, "APOP", func(x *exchange) error {
		c.secrets.add([]byte(password))
		digest := md5.Sum([]byte(c.challenge + password))
		answer := hex.EncodeToString(digest[:])
		c.secrets.keep([]byte(answer))
		return x.ask("APOP", "APOP "+user+" "+answer, "APOP "+user+" "+blanked)
	})
}

// apopChallenge finds the challenge in a greeting: the message id at its end,
// angle brackets included, in the strict form of RFC 5322's msg-id without
// quoting. "" if there is none.
func apopChallenge(greeting string) string {
	start, end := strings.LastIndexByte(greeting, '<'), strings.LastIndexByte(greeting, '>')
	if start < 0 || end < start || end-start >= maxChallenge {
		return ""
	}
	left, right, ok := strings.Cut(greeting[start+1:end], "@")
	if !ok || !dotAtom(left) || !dotAtom(strings.Trim(right, "[]")) {
		return ""
	}
	return greeting[start : end+1]
}

// dotAtom tells whether s is atoms joined by dots, all ASCII. Empty atoms pass:
// real servers send them.
func dotAtom(s string) bool {
	const specials = "()<>[]:;@\\,\" "
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || strings.IndexByte(specials, s[i]) >= 0 {
			return false
		}
	}
	return s != ""
}
