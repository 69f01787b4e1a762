package interop

import (
	"crypto/x509"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/internal/servertest"
	"postern/pop3client"
)

// The one account that every server has.
const (
	user     = "alice"
	password = "wonderland"
)

// A server is one that runs, for the length of a test.
type server struct {
	version          string // of Debian's package
	plain, stls, tls string // addresses of its ways to connect, "" for what it has not
	caFile           string // the authority that signed its certificate; "" without TLS
	mechanisms       []string
	token            string // what OAUTHBEARER and XOAUTH2 send, if it has them

	// deliver puts messages into the account's maildrop.
	deliver func(*testing.T, []mail)
	// files reads the messages that the server keeps, from its own files.
	files func(*testing.T) [][]byte
	quirks
}

// quirks are what a server is known to do to messages.
type quirks struct {
	// restored takes out of a message what this server has put into it; nil for those
	// that leave messages as they are.
	restored func([]byte) []byte
	// cutsAtNUL tells that it does not send the rest of a line behind a NUL.
	cutsAtNUL bool
	// addsLine tells that it sends an empty line behind each message.
	addsLine bool
	// doublesGap tells that its TOP sends the empty line behind the header twice when
	// there are lines of the body to follow.
	doublesGap bool
}

// transport is a way to connect to a server.
type transport struct {
	name     string
	security pop3client.Security
	addr     string
}

// transports are the ways to connect that the server has, the safest last.
func (s *server) transports() []transport {
	var all []transport
	for _, t := range []transport{
		{"plain", pop3client.None, s.plain},
		{"STLS", pop3client.STARTTLS, s.stls},
		{"TLS", pop3client.TLS, s.tls},
	} {
		if t.addr != "" {
			all = append(all, t)
		}
	}
	return all
}

// options are the client's for a transport and the mechanisms allowed.
func (s *server) options(t *testing.T, way transport, mechanisms ...string) *pop3client.Options {
	t.Helper()
	opt := &pop3client.Options{Security: way.security, Mechanisms: mechanisms}
	if way.security == pop3client.None {
		return opt
	}
	pem, err := os.ReadFile(s.caFile)
	if err != nil {
		t.Fatal(err)
	}
	opt.RootCAs = x509.NewCertPool()
	if !opt.RootCAs.AppendCertsFromPEM(pem) {
		t.Fatalf("no certificate in %s", s.caFile)
	}
	return opt
}

// A lab is where one server lives: its folder, its user, its processes.
type lab struct {
	*testing.T
	dir   string // with certificates and log in it
	owner servertest.Owner
	log   *os.File
}

// newLab makes the folder of a server. It is removed after the test, and the server's
// log shown if the test failed.
func newLab(t *testing.T, name string) *lab {
	t.Helper()
	l := &lab{T: t}
	var err error
	if l.owner, err = servertest.FindOwner(); err != nil {
		t.Fatal(err)
	}
	l.dir, err = servertest.MakeDir(name)
	t.Cleanup(func() {
		if err := os.RemoveAll(l.dir); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := servertest.WriteCertificates(l.dir); err != nil {
		t.Fatal(err)
	}
	if l.log, err = os.OpenFile(l.path("log"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.closeLog)
	return l
}

// closeLog closes the log, and shows its end where that may help.
func (l *lab) closeLog() {
	l.log.Close()
	if !l.Failed() {
		return
	}
	text, err := os.ReadFile(l.path("log"))
	if err != nil {
		l.Error(err)
	}
	l.Logf("its log:\n%s", text[max(0, len(text)-3000):])
}

// path gives the path of a file in the folder.
func (l *lab) path(name string) string { return filepath.Join(l.dir, name) }

// write writes a file, which everybody may read and run, and gives its path. Its
// folders are made.
func (l *lab) write(name, text string) string {
	l.Helper()
	l.mkdir(filepath.Dir(name))
	if err := os.WriteFile(l.path(name), []byte(text), 0o755); err != nil {
		l.Fatal(err)
	}
	return l.path(name)
}

// mkdir makes folders and those above them.
func (l *lab) mkdir(names ...string) {
	l.Helper()
	for _, name := range names {
		if err := os.MkdirAll(l.path(name), 0o755); err != nil {
			l.Fatal(err)
		}
	}
}

// private gives a file to a user, who alone may read it.
func (l *lab) private(path string, uid int) {
	l.Helper()
	if err := os.Chown(path, uid, mailGroup); err != nil {
		l.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Fatal(err)
	}
}

// handOver makes the folder and all that is in it the owner's.
func (l *lab) handOver() {
	l.Helper()
	if err := l.owner.GiveAll(l.dir); err != nil {
		l.Fatal(err)
	}
}

// address picks an address for the server to listen on.
func (l *lab) address() string {
	l.Helper()
	addr, err := servertest.FreePort()
	if err != nil {
		l.Fatal(err)
	}
	return addr
}

// output runs a program of the package to its end and gives what it printed.
func (l *lab) output(cmd *exec.Cmd) string {
	l.Helper()
	cmd.Dir = l.dir
	cmd.Stderr = l.log
	out, err := cmd.Output()
	if err != nil {
		l.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return strings.TrimSpace(string(out))
}

// serve starts a server as who and waits until it greets at plain and listens at tls;
// either may be "".
func (l *lab) serve(cmd *exec.Cmd, who servertest.Owner, plain, tls string) {
	l.Helper()
	cmd.Dir = l.dir
	cmd.Stdout, cmd.Stderr = l.log, l.log
	process, err := servertest.Spawn(cmd, who)
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(process.Stop)
	if plain != "" {
		if err := process.AwaitGreeting(plain, startLimit); err != nil {
			l.Fatal(err)
		}
	}
	if tls != "" {
		l.awaitListener(tls)
	}
}

// startLimit is how long a server may take to start.
const startLimit = 20 * time.Second

// awaitListener waits until something listens at addr.
func (l *lab) awaitListener(addr string) {
	l.Helper()
	for end := time.Now().Add(startLimit); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			conn.Close()
			return
		}
		if time.Now().After(end) {
			l.Fatal(err)
		}
	}
}

// port is the port of an address.
func port(addr string) string { return servertest.Port(addr) }
