package pop3client

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/pop3client/pop3test"
)

// script is a session written down: what either side says in turn, what the
// messages are, and which command ends in an error, if any.
type script struct {
	lines      []string // "C: ..." and "S: ..."
	messages   string
	mechanisms []string
	failing    string
}

func readScript(t *testing.T, file string) script {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s script
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		kind, rest, _ := strings.Cut(line, " ")
		switch kind {
		case "C:", "S:":
			s.lines = append(s.lines, line)
		case "M:":
			s.messages += rest + "\r\n"
		case "mechanisms":
			s.mechanisms = strings.Fields(rest)
		case "error":
			s.failing = rest
		}
	}
	return s
}

// serve plays the server's part on conn and gives an error if the client does
// not play its own.
func (s *script) serve(conn net.Conn, lineEnd string) error {
	defer conn.Close()
	r := bufio.NewReader(conn)
	w := bufio.NewWriter(conn)
	for _, line := range s.lines {
		kind, text := line[:2], strings.TrimPrefix(line[2:], " ")
		if kind == "S:" {
			w.WriteString(strings.ReplaceAll(text, `\n`, "\n") + lineEnd)
			continue
		}
		w.Flush()
		got, err := r.ReadString('\n')
		if err != nil || got != text+"\r\n" {
			return fmt.Errorf("client sent %q (%v), want %q", got, err, text)
		}
	}
	w.Flush()
	rest, _ := io.ReadAll(r)
	if len(rest) > 0 {
		return fmt.Errorf("client went on with %q", rest)
	}
	return nil
}

// play plays the client's part: a session that retrieves everything.
func play(ctx context.Context, c *Client, messages io.Writer) error {
	if err := c.Handshake(ctx); err != nil {
		return err
	}
	if err := c.Login(ctx, "alice", "wonderland"); err != nil {
		return err
	}
	l, err := c.Listing(ctx)
	if err != nil {
		return err
	}
	var nums []int
	for _, m := range l.Messages() {
		nums = append(nums, m.Num)
	}
	open := func(int) (io.Writer, error) { return messages, nil }
	if err := c.RetrAll(ctx, nums, open, func(int, int64, error) error { return nil }); err != nil {
		return err
	}
	return c.Quit(ctx)
}

// Sessions of real servers, each with CRLF and as a server with LF would have it.
func TestWrittenSessions(t *testing.T) {
	files, err := filepath.Glob("testdata/sessions/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sessions: %v", err)
	}
	for _, file := range files {
		for _, lineEnd := range []string{"\r\n", "\n"} {
			t.Run(fmt.Sprintf("%s%s %q", map[string]string{"\n": "36 "}[lineEnd], filepath.Base(file), lineEnd), func(t *testing.T) {
				s := readScript(t, file)
				if lineEnd == "\n" && strings.Contains(s.messages, `\n`) {
					t.Skip("tells LF from CRLF")
				}
				near, far := net.Pipe()
				served := make(chan error, 1)
				go func() { served <- s.serve(far, lineEnd) }()
				c := New(near, &Options{Security: None, Mechanisms: s.mechanisms, Timeouts: Timeouts{Reply: time.Second}})
				var messages bytes.Buffer
				err := play(t.Context(), c, &messages)
				c.Close()
				if s.failing == "" && err != nil || s.failing != "" && (err == nil || !strings.Contains(err.Error(), s.failing)) {
					t.Errorf("error %v, want one of %q", err, s.failing)
				}
				if err := <-served; err != nil {
					t.Error(err)
				}
				want := strings.ReplaceAll(strings.ReplaceAll(s.messages, `\n`, "\n"), "\r\n", lineEnd)
				if strings.Contains(s.messages, `\n`) {
					want = strings.ReplaceAll(s.messages, `\n`, "\n")
				}
				if messages.String() != want {
					t.Errorf("messages %q, want %q", messages.String(), want)
				}
			})
		}
	}
}

// cutDialer makes connections that end after a number of octets received.
type cutDialer struct{ after int }

func (d *cutDialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	return &cutConn{Conn: conn, left: d.after}, err
}

type cutConn struct {
	net.Conn
	left int
}

func (c *cutConn) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// A session cut at every octet: what is said to be whole is whole, nothing that
// did not arrive is taken for deleted, and an error is told unless all of it
// was there.
func TestCutAtEveryOffset(t *testing.T) {
	t.Run("67 cut at every octet", func(t *testing.T) {
		for _, pipelining := range []Pipelining{PipelineAuto, PipelineOff} {
			server := pop3test.NewServer(t)
			for after := 0; ; after++ {
				if after > 5_000 {
					t.Fatal("the session does not end")
				}
				drop, texts := alice()
				server.AddMaildrop(drop)
				err := cutSession(t, server, after, pipelining, texts)
				var refused *Error
				if errors.As(err, &refused) {
					t.Fatalf("cut after %d: %v", after, err)
				}
				// Once QUIT is on its way the server may delete, whether or not
				// its reply arrives.
				if left := drop.UIDs(); len(left) < 2 || left[1] == "uid-1" {
					t.Fatalf("cut after %d: left %q", after, left)
				}
				if err == nil {
					if left := drop.UIDs(); !slices.Equal(left, []string{"uid-2", "uid-3"}) {
						t.Errorf("left %q", left)
					}
					break
				}
			}
		}
	})
}

// cutSession retrieves everything and deletes the first message.
func cutSession(t *testing.T, server *pop3test.Server, after int, pipelining Pipelining, texts []string) error {
	ctx := t.Context()
	c, err := Dial(ctx, server.Addr(), &Options{Security: None, Dialer: &cutDialer{after}, Mechanisms: []string{"USER"}, Pipelining: pipelining})
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Login(ctx, "alice", "wonderland"); err != nil {
		return err
	}
	l, err := c.Listing(ctx)
	if err != nil {
		return err
	}
	if len(l.Messages()) != len(texts) || l.Stat.Count != len(texts) {
		t.Errorf("cut after %d: listing %+v", after, l)
	}
	var text bytes.Buffer
	open := func(int) (io.Writer, error) { text.Reset(); return &text, nil }
	err = c.RetrAll(ctx, []int{1, 2, 3}, open, func(num int, n int64, err error) error {
		if err == nil && (text.String() != texts[num-1] || n != int64(text.Len())) {
			t.Errorf("cut after %d: message %d is %q", after, num, text.String())
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := c.Dele(ctx, 1); err != nil {
		return err
	}
	return c.Quit(ctx)
}

func TestPipelineError(t *testing.T) {
	for _, fault := range []pop3test.Fault{
		pop3test.Cut("RETR", 2, 0),
		pop3test.Stall("RETR", 2, 0),
		{Command: "RETR", Nth: 2, Reply: "what?\r\n"},
	} {
		drop, _ := alice()
		server := pop3test.NewServer(t, drop)
		server.SetFaults(fault)
		retrieve := func(pipelining Pipelining) error {
			c := signIn(t, server, func(o *Options) {
				o.Pipelining = pipelining
				o.Timeouts.Reply = 200 * time.Millisecond
			})
			return c.RetrAll(t.Context(), []int{1, 2, 3}, func(int) (io.Writer, error) { return io.Discard, nil }, func(int, int64, error) error { return nil })
		}
		var broken *PipelineError
		if err := retrieve(PipelineAuto); !errors.As(err, &broken) || broken.Answered != 1 || broken.InFlight != 2 {
			t.Errorf("%+v: %v", fault, err)
		}
		if err := retrieve(PipelineOff); err == nil || errors.As(err, &broken) {
			t.Errorf("%+v, one by one: %v", fault, err)
		}
	}
}

// However small the buffers between, neither side waits for the other: here
// there are none at all, and the server writes a reply before it reads on.
func TestPipelineWithoutBuffers(t *testing.T) {
	near, far := net.Pipe()
	go func() {
		defer far.Close()
		fmt.Fprint(far, "+OK\r\n")
		var line []byte
		for b := make([]byte, 1); ; {
			if _, err := far.Read(b); err != nil {
				return
			}
			if line = append(line, b[0]); b[0] != '\n' {
				continue
			}
			switch verb, _, _ := strings.Cut(strings.TrimSpace(string(line)), " "); verb {
			case "CAPA":
				fmt.Fprint(far, "+OK\r\nPIPELINING\r\n.\r\n")
			case "RETR":
				fmt.Fprint(far, "+OK\r\n"+strings.Repeat("text\r\n", 100)+".\r\n")
			default:
				fmt.Fprint(far, "+OK\r\n")
			}
			line = line[:0]
		}
	}()
	c := New(near, &Options{Security: None, Mechanisms: []string{"USER"}, Timeouts: Timeouts{Reply: 5 * time.Second}})
	defer c.Close()
	ctx := t.Context()
	if err := c.Handshake(ctx); err != nil {
		t.Fatal(err)
	}
	if err := c.Login(ctx, "alice", "wonderland"); err != nil {
		t.Fatal(err)
	}
	var nums []int
	for i := range 2_000 {
		nums = append(nums, i+1)
	}
	var octets int64
	err := c.RetrAll(ctx, nums, func(int) (io.Writer, error) { return io.Discard, nil }, func(_ int, n int64, err error) error {
		octets += n
		return err
	})
	if err != nil || octets != 2_000*600 {
		t.Errorf("RetrAll: %d octets, %v", octets, err)
	}
}

func TestOneCommandAtATime(t *testing.T) {
	drop, _ := alice()
	c := signIn(t, pop3test.NewServer(t, drop))
	err := c.RetrAll(t.Context(), []int{1}, func(int) (io.Writer, error) { return io.Discard, nil }, func(int, int64, error) error {
		return c.Noop(t.Context())
	})
	if err != ErrInUse {
		t.Errorf("got %v", err)
	}
}

func TestCloseEndsCommand(t *testing.T) {
	drop, _ := alice()
	server := pop3test.NewServer(t, drop)
	server.SetFaults(pop3test.Stall("NOOP", 0, 0))
	c := signIn(t, server)
	time.AfterFunc(20*time.Millisecond, func() { c.Close() })
	if err := c.Noop(t.Context()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Noop: %v", err)
	}
}

// FuzzSession is a server that says anything at all.
func FuzzSession(f *testing.F) {
	files, _ := filepath.Glob("testdata/sessions/*.txt")
	for _, file := range files {
		data, _ := os.ReadFile(file)
		var server []byte
		for line := range bytes.Lines(data) {
			if text, ok := bytes.CutPrefix(line, []byte("S: ")); ok {
				server = append(append(server, bytes.TrimSuffix(text, []byte("\n"))...), "\r\n"...)
			}
		}
		f.Add(server, true)
	}
	f.Fuzz(func(t *testing.T, server []byte, pipelining bool) {
		near, far := net.Pipe()
		go io.Copy(io.Discard, far)
		go func() {
			far.Write(server)
			far.Close()
		}()
		opt := &Options{Security: None, Mechanisms: ClearTextMechanisms(), Timeouts: Timeouts{Reply: 5 * time.Second}}
		if pipelining {
			opt.Pipelining = PipelineOn
		}
		c := New(near, opt)
		defer c.Close()
		var timeout *TimeoutError
		if err := play(t.Context(), c, io.Discard); errors.As(err, &timeout) {
			t.Errorf("hangs: %v", err)
		}
	})
}
