package pop3test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"time"
)

// maxLine is the longest command line taken.
const maxLine = 16 << 10

// session is one connection of a client.
type session struct {
	server *Server
	config Config
	id     int

	conn net.Conn
	r    *bufio.Reader
	out  *output

	state     State
	challenge string
	user      string
	verb      string // of the command under way
	drop      *Maildrop
	messages  []*Message
	marked    map[*Message]bool
	retrieved map[*Message]bool
	exclusive bool // holds the maildrop's lock
	seen      map[string]int
}

func newSession(server *Server, conn net.Conn, id int, config Config) *session {
	s := &session{server: server, config: config, id: id, marked: map[*Message]bool{}, retrieved: map[*Message]bool{}, seen: map[string]int{}}
	s.out = &output{tcp: conn, closed: server.closed}
	s.attach(delay(conn, config.Latency))
	return s
}

// attach makes conn the connection to read from and write to.
func (s *session) attach(conn net.Conn) {
	s.conn = conn
	s.r = bufio.NewReaderSize(conn, maxLine)
	s.out.conn = conn
	s.out.w = bufio.NewWriterSize(conn, 32<<10)
}

// serve runs the session to its end.
func (s *session) serve(implicit bool) {
	defer func() { s.conn.Close() }()
	defer s.release()
	if implicit && !s.startTLS() {
		return
	}
	s.run("greeting", "", greet)
	for s.out.err == nil {
		line, ok := s.readLine()
		if !ok {
			return
		}
		verb, arg, _ := strings.Cut(line, " ")
		verb = strings.ToUpper(verb)
		command := commands[verb]
		if command == nil {
			command = unknown
		}
		s.run(verb, arg, command)
	}
}

// release gives the maildrop back.
func (s *session) release() {
	if s.exclusive {
		s.drop.unlock()
	}
}

// readLine reads and records a line. What is buffered for the client goes out
// before the session waits for it.
func (s *session) readLine() (string, bool) {
	if s.r.Buffered() == 0 {
		s.out.flush()
	}
	line, err := s.r.ReadSlice('\n')
	if err != nil {
		return "", false
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r")
	s.server.record(Command{Session: s.id, TLS: s.state.TLS, Line: text})
	return text, true
}

// command carries out a command and writes its reply. What it returns, if
// anything, is done when the reply has been sent.
type command func(s *session, arg string) (then func())

// run carries out a command under the fault that strikes it.
func (s *session) run(verb, arg string, do command) {
	s.verb = verb
	s.seen[verb]++
	s.seen[""]++
	fault := s.fault(verb, arg)
	s.out.fault, s.out.sent = fault, 0
	if fault != nil && fault.Delay > 0 {
		s.out.flush() // what was answered before is not late
		if !sleep(fault.Delay, s.server.closed) {
			return
		}
	}
	var then func()
	if fault == nil || !fault.Skip {
		s.out.swallow = fault != nil && fault.Reply != ""
		then = do(s, arg)
		s.out.swallow = false
	}
	if fault != nil {
		s.replace(fault)
	}
	s.out.fault = nil
	if then != nil {
		s.out.flush()
		then()
	}
}

// replace sends a fault's own reply.
func (s *session) replace(fault *Fault) {
	reply := []byte(fault.Reply)
	for range max(1, fault.Repeat) {
		if _, err := s.out.Write(reply); err != nil {
			return
		}
	}
}

// fault finds the fault that strikes a command.
func (s *session) fault(verb, arg string) *Fault {
	for i := range s.config.Faults {
		f := &s.config.Faults[i]
		nth := s.seen[verb]
		if f.Command == "" {
			nth = s.seen[""]
		}
		if f.strikes(verb, arg, nth, s.id) {
			return f
		}
	}
	return nil
}

// data writes a reply of one line that the client reads numbers from.
func (s *session) data(format string, args ...any) {
	fmt.Fprintf(s.out, "+OK "+format+"\r\n", args...)
}

// ok writes a reply of one line, in the words that the server has for the
// command under way.
func (s *session) ok(format string, args ...any) {
	s.say("+OK", s.words(fmt.Sprintf(format, args...), "+"+s.verb, "+"))
}

// The kinds of refusals, as Config.Words names them.
const (
	noLogin   = "-login"   // wrong user name or password
	noState   = "-state"   // not now
	noCommand = "-command" // unknown
	noMessage = "-message" // no such message
	isDeleted = "-deleted" // marked as deleted
	noReason  = "-other"
)

// refuse writes an -ERR reply, in the words that the server has for its kind.
func (s *session) refuse(kind, format string, args ...any) {
	s.say("-ERR", s.words(fmt.Sprintf(format, args...), kind, "-"))
}

// words gives the text configured under one of the keys, the first that is
// there, else text.
func (s *session) words(text string, keys ...string) string {
	for _, key := range keys {
		if words, ok := s.config.Words[key]; ok {
			return words
		}
	}
	return text
}

// say writes a status line. A text of one blank makes a line that ends with it.
func (s *session) say(status, text string) {
	if text != "" && text != " " {
		status += " "
	}
	fmt.Fprint(s.out, status+text+"\r\n")
}

// lines writes the rest of a multi-line reply.
func (s *session) lines(lines []string) {
	var b strings.Builder
	for _, line := range lines {
		if strings.HasPrefix(line, ".") {
			b.WriteByte('.')
		}
		b.WriteString(line + "\r\n")
	}
	fmt.Fprint(s.out, b.String(), ".\r\n")
}

func greet(s *session, _ string) func() {
	text := s.config.Greeting
	if text == "" {
		text = "pop3test ready"
	}
	if s.config.APOP {
		s.challenge = fmt.Sprintf("<%d.%d@pop3test.example>", s.id, time.Now().UnixNano())
		text += " " + s.challenge
	}
	s.say("+OK", text)
	return nil
}

func unknown(s *session, _ string) func() {
	s.refuse(noCommand, "unknown command")
	return nil
}

// stls starts TLS once its reply is out.
func stls(s *session, _ string) func() {
	if s.config.NoSTLS || s.state.TLS || s.state.LoggedIn {
		s.refuse(noState, "not now")
		return nil
	}
	s.ok("begin TLS")
	return func() {
		if !s.startTLS() {
			s.out.err = errEnd
		}
	}
}

// startTLS makes the connection a TLS connection. What the client had sent
// ahead in clear text is forgotten.
func (s *session) startTLS() bool {
	conn := tls.Server(s.conn, s.server.tlsConfig())
	if err := conn.Handshake(); err != nil {
		return false
	}
	s.attach(conn)
	s.state.TLS = true
	return true
}

// clientName gives the common name of the client's certificate, "" if it has none.
func (s *session) clientName() string {
	conn, ok := s.conn.(*tls.Conn)
	if !ok || len(conn.ConnectionState().PeerCertificates) == 0 {
		return ""
	}
	return conn.ConnectionState().PeerCertificates[0].Subject.CommonName
}
