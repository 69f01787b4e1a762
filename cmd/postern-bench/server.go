package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"time"

	"postern/internal/dovecottest"
)

// server is a Dovecot with one maildrop.
type server struct {
	*dovecottest.Server
	messages int
	octets   int64 // of all messages together
	seen     int   // octets of the log that belong to earlier sessions
}

// startServer starts a Dovecot, which the caller closes, gives it messages of about size
// octets, and holds a session: the first makes Dovecot's index, and no contender is to
// pay for it.
func startServer(ctx context.Context, messages, size int) (*server, error) {
	fmt.Fprintf(os.Stderr, "Dovecot with %s messages...\n", grouped(messages))
	s, err := fillServer(messages, size)
	if err != nil {
		return nil, err
	}
	if _, err := s.maildrop(false).retrieve(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("first session: %w", err), s.Close())
	}
	if err := s.verify(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func fillServer(messages, size int) (*server, error) {
	d, err := dovecottest.Open(dovecottest.Options{})
	if err != nil {
		return nil, err
	}
	s := &server{Server: d, messages: messages}
	for i := range messages {
		raw := sample(i, size)
		if _, err := d.Add(raw); err != nil {
			d.Close()
			return nil, err
		}
		s.octets += int64(len(raw))
	}
	return s, nil
}

// sample is the i-th message: text in lines of 76 characters, none like another, one in
// a hundred with a dot to stuff.
func sample(i, size int) []byte {
	rng := rand.New(rand.NewPCG(1, uint64(i)))
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: Anna Example <anna@example.com>\r\nTo: Bob Example <bob@example.net>\r\n"+
		"Subject: Report %d\r\nDate: %s\r\nMessage-ID: <%d.bench@example.com>\r\n\r\n",
		i, time.Unix(1_700_000_000+int64(i), 0).UTC().Format(time.RFC1123Z), i)
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 "
	for b.Len() < size {
		if rng.IntN(100) == 0 {
			b.WriteByte('.')
		}
		for range 76 {
			b.WriteByte(letters[rng.IntN(len(letters))])
		}
		b.WriteString("\r\n")
	}
	return b.Bytes()
}

// maildrop says how to get at the mail.
func (s *server) maildrop(tls bool) maildrop {
	m := maildrop{Addr: s.Plain, User: s.User, Password: s.Password}
	if tls {
		m.Addr, m.TLS, m.CAFile = s.TLS, true, s.CAFile
	}
	return m
}

// forget makes verify look at later sessions only.
func (s *server) forget() { s.seen = len(s.Log()) }

// loggedOut is how Dovecot logs the end of a session: messages and octets retrieved.
var loggedOut = regexp.MustCompile(`Logged out .*retr=(\d+)/(\d+), del=0/`)

// verify checks by the server's own log that the session since forget retrieved
// everything and ended with QUIT.
func (s *server) verify() error {
	for range 200 {
		if done, err := s.check(s.Log()[s.seen:]); done {
			return err
		}
		time.Sleep(10 * time.Millisecond) // the session outlives its connection a little
	}
	return fmt.Errorf("Dovecot saw no session to its end:\n%s", s.Log()[s.seen:])
}

// check tells whether a session has ended in log, and what is wrong with it.
func (s *server) check(log string) (done bool, err error) {
	m := loggedOut.FindStringSubmatch(log)
	if m == nil {
		return false, nil
	}
	messages, _ := strconv.Atoi(m[1])
	octets, _ := strconv.ParseInt(m[2], 10, 64)
	if messages != s.messages || octets < s.octets {
		return true, fmt.Errorf("retrieved %d of %d messages, %d of %d octets", messages, s.messages, octets, s.octets)
	}
	return true, nil
}
