package pop3client

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
)

// maxInitial is the length of an AUTH command, line end included, up to which
// an initial response may stand in it (RFC 5034, section 4). Longer ones, as
// OAuth tokens are, wait for the server's prompt.
const maxInitial = 255

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

// mechanismName tells whether name can be one by its characters (RFC 4422,
// section 3.1). Longer ones than the 20 octets allowed there are in use.
func mechanismName(name string) bool {
	ok := func(r rune) bool {
		return 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_'
	}
	return name != "" && len(name) <= 64 && !strings.ContainsFunc(name, func(r rune) bool { return !ok(r) })
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
