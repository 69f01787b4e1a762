package pop3client

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/xdg-go/scram"
)

// Mechanism is the client's side of a SASL mechanism, for Auth. Its methods are
// those of github.com/emersion/go-sasl's Client, so each of those is one.
//
// Two more methods are used where a mechanism has them: "Verify() error" is
// called after the server's +OK and may refuse the server; "Detail() string" is
// called after its -ERR, for AuthError.Detail.
type Mechanism interface {
	// Start gives the mechanism's name and its initial response; nil means
	// that it has none, and differs from an empty one.
	Start() (name string, initial []byte, err error)

	// Next gives the response to a challenge. An error cancels the login.
	Next(challenge []byte) (response []byte, err error)
}

// credentialed is a mechanism of this package: it names its secret, so that no
// more than that is blanked in traces and errors.
type credentialed interface{ credential() string }

// passwordMechanisms make the mechanisms that need a user name and a password.
var passwordMechanisms = map[string]func(user, password string) Mechanism{
	"SCRAM-SHA-256": SCRAMSHA256,
	"SCRAM-SHA-1":   SCRAMSHA1,
	"PLAIN":         Plain,
	"LOGIN":         LoginMechanism,
	"CRAM-MD5":      CRAMMD5,
}

func passwordMechanism(name, user, password string) Mechanism {
	return passwordMechanisms[name](user, password)
}

// usesPassword tells whether Login can use a mechanism.
func usesPassword(name string) bool {
	return name == "USER" || name == "APOP" || passwordMechanisms[name] != nil
}

var errChallenge = errors.New("unexpected challenge")

// Plain is the PLAIN mechanism (RFC 4616). A server that asks in the manner of
// LOGIN for user name and password one by one, as Ipswitch IMail does, gets them.
func Plain(user, password string) Mechanism {
	return &plain{Client: sasl.NewPlainClient("", user, password), login: login{[]string{user, password}, password}}
}

type plain struct {
	sasl.Client
	login login
}

func (m *plain) credential() string { return m.login.password }

func (m *plain) Next(challenge []byte) ([]byte, error) {
	first := len(m.login.answers) == 2
	if first && (len(challenge) < 4 || !strings.EqualFold(string(challenge[:4]), "user")) {
		return nil, errChallenge
	}
	return m.login.Next(challenge)
}

// LoginMechanism is the LOGIN mechanism, which has no RFC: the server asks
// twice, in words of its own that are not looked at.
func LoginMechanism(user, password string) Mechanism {
	return &login{answers: []string{user, password}, password: password}
}

type login struct {
	answers  []string // what is left to be asked for
	password string
}

func (m *login) credential() string { return m.password }

func (m *login) Start() (string, []byte, error) { return "LOGIN", nil, nil }

func (m *login) Next([]byte) ([]byte, error) {
	if len(m.answers) == 0 {
		return nil, errChallenge
	}
	answer := m.answers[0]
	m.answers = m.answers[1:]
	return []byte(answer), nil
}

// CRAMMD5 is the CRAM-MD5 mechanism (RFC 2195).
func CRAMMD5(user, password string) Mechanism {
	return &cramMD5{user: user, password: password}
}

type cramMD5 struct {
	user, password string
	answered       bool
}

func (m *cramMD5) credential() string { return m.password }

func (m *cramMD5) Start() (string, []byte, error) { return "CRAM-MD5", nil, nil }

func (m *cramMD5) Next(challenge []byte) ([]byte, error) {
	if m.answered || len(challenge) == 0 {
		return nil, errChallenge
	}
	m.answered = true
	mac := hmac.New(md5.New, []byte(m.password))
	mac.Write(challenge)
	return []byte(m.user + " " + hex.EncodeToString(mac.Sum(nil))), nil
}

// SCRAMSHA256 is the SCRAM-SHA-256 mechanism (RFC 7677). The server has to
// prove that it knows the password too.
func SCRAMSHA256(user, password string) Mechanism {
	return &scramMechanism{name: "SCRAM-SHA-256", hash: scram.SHA256, user: user, password: password}
}

// SCRAMSHA1 is the SCRAM-SHA-1 mechanism (RFC 5802).
func SCRAMSHA1(user, password string) Mechanism {
	return &scramMechanism{name: "SCRAM-SHA-1", hash: scram.SHA1, user: user, password: password}
}

type scramMechanism struct {
	name           string
	hash           scram.HashGeneratorFcn
	user, password string
	conversation   *scram.ClientConversation
}

func (m *scramMechanism) credential() string { return m.password }

func (m *scramMechanism) Start() (string, []byte, error) {
	// RFC 5802 wants names and passwords prepared by SASLprep. What that does
	// not allow goes as it is: servers that took it once take it so.
	client, err := m.hash.NewClient(m.user, m.password, "")
	if err != nil {
		client, err = m.hash.NewClientUnprepped(m.user, m.password, "")
	}
	if err != nil {
		return m.name, nil, fmt.Errorf("user name or password: %w", err)
	}
	m.conversation = client.NewConversation()
	first, err := m.conversation.Step("")
	return m.name, []byte(first), err
}

// maxIterations bounds the work that a server can ask for: about a second.
const maxIterations = 1_000_000

func (m *scramMechanism) Next(challenge []byte) ([]byte, error) {
	if m.conversation.Done() {
		return nil, errChallenge
	}
	if iterations(challenge) > maxIterations {
		return nil, errors.New("server asks for too many iterations")
	}
	response, err := m.conversation.Step(string(challenge))
	return []byte(response), err
}

// iterations reads the iteration count of a server-first message; 0 if the
// message is another or not well formed, which Step finds out.
func iterations(challenge []byte) int {
	for field := range strings.SplitSeq(string(challenge), ",") {
		if count, ok := strings.CutPrefix(field, "i="); ok {
			n, err := strconv.Atoi(count)
			if errors.Is(err, strconv.ErrRange) {
				return maxIterations + 1
			}
			return n
		}
	}
	return 0
}

// Verify refuses a server that says +OK without its proof.
func (m *scramMechanism) Verify() error {
	if !m.conversation.Valid() {
		return errors.New("server did not prove that it knows the password")
	}
	return nil
}
