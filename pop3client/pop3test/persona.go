package pop3test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// Persona is a server of the world as far as it is known from outside: greeting,
// capabilities, shape of the unique-ids, words, quirks. It is for tests of what
// a client makes of them.
type Persona struct {
	Name    string
	Unknown string // what is not known of it, and is as the zero Config has it
	Config  Config
}

// Personas gives servers that cannot be run in a test, and some that can. In
// none are secrets or hosts of real people.
func Personas() []Persona {
	return []Persona{
		{
			Name:    "Apache James",
			Unknown: "capabilities but for UIDL, unique-ids",
			Config: Config{
				Greeting:     "<3711.1795309684@pop.example.com> POP3 server (JAMES POP3 Server 2.2.0) ready ",
				Mechanisms:   []string{},
				Capabilities: lists([]string{"USER", "TOP", "PIPELINING", "STLS"}, []string{"USER", "TOP", "PIPELINING", "UIDL"}),
				UID:          shape("%d"),
				Words: map[string]string{
					"+PASS": "Welcome alice", "-login": "Authentication failed.", "-message": "Message (5) does not exist.",
					"-deleted": "Message (5) already deleted.", "-state": "", "+QUIT": "Apache James POP3 Server signing off.",
				},
			},
		},
		{
			Name: "Citadel", // STLS is known though not listed
			Config: Config{
				Greeting:     "Citadel POP3 server ready.",
				Mechanisms:   []string{},
				Capabilities: lists([]string{"TOP", "USER", "UIDL", "IMPLEMENTATION 926"}, nil),
				UID:          shape("%d"),
				Words: map[string]string{
					"-login": "That is NOT the password.", "-state": "Not logged in.", "-command": "I'm afraid I can't do that.",
					"-message": "no such message, only 3 are here", "-deleted": "Sorry, you deleted that message.", "+QUIT": "Goodbye...",
				},
			},
		},
		{
			Name: "Courier",
			Config: Config{
				Greeting:   "Hello there.",
				Mechanisms: []string{"PLAIN", "LOGIN"},
				UTF8:       true,
				Capabilities: lists([]string{"SASL PLAIN LOGIN CRAM-SHA1", "STLS", "TOP", "USER", "LOGIN-DELAY 10", "PIPELINING", "UIDL",
					"UTF8 USER", "IMPLEMENTATION Courier Mail Server"}, nil),
				UID: shape("UID%d-1795307059"),
				Words: map[string]string{
					"-login": "Login failed.", "-command": "Invalid command.", "-message": "Invalid message number.", "-deleted": "Invalid message number.",
					"+LIST": "POP3 clients that break here, they violate STD53.", "+DELE": "Deleted.", "+RSET": "Resurrected.", "+NOOP": "Yup.", "+QUIT": "Bye-bye.",
				},
			},
		},
		{
			Name: "Cyrus",
			Config: Config{
				Greeting:   "pop.example.com Cyrus POP3 3.6.1 server ready <1584.1795309684@pop.example.com>",
				Mechanisms: []string{"PLAIN", "LOGIN", "SCRAM-SHA-256"},
				Capabilities: lists(
					[]string{"SASL PLAIN LOGIN SCRAM-SHA-256", "EXPIRE NEVER", "LOGIN-DELAY 0", "TOP", "UIDL", "PIPELINING", "RESP-CODES", "AUTH-RESP-CODE", "USER", "IMPLEMENTATION Cyrus POP3 3.6.1"},
					[]string{"EXPIRE NEVER", "LOGIN-DELAY 0", "TOP", "UIDL", "PIPELINING", "RESP-CODES", "AUTH-RESP-CODE", "IMPLEMENTATION Cyrus POP3 3.6.1"}),
				UID: shape("1795307429.%d"),
				Words: map[string]string{
					"+USER": "Name is a valid mailbox", "+PASS": "Mailbox locked and ready SESSIONID=<pop.example.com-1795307427-31729-1-1309>",
					"-login": "[AUTH] Invalid login", "-command": "Unrecognized command", "-message": "No such message", "-deleted": "No such message",
					"+RETR": "Message follows", "+QUIT": "",
				},
			},
		},
		{
			Name: "Dovecot",
			Config: Config{
				Greeting:   "Dovecot ready.",
				Mechanisms: []string{"PLAIN", "LOGIN"},
				Capabilities: lists(
					[]string{"CAPA", "TOP", "UIDL", "RESP-CODES", "PIPELINING", "AUTH-RESP-CODE", "STLS", "USER", "SASL PLAIN LOGIN"},
					[]string{"CAPA", "TOP", "UIDL", "RESP-CODES", "PIPELINING", "AUTH-RESP-CODE"}),
				UID: shape("%08x6b023273"),
				Words: map[string]string{
					"+PASS": "Logged in.", "-login": "[AUTH] Authentication failed.", "-message": "There's no message 999.", "-deleted": "Message is deleted.",
					"+DELE": "Marked to be deleted.", "+QUIT": "Logging out, messages deleted.", "-command": "Unknown command.",
				},
			},
		},
		{
			Name:    "Eudora Internet Mail Server",
			Unknown: "all but the greeting",
			Config:  Config{Greeting: "pop.example.com running Eudora Internet Mail Server X 3.2.7 <1795309684.1@pop.example.com>"},
		},
		{
			Name: "hMailServer",
			Config: Config{
				Greeting:     "POP3",
				Mechanisms:   []string{},
				Capabilities: lists([]string{"USER", "UIDL", "TOP", "STLS"}, nil),
				UID:          shape("%d"),
				Words: map[string]string{
					"+CAPA": "CAPA list follows", "-login": "Invalid user name or password. Please use full email address as user name.",
					"+PASS": "Mailbox locked and ready", "-message": "No such message", "-command": "Invalid command in current state.", "+RSET": "0",
				},
			},
		},
		{
			Name:    "Ipswitch IMail", // takes AUTH PLAIN for AUTH LOGIN
			Unknown: "capabilities, unique-ids, words",
			Config:  Config{Greeting: "X1 NT-POP3 Server pop.example.com (IMail 8.22 45450-1)", PlainAsks: true},
		},
		{
			Name:    "Kerio Connect",
			Unknown: "all but the greeting",
			Config:  Config{Greeting: "Kerio Connect 9.2.1 POP3 server ready <4711.1795309684@(null)>"},
		},
		{
			Name:    "Mailtraq",
			Unknown: "all but the greeting",
			Config:  Config{Greeting: "<1795309684.4711@pop.example.com> ready for action (Mailtraq 2.17/POP3)"},
		},
		{
			Name: "GNU Mailutils",
			Config: Config{
				Greeting:     "POP3 Ready <8516.1795307654@pop.example.com>",
				Mechanisms:   []string{},
				Capabilities: lists([]string{"TOP", "UIDL", "RESP-CODES", "PIPELINING", "AUTH-RESP-CODE", "EXPIRENEVER", "USER", "STLS"}, nil),
				UID:          shape("8b3c506eef8b4c6b83a99b275d6d120c.1795307656.%d"),
				Words:        map[string]string{"-login": "[AUTH] Bad login", "+DELE": "Message 1 marked", "+": "", "-command": "Invalid command"},
			},
		},
		{
			Name: "popa3d", // bare status lines, equal messages with equal unique-ids
			Config: Config{
				NoCAPA: true, NoSTLS: true, Mechanisms: []string{},
				UID:   func(int, Message) string { return "d5155063f496e934" },
				Words: map[string]string{"+": "", "-": "", "-login": "Authentication failed (bad password?)"},
			},
		},
		{
			Name: "qmail-pop3d", // a blank behind +OK, an empty line behind each message
			Config: Config{
				Greeting: "<547.1795309684@pop.example.com>",
				NoCAPA:   true, NoSTLS: true, Mechanisms: []string{},
				UID:    shape("1795309684.M%06dP500.pop.example.com"),
				Suffix: "\r\n",
				Words: map[string]string{
					"+": " ", "-login": "authorization failed", "-command": "unimplemented", "-message": "not that many messages",
					"-deleted": "already deleted", "-state": "authorization first",
				},
			},
		},
		{
			Name:    "Qpopper",
			Unknown: "the list of capabilities, the exact form of unique-ids",
			Config: Config{
				Greeting: "Qpopper (version 4.0.3) at pop.example.com starting.  <4711.1795309684@pop.example.com>",
				UID:      shape("%032x"),
			},
		},
		{
			Name:    "RePOP",
			Unknown: "everything",
		},
		{
			Name: "UW IMAP ipop3d", // SASL works though it is not listed
			Config: Config{
				Greeting:     "POP3 pop.example.com 2007f.104 server ready",
				Capabilities: lists([]string{"TOP", "LOGIN-DELAY 180", "UIDL", "USER"}, nil),
				UID:          shape("6b0240ac%08x"),
				Words: map[string]string{
					"+USER": "User name accepted, password please", "+PASS": "Mailbox open, 3 messages", "-login": "Bad login", "+NOOP": "No-op to you too!",
					"+RSET": "Reset state", "-message": "No such message", "-deleted": "No such message", "+QUIT": "Sayonara",
				},
			},
		},
		{
			Name:    "WinGate",
			Unknown: "all but the greeting: the rest is the server's behind it",
			Config:  Config{Greeting: "WinGate Engine POP3 Gateway ready"},
		},
		{
			Name: "Zimbra", // SASL may be listed without a mechanism
			Config: Config{
				Greeting:   "pop.example.com Zimbra 8.8 POP3 server ready",
				Mechanisms: []string{},
				Capabilities: lists([]string{"TOP", "USER", "UIDL", "SASL", "EXPIRE 31 USER", "XOIP", "IMPLEMENTATION ZimbraInc"},
					[]string{"TOP", "USER", "UIDL", "SASL", "EXPIRE NEVER", "XOIP", "IMPLEMENTATION ZimbraInc"}),
				UID: digest,
				Words: map[string]string{
					"+USER": "hello alice, please enter your password", "+PASS": "server ready", "-login": "LOGIN failed",
					"-message": "invalid message", "-deleted": "message is deleted", "+QUIT": "deleted 1 message(s)",
				},
			},
		},
		{
			Name: "Gmail",
			Config: Config{
				Greeting:   "Gpop ready for requests from 192.0.2.1 a1mb12345abc",
				Mechanisms: []string{"PLAIN", "XOAUTH2", "OAUTHBEARER"},
				NoSTLS:     true,
				Capabilities: lists(
					[]string{"USER", "RESP-CODES", "EXPIRE 0", "LOGIN-DELAY 300", "TOP", "UIDL", "X-GOOGLE-RICO", "SASL PLAIN XOAUTH2 OAUTHBEARER"},
					[]string{"USER", "RESP-CODES", "PIPELINING", "EXPIRE 0", "LOGIN-DELAY 300", "TOP", "UIDL", "X-GOOGLE-RICO"}),
				UID:   shape("%d"),
				Hides: true,
				Shows: 250,
			},
		},
		{
			Name: "Outlook.com", // a greeting with an identifier that is not a response code
			Config: Config{
				Greeting:     "The Microsoft Exchange POP3 service is ready. [QQBCAEMALgBlAHgAYQBtAHAAbABlAA==]",
				Mechanisms:   []string{"PLAIN", "LOGIN", "XOAUTH2"},
				Capabilities: lists([]string{"TOP", "UIDL", "SASL NTLM GSSAPI PLAIN LOGIN XOAUTH2", "USER"}, nil),
				UID:          shape("%d"),
				Words:        map[string]string{"-login": "Logon failure: unknown user name or bad password.", "+PASS": "User successfully logged on."},
			},
		},
		{
			Name: "Exchange, localised", // words in a raw 8-bit code page
			Config: Config{
				Greeting:     "Microsoft Exchange-POP3-Server ist betriebsbereit. \xfcbrigens",
				Mechanisms:   []string{},
				Capabilities: lists([]string{"TOP", "UIDL", "USER"}, nil),
				UID:          shape("%d"),
				Words:        map[string]string{"-login": "Anmeldefehler: unbekannter Benutzername oder ung\xfcltiges Kennwort."},
			},
		},
		{
			Name:    "Yahoo",
			Unknown: "all but that AOL closes the connection on a wrong password",
		},
		{
			Name:    "QQ",
			Unknown: "all but that the password is an authorisation code of 16 letters",
		},
		{
			Name:    "NetEase",
			Unknown: "all but the greeting, and that the password is an authorisation code",
			Config:  Config{Greeting: "Welcome to coremail Mail Pop3 Server (gzidcs[0123456789abcdef0123456789abcdefs])"},
		},
	}
}

// lists gives one list of capabilities before the login and another after; nil
// for the same.
func lists(before, after []string) func(State, []string) []string {
	return func(s State, _ []string) []string {
		if s.LoggedIn && after != nil {
			return after
		}
		return before
	}
}

// shape makes unique-ids of the message's number.
func shape(format string) func(int, Message) string {
	return func(num int, _ Message) string { return fmt.Sprintf(format, num) }
}

// digest makes unique-ids of number and hash, in base64.
func digest(num int, m Message) string {
	sum := sha256.Sum256(m.Raw)
	return fmt.Sprintf("%d.%s", num+255, base64.StdEncoding.EncodeToString(sum[:]))
}
