package pop3test

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// commands are the commands known, by verb. AUTH and those like it are in
// auth.go.
var commands map[string]command

func init() {
	commands = map[string]command{
		"CAPA": capa,
		"STLS": stls,
		"QUIT": quit,
		"USER": user,
		"PASS": pass,
		"APOP": apop,
		"AUTH": auth,
		"UTF8": utf8,
		"LANG": lang,
		"NOOP": loggedIn(noop),
		"RSET": loggedIn(rset),
		"STAT": loggedIn(stat),
		"LIST": loggedIn(list),
		"UIDL": loggedIn(uidl),
		"RETR": loggedIn(retr),
		"TOP":  loggedIn(top),
		"DELE": loggedIn(dele),
	}
}

// loggedIn refuses a command before login.
func loggedIn(do command) command {
	return func(s *session, arg string) func() {
		if !s.state.LoggedIn {
			s.refuse(noState, "log in first")
			return nil
		}
		return do(s, arg)
	}
}

func capa(s *session, _ string) func() {
	if s.config.NoCAPA {
		return unknown(s, "")
	}
	lines := s.config.capabilities(s.state)
	if s.config.Capabilities != nil {
		lines = s.config.Capabilities(s.state, lines)
	}
	s.ok("capabilities follow")
	s.lines(lines)
	return nil
}

// capabilities gives the lines of the CAPA reply.
func (c *Config) capabilities(state State) []string {
	lines := []string{"RESP-CODES", "AUTH-RESP-CODE"}
	add := func(yes bool, line string) {
		if yes {
			lines = append(lines, line)
		}
	}
	add(!c.NoTOP, "TOP")
	add(!c.NoUIDL, "UIDL")
	add(!c.NoPipelining, "PIPELINING")
	add(c.UTF8, "UTF8 USER")
	add(c.Languages != nil, "LANG")
	if !state.LoggedIn {
		logins := state.TLS || !c.TLSRequired
		add(!c.NoSTLS && !state.TLS, "STLS")
		add(!c.NoUSER && logins, "USER")
		add(len(c.mechanisms()) > 0 && logins, "SASL "+strings.Join(c.mechanisms(), " "))
	}
	return append(lines, "IMPLEMENTATION pop3test")
}

// quit ends the session and, if there was a login, deletes what is marked.
func quit(s *session, _ string) func() {
	if s.state.LoggedIn {
		s.drop.expunge(s.marked)
		if s.config.Hides {
			s.drop.hide(s.retrieved)
		}
	}
	s.ok("bye")
	return func() { s.out.err = errEnd }
}

func noop(s *session, _ string) func() {
	s.ok("")
	return nil
}

func rset(s *session, _ string) func() {
	clear(s.marked)
	s.ok("")
	return nil
}

func stat(s *session, _ string) func() {
	var octets int64
	for _, m := range s.messages {
		if !s.marked[m] {
			octets += s.config.size(m)
		}
	}
	s.data("%d %d", len(s.messages)-len(s.marked), octets)
	return nil
}

// size is the size that is given for a message.
func (c *Config) size(m *Message) int64 {
	if c.Size != nil {
		return c.Size(*m)
	}
	return m.size()
}

func list(s *session, arg string) func() {
	return s.listing(arg, func(_ int, m *Message) string { return strconv.FormatInt(s.config.size(m), 10) })
}

func uidl(s *session, arg string) func() {
	if s.config.NoUIDL {
		return unknown(s, "")
	}
	return s.listing(arg, func(num int, m *Message) string {
		if s.config.UID != nil {
			return s.config.UID(num, *m)
		}
		return m.UID
	})
}

// listing writes a row for one message, or for all that are not marked.
func (s *session) listing(arg string, row func(num int, m *Message) string) func() {
	if arg != "" {
		if num, m := s.message(arg); m != nil {
			s.data("%d %s", num, row(num, m))
		}
		return nil
	}
	s.ok("%d messages", len(s.messages)-len(s.marked))
	var lines []string
	for i, m := range s.messages {
		if !s.marked[m] {
			lines = append(lines, fmt.Sprintf("%d %s", i+1, row(i+1, m)))
		}
	}
	s.lines(lines)
	return nil
}

// message finds the message that an argument names, or refuses the command.
func (s *session) message(arg string) (int, *Message) {
	num, err := strconv.Atoi(arg)
	if err != nil || num < 1 || num > len(s.messages) {
		s.refuse(noMessage, "no such message")
		return 0, nil
	}
	m := s.messages[num-1]
	if s.marked[m] {
		s.refuse(isDeleted, "message %d is deleted", num)
		return 0, nil
	}
	return num, m
}

func retr(s *session, arg string) func() {
	_, m := s.message(arg)
	if m == nil {
		return nil
	}
	s.ok("%d octets", m.size())
	text := newStuffer(s.out)
	if _, err := io.Copy(text, io.MultiReader(m.reader(), strings.NewReader(s.config.Suffix))); err == nil {
		text.close()
	}
	s.retrieved[m] = true
	return nil
}

func top(s *session, arg string) func() {
	if s.config.NoTOP {
		return unknown(s, "")
	}
	which, count, _ := strings.Cut(arg, " ")
	lines, err := strconv.Atoi(count)
	if err != nil || lines < 0 {
		s.refuse(noReason, "how many lines?")
		return nil
	}
	_, m := s.message(which)
	if m == nil {
		return nil
	}
	raw, err := io.ReadAll(m.reader())
	if err != nil {
		s.refuse(noReason, "[SYS/TEMP] cannot read message")
		return nil
	}
	s.ok("")
	text := newStuffer(s.out)
	text.Write(firstLines(raw, lines))
	text.close()
	return nil
}

// firstLines gives the header of a message, the empty line, and n lines more.
func firstLines(raw []byte, n int) []byte {
	end := bytes.Index(raw, []byte("\r\n\r\n"))
	if end < 0 {
		return raw
	}
	end += 4
	for range n {
		i := bytes.IndexByte(raw[end:], '\n')
		if i < 0 {
			return raw
		}
		end += i + 1
	}
	return raw[:end]
}

func dele(s *session, arg string) func() {
	if num, m := s.message(arg); m != nil {
		s.marked[m] = true
		s.ok("message %d marked", num)
	}
	return nil
}

func utf8(s *session, _ string) func() {
	if !s.config.UTF8 {
		return unknown(s, "")
	}
	s.ok("UTF8 enabled")
	return nil
}

// lang lists the languages or changes to one (RFC 6856, section 3). The server
// speaks English whatever it says.
func lang(s *session, arg string) func() {
	if s.config.Languages == nil {
		return unknown(s, "")
	}
	if arg == "" {
		s.ok("languages follow")
		var lines []string
		for _, tag := range s.config.Languages {
			lines = append(lines, tag+" "+tag)
		}
		s.lines(lines)
		return nil
	}
	for _, tag := range s.config.Languages {
		if arg == "*" || strings.EqualFold(tag, arg) {
			s.data("%s language changed", tag)
			return nil
		}
	}
	s.refuse(noReason, "no such language")
	return nil
}
