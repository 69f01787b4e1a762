package dovecottest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"maps"
	"net"
	"net/textproto"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// session is one POP3 connection of a test; each step fails the test on its own.
type session struct {
	*testing.T
	conn *textproto.Conn
}

func connect(t *testing.T, conn net.Conn, err error) session {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	s := session{t, textproto.NewConn(conn)}
	s.ok()
	return s
}

// ok reads one reply and wants it to be positive.
func (s session) ok() string {
	s.Helper()
	line, err := s.conn.ReadLine()
	if err != nil {
		s.Fatal(err)
	}
	if !strings.HasPrefix(line, "+OK") {
		s.Fatalf("reply %q", line)
	}
	return line
}

// do sends one command and returns its positive reply.
func (s session) do(command string) string {
	s.Helper()
	if err := s.conn.PrintfLine("%s", command); err != nil {
		s.Fatal(err)
	}
	return s.ok()
}

// lines is do for a command with a multi-line reply.
func (s session) lines(command string) []string {
	s.Helper()
	s.do(command)
	lines, err := s.conn.ReadDotLines()
	if err != nil {
		s.Fatal(err)
	}
	return lines
}

func login(t *testing.T, srv *Server) session {
	t.Helper()
	conn, err := net.Dial("tcp", srv.Plain)
	s := connect(t, conn, err)
	s.do("USER " + srv.User)
	s.do("PASS " + srv.Password)
	return s
}

func TestDeleteOneOfThree(t *testing.T) {
	srv := Start(t, Options{})
	names := srv.Deliver(t,
		[]byte("Subject: one\r\n\r\nwith CRLF\r\n"),
		[]byte("Subject: two\n\nwith LF\n"),
		[]byte("Subject: three\n\nno end of line"),
	)
	before := srv.Files(t)
	if got := slices.Sorted(maps.Keys(before)); !slices.Equal(got, names) {
		t.Fatalf("files %q, delivered %q", got, names)
	}

	s := login(t, srv)
	if got := s.do("STAT"); !strings.HasPrefix(got, "+OK 3 ") {
		t.Errorf("STAT: %q", got)
	}
	if uidl := s.lines("UIDL"); len(uidl) != 3 {
		t.Errorf("UIDL: %q", uidl)
	}
	if mail := s.lines("RETR 2"); !slices.Equal(mail, []string{"Subject: two", "", "with LF"}) {
		t.Errorf("RETR 2: %q", mail)
	}
	s.do("DELE 2")
	s.do("QUIT")

	delete(before, names[1])
	if after := srv.Files(t); !maps.Equal(before, after) {
		t.Errorf("after the session: %v, want %v", after, before)
	}
}

func TestTLS(t *testing.T) {
	srv := Start(t, Options{User: "zoë", Password: "sésame ouvre-toi"})
	ca, err := os.ReadFile(srv.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		t.Fatal("no certificate in CAFile")
	}
	config := &tls.Config{RootCAs: roots, ServerName: "localhost"}
	conn, err := tls.Dial("tcp", srv.TLS, config)
	s := connect(t, conn, err)
	s.do("USER " + srv.User)
	s.do("PASS " + srv.Password)
	s.do("QUIT")

	plain, err := net.Dial("tcp", srv.Plain)
	s = connect(t, plain, err)
	s.do("STLS")
	upgraded := tls.Client(plain, config)
	if err := upgraded.HandshakeContext(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestExtra(t *testing.T) {
	srv := Start(t, Options{Mechanisms: "plain cram-md5", Extra: "protocol pop3 {\n pop3_uidl_format = %g\n}\n"})
	name := srv.Deliver(t, []byte("Subject: x\n\n"))[0]
	conn, err := net.Dial("tcp", srv.Plain)
	s := connect(t, conn, err)
	if got := s.lines("CAPA"); !slices.Contains(got, "SASL PLAIN CRAM-MD5") {
		t.Errorf("CAPA: %q", got)
	}
	s = login(t, srv)
	if got := s.lines("UIDL"); !slices.Equal(got, []string{"1 " + name}) {
		t.Errorf("UIDL: %q", got)
	}
}

func TestStopAndRestart(t *testing.T) {
	srv := Start(t, Options{})
	srv.Deliver(t, []byte("Subject: x\n\n"))
	s := login(t, srv)
	proc := srv.proc
	srv.Stop()
	if proc.Alive() {
		t.Error("processes left")
	}
	if _, err := io.ReadAll(s.conn.R); err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the session outlived the server: %v", err)
	}
	if conn, err := net.Dial("tcp", srv.Plain); err == nil {
		conn.Close()
		t.Error("still listening")
	}
	addr := srv.Plain
	srv.Restart(t)
	if srv.Plain != addr {
		t.Errorf("restarted at %s, was at %s", srv.Plain, addr)
	}
	if got := login(t, srv).do("STAT"); !strings.HasPrefix(got, "+OK 1 ") {
		t.Errorf("STAT: %q", got)
	}
}
