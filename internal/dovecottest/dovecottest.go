// Package dovecottest runs a real Dovecot POP3 server, from Debian's package
// dovecot-pop3d, for the length of one test: one user, one Maildir, loopback only,
// no privileges. What a test did to the server's mail is read back from the Maildir.
//
// Programs that are no tests use [Open], [Server.Add] and [Server.Close], which return
// their errors, in place of [Start] and [Server.Deliver].
package dovecottest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/internal/servertest"
)

// Options change what Start starts. The zero value is a server with Dovecot's own
// behaviour and the user "alice".
type Options struct {
	// User and Password are the one account; empty means "alice" and "wonderland".
	User, Password string
	// Mechanisms are the SASL mechanisms offered, in Dovecot's words, separated by
	// blanks; empty means "plain login". "apop" among them adds the APOP command.
	Mechanisms string
	// Extra is put at the end of dovecot.conf, for example
	// "protocol pop3 {\n pop3_lock_session = yes\n}\n".
	Extra string
}

// A Server is one running Dovecot.
type Server struct {
	// Plain is the address "127.0.0.1:port" that speaks POP3 and offers STLS.
	Plain string
	// TLS is the address "127.0.0.1:port" that speaks POP3 inside TLS.
	TLS string
	// User and Password open the maildrop.
	User, Password string
	// CAFile holds, as PEM, the authority that signed the server's certificate,
	// which is good for localhost, 127.0.0.1 and ::1.
	CAFile string

	dir       string
	owner     servertest.Owner
	opt       Options
	proc      *servertest.Process
	delivered int
}

// ErrMissing is wrapped by the errors of a machine without Dovecot.
var ErrMissing = errors.New("Dovecot's POP3 server is not installed")

// Start starts a server and arranges for its end with the test. Where Dovecot is not
// installed the test is skipped, or fails when the environment says CI=true.
func Start(tb testing.TB, opt Options) *Server {
	tb.Helper()
	s, err := Open(opt)
	if errors.Is(err, ErrMissing) && os.Getenv("CI") != "true" {
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatalf("dovecottest: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("dovecottest: %v", err)
		}
	})
	return s
}

// Open starts a server, which the caller closes. The error wraps [ErrMissing] where
// Dovecot is not installed.
func Open(opt Options) (*Server, error) {
	program, err := findDovecot()
	if err != nil {
		return nil, err
	}
	if opt.User == "" {
		opt.User = "alice"
	}
	if opt.Password == "" {
		opt.Password = "wonderland"
	}
	if opt.Mechanisms == "" {
		opt.Mechanisms = "plain login"
	}
	s := &Server{User: opt.User, Password: opt.Password, opt: opt}
	if err := s.prepare(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.start(program); err != nil {
		return nil, errors.Join(fmt.Errorf("%w\n%s", err, s.Log()), s.Close())
	}
	return s, nil
}

// Close stops the server and removes its mail.
func (s *Server) Close() error {
	s.Stop()
	return os.RemoveAll(s.dir)
}

// Stop ends the server, and returns when no process of it is left. The Maildir stays
// until the end of the test, or Close. Stopping a stopped server does nothing.
func (s *Server) Stop() {
	if s.proc != nil {
		s.proc.Stop()
		s.proc = nil
	}
}

// Restart starts the server again, on the same ports and with the same mail.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	s.Stop()
	program, err := findDovecot()
	if err == nil {
		err = s.run(program)
	}
	if err != nil {
		tb.Fatalf("dovecottest: %v\n%s", err, s.Log())
	}
}

// Log returns what Dovecot has logged so far: logins, refusals, errors.
func (s *Server) Log() string {
	text, err := os.ReadFile(s.logFile())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (s *Server) logFile() string { return filepath.Join(s.dir, "log") }

// prepare makes the server's folder with all that does not depend on the ports.
func (s *Server) prepare() error {
	var err error
	if s.owner, err = servertest.FindOwner(); err != nil {
		return err
	}
	if s.dir, err = servertest.MakeDir("dovecot"); err != nil {
		return err
	}
	for _, sub := range []string{"run", "state", "home/Maildir/new", "home/Maildir/cur", "home/Maildir/tmp"} {
		if err := os.MkdirAll(filepath.Join(s.dir, sub), 0o700); err != nil {
			return err
		}
	}
	s.CAFile = filepath.Join(s.dir, servertest.CAFile)
	if err := servertest.WriteCertificates(s.dir); err != nil {
		return err
	}
	passwd := fmt.Sprintf("%s:{PLAIN}%s\n", s.User, s.Password)
	if err := os.WriteFile(filepath.Join(s.dir, "passwd"), []byte(passwd), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(s.logFile(), nil, 0o600); err != nil {
		return err
	}
	return s.owner.GiveAll(s.dir)
}

// start picks ports and runs the server. Another process can take a port between its
// choice and Dovecot's bind, so a start that failed for that is tried again.
func (s *Server) start(program string) error {
	var err error
	for range 3 {
		if s.Plain, err = servertest.FreePort(); err != nil {
			return err
		}
		if s.TLS, err = servertest.FreePort(); err != nil {
			return err
		}
		if err = s.run(program); err == nil || !strings.Contains(s.Log(), "Address already in use") {
			return err
		}
	}
	return err
}

// run writes the configuration, starts Dovecot and waits for its greeting.
func (s *Server) run(program string) error {
	conf := filepath.Join(s.dir, "dovecot.conf")
	if err := os.WriteFile(conf, []byte(s.config()), 0o600); err != nil {
		return err
	}
	if err := s.owner.Give(conf); err != nil {
		return err
	}
	log, err := os.OpenFile(s.logFile(), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(program, "-F", "-c", conf)
	cmd.Dir = s.dir
	cmd.Stdout, cmd.Stderr = log, log
	if s.proc, err = servertest.Spawn(cmd, s.owner); err != nil {
		return err
	}
	if err := s.proc.AwaitGreeting(s.Plain, 20*time.Second); err != nil {
		s.Stop()
		return err
	}
	return nil
}

// findDovecot returns the program.
func findDovecot() (string, error) {
	// Debian has the protocols in packages of their own.
	_, err := os.Stat("/usr/lib/dovecot/pop3")
	if program := servertest.Program("dovecot"); err == nil && program != "" {
		return program, nil
	}
	return "", fmt.Errorf("%w (Debian package dovecot-pop3d; `make check` as root installs it)", ErrMissing)
}
