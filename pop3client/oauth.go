package pop3client

import (
	"fmt"

	"github.com/emersion/go-sasl"
)

// bearer is what the two OAuth mechanisms have in common: a token, and a server
// that refuses it by a challenge with JSON, to which it wants an answer before
// it says -ERR.
type bearer struct {
	token  string
	answer []byte
	detail string
}

func (m *bearer) credential() string { return m.token }

// Next keeps the reason of the refusal.
func (m *bearer) Next(challenge []byte) ([]byte, error) {
	if m.detail != "" {
		return nil, errChallenge
	}
	m.detail = string(challenge)
	if m.detail == "" {
		m.detail = "no reason given"
	}
	return m.answer, nil
}

// Detail gives the server's reason, usually a JSON object.
func (m *bearer) Detail() string { return m.detail }

// XOAUTH2 is Google's and Microsoft's mechanism for OAuth 2 access tokens.
func XOAUTH2(user, token string) Mechanism {
	return &xoauth2{bearer: bearer{token: token, answer: []byte{}}, user: user}
}

type xoauth2 struct {
	bearer
	user string
}

func (m *xoauth2) Start() (string, []byte, error) {
	return "XOAUTH2", fmt.Appendf(nil, "user=%s\x01auth=Bearer %s\x01\x01", m.user, m.token), nil
}

// OAuthBearer is the OAUTHBEARER mechanism (RFC 7628). Host and port are those
// of the server; "" and 0 leave them out.
func OAuthBearer(user, token, host string, port int) Mechanism {
	client := sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: user, Token: token, Host: host, Port: port})
	return &oauthBearer{bearer: bearer{token: token, answer: []byte{1}}, start: client.Start}
}

type oauthBearer struct {
	bearer
	start func() (string, []byte, error)
}

func (m *oauthBearer) Start() (string, []byte, error) { return m.start() }

// External is the EXTERNAL mechanism (RFC 4422, appendix A): the server goes by
// the client certificate of Options.TLSConfig. The user may be "".
func External(user string) Mechanism { return &external{user: user} }

type external struct {
	user string
}

func (m *external) credential() string { return "" }

func (m *external) Start() (string, []byte, error) { return "EXTERNAL", []byte(m.user), nil }

func (m *external) Next([]byte) ([]byte, error) { return nil, errChallenge }
