package pop3test_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"postern/pop3client/pop3test"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// talk sends the lines of a session and gives all that the server says, until
// it closes the connection.
func talk(t *testing.T, conn net.Conn, lines ...string) string {
	t.Helper()
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n"); err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}

func dial(t *testing.T, server *pop3test.Server) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func newDrop() *pop3test.Maildrop {
	drop := pop3test.NewMaildrop("alice", "wonderland")
	drop.Add("a", []byte("Subject: 1\r\n\r\n.dot\r\nno end"))
	drop.Add("b", []byte("Subject: 2\r\n\r\n1\r\n2\r\n3\r\n"))
	return drop
}

func TestDialogue(t *testing.T) {
	drop := newDrop()
	server := pop3test.NewServer(t, drop)
	got := talk(t, dial(t, server), "STAT", "USER alice", "PASS wrong", "user alice", "pass wonderland",
		"STAT", "LIST", "UIDL", "LIST 2", "UIDL 3", "RETR 1", "TOP 2 1", "DELE 1", "RETR 1", "STAT", "RSET", "DELE 2", "XYZZY", "QUIT")
	want := []string{
		"+OK pop3test ready", "-ERR log in first", "+OK password, please", "-ERR [AUTH] wrong user name or password",
		"+OK password, please", "+OK 2 messages", "+OK 2 49",
		"+OK 2 messages", "1 26", "2 23", ".", "+OK 2 messages", "1 a", "2 b", ".", "+OK 2 23", "-ERR no such message",
		"+OK 26 octets", "Subject: 1", "", "..dot", "no end", ".", "+OK", "Subject: 2", "", "1", ".",
		"+OK message 1 marked", "-ERR message 1 is deleted", "+OK 1 23", "+OK", "+OK message 2 marked", "-ERR unknown command", "+OK bye", "",
	}
	if lines := strings.Split(got, "\r\n"); !slices.Equal(lines, want) {
		t.Errorf("got %q\nwant %q", lines, want)
	}
	if uids := drop.UIDs(); !slices.Equal(uids, []string{"a"}) {
		t.Errorf("left: %q", uids)
	}
}

func TestNothingIsDeletedWithoutQUIT(t *testing.T) {
	drop := newDrop()
	server := pop3test.NewServer(t, drop)
	server.SetFaults(pop3test.Cut("NOOP", 0, 0))
	talk(t, dial(t, server), "USER alice", "PASS wonderland", "DELE 1", "NOOP")
	server.SetFaults(pop3test.Refuse("QUIT", 0, "some deleted messages not removed"), pop3test.Cut("NOOP", 0, 0))
	got := talk(t, dial(t, server), "USER alice", "PASS wonderland", "DELE 1", "QUIT", "NOOP")
	if !strings.HasSuffix(got, "-ERR some deleted messages not removed\r\n") {
		t.Errorf("got %q", got)
	}
	if uids := drop.UIDs(); len(uids) != 2 {
		t.Errorf("left: %q", uids)
	}
}

func TestLostReplyToQUIT(t *testing.T) {
	drop := newDrop()
	server := pop3test.NewServer(t, drop)
	server.SetFaults(pop3test.Cut("QUIT", 0, 0))
	got := talk(t, dial(t, server), "USER alice", "PASS wonderland", "DELE 1", "QUIT")
	if !strings.HasSuffix(got, "marked\r\n") || len(drop.UIDs()) != 1 {
		t.Errorf("got %q, left %q", got, drop.UIDs())
	}
}

func TestMailboxChangesBetweenSessions(t *testing.T) {
	drop := newDrop()
	server := pop3test.NewServer(t, drop)
	conn := dial(t, server)
	r := bufio.NewReader(conn)
	io.WriteString(conn, "USER alice\r\nPASS wonderland\r\n")
	for range 3 {
		if _, err := r.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	drop.Add("c", nil)
	drop.Remove("a")
	drop.SetUID("b", "B")
	said := talk(t, conn, "UIDL 2", "DELE 1", "DELE 2", "QUIT")
	if !strings.HasPrefix(said, "+OK 2 b\r\n") {
		t.Errorf("the session sees %q", said)
	}
	if uids := drop.UIDs(); !slices.Equal(uids, []string{"B", "c"}) {
		t.Errorf("left: %q", uids)
	}
	drop.Renumber(func(i int, old string) string { return old + "x" })
	if uids := drop.UIDs(); !slices.Equal(uids, []string{"Bx", "cx"}) {
		t.Errorf("renumbered: %q", uids)
	}
}

func TestFaults(t *testing.T) {
	server := pop3test.NewServer(t, newDrop())
	server.SetFaults(
		pop3test.Fault{Command: "RETR", Arg: "1", Session: 2, Cut: true, After: 10},
		pop3test.Refuse("DELE", 2, "not this one"),
		pop3test.Fault{Command: "NOOP", Reply: "+OK\r\n", Repeat: 3, Delay: time.Millisecond, Chunk: 2, Pause: time.Millisecond},
	)
	login := []string{"USER alice", "PASS wonderland"}
	first := talk(t, dial(t, server), append(login, "RETR 1", "DELE 1", "DELE 2", "NOOP", "RSET", "QUIT")...)
	if !strings.HasSuffix(first, "message 1 marked\r\n-ERR not this one\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK bye\r\n") {
		t.Errorf("first session: %q", first)
	}
	second := talk(t, dial(t, server), append(login, "RETR 1", "STAT")...)
	if !strings.HasSuffix(second, "+OK 26 oct") {
		t.Errorf("second session: %q", second)
	}
	if server.Sessions() != 2 {
		t.Errorf("%d sessions", server.Sessions())
	}
}

func TestExclusive(t *testing.T) {
	server := pop3test.NewServer(t, newDrop())
	server.Configure(func(c *pop3test.Config) { c.Exclusive = true })
	conn := dial(t, server)
	r := bufio.NewReader(conn)
	io.WriteString(conn, "USER alice\r\nPASS wonderland\r\n")
	for range 3 {
		r.ReadString('\n')
	}
	if got := talk(t, dial(t, server), "USER alice", "PASS wonderland", "QUIT"); !strings.Contains(got, "-ERR [IN-USE]") {
		t.Errorf("second session: %q", got)
	}
	talk(t, conn, "QUIT")
	deadline := time.Now().Add(5 * time.Second)
	for !strings.Contains(talk(t, dial(t, server), "USER alice", "PASS wonderland", "QUIT"), "+OK 2 messages") {
		if time.Now().After(deadline) {
			t.Fatal("maildrop stays locked")
		}
	}
}

func TestTLSAndLog(t *testing.T) {
	server := pop3test.NewServer(t, newDrop())
	conn, err := tls.Dial("tcp", server.TLSAddr(), &tls.Config{RootCAs: server.CertPool()})
	if err != nil {
		t.Fatal(err)
	}
	talk(t, conn, "CAPA", "QUIT")
	want := []pop3test.Command{{Session: 1, TLS: true, Line: "CAPA"}, {Session: 1, TLS: true, Line: "QUIT"}}
	if got := server.Log(); !slices.Equal(got, want) {
		t.Errorf("log: %+v", got)
	}
	server.ResetLog()
	if len(server.Log()) != 0 || server.Sessions() != 0 {
		t.Error("log was not reset")
	}
}

func TestLatency(t *testing.T) {
	server := pop3test.NewServer(t, newDrop())
	server.Configure(func(c *pop3test.Config) { c.Latency = 50 * time.Millisecond })
	start := time.Now()
	got := talk(t, dial(t, server), "USER alice", "PASS wonderland", "STAT", "LIST", "UIDL", "QUIT")
	took := time.Since(start)
	if !strings.HasSuffix(got, "+OK bye\r\n") || took < 50*time.Millisecond || took > time.Second {
		t.Errorf("took %v: %q", took, got)
	}
}

func TestCloseEndsSessions(t *testing.T) {
	server, err := pop3test.Start(newDrop())
	if err != nil {
		t.Fatal(err)
	}
	server.SetFaults(pop3test.Stall("greeting", 0, 0))
	server.Configure(func(c *pop3test.Config) { c.Latency = time.Millisecond })
	conn := dial(t, server)
	defer conn.Close()
	time.Sleep(10 * time.Millisecond)
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
}
