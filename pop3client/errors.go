package pop3client

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

var (
	// ErrBroken is reported by every command of a client whose exchange with
	// the server went wrong before: a timeout, a cut connection, a reply that
	// is not POP3. The stream may be out of step, so nothing more is sent.
	ErrBroken = errors.New("pop3: connection is not usable any more")

	// ErrInUse is reported when a command is called while another one of the
	// same client is still running, also from inside its callbacks.
	ErrInUse = errors.New("pop3: client is busy with another command")

	// ErrNoMechanism is reported by Login when the server offers no way to log
	// in that the caller allows. No credential has been sent.
	ErrNoMechanism = errors.New("pop3: no usable way to log in")
)

// State is a state of a POP3 session (RFC 1939, section 3).
type State int

// The states, in the order in which a session passes through them.
const (
	Authorization State = iota // before login
	Transaction                // after login
	Update                     // after QUIT
)

// String gives the state's name as in RFC 1939.
func (s State) String() string {
	switch s {
	case Authorization:
		return "AUTHORIZATION"
	case Transaction:
		return "TRANSACTION"
	default:
		return "UPDATE"
	}
}

// Code is the extended response code of an -ERR reply (RFC 2449, section 8),
// in capitals and without brackets; "" when the server gave none.
type Code string

// The response codes in the IANA registry.
const (
	CodeInUse      Code = "IN-USE"      // RFC 2449: another session holds the maildrop
	CodeLoginDelay Code = "LOGIN-DELAY" // RFC 2449: logged in too soon after the last time
	CodeSysTemp    Code = "SYS/TEMP"    // RFC 3206: the server is in trouble, try later
	CodeSysPerm    Code = "SYS/PERM"    // RFC 3206: the server is in trouble, ask a person
	CodeAuth       Code = "AUTH"        // RFC 3206: the credentials were refused
	CodeUTF8       Code = "UTF8"        // RFC 6856: needs UTF8 mode
)

// Error is an -ERR reply. The session goes on after it.
type Error struct {
	Command string // verb of the refused command; "greeting" for the greeting
	State   State  // state in which it was refused
	Code    Code   // response code
	Text    string // the server's words: bytes of unknown charset, at most Limits.Text octets, credentials blanked
}

// Error gives command, code and the server's words, quoted.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "pop3: server refused %s", e.Command)
	if e.Code != "" {
		fmt.Fprintf(&b, " [%s]", e.Code)
	}
	if e.Text != "" {
		fmt.Fprintf(&b, ": %q", e.Text)
	}
	return b.String()
}

// Temporary tells whether the refusal is likely to pass by itself: a locked
// maildrop, a login too soon, a server in trouble. It goes by the response code
// and, for the many servers that send none, by the words they are known to use.
func (e *Error) Temporary() bool {
	switch e.Code {
	case CodeInUse, CodeLoginDelay, CodeSysTemp:
		return true
	case "":
		return saysTemporary(e.Text)
	}
	return false
}

// temporaryWords are found in the refusals of servers without response codes:
// Qpopper and UCB popper ("lock"), InterMail ("wait a few minutes"), hMailServer
// ("already locked"), UW ("in use"), Zimbra ("busy"), Citadel, Perdition.
var temporaryWords = []string{
	"lock", "in use", "busy", "wait", "try again", "try later", "temporar",
	"unavailable", "too many connections", "too many sessions", "could not connect", "internal error", "internal server error",
}

func saysTemporary(text string) bool {
	text = strings.ToLower(text)
	for _, w := range temporaryWords {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// AuthError is a login that failed. It says which mechanism was used and wraps
// the cause: usually an [*Error], or a [*ConnError] where the server hung up
// instead of answering, which many do on a wrong password.
type AuthError struct {
	Mechanism string // "SCRAM-SHA-256", "USER" for USER and PASS, ...
	Detail    string // what the mechanism learnt besides: the JSON of an OAuth failure
	Err       error
}

// Error names the mechanism and the cause.
func (e *AuthError) Error() string {
	msg := fmt.Sprintf("pop3: log in with %s: %s", e.Mechanism, trimPrefix(e.Err))
	if e.Detail != "" {
		msg += fmt.Sprintf(" (%q)", e.Detail)
	}
	return msg
}

// Unwrap gives the cause.
func (e *AuthError) Unwrap() error { return e.Err }

// Rejected tells whether the server said no to the credentials, as opposed to
// being locked, throttling or in trouble. A server without response codes may
// mean something else even so: two such answers, apart in time, are the least
// to go by before a person is asked for a new password.
func (e *AuthError) Rejected() bool {
	var refused *Error
	if !errors.As(e.Err, &refused) {
		return false
	}
	return refused.Code == CodeAuth || refused.Code == "" && !refused.Temporary()
}

// ProtocolError is a reply that is not POP3, or not an answer to what was
// asked. Unless it concerns only the numbers inside a well-formed reply, the
// client is unusable afterwards.
type ProtocolError struct {
	Command string
	State   State
	Text    string // what is wrong, in words
	Line    string // the offending line, shortened; credentials blanked
}

// Error says what is wrong, with the line quoted.
func (e *ProtocolError) Error() string {
	msg := fmt.Sprintf("pop3: %s: %s", e.Command, e.Text)
	if e.Line != "" {
		msg += fmt.Sprintf(": %q", e.Line)
	}
	return msg
}

// TimeoutError is an exchange that took longer than it was given, by
// [Timeouts] or by the context's deadline.
type TimeoutError struct {
	Command string
	State   State
	After   time.Duration // from the start of the exchange, or of the message under way
	Err     error         // os.ErrDeadlineExceeded or context.DeadlineExceeded
}

// Error names the command and the time.
func (e *TimeoutError) Error() string {
	return fmt.Sprintf("pop3: %s: timed out after %s", e.Command, e.After.Round(time.Millisecond))
}

// Timeout is always true, as in net.Error.
func (e *TimeoutError) Timeout() bool { return true }

// Unwrap gives the underlying error.
func (e *TimeoutError) Unwrap() error { return e.Err }

// LimitError is a reply larger than one of the client's [Limits].
type LimitError struct {
	Command string
	State   State
	Limit   string // name of the field of Limits
	Max     int64  // its value
}

// Error names the limit and its value.
func (e *LimitError) Error() string {
	return fmt.Sprintf("pop3: %s: reply exceeds the limit of %d (%s)", e.Command, e.Max, e.Limit)
}

// ConnError is a connection that could not be made, broke, or was given up
// because the context was cancelled.
type ConnError struct {
	Command string // "connect" before there is a connection
	State   State
	Err     error // io.ErrUnexpectedEOF where the server closed it; the context's cause
}

// Error names the command and the cause.
func (e *ConnError) Error() string { return fmt.Sprintf("pop3: %s: %v", e.Command, e.Err) }

// Unwrap gives the cause.
func (e *ConnError) Unwrap() error { return e.Err }

// PipelineError is an exchange that broke while more than one command was
// waiting for its reply. The server may not bear pipelining: connect again with
// Options.Pipelining set to PipelineOff, and remember it for this account if
// the same commands then succeed.
type PipelineError struct {
	Answered int // commands answered before it broke
	InFlight int // commands sent and not answered
	Err      error
}

// Error says how many commands were waiting, and the cause.
func (e *PipelineError) Error() string {
	return fmt.Sprintf("pop3: pipelining, %d commands unanswered: %s", e.InFlight, trimPrefix(e.Err))
}

// Unwrap gives the cause.
func (e *PipelineError) Unwrap() error { return e.Err }

// ArgumentError is an argument that cannot be sent: it holds CR, LF or NUL, or
// is not a message number. Nothing has been sent, the client stays usable.
type ArgumentError struct {
	Command  string
	Argument string // which one: "user", "password", "message number"
}

// Error names the command and the argument, never its value.
func (e *ArgumentError) Error() string {
	return fmt.Sprintf("pop3: %s: %s cannot be sent", e.Command, e.Argument)
}

// trimPrefix is the text of err without the package's prefix, for wrapping.
func trimPrefix(err error) string { return strings.TrimPrefix(err.Error(), "pop3: ") }
