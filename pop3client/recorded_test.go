package pop3client

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// recordings is a folder of replies of real servers, one to a file, with LF for
// line ends. It is not part of this module.
const recordings = "../../shared/pop3-transcripts"

// recorded reads a recording.
func recorded(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(recordings, name))
	if os.IsNotExist(err) {
		t.Skipf("no recordings here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// playback is a server that answers each command with the reply recorded for
// it; of several, with each in turn.
func playback(t *testing.T, greeting string, replies map[string][]string, lineEnd string) *Client {
	t.Helper()
	near, far := net.Pipe()
	wire := func(text string) string { return strings.ReplaceAll(text, "\n", lineEnd) }
	go func() {
		defer far.Close()
		io.WriteString(far, wire(greeting))
		commands := bufio.NewScanner(far)
		for commands.Scan() {
			verb, _, _ := strings.Cut(commands.Text(), " ")
			reply := "-ERR unknown command\n"
			if known := replies[verb]; len(known) > 0 {
				reply = known[0]
				replies[verb] = known[min(1, len(known)-1):]
			}
			if _, err := io.WriteString(far, wire(reply)); err != nil {
				return
			}
		}
	}()
	c := New(near, &Options{Security: None, Mechanisms: ClearTextMechanisms(), Timeouts: Timeouts{Greeting: 2 * time.Second, Reply: 2 * time.Second}})
	t.Cleanup(func() { c.Close() })
	return c
}

func TestRecordedSession(t *testing.T) {
	read := func(name string) string { return recorded(t, "mailkit-comcast/"+name+".txt") }
	text := strings.TrimSuffix(read("retr1"), ".\n")
	_, text, _ = strings.Cut(text, "\n")
	text = strings.TrimPrefix(strings.ReplaceAll("\n"+text, "\n..", "\n."), "\n")
	for _, lineEnd := range []string{"\r\n", "\n"} {
		ok := []string{read("ok")}
		c := playback(t, read("greeting"), map[string][]string{
			"CAPA": {read("capa1"), read("capa2")}, "USER": ok, "PASS": ok, "STAT": {read("stat")}, "LIST": {read("list")},
			"RETR": {read("retr1")}, "DELE": ok, "QUIT": {read("quit")},
		}, lineEnd)
		ctx := t.Context()
		if err := c.Handshake(ctx); err != nil {
			t.Fatal(err)
		}
		if err := c.UserPass(ctx, "alice", "wonderland"); err != nil {
			t.Fatal(err)
		}
		l, err := c.Listing(ctx)
		if err != nil || len(l.List) != 7 || l.NoUIDL == nil || l.Stat != (Stat{7, 1800662}) {
			t.Fatalf("Listing: %+v, %v", l, err)
		}
		var got bytes.Buffer
		if _, err := c.Retr(ctx, 1, &got); err != nil || got.String() != strings.ReplaceAll(text, "\n", lineEnd) {
			t.Errorf("%q: Retr: %d octets, %v", lineEnd, got.Len(), err)
		}
		if err := c.Dele(ctx, 1); err != nil {
			t.Error(err)
		}
		if err := c.Quit(ctx); err != nil {
			t.Error(err)
		}
	}
}

// Recorded replies that somebody has damaged: none of them ends the session.
func TestDamagedRecordings(t *testing.T) {
	read := func(name string) string { return recorded(t, "mailkit-comcast/"+name+".txt") }
	for _, n := range []string{"1", "2", "3"} {
		c := playback(t, read("greeting"), map[string][]string{"STAT": {read("stat-error" + n)}, "LIST": {read("list-error" + n)}}, "\r\n")
		ctx := t.Context()
		if err := c.Handshake(ctx); err != nil {
			t.Fatal(err)
		}
		stat, err := c.Stat(ctx)
		if n == "2" && !is[*ProtocolError](err) || n != "2" && (err != nil || stat.Count != 7) {
			t.Errorf("Stat %s: %+v, %v", n, stat, err)
		}
		list, err := c.List(ctx)
		if err != nil || len(list) != 7 {
			t.Errorf("List %s: %+v, %v", n, list, err)
		}
	}
}

func TestRecordedGreetings(t *testing.T) {
	recorded(t, "recog-greetings/not-ok.txt")
	files, err := filepath.Glob(filepath.Join(recordings, "recog-greetings/*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		welcome := filepath.Base(file) != "not-ok.txt"
		for line := range strings.Lines(recorded(t, "recog-greetings/"+filepath.Base(file))) {
			c := playback(t, line, nil, "\r\n")
			if err := c.Handshake(t.Context()); (err == nil) != welcome {
				t.Errorf("%q: %v", line, err)
			}
			c.Close()
		}
	}
}
