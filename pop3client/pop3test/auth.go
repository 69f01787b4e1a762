package pop3test

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xdg-go/scram"
)

var errRefused = errors.New("refused")

func user(s *session, arg string) func() {
	switch {
	case s.config.NoUSER:
		return unknown(s, "")
	case s.insecure():
	case arg == "":
		s.refuse(noReason, "user name missing")
	default:
		s.user = arg
		s.ok("password, please")
	}
	return nil
}

func pass(s *session, arg string) func() {
	switch {
	case s.config.NoUSER:
		return unknown(s, "")
	case s.insecure():
	case s.user == "":
		s.refuse(noState, "USER first")
	default:
		name := s.user
		s.user = ""
		s.login(name, s.password(name) == "+"+arg)
	}
	return nil
}

func apop(s *session, arg string) func() {
	if s.challenge == "" {
		return unknown(s, "")
	}
	i := strings.LastIndexByte(arg, ' ')
	if i < 0 {
		s.refuse(noReason, "user name and digest, please")
		return nil
	}
	name := arg[:i]
	password, known := strings.CutPrefix(s.password(name), "+")
	digest := md5.Sum([]byte(s.challenge + password))
	s.login(name, known && arg[i+1:] == hex.EncodeToString(digest[:]))
	return nil
}

// password gives "+" and a user's password; "" if there is no such user.
func (s *session) password(name string) string {
	drop := s.server.drop(name)
	if drop == nil {
		return ""
	}
	password, _ := drop.credentials()
	return "+" + password
}

// insecure refuses a login that needs TLS.
func (s *session) insecure() bool {
	if s.state.LoggedIn {
		s.refuse(noState, "logged in already")
		return true
	}
	if s.config.TLSRequired && !s.state.TLS {
		s.refuse(noState, "[AUTH] only with TLS")
		return true
	}
	return false
}

// login opens a user's maildrop, or refuses.
func (s *session) login(name string, right bool) {
	if !right {
		s.refuse(noLogin, "[AUTH] wrong user name or password")
		return
	}
	drop := s.server.drop(name)
	if s.config.Exclusive {
		if !drop.lock() {
			s.refuse(noReason, "[IN-USE] another session has the maildrop")
			return
		}
		s.exclusive = true
	}
	s.drop, s.messages, s.state.LoggedIn = drop, drop.snapshot(), true
	if shows := s.config.Shows; shows > 0 && len(s.messages) > shows {
		s.messages = s.messages[:shows]
	}
	s.ok("%d messages", len(s.messages))
}

// exchange asks the client and gives its answer, decoded.
type exchange func(challenge string) (response string, err error)

// mechanism finds out who the client is.
type mechanism func(s *session, ask exchange) (name string, err error)

var mechanisms = map[string]mechanism{
	"PLAIN":         plain,
	"LOGIN":         login,
	"CRAM-MD5":      cramMD5,
	"XOAUTH2":       xoauth2,
	"OAUTHBEARER":   oauthBearer,
	"EXTERNAL":      external,
	"SCRAM-SHA-1":   func(s *session, ask exchange) (string, error) { return scramLogin(s, scram.SHA1, ask) },
	"SCRAM-SHA-256": func(s *session, ask exchange) (string, error) { return scramLogin(s, scram.SHA256, ask) },
}

func auth(s *session, arg string) func() {
	if s.insecure() {
		return nil
	}
	name, initial, has := strings.Cut(arg, " ")
	name = strings.ToUpper(name)
	run := mechanisms[name]
	if run == nil || !slices.Contains(s.config.mechanisms(), name) {
		s.refuse(noReason, "no such mechanism")
		return nil
	}
	ask := func(challenge string) (string, error) {
		if has && challenge == "" {
			has = false
			return decode(initial)
		}
		return s.ask(challenge)
	}
	who, err := run(s, ask)
	s.login(who, err == nil)
	return nil
}

// ask sends a challenge and reads the response.
func (s *session) ask(challenge string) (string, error) {
	fmt.Fprintf(s.out, "+ %s\r\n", base64.StdEncoding.EncodeToString([]byte(challenge)))
	s.out.flush()
	line, ok := s.readLine()
	if !ok || line == "*" {
		return "", errRefused
	}
	return decode(line)
}

// decode reads base64, or the "=" that stands for an empty initial response.
func decode(text string) (string, error) {
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	return string(b), err
}

func plain(s *session, ask exchange) (string, error) {
	if s.config.PlainAsks {
		return login(s, ask)
	}
	response, err := ask("")
	if err != nil {
		return "", err
	}
	parts := strings.Split(response, "\x00")
	if len(parts) != 3 || s.password(parts[1]) != "+"+parts[2] {
		return "", errRefused
	}
	return parts[1], nil
}

func login(s *session, ask exchange) (string, error) {
	name, err := ask("Username:")
	if err != nil {
		return "", err
	}
	password, err := ask("Password:")
	if err != nil || s.password(name) != "+"+password {
		return "", errRefused
	}
	return name, nil
}

func cramMD5(s *session, ask exchange) (string, error) {
	challenge := fmt.Sprintf("<%d@pop3test.example>", s.id)
	response, err := ask(challenge)
	if err != nil {
		return "", err
	}
	i := strings.LastIndexByte(response, ' ')
	if i < 0 {
		return "", errRefused
	}
	password, known := strings.CutPrefix(s.password(response[:i]), "+")
	mac := hmac.New(md5.New, []byte(password))
	mac.Write([]byte(challenge))
	if !known || response[i+1:] != hex.EncodeToString(mac.Sum(nil)) {
		return "", errRefused
	}
	return response[:i], nil
}

func xoauth2(s *session, ask exchange) (string, error) {
	return s.bearer(ask, func(response string) string {
		name, _, _ := strings.Cut(strings.TrimPrefix(response, "user="), "\x01")
		return name
	})
}

func oauthBearer(s *session, ask exchange) (string, error) {
	return s.bearer(ask, func(response string) string {
		_, name, _ := strings.Cut(response, ",a=")
		name, _, _ = strings.Cut(name, ",")
		return name
	})
}

// bearer checks a token; a wrong one is answered by JSON first.
func (s *session) bearer(ask exchange, user func(response string) string) (string, error) {
	response, err := ask("")
	if err != nil {
		return "", err
	}
	name := user(response)
	_, token, _ := strings.Cut(response, "auth=Bearer ")
	token, _, _ = strings.Cut(token, "\x01")
	if drop := s.server.drop(name); drop != nil {
		if _, want := drop.credentials(); want != "" && token == want {
			return name, nil
		}
	}
	ask(`{"status":"invalid_token","schemes":"bearer","scope":"mail"}`)
	return "", errRefused
}

// external goes by the common name of the client's certificate, whoever signed it.
func external(s *session, ask exchange) (string, error) {
	asked, err := ask("")
	if err != nil {
		return "", err
	}
	name := s.clientName()
	if s.server.drop(name) == nil || asked != "" && asked != name {
		return "", errRefused
	}
	return name, nil
}

// scramLogin is SCRAM without channel binding. The server's proof goes out as
// a challenge that the client answers with an empty line.
func scramLogin(s *session, hash scram.HashGeneratorFcn, ask exchange) (string, error) {
	server, err := hash.NewServer(func(name string) (scram.StoredCredentials, error) {
		password, known := strings.CutPrefix(s.password(name), "+")
		client, err := hash.NewClientUnprepped(name, password, "")
		if err != nil || !known {
			return scram.StoredCredentials{}, errRefused
		}
		return client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: "pop3test-salt", Iters: 4096})
	})
	if err != nil {
		return "", err
	}
	conversation := server.NewConversation()
	challenge := ""
	for !conversation.Done() {
		response, err := ask(challenge)
		if err != nil {
			return "", err
		}
		if challenge, err = conversation.Step(response); err != nil {
			return "", err
		}
	}
	if _, err := ask(challenge); err != nil || !conversation.Valid() {
		return "", errRefused
	}
	return conversation.Username(), nil
}
