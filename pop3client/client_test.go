package pop3client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/pop3client/pop3test"
)

// alice makes a maildrop with three messages, and their texts.
func alice() (*pop3test.Maildrop, []string) {
	texts := []string{
		"Subject: one\r\n\r\nfirst\r\n",
		"Subject: two\r\n\r\n.leading dot\r\n..two dots\r\n.\r\nend\r\n",
		"Subject: three\r\n\r\n例子 \xff\x00 lone\rCR and lone\nLF\n.\nend\r\n",
	}
	drop := pop3test.NewMaildrop("alice", "wonderland")
	for i, text := range texts {
		drop.Add(fmt.Sprintf("uid-%d", i+1), []byte(text))
	}
	return drop, texts
}

// dial connects to the server's TLS port.
func dial(t *testing.T, server *pop3test.Server, change ...func(*Options)) *Client {
	t.Helper()
	opt := &Options{RootCAs: server.CertPool()}
	for _, f := range change {
		f(opt)
	}
	addr := server.TLSAddr()
	if opt.Security != TLS {
		addr = server.Addr()
	}
	c, err := Dial(t.Context(), addr, opt)
	if err != nil {
		t.Fatalf("Dial: %v", err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// signIn connects and logs alice in.
func signIn(t *testing.T, server *pop3test.Server, change ...func(*Options)) *Client {
	t.Helper()
	c := dial(t, server, change...)
	if err := c.Login(t.Context(), "alice", "wonderland"); err != nil {
		t.Fatalf("Login: %v", err)
	}
	return c
}

func TestSession(t *testing.T) {
	ctx := t.Context()
	for _, security := range []Security{TLS, STARTTLS, None} {
		t.Run(security.String(), func(t *testing.T) {
			drop, texts := alice()
			server := pop3test.NewServer(t, drop)
			c := signIn(t, server, func(o *Options) {
				o.Security = security
				o.Mechanisms = []string{"PLAIN"}
			})
			if _, ok := c.TLSState(); ok != (security != None) {
				t.Errorf("TLS state present: %v", ok)
			}
			stat, err := c.Stat(ctx)
			if err != nil || stat.Count != 3 {
				t.Fatalf("Stat: %+v, %v", stat, err)
			}
			list, err := c.List(ctx)
			if err != nil || len(list) != 3 || list[1] != (ScanListing{2, int64(len(texts[1]))}) {
				t.Fatalf("List: %+v, %v", list, err)
			}
			uids, err := c.UIDL(ctx)
			if err != nil || len(uids) != 3 || uids[2] != (UniqueID{3, "uid-3"}) {
				t.Fatalf("UIDL: %+v, %v", uids, err)
			}
			for i, want := range texts {
				var got strings.Builder
				n, err := c.Retr(ctx, i+1, &got)
				if err != nil || got.String() != want || n != int64(len(want)) {
					t.Errorf("Retr %d: %q, %d, %v; want %q", i+1, got.String(), n, err, want)
				}
			}
			var top bytes.Buffer
			if _, err := c.Top(ctx, 1, 0, &top); err != nil || top.String() != "Subject: one\r\n\r\n" {
				t.Errorf("Top: %q, %v", top.String(), err)
			}
			row, err := c.UIDLOne(ctx, 2)
			if err != nil || row.UID != "uid-2" {
				t.Errorf("UIDLOne: %+v, %v", row, err)
			}
			if err := c.Dele(ctx, 1); err != nil {
				t.Error(err)
			}
			if err := c.Rset(ctx); err != nil {
				t.Error(err)
			}
			if err := c.Dele(ctx, 2); err != nil {
				t.Error(err)
			}
			if err := c.Noop(ctx); err != nil {
				t.Error(err)
			}
			if got := drop.UIDs(); len(got) != 3 {
				t.Errorf("deleted before QUIT: %q", got)
			}
			if err := c.Quit(ctx); err != nil {
				t.Error(err)
			}
			if got := drop.UIDs(); !slices.Equal(got, []string{"uid-1", "uid-3"}) {
				t.Errorf("after QUIT: %q", got)
			}
			if _, err := c.Stat(ctx); !errors.Is(err, ErrBroken) {
				t.Errorf("Stat after QUIT: %v", err)
			}
		})
	}
}

func TestListing(t *testing.T) {
	for _, pipelining := range []Pipelining{PipelineAuto, PipelineOn, PipelineOff} {
		drop, _ := alice()
		server := pop3test.NewServer(t, drop)
		c := signIn(t, server, func(o *Options) { o.Pipelining = pipelining })
		l, err := c.Listing(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		messages := l.Messages()
		if l.Stat.Count != 3 || len(messages) != 3 || messages[2].UID != "uid-3" || messages[0].Octets == 0 {
			t.Errorf("Listing: %+v", l)
		}
	}
}

func TestListingWithoutUIDL(t *testing.T) {
	drop, _ := alice()
	server := pop3test.NewServer(t, drop)
	server.Configure(func(c *pop3test.Config) { c.NoUIDL = true })
	c := signIn(t, server)
	l, err := c.Listing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if l.NoUIDL == nil || len(l.Messages()) != 3 {
		t.Errorf("Listing: %+v", l)
	}
	if err := c.Noop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestRetrAll(t *testing.T) {
	for _, pipelining := range []Pipelining{PipelineAuto, PipelineOff} {
		drop := pop3test.NewMaildrop("alice", "wonderland")
		var nums []int
		for i := range 500 {
			drop.Add(fmt.Sprint(i), pop3test.CRLF(fmt.Sprintf("Subject: %d\n\n%s", i, strings.Repeat("text\n", i))))
			nums = append(nums, i+1)
		}
		server := pop3test.NewServer(t, drop)
		server.SetFaults(
			pop3test.Fault{Command: "RETR", Arg: "7", Reply: "-ERR gone\r\n", Skip: true},
			pop3test.Fault{Command: "RETR", Arg: "490", Reply: "-ERR gone\r\n", Skip: true},
		)
		c := signIn(t, server, func(o *Options) { o.Pipelining = pipelining })
		if _, err := c.Listing(t.Context()); err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		errNoRoom := errors.New("no room")
		next := 0
		err := c.RetrAll(t.Context(), nums, func(num int) (io.Writer, error) {
			text.Reset()
			if num == 3 {
				return nil, errNoRoom
			}
			return &text, nil
		}, func(num int, n int64, err error) error {
			if num != nums[next] {
				t.Fatalf("result of %d, want %d", num, nums[next])
			}
			next++
			var refused *Error
			switch {
			case num == 7 || num == 490:
				if !errors.As(err, &refused) || refused.Command != "RETR" {
					t.Errorf("message %d: %v", num, err)
				}
			case num == 3:
				if err != errNoRoom {
					t.Errorf("message %d: %v", num, err)
				}
			case err != nil || text.String() != string(drop.Messages()[num-1].Raw) || int64(text.Len()) != n:
				t.Errorf("message %d: %d octets, %v", num, n, err)
			}
			return nil
		})
		if err != nil || next != len(nums) {
			t.Fatalf("RetrAll: %d results, %v", next, err)
		}
		if err := c.Noop(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestTopAll(t *testing.T) {
	drop, _ := alice()
	server := pop3test.NewServer(t, drop)
	server.SetFaults(pop3test.Refuse("TOP", 2, "not this one"))
	c := signIn(t, server)
	var got strings.Builder
	results := map[int]error{}
	err := c.TopAll(t.Context(), []int{3, 2, 1}, 0, func(int) (io.Writer, error) { return &got, nil }, func(num int, _ int64, err error) error {
		results[num] = err
		return nil
	})
	if err != nil || results[3] != nil || results[2] == nil || results[1] != nil {
		t.Errorf("TopAll: %v, results %v", err, results)
	}
	if got.String() != "Subject: three\r\n\r\nSubject: one\r\n\r\n" {
		t.Errorf("got %q", got.String())
	}
	if err := c.TopAll(t.Context(), []int{1}, -1, nil, nil); !is[*ArgumentError](err) {
		t.Errorf("TopAll: %v", err)
	}
}

func TestSingleRows(t *testing.T) {
	drop, texts := alice()
	server := pop3test.NewServer(t, drop)
	server.SetFaults(
		pop3test.Fault{Command: "UIDL", Arg: "1", Reply: "+OK uid-1\r\n"}, // the number left out
		pop3test.Fault{Command: "LIST", Arg: "1", Reply: "+OK 2 20\r\n"},  // another message
	)
	c := signIn(t, server)
	if row, err := c.ListOne(t.Context(), 3); err != nil || row != (ScanListing{3, int64(len(texts[2]))}) {
		t.Errorf("ListOne: %v, %v", row, err)
	}
	if row, err := c.UIDLOne(t.Context(), 3); err != nil || row != (UniqueID{3, "uid-3"}) {
		t.Errorf("UIDLOne: %v, %v", row, err)
	}
	if _, err := c.UIDLOne(t.Context(), 1); !is[*ProtocolError](err) {
		t.Errorf("UIDLOne: %v", err)
	}
	if _, err := c.ListOne(t.Context(), 1); !is[*ProtocolError](err) {
		t.Errorf("ListOne: %v", err)
	}
	if _, err := c.ListOne(t.Context(), 4); !is[*Error](err) || c.Broken() != nil {
		t.Errorf("ListOne: %v, broken %v", err, c.Broken())
	}
}

// A writer that takes its time is not the server's fault.
func TestSlowWriter(t *testing.T) {
	drop, texts := alice()
	c := signIn(t, pop3test.NewServer(t, drop), func(o *Options) { o.Timeouts.Reply = 100 * time.Millisecond })
	var got strings.Builder
	n, err := c.Retr(t.Context(), 2, writerFunc(func(p []byte) (int, error) {
		time.Sleep(60 * time.Millisecond)
		return got.Write(p)
	}))
	if err != nil || got.String() != texts[1] || n != int64(len(texts[1])) {
		t.Errorf("Retr: %d, %v", n, err)
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestRetrAllStops(t *testing.T) {
	drop := pop3test.NewMaildrop("alice", "wonderland")
	var nums []int
	for i := range 200 {
		drop.Add(fmt.Sprint(i), []byte("Subject: x\r\n\r\n"))
		nums = append(nums, i+1)
	}
	c := signIn(t, pop3test.NewServer(t, drop))
	enough := errors.New("enough")
	results := 0
	err := c.RetrAll(t.Context(), nums, func(int) (io.Writer, error) { return io.Discard, nil }, func(num int, _ int64, _ error) error {
		results++
		if num == 50 {
			return enough
		}
		return nil
	})
	if err != enough || results != 50 {
		t.Errorf("RetrAll: %d results, %v", results, err)
	}
	if err := c.Noop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestDeleAll(t *testing.T) {
	drop, _ := alice()
	server := pop3test.NewServer(t, drop)
	server.SetFaults(pop3test.Fault{Command: "DELE", Arg: "2", Reply: "-ERR no\r\n", Skip: true})
	c := signIn(t, server)
	var failed []int
	err := c.DeleAll(t.Context(), []int{1, 2, 3}, func(num int, err error) error {
		if err != nil {
			failed = append(failed, num)
		}
		return nil
	})
	if err != nil || !slices.Equal(failed, []int{2}) {
		t.Errorf("DeleAll: %v, failed %v", err, failed)
	}
	if err := c.Quit(t.Context()); err != nil {
		t.Error(err)
	}
	if got := drop.UIDs(); !slices.Equal(got, []string{"uid-2"}) {
		t.Errorf("left: %q", got)
	}
}

func TestPipelineCoversLatency(t *testing.T) {
	drop := pop3test.NewMaildrop("alice", "wonderland")
	var nums []int
	for i := range 300 {
		drop.Add(fmt.Sprint(i), []byte("Subject: x\r\n\r\n"))
		nums = append(nums, i+1)
	}
	server := pop3test.NewServer(t, drop)
	server.Configure(func(c *pop3test.Config) { c.Latency = 20 * time.Millisecond })
	c := signIn(t, server)
	start := time.Now()
	err := c.RetrAll(t.Context(), nums, func(int) (io.Writer, error) { return io.Discard, nil }, func(_ int, _ int64, err error) error { return err })
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 3*time.Second { // one by one: 6 s
		t.Errorf("300 messages at 20 ms took %v", took)
	}
}

func TestContextEndsCommand(t *testing.T) {
	drop, _ := alice()
	server := pop3test.NewServer(t, drop)
	server.SetFaults(pop3test.Stall("STAT", 0, 0))
	c := signIn(t, server)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := c.Stat(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Stat: %v", err)
	}
	if _, err := c.Stat(t.Context()); !errors.Is(err, ErrBroken) {
		t.Errorf("second Stat: %v", err)
	}

	c = signIn(t, server)
	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := c.Stat(ctx)
	var timeout *TimeoutError
	if !errors.As(err, &timeout) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Stat: %v", err)
	}
}

func TestTimeout(t *testing.T) {
	t.Run("50 an octet now and then", func(t *testing.T) {
		drop, _ := alice()
		server := pop3test.NewServer(t, drop)
		server.SetFaults(pop3test.Fault{Command: "RETR", Chunk: 1, Pause: 30 * time.Millisecond})
		c := signIn(t, server, func(o *Options) {
			o.Timeouts = Timeouts{Reply: 100 * time.Millisecond, Idle: time.Minute, MinRate: 1000}
		})
		start := time.Now()
		_, err := c.Retr(t.Context(), 1, io.Discard)
		var timeout *TimeoutError
		if !errors.As(err, &timeout) || timeout.Command != "RETR" || time.Since(start) > time.Second {
			t.Errorf("Retr: %v after %v", err, time.Since(start))
		}
	})
}

func TestArguments(t *testing.T) {
	t.Run("30 line ends in what is sent", func(t *testing.T) {
		drop, _ := alice()
		server := pop3test.NewServer(t, drop)
		c := dial(t, server)
		before := len(server.Log())
		ctx := t.Context()
		for _, err := range []error{
			c.Login(ctx, "alice\r\nDELE 1", "wonderland"),
			c.Login(ctx, "alice", "wonder\nland"),
			c.Login(ctx, "alice", "wonder\x00land"),
			c.UserPass(ctx, "", "wonderland"),
			c.APOP(ctx, "al\rice", "wonderland"),
			c.Dele(ctx, 0),
			c.Dele(ctx, -1),
			func() error { _, err := c.Retr(ctx, 1<<31, io.Discard); return err }(),
			func() error { _, err := c.Top(ctx, 1, -1, io.Discard); return err }(),
			c.DeleAll(ctx, []int{1, 0}, nil),
		} {
			var argument *ArgumentError
			if !errors.As(err, &argument) || strings.Contains(err.Error(), "wonder") {
				t.Errorf("got %v", err)
			}
		}
		if got := server.Log()[before:]; len(got) != 0 {
			t.Errorf("sent: %v", got)
		}
	})
}

func TestTraceAndErrorsHoldNoSecret(t *testing.T) {
	t.Run("29 the password echoed", func(t *testing.T) {
		drop, _ := alice()
		for _, mechanism := range []string{"USER", "PLAIN", "LOGIN", "SCRAM-SHA-256", "CRAM-MD5", "APOP"} {
			server := pop3test.NewServer(t, drop)
			server.Configure(func(c *pop3test.Config) {
				c.APOP = true
				c.Mechanisms = []string{"PLAIN", "LOGIN", "SCRAM-SHA-256", "CRAM-MD5"}
				c.Faults = []pop3test.Fault{
					{Command: "PASS", Reply: "-ERR unknown command PASS S3cret-word\r\n", Skip: true},
					{Command: "AUTH", Arg: "PLAIN AGFsaWNlAHMzY3JldC13b3Jk", Reply: "-ERR [AUTH] AGFsaWNlAHMzY3JldC13b3Jk s3cret-word\r\n", Skip: true},
					{Command: "AUTH", Arg: "LOGIN", Reply: "-ERR [AUTH] s3cret-word\r\n", Skip: true},
				}
			})
			var trace strings.Builder
			c := dial(t, server, func(o *Options) {
				o.Mechanisms = []string{mechanism}
				o.Trace = func(dir Direction, line string) { fmt.Fprintf(&trace, "%c %s\n", dir, line) }
			})
			err := c.Login(t.Context(), "alice", "s3cret-word")
			var auth *AuthError
			if !errors.As(err, &auth) {
				t.Fatalf("%s: %v", mechanism, err)
			}
			for _, secret := range []string{"s3cret", "S3cret", "AGFsaWNlAHM", "czNjcmV0"} {
				if strings.Contains(trace.String()+err.Error(), secret) {
					t.Errorf("%s: %q in\n%s%v", mechanism, secret, &trace, err)
				}
			}
		}
	})
}
