package pop3client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// maxInitial is the length of an AUTH command, line end included, up to which
// an initial response may stand in it (RFC 5034, section 4). Longer ones, as
// OAuth tokens are, wait for the server's prompt.
const maxInitial = 255

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

// Auth logs in with a SASL mechanism (RFC 5034), which must not have been used
// before. It is sent whether or not the server lists it and whether or not the
// connection is encrypted: the caller has chosen.
//
// After the login the capabilities are read anew. A login that fails is an
// [*AuthError].
func (c *Client) Auth(ctx context.Context, mechanism Mechanism) error {
	name, initial, err := mechanism.Start()
	if err != nil {
		return &AuthError{Mechanism: name, Err: err}
	}
	if !mechanismName(name) {
		return &ArgumentError{Command: "AUTH", Argument: "mechanism"}
	}
	return c.login(ctx, name, func(x *exchange) error {
		a := &authentication{exchange: x, mechanism: mechanism, name: name, initial: initial}
		return a.run()
	})
}

// mechanismName tells whether name can be one (RFC 4422, section 3.1), within
// what is in use: no more than 20 octets, no blank.
func mechanismName(name string) bool {
	ok := func(r rune) bool {
		return 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_'
	}
	return name != "" && len(name) <= 64 && !strings.ContainsFunc(name, func(r rune) bool { return !ok(r) })
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
	if err := c.readCapabilities(ctx); err != nil {
		return err
	}
	return c.enableUTF8(ctx)
}

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

// authentication is one run of AUTH.
type authentication struct {
	*exchange
	mechanism Mechanism
	name      string
	initial   []byte // the initial response; nil if there is none, or once it is sent
}

// run speaks until +OK, -ERR or an error. The -ERR that ends an authentication
// refused inside a mechanism (OAuth's JSON) carries what the mechanism learnt.
func (a *authentication) run() error {
	a.exchange.name = "AUTH"
	a.c.noteSecrets(a.mechanism)
	if err := a.start(); err != nil {
		return err
	}
	for round := 0; ; round++ {
		done, challenge, err := a.reply()
		if err != nil {
			return a.failed(err)
		}
		if done {
			return a.verify()
		}
		if limit := a.c.opt.Limits.AuthRounds; limit >= 0 && round >= limit {
			return a.cancel(a.exceed("AuthRounds", int64(limit)))
		}
		response, err := a.next(challenge)
		if err != nil {
			return a.cancel(err)
		}
		if err := a.respond(response); err != nil {
			return err
		}
	}
}

// start sends AUTH, with the initial response if there is room for it.
func (a *authentication) start() error {
	line := "AUTH " + a.name
	if a.initial != nil {
		encoded := encodeResponse(a.initial)
		if len(line)+1+len(encoded)+2 <= maxInitial {
			a.note(a.initial)
			a.initial = nil
			return a.send(line+" "+encoded, line+" "+blanked)
		}
	}
	return a.send(line, line)
}

// encodeResponse is base64, but for the empty initial response.
func encodeResponse(response []byte) string {
	if len(response) == 0 {
		return "="
	}
	return base64.StdEncoding.EncodeToString(response)
}

// reply reads what the server says to the last line: done, or a challenge. A
// server that says +OK where a prompt for the initial response is due means
// the prompt.
func (a *authentication) reply() (done bool, challenge []byte, err error) {
	a.c.wire.allow(allowance{grace: a.c.opt.Timeouts.Auth})
	line, _, err := a.line()
	if err != nil {
		return false, nil, err
	}
	st, text := parseStatus(line)
	switch st {
	case statusOK:
		return a.initial == nil, nil, nil
	case statusErr:
		return false, nil, a.refusal(text)
	case statusContinue:
		return false, text, nil
	}
	return false, nil, a.malformed("neither +OK nor -ERR nor a challenge", line)
}

// next gives the response to a challenge. The prompt for an initial response
// that did not fit is not for the mechanism: some servers put words into it.
func (a *authentication) next(challenge []byte) ([]byte, error) {
	if a.initial != nil {
		response := a.initial
		a.initial = nil
		return response, nil
	}
	decoded, err := decodeChallenge(challenge)
	if err != nil {
		return nil, fmt.Errorf("challenge is not base64: %w", err)
	}
	return a.mechanism.Next(decoded)
}

// decodeChallenge reads base64 with or without its padding.
func decodeChallenge(text []byte) ([]byte, error) {
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(string(text), "="))
}

// respond sends a response.
func (a *authentication) respond(response []byte) error {
	a.note(response)
	return a.send(base64.StdEncoding.EncodeToString(response), blanked)
}

// note keeps a response out of errors and traces, should the server repeat it.
func (a *authentication) note(response []byte) {
	if _, ok := a.mechanism.(credentialed); ok {
		a.c.secrets.keep([]byte(base64.StdEncoding.EncodeToString(response)))
		return
	}
	a.c.secrets.addResponse(response)
}

// cancel takes the authentication back (RFC 5034, section 4) and reads the
// refusal that follows. It gives the reason as the error.
func (a *authentication) cancel(reason error) error {
	failure := &AuthError{Mechanism: a.name, Err: reason}
	if a.c.broken != nil {
		return failure
	}
	if err := a.send("*", "*"); err != nil {
		return failure
	}
	line, _, err := a.line()
	if err != nil {
		return failure
	}
	if st, _ := parseStatus(line); st != statusErr {
		a.malformed("authentication goes on though it was cancelled", line)
	}
	return failure
}

// failed makes an AuthError of the refusal of a mechanism, with what the
// mechanism learnt.
func (a *authentication) failed(err error) error {
	failure := &AuthError{Mechanism: a.name, Err: err}
	if d, ok := a.mechanism.(interface{ Detail() string }); ok {
		detail := a.c.secrets.blank([]byte(d.Detail()))
		failure.Detail = shorten(detail, a.c.opt.Limits.Text)
	}
	return failure
}

// verify lets the mechanism say, after +OK, whether it is satisfied with the
// server. If not, the session is over: it may be with somebody else.
func (a *authentication) verify() error {
	v, ok := a.mechanism.(interface{ Verify() error })
	if !ok {
		return nil
	}
	if err := v.Verify(); err != nil {
		return a.c.breakOff(&AuthError{Mechanism: a.name, Err: err})
	}
	return nil
}

// noteSecrets keeps a mechanism's credential out of errors and traces.
func (c *Client) noteSecrets(mechanism Mechanism) {
	if m, ok := mechanism.(credentialed); ok {
		c.secrets.add([]byte(m.credential()))
	}
}
