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
// it. The number in its name is that of the script in docs/POP3.md. Timeouts are
// short in all of them.
type attack struct {
	name     string
	security Security
	other    bool // the client is sent to the server's other port
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

func began(prefix string) func([]string) error {
	return func(lines []string) error {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, prefix) }) {
			return fmt.Errorf("client sent no line that begins with %q", prefix)
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
	{name: "01 STLS stripped", security: STARTTLS, config: pop3test.Config{NoSTLS: true}, want: refused("STLS"), noCred: true},
	{name: "02 STLS refused", security: STARTTLS, config: one(reply("STLS", "-ERR not supported\r\n")), want: refused("STLS"), noCred: true},
	{name: "03 STLS and CAPA unknown", security: STARTTLS, config: pop3test.Config{NoSTLS: true, NoCAPA: true}, want: refused("STLS"), noCred: true},
	{name: "03 CAPA unknown, STLS known", security: STARTTLS, config: pop3test.Config{NoCAPA: true}, stored: 3},
	{name: "04 tempted by APOP", security: STARTTLS, config: pop3test.Config{APOP: true}, stored: 3, check: notSent("APOP")},
	{name: "05 replies injected before TLS", security: STARTTLS, noCred: true, want: is[*ProtocolError],
		config: one(pop3test.Fault{Command: "STLS", Reply: "+OK begin\r\n+OK\r\nPLAIN\r\nLOGIN\r\n.\r\n"})},
	{name: "06 empty maildrop injected before TLS", security: STARTTLS, noCred: true, want: is[*ProtocolError],
		config: one(thenStall(reply("STLS", "+OK\r\n+OK logged in\r\n+OK 0 0\r\n")))},
	{name: "07 half a line before TLS", security: STARTTLS, noCred: true, want: is[*ProtocolError],
		config: one(pop3test.Fault{Command: "STLS", Reply: "+OK begin\r\n\xb9\xb3\xb2 no line end"})},
	{name: "08 late clear text", security: STARTTLS, noCred: true, want: tlsReason(TLSNotTLS),
		config: one(pop3test.Fault{Command: "STLS", Reply: "+OK\r\n+OK hello\r\n", Chunk: 5, Pause: 30 * time.Millisecond, Skip: true})},
	{name: "09 capabilities of before TLS", security: STARTTLS, stored: 3, check: notSent("AUTH LOGIN"),
		config: caps(func(s pop3test.State) []string {
			if !s.TLS {
				return []string{"STLS", "SASL LOGIN NTLM"}
			}
			return []string{"UIDL", "SASL PLAIN"}
		})},
	{name: "10 already authenticated", security: STARTTLS, stored: 3, config: pop3test.Config{Greeting: "[AUTH] session resumed for alice"}},
	{name: "10 already authenticated, no STLS", security: STARTTLS, noCred: true, want: refused("STLS"),
		config: pop3test.Config{Greeting: "[AUTH] session resumed for alice", NoSTLS: true}},
	{name: "11 silence after STLS", security: STARTTLS, noCred: true, want: is[*TimeoutError], config: one(thenStall(reply("STLS", "+OK\r\n")))},
	{name: "12 end after STLS", security: STARTTLS, noCred: true, want: is[*TLSError], config: one(thenCut(reply("STLS", "+OK\r\n")))},
	{name: "13 clear text at the TLS port", other: true, noCred: true, want: tlsReason(TLSNotTLS)},
	{name: "14 TLS at the clear-text port", security: STARTTLS, other: true, noCred: true, want: is[*TimeoutError]},
	{name: "14 TLS at the clear-text port, clear text asked for", security: None, other: true, noCred: true, want: is[*TimeoutError]},
	{name: "14 a TLS record for a greeting", security: STARTTLS, noCred: true, want: anyError,
		config: one(thenStall(reply("greeting", "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00")))},
	{name: "22 TLS truncated behind a line", config: one(pop3test.Fault{Command: "RETR", Nth: 1, Cut: true, Truncate: true, After: int64(len("+OK 23 octets\r\nSubject: one\r\n"))}), want: is[*ConnError]},
	{name: "22 TLS truncated behind a message", stored: 1, config: one(pop3test.Fault{Command: "RETR", Nth: 2, Cut: true, Truncate: true}), want: is[*ConnError]},
	{name: "22 TLS reset in a message", config: one(pop3test.Fault{Command: "RETR", Cut: true, Reset: true, After: 40}), want: is[*ConnError]},
	{name: "31 words before TLS", security: STARTTLS, noCred: true, config: one(reply("STLS", "-ERR call +1 555 visit evil.example\r\n")),
		want: func(err error) bool { return is[*Error](err) && !strings.Contains(err.Error(), "evil") }},
	{name: "31 code before TLS", security: STARTTLS, noCred: true, config: one(reply("greeting", "-ERR [AUTH] evil\r\n")),
		want: func(err error) bool { return is[*Error](err) && !strings.ContainsAny(err.Error(), "[\"") }},

	// Login
	{name: "24 only weak mechanisms, no TLS", security: None, noCred: true, want: noMechanism,
		config: caps(func(pop3test.State) []string { return []string{"SASL CRAM-MD5"} })},
	{name: "24 no TLS, nothing allowed", security: None, noCred: true, want: noMechanism},
	{name: "24 only unknown mechanisms", noCred: true, want: noMechanism,
		config: caps(func(pop3test.State) []string { return []string{"SASL NTLM GSSAPI"} })},
	{name: "25 SCRAM first", stored: 3, check: began("AUTH SCRAM-SHA-256 "), config: pop3test.Config{Mechanisms: []string{"SCRAM-SHA-256", "PLAIN"}}},
	{name: "25 then only USER", stored: 3, check: sent("USER alice"), config: pop3test.Config{Mechanisms: []string{}}},
	{name: "25 then only USER, no TLS", security: None, noCred: true, want: noMechanism, config: pop3test.Config{Mechanisms: []string{}}},
	{name: "26 challenge that is not base64", config: one(reply("AUTH", "+ !!!!notbase64\r\n")), want: is[*AuthError], check: sent("*")},
	{name: "26 challenges without end", config: one(pop3test.Fault{Command: "AUTH", Reply: "+ \r\n", Repeat: 100_000, Skip: true}),
		want: is[*AuthError], check: fewLines(20)},
	{name: "27 USER refused", config: pop3test.Config{Mechanisms: []string{}, Faults: []pop3test.Fault{reply("USER", "-ERR no\r\n"), reply("PASS", "+OK\r\n")}},
		want: refused("USER"), check: notSent("PASS")},
	{name: "39 PASS answered by +ERR", config: pop3test.Config{Mechanisms: []string{}, Faults: []pop3test.Fault{reply("PASS", "+ERR no\r\n")}},
		want: is[*ProtocolError]},
	{name: "53 hanging up instead of an answer", config: pop3test.Config{Mechanisms: []string{}, Faults: []pop3test.Fault{pop3test.Cut("PASS", 0, 0)}},
		want: func(err error) bool { return is[*AuthError](err) && errors.Is(err, io.ErrUnexpectedEOF) }},
	{name: "26 SCRAM without the server's proof", want: is[*AuthError],
		config: pop3test.Config{Mechanisms: []string{"SCRAM-SHA-256"}, Faults: []pop3test.Fault{reply("AUTH", "+OK welcome\r\n")}}},
	{name: "26 SCRAM with endless work", want: is[*AuthError], check: sent("*"),
		config: pop3test.Config{Mechanisms: []string{"SCRAM-SHA-256"}, Faults: []pop3test.Fault{
			reply("AUTH", "+ "+base64.StdEncoding.EncodeToString([]byte("r=x,s=QQ==,i=2000000000"))+"\r\n")}}},
	{name: "32 referral", config: one(reply("AUTH", "-ERR [REFERRAL/evil.example] go there\r\n")), want: refused("AUTH")},

	// Framing
	{name: "33 endless greeting", noCred: true, want: atLimit("Line"),
		config: one(pop3test.Fault{Command: "greeting", Reply: strings.Repeat("A", 1<<16), Repeat: 1 << 14})},
	{name: "34 slow greeting", noCred: true, want: is[*TimeoutError], config: one(pop3test.Fault{Command: "greeting", Chunk: 1, Pause: 50 * time.Millisecond})},
	{name: "35 octet by octet", stored: 3, config: one(pop3test.Fault{Chunk: 1})},
	{name: "37 CR only", noCred: true, want: is[*TimeoutError], config: one(thenStall(reply("greeting", "+OK ready\r")))},
	{name: "38 blank lines", noCred: true, want: is[*ProtocolError], config: one(pop3test.Fault{Command: "greeting", Reply: "\r\n", Repeat: 1 << 20, Skip: true})},
	{name: "39 SMTP", noCred: true, want: is[*ProtocolError], config: one(reply("greeting", "220 mail.example ESMTP\r\n"))},
	{name: "39 busy", noCred: true, want: refused("greeting"), config: one(reply("greeting", "-ERR busy\r\n"))},
	{name: "40 greeting of many lines", noCred: true, want: is[*ProtocolError],
		config: one(reply("greeting", "+OK 2 messages\r\n1 120\r\n2 200\r\n.\r\n"))},
	{name: "41 two replies to RETR", stored: 1, want: is[*ProtocolError],
		options: func(o *Options) { o.Pipelining = PipelineOff },
		config:  one(pop3test.Fault{Command: "RETR", Nth: 1, Reply: "+OK\r\nSubject: one\r\n\r\nfirst\r\n.\r\n+OK\r\nmore\r\n.\r\n"})},
	{name: "41 two replies to the last RETR", stored: 3, want: is[*ProtocolError],
		config: one(pop3test.Fault{Command: "RETR", Nth: 3, Reply: "+OK\r\nSubject: one\r\n\r\nfirst\r\n.\r\n+OK\r\nmore\r\n.\r\n"})},
	{name: "42 UIDL cut short", want: is[*ConnError], config: one(thenCut(reply("UIDL", "+OK\r\n1 uid-1\r\n")))},
	{name: "43 endless UIDL", want: atLimit("ListingOctets"), options: func(o *Options) { o.Limits.ListingOctets = 8 << 20 },
		config: one(pop3test.Fault{Command: "UIDL", Reply: rows(10_000), Repeat: 1 << 20})},
	{name: "43 endless LIST", want: atLimit("ListingLines"), options: func(o *Options) { o.Limits.ListingLines = 1000 },
		config: one(pop3test.Fault{Command: "LIST", Reply: "+OK\r\n" + strings.Repeat("1 1\r\n", 1000), Repeat: 1 << 10})},
	{name: "43 endless CAPA", noCred: true, want: atLimit("CapabilityLines"),
		config: one(pop3test.Fault{Command: "CAPA", Reply: "+OK\r\n" + strings.Repeat("X\r\n", 1000), Repeat: 1 << 10})},
	{name: "44 numbers of nonsense", stored: 1, config: pop3test.Config{Faults: []pop3test.Fault{
		reply("STAT", "+OK 2147483648 -1\r\n"),
		reply("LIST", "+OK\r\n0 1\r\n-1 5\r\n3 -1\r\n99999999999999999999 1\r\nx y\r\n\r\n3 10\r\n"+"1 10\r\n.\r\n"),
		reply("UIDL", "+OK\r\n1 a\r\n1 b\r\n2 c\r\n.\r\n"),
	}}},

	{name: "46 dots, and in step behind them", stored: 3,
		config: one(pop3test.Fault{Command: "RETR", Nth: 2, Reply: "+OK\r\n\r\n..\r\n...\r\n..x\r\n.. \r\n\n.\n\r.\r.\r\r\n\r\n.\r\n", Skip: true})},
	{name: "46 nothing in a message", stored: 3, config: one(pop3test.Fault{Command: "RETR", Nth: 2, Reply: "+OK\r\n.\r\n", Skip: true})},

	// Volume and time
	{name: "48 size lie", stored: 1, want: atLimit("MessageOctets"),
		options: func(o *Options) { o.Limits.MessageOctets = 1 << 20 },
		config:  one(pop3test.Fault{Command: "RETR", Arg: "2", Reply: strings.Repeat("+OK\r\nendless\r\n", 1<<10), Repeat: 1 << 20})},
	{name: "53 reset in the greeting", noCred: true, want: anyError, config: one(pop3test.Fault{Command: "greeting", Cut: true, Reset: true, After: 3})},
	{name: "53 reset after USER", want: anyError, config: pop3test.Config{Mechanisms: []string{}, Faults: []pop3test.Fault{{Command: "USER", Cut: true, Reset: true}}}},
	{name: "53 reset in a UIDL row", want: anyError, config: one(pop3test.Fault{Command: "UIDL", Cut: true, Reset: true, After: 22})},
	{name: "50 silence in a message", want: is[*TimeoutError], config: one(pop3test.Stall("RETR", 1, 20))},
	{name: "52 silence at once", noCred: true, want: is[*TimeoutError], config: one(pop3test.Stall("greeting", 0, 0))},
}

// badChallenges are greetings whose challenge APOP must not answer (CVE-2007-1558).
func badChallenges() (all []attack) {
	for _, challenge := range []string{"<\x80\xff@x>", "<no-at-sign>", "<a b@x>", "<" + strings.Repeat("a", 500) + "@x>", "<@>"} {
		all = append(all, attack{
			name: fmt.Sprintf("23 APOP %.20q", challenge), security: None, noCred: true, want: noMechanism,
			config:  pop3test.Config{Greeting: "ready " + challenge},
			options: func(o *Options) { o.Mechanisms = []string{"APOP"} },
		})
	}
	return all
}

// statusLines are the ways to write a status, in a greeting.
func statusLines() (all []attack) {
	for _, line := range []string{"+ok", "+OK", "+Ok ready", "+OK\tready"} {
		all = append(all, attack{name: fmt.Sprintf("39 %q", line), stored: 3, config: one(pop3test.Fault{Command: "greeting", Reply: line + "\r\n"})})
	}
	for _, line := range []string{"-ERR", "-err busy", "-ERR\tbusy"} {
		all = append(all, attack{name: fmt.Sprintf("39 %q", line), noCred: true, want: refused("greeting"), config: one(reply("greeting", line+"\r\n"))})
	}
	for _, line := range []string{"+OKAY", "OK", " +OK", "+ERR", "-ERROR", "+", ""} {
		all = append(all, attack{name: fmt.Sprintf("39 %q", line), noCred: true, want: is[*ProtocolError], config: one(reply("greeting", line+"\r\n"))})
	}
	return all
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
	for _, a := range slices.Concat(attacks, badChallenges(), statusLines()) {
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
			if took > 30*time.Second {
				t.Errorf("took %v", took)
			}
			if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 64<<20 {
				t.Errorf("heap grew by %d octets", grown)
			}
			if len(drop.UIDs()) != 3 {
				t.Error("messages were deleted")
			}
			if n := server.Sessions(); n != 1 {
				t.Errorf("%d connections", n)
			}
			a.checkLog(t, server)
		})
	}
}

// poll does what a mail program does in a session, and tells how many messages
// arrived whole.
func (a *attack) poll(ctx context.Context, server *pop3test.Server) (stored int, err error) {
	opt := &Options{Security: a.security, RootCAs: server.CertPool()}
	opt.Timeouts = Timeouts{Greeting: 500 * time.Millisecond, TLS: 2 * time.Second, Reply: time.Second, Auth: time.Second, Idle: time.Second}
	if a.options != nil {
		a.options(opt)
	}
	addr := server.Addr()
	if (a.security == TLS) != a.other {
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
	t.Run("45 UIDL longer and shorter than LIST", func(t *testing.T) {
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
	})
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
		t.Run("28 -ERR "+test.text, func(t *testing.T) {
			server := pop3test.NewServer(t, pop3test.NewMaildrop("alice", "wonderland"))
			server.SetFaults(reply("AUTH", "-ERR "+test.text+"\r\n"))
			err := dial(t, server).Login(t.Context(), "alice", "wonderland")
			var e *Error
			var auth *AuthError
			if !errors.As(err, &e) || !errors.As(err, &auth) {
				t.Fatal(err)
			}
			if e.Code != test.code || e.Temporary() != test.temporary || auth.Rejected() != test.rejected {
				t.Errorf("code %q, temporary %v, rejected %v", e.Code, e.Temporary(), auth.Rejected())
			}
		})
	}
}

func TestServersWordsAreQuoted(t *testing.T) {
	t.Run("31 words meant for the screen", func(t *testing.T) {
		server := pop3test.NewServer(t, pop3test.NewMaildrop("alice", "wonderland"))
		server.SetFaults(reply("AUTH", "-ERR <b>blocked</b> \x1b[2J \u202e "+strings.Repeat("x", 2000)+"\r\n"))
		err := dial(t, server).Login(t.Context(), "alice", "wonderland")
		if text := err.Error(); strings.ContainsAny(text, "\x1b\u202e") || len(text) > 700 {
			t.Errorf("got %s", text)
		}
	})
}

func TestUnaskedLastWords(t *testing.T) {
	t.Run("41 last words behind a reply", func(t *testing.T) {
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
	})
}

func TestSlowWordsAreNoticedUnread(t *testing.T) {
	t.Run("41 a second reply that comes late", func(t *testing.T) {
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
	})
}

func TestLargeMessageIsStreamed(t *testing.T) {
	t.Run("48 a large message costs no memory", func(t *testing.T) {
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
	})
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
	t.Run("54 a TLS record for each octet", func(t *testing.T) {
		drop := pop3test.NewMaildrop("alice", "wonderland")
		text := bytes.Repeat([]byte("0123456789abcdef\r\n"), 5_000)
		drop.Add("x", text)
		server := pop3test.NewServer(t, drop)
		server.SetFaults(pop3test.Fault{Command: "RETR", Chunk: 1})
		var got bytes.Buffer
		if _, err := signIn(t, server).Retr(t.Context(), 1, &got); err != nil || !bytes.Equal(got.Bytes(), text) {
			t.Errorf("%d octets, %v", got.Len(), err)
		}
	})
}

func TestOddMessages(t *testing.T) {
	for name, text := range map[string]string{
		"47 NUL, 8-bit and control characters": "Subject: \xff\x00\x1b\r\n\r\n\x80\x00\x1a\r\n",
		"47 lone CR and LF":                    "Subject: x\ry\nz\r\n\r\na\rb\nc\r\r\n\n\r\n",
		"47 a line of 10 MB":                   "Subject: x\r\n\r\n" + strings.Repeat("0123456789", 1<<20) + "\r\n",
		"47 a header line of 10 MB":            "Subject: " + strings.Repeat("0123456789", 1<<20) + "\r\n\r\nx\r\n",
		"47 no header":                         "\r\nbody\r\n",
		"47 no empty line":                     "Subject: x\r\n",
		"47 only line ends":                    "\r\n\r\n\r\n",
		"47 nothing":                           "",
	} {
		t.Run(name, func(t *testing.T) {
			drop := pop3test.NewMaildrop("alice", "wonderland")
			drop.Add("odd", []byte(text))
			c := signIn(t, pop3test.NewServer(t, drop))
			var got strings.Builder
			if _, err := c.Retr(t.Context(), 1, &got); err != nil || got.String() != text {
				t.Errorf("%d octets of %d, or others: %v", got.Len(), len(text), err)
			}
			if err := c.Quit(t.Context()); err != nil {
				t.Error(err)
			}
		})
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
