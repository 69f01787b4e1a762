package pop3client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Login logs in with the strongest mechanism that the server offers and
// Options.Mechanisms allows: SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN, USER
// with PASS, CRAM-MD5. One mechanism is tried, once. Outside TLS each must be
// named in Options.Mechanisms; otherwise the error is [ErrNoMechanism], and no
// credential has been sent.
//
// After the login the capabilities are read anew. A login that fails is an
// [*AuthError]; the connection should then be given up, because servers differ
// in what they still accept.
func (c *Client) Login(ctx context.Context, user, password string) error {
	if err := checkCredentials("login", user, password); err != nil {
		return err
	}
	name, err := c.chooseMechanism()
	if err != nil {
		return err
	}
	switch name {
	case "USER":
		return c.UserPass(ctx, user, password)
	case "APOP":
		return c.APOP(ctx, user, password)
	}
	return c.Auth(ctx, passwordMechanism(name, user, password))
}

func checkCredentials(command, user, password string) error {
	if user == "" || !sendable(user) {
		return &ArgumentError{Command: command, Argument: "user"}
	}
	if !sendable(password) {
		return &ArgumentError{Command: command, Argument: "password"}
	}
	return nil
}

// insideTLS are the mechanisms that Login chooses from by itself. CRAM-MD5
// comes last: inside TLS it protects nothing more, and servers list it whose
// stored passwords do not allow it.
var insideTLS = []string{"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN", "USER", "CRAM-MD5"}

// ClearTextMechanisms gives a list for Options.Mechanisms that allows Login
// whatever the server offers, also without TLS: first the mechanisms that keep
// the password from those who listen, then those that do not. It is for people
// who have decided so.
func ClearTextMechanisms() []string {
	return []string{"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "USER"}
}

// chooseMechanism gives the first allowed mechanism that is offered.
func (c *Client) chooseMechanism() (string, error) {
	allowed := c.opt.Mechanisms
	if allowed == nil && c.tls != nil {
		allowed = insideTLS
	}
	for _, name := range allowed {
		if name = strings.ToUpper(name); c.offers(name) && usesPassword(name) {
			return name, nil
		}
	}
	if c.tls == nil && c.opt.Mechanisms == nil {
		return "", fmt.Errorf("%w: the connection is not encrypted, and no mechanism is allowed on it", ErrNoMechanism)
	}
	return "", fmt.Errorf("%w: allowed %s, offered %s", ErrNoMechanism, strings.Join(allowed, " "), c.offered())
}

// offers tells whether the server can be expected to know a mechanism. USER is
// tried where CAPA is silent about every way to log in.
func (c *Client) offers(name string) bool {
	switch name {
	case "USER":
		return c.caps.Has("USER") || !c.caps.Has("SASL")
	case "APOP":
		return c.challenge != ""
	}
	return slices.Contains(c.caps.SASL(), name)
}

// offered names the ways to log in that the server lists, for an error.
func (c *Client) offered() string {
	offered := c.caps.SASL()
	if c.caps.Has("USER") {
		offered = append(offered, "USER")
	}
	if len(offered) == 0 {
		return "none"
	}
	return fmt.Sprintf("%q", shorten([]byte(strings.Join(offered, " ")), 200))
}

// UserPass logs in with USER and PASS. Both go over the connection as they are,
// encrypted or not.
func (c *Client) UserPass(ctx context.Context, user, password string) error {
	if err := checkCredentials("USER", user, password); err != nil {
		return err
	}
	return c.login(ctx, "USER", func(x *exchange) error {
		c.secrets.add([]byte(password))
		if err := x.ask("USER", "USER "+user, "USER "+user); err != nil {
			return err
		}
		return x.ask("PASS", "PASS "+password, "PASS "+blanked)
	})
}

// ask sends a line of a login and waits for +OK.
func (x *exchange) ask(name, line, shown string) error {
	x.name = name
	if err := x.send(line, shown); err != nil {
		return err
	}
	x.c.wire.allow(allowance{grace: x.c.opt.Timeouts.Auth})
	_, err := x.status()
	return err
}

// login runs one way to log in and does what is due around it.
func (c *Client) login(ctx context.Context, mechanism string, run func(*exchange) error) error {
	if err := c.enableUTF8(ctx); err != nil {
		return err
	}
	x, err := c.begin(ctx, "AUTH", c.opt.Timeouts.Auth)
	if err != nil {
		return err
	}
	err = run(x)
	if err == nil {
		c.state = Transaction
	}
	x.end()
	if err != nil {
		return asAuthError(mechanism, err)
	}
	c.mechanism = mechanism
	if err := c.readCapabilities(ctx); err != nil {
		return err
	}
	return c.enableUTF8(ctx)
}

// Mechanism gives the name of the mechanism that the login was done with: a SASL
// name, "APOP", or "USER" for USER and PASS; "" before login.
func (c *Client) Mechanism() string { return c.mechanism }

func asAuthError(mechanism string, err error) error {
	var auth *AuthError
	if errors.As(err, &auth) {
		return err
	}
	return &AuthError{Mechanism: mechanism, Err: err}
}

// enableUTF8 sends UTF8 where CAPA offers it, once. RFC 6856 wants it before
// the login; a server that lists it only afterwards gets it then. A refusal is
// of no consequence.
func (c *Client) enableUTF8(ctx context.Context) error {
	if c.utf8 || c.opt.NoUTF8 || !c.caps.Has("UTF8") {
		return nil
	}
	c.utf8 = true
	err := c.UTF8(ctx)
	var refused *Error
	if errors.As(err, &refused) {
		return nil
	}
	return err
}

// UTF8 switches the server to UTF-8 header fields (RFC 6856, section 2).
func (c *Client) UTF8(ctx context.Context) error {
	_, err := c.command(ctx, "UTF8", c.opt.Timeouts.Reply)
	return err
}
