package pop3client

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"

	"postern/pop3client/pop3test"
)

var allMechanisms = []string{"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER", "EXTERNAL"}

// authServer starts a server that knows every mechanism.
func authServer(t *testing.T) *pop3test.Server {
	t.Helper()
	drop := pop3test.NewMaildrop("zoë@example.com", "sésame ouvre-toi")
	drop.SetToken("ya29.token")
	server := pop3test.NewServer(t, drop)
	server.Configure(func(c *pop3test.Config) {
		c.Mechanisms = allMechanisms
		c.APOP = true
	})
	return server
}

func TestEveryMechanism(t *testing.T) {
	server := authServer(t)
	for _, name := range []string{"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "USER", "APOP"} {
		for _, security := range []Security{TLS, None} {
			server.ResetLog()
			allow := func(o *Options) { o.Security, o.Mechanisms = security, []string{strings.ToLower(name)} }
			c := dial(t, server, allow)
			if err := c.Login(t.Context(), "zoë@example.com", "sésame ouvre-toi"); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if c.State() != Transaction {
				t.Errorf("%s: state %v", name, c.State())
			}
			if err := c.Noop(t.Context()); err != nil {
				t.Errorf("%s: NOOP: %v", name, err)
			}
			var refused *Error
			if err := dial(t, server, allow).Login(t.Context(), "zoë@example.com", "wrong"); !errors.As(err, &refused) || refused.Code != CodeAuth {
				t.Errorf("%s, wrong password: %v", name, err)
			}
		}
	}
}

func TestStrongestMechanism(t *testing.T) {
	for _, test := range []struct {
		offered []string
		want    string
	}{
		{allMechanisms, "AUTH SCRAM-SHA-256 "},
		{[]string{"LOGIN", "PLAIN", "SCRAM-SHA-1"}, "AUTH SCRAM-SHA-1 "},
		{[]string{"CRAM-MD5", "LOGIN", "PLAIN"}, "AUTH PLAIN "},
		{[]string{"CRAM-MD5", "login"}, "AUTH LOGIN"},
		{[]string{"CRAM-MD5"}, "USER "},
		{[]string{}, "USER "},
	} {
		server := authServer(t)
		server.Configure(func(c *pop3test.Config) {
			c.Capabilities = func(s pop3test.State, _ []string) []string {
				return []string{"SASL " + strings.Join(test.offered, " "), "USER"}
			}
		})
		if err := dial(t, server).Login(t.Context(), "zoë@example.com", "sésame ouvre-toi"); err != nil {
			t.Errorf("%q: %v", test.offered, err)
		}
		used := ""
		for _, command := range server.Log() {
			if used == "" && command.Line != "CAPA" {
				used = command.Line
			}
		}
		if !strings.HasPrefix(used, test.want) {
			t.Errorf("%q: used %q, want %q", test.offered, used, test.want)
		}
	}
}

func TestOAuth(t *testing.T) {
	server := authServer(t)
	const user, token = "zoë@example.com", "ya29.token"
	long := strings.Repeat("long", 100)
	for _, test := range []struct {
		name      string
		mechanism func(token string) Mechanism
	}{
		{"XOAUTH2", func(token string) Mechanism { return XOAUTH2(user, token) }},
		{"OAUTHBEARER", func(token string) Mechanism { return OAuthBearer(user, token, "pop.example.com", 995) }},
	} {
		if err := dial(t, server).Auth(t.Context(), test.mechanism(token)); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		for _, wrong := range []string{"expired", long} { // in one step, and in two
			err := dial(t, server).Auth(t.Context(), test.mechanism(wrong))
			var auth *AuthError
			if !errors.As(err, &auth) || !strings.Contains(auth.Detail, "invalid_token") || !auth.Rejected() {
				t.Errorf("%s, wrong token: %v", test.name, err)
			}
		}
	}
	server.Configure(func(c *pop3test.Config) { c.Faults = nil })
	for _, command := range server.Log() {
		if len(command.Line)+2 > maxInitial && strings.HasPrefix(command.Line, "AUTH ") {
			t.Errorf("AUTH line of %d octets", len(command.Line))
		}
	}
}

func TestExternal(t *testing.T) {
	server := authServer(t)
	server.AddMaildrop(pop3test.NewMaildrop("pop3test", "")) // the common name that Issue gives
	certificate := issue(t, newAuthority(t), pop3test.Leaf{})
	c := dial(t, server, func(o *Options) {
		o.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	})
	if err := c.Auth(t.Context(), External("")); err != nil {
		t.Errorf("with a certificate: %v", err)
	}
	if err := dial(t, server).Auth(t.Context(), External("")); !is[*AuthError](err) {
		t.Errorf("without: %v", err)
	}
}

// Answers that are not quite what RFC 5034 says, of servers that mean well.
func TestOddChallenges(t *testing.T) {
	long := strings.Repeat("p", 250)
	for _, test := range []struct {
		name      string
		mechanism Mechanism
		server    string
		want      []string // what the client answers, credentials decoded
	}{
		{"no blank behind the plus", LoginMechanism("u", "p"), "+VXNlcm5hbWU6\r\n+UGFzc3dvcmQ6\r\n+OK\r\n", []string{"dQ==", "cA=="}},
		{"a bare plus", LoginMechanism("u", "p"), "+\r\n+\r\n+OK\r\n", []string{"dQ==", "cA=="}},
		{"prompts of another kind", LoginMechanism("u", "p"), "+ VXNlciBOYW1lAA==\r\n+ UGFzc3dvcmQA\r\n+OK\r\n", []string{"dQ==", "cA=="}},
		{"words in the prompt", Plain("u", long), "+ go ahead\r\n+OK\r\n", []string{"AHUA"}},
		{"+OK for a prompt", Plain("u", long), "+OK go ahead\r\n+OK\r\n", []string{"AHUA"}},
		{"PLAIN taken for LOGIN", Plain("u", "p"), "+ VXNlcm5hbWU6\r\n+ UGFzc3dvcmQ6\r\n+OK\r\n", []string{"dQ==", "cA=="}},
		{"no padding", CRAMMD5("u", "p"), "+ PGFAYj4\r\n+OK\r\n", []string{"dS"}},
	} {
		server := pop3test.NewServer(t)
		replies := strings.SplitAfter(test.server, "\r\n")
		faults := []pop3test.Fault{reply("AUTH", replies[0])}
		for i, text := range replies[1:] {
			if text != "" { // the responses are commands to this server
				faults = append(faults, pop3test.Fault{Nth: i + 3, Reply: text, Skip: true})
			}
		}
		faults = append(faults, reply("CAPA", "-ERR\r\n"))
		server.SetFaults(faults...)
		c := dial(t, server, func(o *Options) { o.NoCAPA = true })
		if err := c.Auth(t.Context(), test.mechanism); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		log := server.Log()[1:]
		if len(log) != len(test.want) {
			t.Errorf("%s: %v", test.name, log)
			continue
		}
		for i, want := range test.want {
			if !strings.HasPrefix(log[i].Line, want) {
				t.Errorf("%s: sent %q, want %q", test.name, log[i].Line, want)
			}
		}
	}
}

func TestAPOPChallenge(t *testing.T) {
	for greeting, want := range map[string]string{
		"ready <1896.697170952@dbc.mtview.ca.us>":     "<1896.697170952@dbc.mtview.ca.us>",
		"ready <a@[192.0.2.1]> <95b.1.HOJ/yjoQ==@vm>": "<95b.1.HOJ/yjoQ==@vm>",
		"ready <\x80\xff@x>":                          "",
		"ready <no.at.sign>":                          "",
		"ready <two@at@signs>":                        "",
		"ready <blank in@it>":                         "",
		"ready <@x>":                                  "",
		"ready <x@>":                                  "",
		"ready <" + strings.Repeat("a", 500) + "@x>":  "",
		"ready >x@y<":                                 "",
		"ready":                                       "",
	} {
		if got := apopChallenge(greeting); got != want {
			t.Errorf("%q: got %q, want %q", greeting, got, want)
		}
	}
}

func TestUTF8(t *testing.T) {
	for _, test := range []struct {
		before, after bool
		refuse        bool
	}{{true, true, false}, {false, true, false}, {true, true, true}, {false, false, false}} {
		drop, _ := alice()
		server := pop3test.NewServer(t, drop)
		server.Configure(func(c *pop3test.Config) {
			c.UTF8 = true
			c.Capabilities = func(s pop3test.State, lines []string) []string {
				if s.LoggedIn && test.after || !s.LoggedIn && test.before {
					return append(lines, "UTF8 USER")
				}
				return []string{"USER"}
			}
			if test.refuse {
				c.Faults = []pop3test.Fault{pop3test.Refuse("UTF8", 0, "no")}
			}
		})
		signIn(t, server)
		sent := 0
		for _, command := range server.Log() {
			if command.Line == "UTF8" {
				sent++
			}
		}
		if want := test.before || test.after; want && sent != 1 || !want && sent != 0 {
			t.Errorf("%+v: UTF8 sent %d times", test, sent)
		}
	}
}

func TestLang(t *testing.T) {
	server := pop3test.NewServer(t)
	server.Configure(func(c *pop3test.Config) { c.Languages = []string{"en", "zh-Hans"} })
	c := dial(t, server)
	languages, err := c.Languages(t.Context())
	if err != nil || len(languages) != 2 || languages[1].Tag != "zh-Hans" {
		t.Errorf("Languages: %v, %v", languages, err)
	}
	if tag, err := c.Lang(t.Context(), "zh-hans"); err != nil || tag != "zh-Hans" {
		t.Errorf("Lang: %q, %v", tag, err)
	}
	if _, err := c.Lang(t.Context(), "tlh"); !is[*Error](err) {
		t.Errorf("Lang: %v", err)
	}
	if _, err := c.Lang(t.Context(), "en\r\nQUIT"); !is[*ArgumentError](err) {
		t.Errorf("Lang: %v", err)
	}
}
