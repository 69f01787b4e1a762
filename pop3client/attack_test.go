package pop3client

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/pop3client/pop3test"
)

// attack is a way for a server to be hostile or broken, and what has to come of
// it. Timeouts are short in all of them.
type attack struct {
	name     string
	security Security
	config   pop3test.Config
	options  func(o *Options)

	want   func(error) bool     // the error of the poll; nil: there is none
	noCred bool                 // no credential may have been sent
	stored int                  // messages that arrived whole
	check  func([]string) error // looks at the lines that the client sent
}

// is tells whether an error is, or wraps, one of type E.
func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

func tlsReason(reason TLSReason) func(error) bool {
	return func(err error) bool {
		var e *TLSError
		return errors.As(err, &e) && e.Reason == reason
	}
}

func refused(command string) func(error) bool {
	return func(err error) bool {
		var e *Error
		return errors.As(err, &e) && e.Command == command
	}
}

func atLimit(limit string) func(error) bool {
	return func(err error) bool {
		var e *LimitError
		return errors.As(err, &e) && e.Limit == limit
	}
}

func anyError(err error) bool { return err != nil }

func noMechanism(err error) bool { return errors.Is(err, ErrNoMechanism) }

func one(fault pop3test.Fault) pop3test.Config {
	return pop3test.Config{Faults: []pop3test.Fault{fault}}
}

// reply is a fault that replaces a reply, the command not being carried out.
func reply(command, text string) pop3test.Fault {
	return pop3test.Fault{Command: command, Reply: text, Skip: true}
}

// thenStall lets the server fall silent behind the fault's own reply.
func thenStall(f pop3test.Fault) pop3test.Fault {
	f.Stall, f.After = true, int64(len(f.Reply))
	return f
}

func thenCut(f pop3test.Fault) pop3test.Fault {
	f.Cut, f.After = true, int64(len(f.Reply))
	return f
}

func caps(lines func(s pop3test.State) []string) pop3test.Config {
	return pop3test.Config{Capabilities: func(s pop3test.State, _ []string) []string { return lines(s) }}
}

func sent(line string) func([]string) error {
	return func(lines []string) error {
		if !slices.Contains(lines, line) {
			return fmt.Errorf("client did not send %q", line)
		}
		return nil
	}
}

func notSent(prefix string) func([]string) error {
	return func(lines []string) error {
		for _, line := range lines {
			if strings.HasPrefix(line, prefix) {
				return fmt.Errorf("client sent %q", line)
			}
		}
		return nil
	}
}

func fewLines(most int) func([]string) error {
	return func(lines []string) error {
		if len(lines) > most {
			return fmt.Errorf("client sent %d lines", len(lines))
		}
		return nil
	}
}

var attacks = []attack{
	// TLS
	{name: "STLS stripped", security: STARTTLS, config: pop3test.Config{NoSTLS: true}, want: refused("STLS"), noCred: true},
	{name: "STLS refused", security: STARTTLS, config: one(reply("STLS", "-ERR not supported\r\n")), want: refused("STLS"), noCred: true},
	{name: "STLS and CAPA unknown", security: STARTTLS, config: pop3test.Config{NoSTLS: true, NoCAPA: true}, want: refused("STLS"), noCred: true},
	{name: "CAPA unknown, STLS known", security: STARTTLS, config: pop3test.Config{NoCAPA: true}, stored: 3},
	{name: "tempted by APOP", security: STARTTLS, config: pop3test.Config{APOP: true}, stored: 3, check: notSent("APOP")},
	{name: "replies injected before TLS", security: STARTTLS, noCred: true, want: is[*ProtocolError],
		config: one(pop3test.Fault{Command: "STLS", Reply: "+OK begin\r\n+OK\r\nPLAIN\r\nLOGIN\r\n.\r\n"})},
	{name: "empty maildrop injected before TLS", security: STARTTLS, noCred: true, want: is[*ProtocolError],
		config: one(thenStall(reply("STLS", "+OK\r\n+OK logged in\r\n+OK 0 0\r\n")))},
	{name: "half a line before TLS", security: STARTTLS, noCred: true, want: is[*ProtocolError],
		config: one(pop3test.Fault{Command: "STLS", Reply: "+OK begin\r\n\xb9\xb3\xb2 no line end"})},
	{name: "late clear text", security: STARTTLS, noCred: true, want: tlsReason(TLSNotTLS),
		config: one(pop3test.Fault{Command: "STLS", Reply: "+OK\r\n+OK hello\r\n", Chunk: 5, Pause: 30 * time.Millisecond, Skip: true})},
	{name: "capabilities of before TLS", security: STARTTLS, stored: 3, check: notSent("AUTH LOGIN"),
		config: caps(func(s pop3test.State) []string {
			if !s.TLS {
				return []string{"STLS", "SASL LOGIN NTLM"}
			}
			return []string{"UIDL", "SASL PLAIN"}
		})},
	{name: "already authenticated", security: STARTTLS, stored: 3, config: pop3test.Config{Greeting: "[AUTH] session resumed for alice"}},
	{name: "already authenticated, no STLS", security: STARTTLS, noCred: true, want: refused("STLS"),
		config: pop3test.Config{Greeting: "[AUTH] session resumed for alice", NoSTLS: true}},
	{name: "silence after STLS", security: STARTTLS, noCred: true, want: is[*TimeoutError], config: one(thenStall(reply("STLS", "+OK\r\n")))},
	{name: "end after STLS", security: STARTTLS, noCred: true, want: is[*TLSError], config: one(thenCut(reply("STLS", "+OK\r\n")))},
	{name: "TLS truncated in a message", config: one(pop3test.Fault{Command: "RETR", Cut: true, Reset: true, After: 40}), want: is[*ConnError]},
	{name: "words before TLS", security: STARTTLS, noCred: true, config: one(reply("STLS", "-ERR call +1 555 visit evil.example\r\n")),
		want: func(err error) bool { return is[*Error](err) && !strings.Contains(err.Error(), "evil") }},
	{name: "code before TLS", security: STARTTLS, noCred: true, config: one(reply("greeting", "-ERR [AUTH] evil\r\n")),
		want: func(err error) bool { return is[*Error](err) && !strings.ContainsAny(err.Error(), "[\"") }},

	// Login
	{name: "only weak mechanisms, no TLS", security: None, noCred: true, want: noMechanism,
		config: caps(func(pop3test.State) []string { return []string{"SASL CRAM-MD5"} })},
	{name: "no TLS, nothing allowed", security: None, noCred: true, want: noMechanism},
	{name: "only unknown mechanisms", noCred: true, want: noMechanism,
		config: caps(func(pop3test.State) []string { return []string{"SASL NTLM GSSAPI"} })},
	{name: "challenge that is not base64", config: one(reply("AUTH", "+ !!!!notbase64\r\n")), want: is[*AuthError], check: sent("*")},
	{name: "challenges without end", config: one(pop3test.Fault{Command: "AUTH", Reply: "+ \r\n", Repeat: 100_000, Skip: true}),
		want: is[*AuthError], check: fewLines(20)},
	{name: "USER refused", config: pop3test.Config{Mechanisms: []string{}, Faults: []pop3test.Fault{reply("USER", "-ERR no\r\n"), reply("PASS", "+OK\r\n")}},
		want: refused("USER"), check: notSent("PASS")},
	{name: "PASS answered by +ERR", config: pop3test.Config{Mechanisms: []string{}, Faults: []pop3test.Fault{reply("PASS", "+ERR no\r\n")}},
		want: is[*ProtocolError]},
	{name: "hanging up instead of an answer", config: pop3test.Config{Mechanisms: []string{}, Faults: []pop3test.Fault{pop3test.Cut("PASS", 0, 0)}},
		want: func(err error) bool { return is[*AuthError](err) && errors.Is(err, io.ErrUnexpectedEOF) }},
	{name: "SCRAM without the server's proof", want: is[*AuthError],
		config: pop3test.Config{Mechanisms: []string{"SCRAM-SHA-256"}, Faults: []pop3test.Fault{reply("AUTH", "+OK welcome\r\n")}}},
	{name: "SCRAM with endless work", want: is[*AuthError], check: sent("*"),
		config: pop3test.Config{Mechanisms: []string{"SCRAM-SHA-256"}, Faults: []pop3test.Fault{
			reply("AUTH", "+ "+base64.StdEncoding.EncodeToString([]byte("r=x,s=QQ==,i=2000000000"))+"\r\n")}}},
	{name: "referral", config: one(reply("AUTH", "-ERR [REFERRAL/evil.example] go there\r\n")), want: refused("AUTH")},

	// Framing
	{name: "endless greeting", noCred: true, want: atLimit("Line"),
		config: one(pop3test.Fault{Command: "greeting", Reply: strings.Repeat("A", 1<<16), Repeat: 1 << 14})},
	{name: "slow greeting", noCred: true, want: is[*TimeoutError], config: one(pop3test.Fault{Command: "greeting", Chunk: 1, Pause: 50 * time.Millisecond})},
	{name: "octet by octet", stored: 3, config: one(pop3test.Fault{Chunk: 1})},
	{name: "CR only", noCred: true, want: is[*TimeoutError], config: one(thenStall(reply("greeting", "+OK ready\r")))},
	{name: "blank lines", noCred: true, want: is[*ProtocolError], config: one(pop3test.Fault{Command: "greeting", Reply: "\r\n", Repeat: 1 << 20, Skip: true})},
	{name: "SMTP", noCred: true, want: is[*ProtocolError], config: one(reply("greeting", "220 mail.example ESMTP\r\n"))},
	{name: "busy", noCred: true, want: refused("greeting"), config: one(reply("greeting", "-ERR busy\r\n"))},
	{name: "greeting of many lines", noCred: true, want: is[*ProtocolError],
		config: one(reply("greeting", "+OK 2 messages\r\n1 120\r\n2 200\r\n.\r\n"))},
	{name: "two replies to RETR", stored: 1, want: is[*ProtocolError],
		options: func(o *Options) { o.Pipelining = PipelineOff },
		config:  one(pop3test.Fault{Command: "RETR", Nth: 1, Reply: "+OK\r\nSubject: one\r\n\r\nfirst\r\n.\r\n+OK\r\nmore\r\n.\r\n"})},
	{name: "two replies to the last RETR", stored: 3, want: is[*ProtocolError],
		config: one(pop3test.Fault{Command: "RETR", Nth: 3, Reply: "+OK\r\nSubject: one\r\n\r\nfirst\r\n.\r\n+OK\r\nmore\r\n.\r\n"})},
	{name: "UIDL cut short", want: is[*ConnError], config: one(thenCut(reply("UIDL", "+OK\r\n1 uid-1\r\n")))},
	{name: "endless UIDL", want: atLimit("ListingOctets"), options: func(o *Options) { o.Limits.ListingOctets = 8 << 20 },
		config: one(pop3test.Fault{Command: "UIDL", Reply: rows(10_000), Repeat: 1 << 20})},
	{name: "endless LIST", want: atLimit("ListingLines"), options: func(o *Options) { o.Limits.ListingLines = 1000 },
		config: one(pop3test.Fault{Command: "LIST", Reply: "+OK\r\n" + strings.Repeat("1 1\r\n", 1000), Repeat: 1 << 10})},
	{name: "endless CAPA", noCred: true, want: atLimit("CapabilityLines"),
		config: one(pop3test.Fault{Command: "CAPA", Reply: "+OK\r\n" + strings.Repeat("X\r\n", 1000), Repeat: 1 << 10})},
	{name: "numbers of nonsense", stored: 1, config: pop3test.Config{Faults: []pop3test.Fault{
		reply("STAT", "+OK 2147483648 -1\r\n"),
		reply("LIST", "+OK\r\n0 1\r\n-1 5\r\n3 -1\r\n99999999999999999999 1\r\nx y\r\n\r\n3 10\r\n"+"1 10\r\n.\r\n"),
		reply("UIDL", "+OK\r\n1 a\r\n1 b\r\n2 c\r\n.\r\n"),
	}}},

	// Volume and time
	{name: "size lie", stored: 1, want: atLimit("MessageOctets"),
		options: func(o *Options) { o.Limits.MessageOctets = 1 << 20 },
		config:  one(pop3test.Fault{Command: "RETR", Arg: "2", Reply: strings.Repeat("+OK\r\nendless\r\n", 1<<10), Repeat: 1 << 20})},
	{name: "reset in the greeting", noCred: true, want: anyError, config: one(pop3test.Fault{Command: "greeting", Cut: true, Reset: true, After: 3})},
	{name: "reset after USER", want: anyError, config: pop3test.Config{Mechanisms: []string{}, Faults: []pop3test.Fault{{Command: "USER", Cut: true, Reset: true}}}},
	{name: "reset in a UIDL row", want: anyError, config: one(pop3test.Fault{Command: "UIDL", Cut: true, Reset: true, After: 22})},
	{name: "silence in a message", want: is[*TimeoutError], config: one(pop3test.Stall("RETR", 1, 20))},
	{name: "silence at once", noCred: true, want: is[*TimeoutError], config: one(pop3test.Stall("greeting", 0, 0))},
}

// rows are n rows of a listing, ascending from nothing in particular.
func rows(n int) string {
	var b strings.Builder
	b.WriteString("+OK\r\n")
	for i := range n {
		fmt.Fprintf(&b, "%d some-unique-id-that-is-not-too-short\r\n", i+1)
	}
	return b.String()
}

func TestAttacks(t *testing.T) {
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			drop, _ := alice()
			server := pop3test.NewServer(t, drop)
			server.Configure(func(c *pop3test.Config) { *c = a.config })
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()

			stored, err := a.poll(t.Context(), server)

			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if a.want == nil && err != nil || a.want != nil && !a.want(err) {
				t.Errorf("error: %v (%T)", err, err)
			}
			if stored != a.stored {
				t.Errorf("%d messages stored, want %d", stored, a.stored)
			}
			if took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 64<<20 {
				t.Errorf("heap grew by %d octets", grown)
			}
			if len(drop.UIDs()) != 3 {
				t.Error("messages were deleted")
			}
			a.checkLog(t, server)
		})
	}
}

// poll does what a mail program does in a session, and tells how many messages
// arrived whole.
func (a *attack) poll(ctx context.Context, server *pop3test.Server) (stored int, err error) {
	opt := &Options{Security: a.security, RootCAs: server.CertPool()}
	opt.Timeouts = Timeouts{Greeting: 300 * time.Millisecond, TLS: 300 * time.Millisecond, Reply: 300 * time.Millisecond, Auth: 300 * time.Millisecond, Idle: 300 * time.Millisecond}
	if a.options != nil {
		a.options(opt)
	}
	addr := server.Addr()
	if a.security == TLS {
		addr = server.TLSAddr()
	}
	c, err := Dial(ctx, addr, opt)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	if err := c.Login(ctx, "alice", "wonderland"); err != nil {
		return 0, err
	}
	l, err := c.Listing(ctx)
	if err != nil {
		return 0, err
	}
	var nums []int
	for _, m := range l.Messages() {
		nums = append(nums, m.Num)
	}
	err = c.RetrAll(ctx, nums, func(int) (io.Writer, error) { return io.Discard, nil }, func(_ int, _ int64, err error) error {
		if err == nil {
			stored++
		}
		return nil
	})
	if err != nil {
		return stored, err
	}
	return stored, c.Quit(ctx)
}

// checkLog looks at what the client has sent.
func (a *attack) checkLog(t *testing.T, server *pop3test.Server) {
	t.Helper()
	var lines []string
	for _, command := range server.Log() {
		lines = append(lines, command.Line)
		verb, _, _ := strings.Cut(command.Line, " ")
		if (a.noCred || a.security == STARTTLS && !command.TLS) && slices.Contains([]string{"USER", "PASS", "AUTH", "APOP"}, verb) {
			t.Errorf("credentials: %q", command.Line)
		}
	}
	if a.check != nil {
		if err := a.check(lines); err != nil {
			t.Error(err)
		}
	}
}

func TestListingsThatDisagree(t *testing.T) {
	drop, _ := alice()
	server := pop3test.NewServer(t, drop)
	server.SetFaults(
		reply("STAT", "+OK 9 9\r\n"),
		reply("LIST", "+OK\r\n5 50\r\n2  20 more\r\n\r\n4 40\r\n.\r\n"),
		reply("UIDL", "+OK\r\n+OK 2   a  b\r\n3 c\r\n4\r\n5\t\xe9\r\n5 again\r\n.\r\n"),
	)
	l, err := signIn(t, server).Listing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []Message{{2, "a  b", 20}, {4, "", 40}, {5, "\xe9", 50}}
	if got := l.Messages(); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if l.Ignored != 2 || l.Stat.Count != 9 {
		t.Errorf("listing: %+v", l)
	}
}

func TestRefusalsByCode(t *testing.T) {
	for _, test := range []struct {
		text                string
		code                Code
		temporary, rejected bool
	}{
		{"[AUTH] wrong", CodeAuth, false, true},
		{"[SYS/TEMP] later", CodeSysTemp, true, false},
		{"[sys/perm] never", CodeSysPerm, false, false},
		{"[IN-USE] taken", CodeInUse, true, false},
		{"[LOGIN-DELAY] too soon", CodeLoginDelay, true, false},
		{"wrong password", "", false, true},
		{"", "", false, true},
		{"Your mailbox is already locked", "", true, false},
		{"Can't get lock.  Mailbox in use", "", true, false},
		{"[no code] but words", "", false, true},
	} {
		server := pop3test.NewServer(t, pop3test.NewMaildrop("alice", "wonderland"))
		server.SetFaults(reply("AUTH", "-ERR "+test.text+"\r\n"))
		err := dial(t, server).Login(t.Context(), "alice", "wonderland")
		var e *Error
		var auth *AuthError
		if !errors.As(err, &e) || !errors.As(err, &auth) {
			t.Fatalf("%q: %v", test.text, err)
		}
		if e.Code != test.code || e.Temporary() != test.temporary || auth.Rejected() != test.rejected {
			t.Errorf("%q: code %q, temporary %v, rejected %v", test.text, e.Code, e.Temporary(), auth.Rejected())
		}
	}
}

func TestServersWordsAreQuoted(t *testing.T) {
	server := pop3test.NewServer(t, pop3test.NewMaildrop("alice", "wonderland"))
	server.SetFaults(reply("AUTH", "-ERR <b>blocked</b> \x1b[2J \u202e "+strings.Repeat("x", 2000)+"\r\n"))
	err := dial(t, server).Login(t.Context(), "alice", "wonderland")
	if text := err.Error(); strings.ContainsAny(text, "\x1b\u202e") || len(text) > 700 {
		t.Errorf("got %s", text)
	}
}

func TestUnaskedLastWords(t *testing.T) {
	drop, _ := alice()
	server := pop3test.NewServer(t, drop)
	server.SetFaults(pop3test.Fault{Command: "NOOP", Reply: "+OK\r\n-ERR [SYS/TEMP] Server shutting down.\r\n"})
	for _, security := range []Security{TLS, None} {
		c := signIn(t, server, func(o *Options) {
			o.Security = security
			o.Mechanisms = ClearTextMechanisms()
		})
		if err := c.Noop(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err := c.Stat(t.Context())
		var protocol *ProtocolError
		if !errors.As(err, &protocol) || !strings.Contains(protocol.Line, "Server shutting down") {
			t.Errorf("Stat: %v", err)
		}
	}
}

func TestSlowWordsAreNoticedUnread(t *testing.T) {
	drop, _ := alice()
	server := pop3test.NewServer(t, drop)
	server.SetFaults(pop3test.Fault{Command: "NOOP", Reply: "+OK\r\n+OK\r\n", Chunk: 5, Pause: 10 * time.Millisecond})
	for _, security := range []Security{TLS, None} {
		c := signIn(t, server, func(o *Options) {
			o.Security = security
			o.Mechanisms = ClearTextMechanisms()
		})
		if err := c.Noop(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
		if _, err := c.Stat(t.Context()); !is[*ProtocolError](err) && runtime.GOOS == "linux" {
			t.Errorf("%v: %v", security, err)
		}
	}
}

func TestLargeMessageIsStreamed(t *testing.T) {
	const octets = 64 << 20
	drop := pop3test.NewMaildrop("alice", "wonderland")
	drop.AddMessage(pop3test.Message{UID: "large", Octets: octets, Open: func() io.Reader {
		return io.LimitReader(repeated(".a line that begins with a dot\r\n"), octets)
	}})
	c := signIn(t, pop3test.NewServer(t, drop))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n, err := c.Retr(t.Context(), 1, io.Discard)
	runtime.ReadMemStats(&after)
	if err != nil || n < octets || n > octets+2 {
		t.Errorf("Retr: %d, %v", n, err)
	}
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 8<<20 {
		t.Errorf("heap grew by %d octets", grown)
	}
}

// repeated is a line that is read again and again.
type repeated string

func (r repeated) Read(p []byte) (int, error) {
	n := copy(p, r)
	for n < len(p) && n%len(r) == 0 {
		n += copy(p[n:], r[:min(len(r), len(p)-n)])
	}
	return n, nil
}

func TestOctetByOctetTLSRecords(t *testing.T) {
	drop := pop3test.NewMaildrop("alice", "wonderland")
	text := bytes.Repeat([]byte("0123456789abcdef\r\n"), 5_000)
	drop.Add("x", text)
	server := pop3test.NewServer(t, drop)
	server.SetFaults(pop3test.Fault{Command: "RETR", Chunk: 1})
	var got bytes.Buffer
	if _, err := signIn(t, server).Retr(t.Context(), 1, &got); err != nil || !bytes.Equal(got.Bytes(), text) {
		t.Errorf("%d octets, %v", got.Len(), err)
	}
}

func TestWriterFails(t *testing.T) {
	drop, texts := alice()
	c := signIn(t, pop3test.NewServer(t, drop))
	n, err := c.Retr(t.Context(), 2, failingWriter{})
	if !errors.Is(err, os.ErrPermission) || n != 0 {
		t.Errorf("Retr: %d, %v", n, err)
	}
	var got strings.Builder
	if _, err := c.Retr(t.Context(), 3, &got); err != nil || got.String() != texts[2] {
		t.Errorf("the next message: %q, %v", got.String(), err)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, os.ErrPermission }
