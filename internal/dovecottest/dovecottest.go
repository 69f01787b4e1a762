// Package dovecottest runs a real Dovecot POP3 server, from Debian's package
// dovecot-pop3d, for the length of one test: one user, one Maildir, loopback only,
// no privileges. What a test did to the server's mail is read back from the Maildir.
package dovecottest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
	owner     owner
	opt       Options
	proc      *process
	delivered int
}

// Start starts a server and arranges for its end with the test. Where Dovecot is not
// installed the test is skipped, or fails when the environment says CI=true.
func Start(tb testing.TB, opt Options) *Server {
	tb.Helper()
	program := findDovecot(tb)
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
	if err := s.prepare(tb); err != nil {
		tb.Fatalf("dovecottest: %v", err)
	}
	if err := s.start(program); err != nil {
		tb.Fatalf("dovecottest: %v\n%s", err, s.Log())
	}
	// Runs before the folder is removed: cleanups run last in, first out.
	tb.Cleanup(s.Stop)
	return s
}

// Stop ends the server, and returns when no process of it is left. The Maildir stays
// until the end of the test. Stopping a stopped server does nothing.
func (s *Server) Stop() {
	if s.proc != nil {
		s.proc.stop()
		s.proc = nil
	}
}

// Restart starts the server again, on the same ports and with the same mail.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	s.Stop()
	if err := s.run(findDovecot(tb)); err != nil {
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
func (s *Server) prepare(tb testing.TB) error {
	var err error
	if s.owner, err = findOwner(); err != nil {
		return err
	}
	// Not tb.TempDir: its path carries the test's name and may be too long for the
	// UNIX sockets that Dovecot makes in it.
	if s.dir, err = os.MkdirTemp("", "dovecot"); err != nil {
		return err
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(s.dir); err != nil {
			tb.Errorf("dovecottest: %v", err)
		}
	})
	if len(s.dir) > maxDir {
		return fmt.Errorf("folder %s: path too long for a UNIX socket, set TMPDIR to a shorter one", s.dir)
	}
	for _, sub := range []string{"run", "state", "home/Maildir/new", "home/Maildir/cur", "home/Maildir/tmp"} {
		if err := os.MkdirAll(filepath.Join(s.dir, sub), 0o700); err != nil {
			return err
		}
	}
	if s.CAFile, err = writeCertificates(s.dir); err != nil {
		return err
	}
	passwd := fmt.Sprintf("%s:{PLAIN}%s\n", s.User, s.Password)
	if err := os.WriteFile(filepath.Join(s.dir, "passwd"), []byte(passwd), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(s.logFile(), nil, 0o600); err != nil {
		return err
	}
	return s.owner.giveAll(s.dir)
}

// maxDir leaves room below the 107 octets of a UNIX socket's path for the longest
// name that Dovecot puts into its folder.
const maxDir = 70

// start picks ports and runs the server. Another process can take a port between its
// choice and Dovecot's bind, so a start that failed for that is tried again.
func (s *Server) start(program string) error {
	var err error
	for range 3 {
		if s.Plain, err = freePort(); err != nil {
			return err
		}
		if s.TLS, err = freePort(); err != nil {
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
	if err := s.owner.give(conf); err != nil {
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
	if s.proc, err = spawn(cmd, s.owner); err != nil {
		return err
	}
	if err := s.proc.awaitGreeting(s.Plain, 20*time.Second); err != nil {
		s.Stop()
		return err
	}
	return nil
}

// findDovecot returns the program, or ends the test.
func findDovecot(tb testing.TB) string {
	tb.Helper()
	program, err := exec.LookPath("dovecot")
	if err != nil {
		// An ordinary user's PATH has no sbin.
		program = "/usr/sbin/dovecot"
		_, err = os.Stat(program)
	}
	if err == nil {
		// Debian has the protocols in packages of their own.
		if _, err = os.Stat("/usr/lib/dovecot/pop3"); err == nil {
			return program
		}
	}
	const missing = "Dovecot's POP3 server is not installed (Debian package dovecot-pop3d; `make check` as root installs it)"
	if os.Getenv("CI") == "true" {
		tb.Fatal(missing)
	}
	tb.Skip(missing)
	return ""
}
