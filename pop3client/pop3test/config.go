package pop3test

import "time"

// Config is what a server offers and how it behaves. The zero value offers
// everything but APOP, UTF8 and LANG, at full speed, without faults. A session
// goes by the configuration at the time it was opened.
type Config struct {
	Greeting string // text of the greeting ["pop3test ready"]

	NoCAPA       bool // CAPA is refused
	NoSTLS       bool
	NoUSER       bool // USER and PASS are refused
	NoUIDL       bool
	NoTOP        bool
	NoPipelining bool     // PIPELINING is not listed; it works all the same
	APOP         bool     // a challenge in the greeting, and APOP
	UTF8         bool     // UTF8 is offered, RFC 6856
	Languages    []string // for LANG, the first one in use; nil: LANG is refused
	TLSRequired  bool     // logging in needs TLS

	// Mechanisms are the SASL mechanisms offered, of SCRAM-SHA-256,
	// SCRAM-SHA-1, PLAIN, LOGIN, CRAM-MD5, XOAUTH2, OAUTHBEARER and EXTERNAL.
	// [PLAIN]; an empty slice is none.
	Mechanisms []string

	// Capabilities, if set, replaces the CAPA reply: it gets the session's
	// state and the lines that would be sent, and returns those to send.
	Capabilities func(s State, lines []string) []string

	// Size, if set, is the size that STAT and LIST give for a message.
	Size func(m Message) int64

	// UID, if set, is the unique-id that UIDL gives for a message.
	UID func(num int, m Message) string

	// Words are the server's own texts behind +OK and -ERR: by "+RETR" and the
	// like for the reply to a command, "+" for all others, and by the kind of
	// refusal: "-login", "-state", "-command", "-message", "-deleted",
	// "-other", "-" for all others. A text of one blank makes a line that ends
	// with it. Replies from which a client reads numbers are not affected.
	Words map[string]string

	// PlainAsks makes AUTH PLAIN ask for user name and password one by one.
	PlainAsks bool

	// Suffix is sent behind each message, as by servers that add an empty line.
	Suffix string

	// Hides makes a message that was retrieved invisible to later sessions once
	// its session has ended with QUIT.
	Hides bool

	// Shows is how many messages a session sees at most, the oldest ones. [all]
	Shows int

	// Exclusive refuses a second session of the same user with [IN-USE].
	Exclusive bool

	// Latency is the time that each reply takes to arrive, on top of what the
	// network takes. Replies overlap: it is a distance, not a slowness.
	Latency time.Duration

	// Faults are tried in order; the first that applies to a command strikes.
	Faults []Fault
}

// State is what a session has come to.
type State struct {
	TLS      bool
	LoggedIn bool
}

// Fault is one way to misbehave. Command, Arg, Nth and Session say when; the
// other fields say how. The zero How-fields change nothing.
type Fault struct {
	Command string // verb in capitals, "greeting", or "" for any command
	Arg     string // the command's argument, whole; "" for any
	Nth     int    // strikes only the nth time, counted from 1 in each session; 0: every time
	Session int    // strikes only in the nth session of the server, counted from 1; 0: in all

	Reply  string // sent in place of the reply, as it is, line ends and all; "" keeps the reply
	Repeat int    // how often Reply is sent [1]
	Skip   bool   // the command is not carried out

	Delay time.Duration // before the reply
	Chunk int           // the reply is sent in pieces of this many octets, each on its own
	Pause time.Duration // between them

	Cut      bool  // the connection is closed in the reply,
	Reset    bool  // (if set, with RST instead of FIN,
	Truncate bool  // or with FIN, but without TLS's close_notify before it)
	Stall    bool  // or nothing more is sent and the connection stays open,
	After    int64 // behind this many octets of it
}

// Refuse makes a fault: the nth time, or each time for 0, the command is
// answered with -ERR and the text, and not carried out.
func Refuse(command string, nth int, text string) Fault {
	return Fault{Command: command, Nth: nth, Reply: "-ERR " + text + "\r\n", Skip: true}
}

// Cut makes a fault: the nth time, or each time for 0, the command is carried
// out, and the connection closed behind the first octets of its reply.
func Cut(command string, nth int, after int64) Fault {
	return Fault{Command: command, Nth: nth, Cut: true, After: after}
}

// Stall makes a fault: the nth time, or each time for 0, the command is carried
// out, and the server falls silent behind the first octets of its reply.
func Stall(command string, nth int, after int64) Fault {
	return Fault{Command: command, Nth: nth, Stall: true, After: after}
}

// mechanisms gives the SASL mechanisms offered.
func (c *Config) mechanisms() []string {
	if c.Mechanisms == nil {
		return []string{"PLAIN"}
	}
	return c.Mechanisms
}
