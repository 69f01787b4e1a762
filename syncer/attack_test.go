package syncer_test

// The scripts of docs/POP3.md that concern a store: hostile servers, and what may
// come of them here. Their numbers are in the names.

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/internal/seal"
	"postern/pop3client"
	"postern/pop3client/pop3test"
	"postern/store"
)

// short are time-outs for servers that stall.
var short = pop3client.Timeouts{
	Greeting: 300 * time.Millisecond, TLS: 2 * time.Second, Auth: 300 * time.Millisecond,
	Reply: 300 * time.Millisecond, Quit: 300 * time.Millisecond, Idle: 300 * time.Millisecond,
}

// newAttack is a world with three messages, deleted on the server once they are here:
// whatever the server does, none may be lost or doubled.
func newAttack(t *testing.T, change ...func(*store.Settings)) *world {
	t.Helper()
	w := newWorld(t, append(change, func(s *store.Settings) {
		if s.Policy == store.DeleteOnDelete {
			s.Policy = store.DeleteAfterDownload
		}
	})...)
	w.worker.Connect.Timeouts = short
	w.add(3)
	return w
}

// starttls lets the account use STARTTLS, or another port, from now on.
func (w *world) secure(security store.Security, addr string) {
	w.t.Helper()
	_, port, err := net.SplitHostPort(addr)
	w.check(err)
	w.update(func(s *store.Settings) {
		s.Security = security
		s.Port, err = strconv.Atoi(port)
		w.check(err)
	})
}

// raws are the messages of the maildrop.
func (w *world) raws() (all [][]byte) {
	for _, m := range w.drop.Messages() {
		all = append(all, m.Raw)
	}
	return all
}

// kept makes sure that each message is here once, or not here and on the server.
func (w *world) kept(all [][]byte) {
	w.t.Helper()
	here, there := w.octets(), map[[32]byte]bool{}
	for _, raw := range w.raws() {
		there[sha256.Sum256(raw)] = true
	}
	for _, raw := range all {
		sum := sha256.Sum256(raw)
		if here[sum] > 1 || here[sum] == 0 && !there[sum] {
			w.t.Errorf("%.60q is here %d times, and on the server: %v", raw, here[sum], there[sum])
		}
	}
}

// heal lets the server behave, and makes sure that after two sessions each message is
// here once and the store is sound.
func (w *world) heal(all [][]byte) {
	w.t.Helper()
	w.server.Configure(func(c *pop3test.Config) { *c = pop3test.Config{} })
	w.worker.Connect.Timeouts = pop3client.Timeouts{} // it answers now, on a busy machine too
	for range 2 {
		w.later.Add(int64(time.Hour))
		w.sync()
	}
	here := w.octets()
	for _, raw := range all {
		if n := here[sha256.Sum256(raw)]; n != 1 {
			w.t.Errorf("%.60q is here %d times in the end", raw, n)
		}
	}
	_, err := w.store.Check(context.Background(), false, func(s string) { w.t.Errorf("check: %s", s) })
	w.check(err)
}

// sentCredentials tells whether a login was begun, outside TLS or at all.
func (w *world) sentCredentials(clearText bool) bool {
	return slices.ContainsFunc(w.server.Log(), func(c pop3test.Command) bool {
		verb, _, _ := strings.Cut(c.Line, " ")
		return slices.Contains([]string{"USER", "PASS", "AUTH", "APOP"}, verb) && (!clearText || !c.TLS)
	})
}

func replace(command, reply string) pop3test.Fault {
	return pop3test.Fault{Command: command, Reply: reply, Skip: true}
}

// Each ends in one sentence, for a check and for "Test connection", without a password
// sent; the next attempt again begins with STLS.
func TestAttacksBeforeLogin(t *testing.T) {
	stripped := func(c *pop3test.Config) { c.NoSTLS = true }
	for _, a := range []struct {
		name      string
		stls      bool
		configure func(*pop3test.Config)
		leaf      *pop3test.Leaf
		want      string
	}{
		{name: "01 STLS stripped", stls: true, configure: stripped, want: "refused STLS"},
		{name: "02 STLS refused", stls: true, configure: faults(replace("STLS", "-ERR visit evil.example\r\n")), want: "refused STLS"},
		{name: "05 replies injected before TLS", stls: true, configure: faults(pop3test.Fault{Command: "STLS", Reply: "+OK begin\r\n+OK\r\nPLAIN\r\n.\r\n"}), want: "does not keep to POP3"},
		{name: "06 empty maildrop injected before TLS", stls: true, configure: faults(replace("STLS", "+OK\r\n+OK logged in\r\n+OK 0 0\r\n")), want: "does not keep to POP3"},
		{name: "08 late clear text", stls: true, configure: faults(pop3test.Fault{Command: "STLS", Reply: "+OK\r\n+OK hello\r\n", Chunk: 5, Pause: 30 * time.Millisecond, Skip: true}), want: "does not speak TLS"},
		{name: "11 silence after STLS", stls: true, configure: faults(pop3test.Fault{Command: "STLS", Reply: "+OK\r\n", Skip: true, Stall: true, After: 5}), want: "did not answer in time"},
		{name: "12 end after STLS", stls: true, configure: faults(pop3test.Fault{Command: "STLS", Reply: "+OK\r\n", Skip: true, Cut: true, After: 5}), want: "No TLS connection"},
		{name: "15 self-signed", leaf: &pop3test.Leaf{SelfSigned: true}, want: "not signed by an authority"},
		{name: "17 other host", leaf: &pop3test.Leaf{Names: []string{"other.example"}}, want: "is for another name"},
		{name: "18 expired", leaf: &pop3test.Leaf{NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().Add(-time.Hour)}, want: "expired on"},
		{name: "19 not yet valid", leaf: &pop3test.Leaf{NotBefore: time.Now().Add(time.Hour), NotAfter: time.Now().AddDate(1, 0, 0)}, want: "is not valid yet"},
		{name: "24 only weak mechanisms", configure: func(c *pop3test.Config) { c.Mechanisms, c.NoUSER = []string{}, true; c.Capabilities = ntlm }, want: "no way to log in"},
		{name: "33 endless greeting", configure: faults(pop3test.Fault{Command: "greeting", Reply: strings.Repeat("A", 1<<16), Repeat: 1 << 10}), want: "sends more than a POP3 server should"},
		{name: "34 slow greeting", configure: faults(pop3test.Fault{Command: "greeting", Chunk: 1, Pause: 50 * time.Millisecond}), want: "did not answer in time"},
		{name: "52 silence at once", configure: faults(pop3test.Stall("greeting", 0, 0)), want: "did not answer in time"},
	} {
		t.Run(a.name, func(t *testing.T) {
			w := newAttack(t)
			all := w.raws()
			if a.stls {
				w.secure(store.STARTTLS, w.server.Addr())
			}
			if a.leaf != nil {
				certificate, err := w.server.Authority().Issue(*a.leaf)
				w.check(err)
				w.server.SetCertificate(certificate)
			}
			if a.configure != nil {
				w.server.Configure(a.configure)
			}
			for range 2 {
				if v := w.trySync(); v.OK || !strings.Contains(v.Sentence, a.want) || strings.Contains(v.Sentence, "evil") {
					t.Errorf("sync: %q, want %q", v.Sentence, a.want)
				}
			}
			r := w.worker.Connect.Probe(t.Context(), true, w.settings(), seal.NewSecret("wonder land"))
			if !strings.Contains(r.Error, a.want) {
				t.Errorf("probe: %q, want %q", r.Error, a.want)
			}
			if w.sentCredentials(false) {
				t.Errorf("credentials were sent: %v", w.server.Log())
			}
			if a.stls && w.commands("STLS") != 3 {
				t.Errorf("STLS was sent %d times in three sessions", w.commands("STLS"))
			}
			good, err := w.server.Authority().Issue(pop3test.Leaf{})
			w.check(err)
			w.server.SetCertificate(good)
			w.heal(all)
			if w.sentCredentials(true) {
				t.Error("credentials were sent in clear text")
			}
		})
	}
}

func faults(f ...pop3test.Fault) func(*pop3test.Config) {
	return func(c *pop3test.Config) { c.Faults = f }
}

func ntlm(_ pop3test.State, _ []string) []string { return []string{"SASL NTLM"} }

func TestAttackWrongPort(t *testing.T) {
	t.Run("13 clear text at the TLS port", func(t *testing.T) {
		w := newAttack(t)
		w.secure(store.TLS, w.server.Addr())
		if v := w.trySync(); v.OK || !strings.Contains(v.Sentence, "does not speak TLS") {
			t.Errorf("sync: %q", v.Sentence)
		}
		if n := w.server.Sessions(); n != 1 || w.sentCredentials(false) {
			t.Errorf("%d connections; log: %v", n, w.server.Log())
		}
	})
	for _, security := range []store.Security{store.STARTTLS, store.Plain} {
		t.Run(fmt.Sprintf("14 TLS at the clear-text port, %v", security), func(t *testing.T) {
			w := newAttack(t)
			w.secure(security, w.server.TLSAddr())
			if v := w.trySync(); v.OK || !strings.Contains(v.Sentence, "expects TLS from the first") {
				t.Errorf("sync: %q", v.Sentence)
			}
		})
	}
}

func TestAttackLoginRefused(t *testing.T) {
	for _, a := range []struct {
		reply, want string
		password    bool // it counts as a wrong password
	}{
		{"[AUTH] no", "refuses the user name or the password", true},
		{"", "refuses the user name or the password", true},
		{"[SYS/TEMP] no", "in trouble and that this will pass", false},
		{"[SYS/PERM] no", "not about the password", false},
		{"[IN-USE] no", "Another program is logged in", false},
		{"[LOGIN-DELAY] no", "more time between logins", false},
		{"[REFERRAL/evil.example] go there", "“go there”", false},
	} {
		t.Run("28 -ERR "+a.reply, func(t *testing.T) {
			w := newAttack(t)
			w.server.SetFaults(pop3test.Refuse("AUTH", 0, a.reply))
			for i := range 3 {
				v := w.trySync()
				if v.OK || !strings.Contains(v.Sentence, a.want) {
					t.Errorf("sync: %q, want %q", v.Sentence, a.want)
				}
				account, err := w.store.Account(t.Context(), w.user, w.account)
				w.check(err)
				if wait := account.NextCheck.Sub(w.store.Now()); wait < 50*time.Second {
					t.Errorf("the next check is in %v", wait)
				}
				if account.Paused != (a.password && i > 0) {
					t.Errorf("paused after %d refusals: %v", i+1, account.Paused)
				}
				w.later.Add(int64(3 * time.Hour))
			}
			// 32: a referral leads nowhere.
			if n := w.commands("AUTH"); n != 3 || w.server.Sessions() != 3 {
				t.Errorf("%d logins on %d connections in three sessions", n, w.server.Sessions())
			}
		})
	}
}

func TestAttackPasswordEchoed(t *testing.T) {
	t.Run("29 the password echoed", func(t *testing.T) {
		w := newAttack(t)
		var log bytes.Buffer
		w.worker.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		w.server.Configure(func(c *pop3test.Config) {
			c.Mechanisms = []string{}
			c.Faults = []pop3test.Fault{replace("PASS", "-ERR unknown command PASS wonder land\r\n")}
		})
		v := w.trySync()
		if w.commands("PASS wonder land") != 1 {
			t.Fatalf("the server has nothing to echo: %q", v.Sentence)
		}
		r := w.worker.Connect.Probe(t.Context(), true, w.settings(), seal.NewSecret("wonder land"))
		places := map[string]string{"sentence": v.Sentence, "remarks": strings.Join(v.Remarks, " "), "log": log.String(),
			"probe": fmt.Sprintf("%+v", r), "error": r.Trouble.Error()}
		runs, err := w.store.Syncs(t.Context(), w.user, w.account, 1)
		w.check(err)
		full, err := w.store.Sync(t.Context(), w.user, w.account, runs[0].ID)
		w.check(err)
		places["transcript"] = full.Transcript
		files, err := filepath.Glob(filepath.Join(w.store.Dir(), "*"))
		w.check(err)
		for _, file := range files {
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
				raw, err := os.ReadFile(file)
				w.check(err)
				places[filepath.Base(file)] = string(raw)
			}
		}
		for place, text := range places {
			if strings.Contains(text, "wonder land") {
				t.Errorf("the password is in: %s", place)
			}
		}
	})
}

func TestAttackLineEnds(t *testing.T) {
	for _, change := range []func(s *store.Settings, password *string){
		func(s *store.Settings, _ *string) { s.Username = "ann\r\nDELE 1" },
		func(s *store.Settings, _ *string) { s.Username = "ann\x00" },
		func(s *store.Settings, _ *string) { s.Host = "127.0.0.1\r\nDELE 1" },
		func(_ *store.Settings, password *string) { *password = "wonder land\nDELE 1" },
	} {
		s, password := store.Settings{}, ""
		change(&s, &password)
		t.Run(fmt.Sprintf("30 %q %q %q", s.Host, s.Username, password), func(t *testing.T) {
			w := newAttack(t)
			settings, password := w.settings(), "wonder land"
			change(&settings, &password)
			w.check(w.store.UpdateAccount(t.Context(), w.user, w.account, settings, seal.NewSecret(password)))
			v := w.trySync()
			r := w.worker.Connect.Probe(t.Context(), true, settings, seal.NewSecret(password))
			if v.OK || !strings.Contains(v.Sentence, "holds a line end") || !strings.Contains(r.Error, "holds a line end") {
				t.Errorf("sync: %q, probe: %q", v.Sentence, r.Error)
			}
			if n := w.server.Sessions(); n != 0 {
				t.Errorf("%d connections were made", n)
			}
		})
	}
}

func TestAttackWordsForTheScreen(t *testing.T) {
	const words = "<b>blocked</b> call +1 555, visit http://evil.example \x1b[2J\u202e\x07\x9b1m"
	for _, command := range []string{"AUTH", "LIST", "RETR", "DELE"} {
		t.Run("31 in the reply to "+command, func(t *testing.T) {
			w := newAttack(t)
			w.server.SetFaults(pop3test.Refuse(command, 0, words+strings.Repeat("x", 5000)))
			v := w.trySync()
			full, err := w.store.Syncs(t.Context(), w.user, w.account, 1)
			w.check(err)
			run, err := w.store.Sync(t.Context(), w.user, w.account, full[0].ID)
			w.check(err)
			said := v.Sentence + strings.Join(v.Remarks, " ")
			for _, d := range w.ledger() {
				said += d.Reply
			}
			if strings.ContainsAny(said+run.Transcript, "\x1b\u202e\x07\u009b") {
				t.Errorf("control characters in %q", said)
			}
			if !strings.Contains(said, "blocked") || len(said) > 8000 {
				t.Errorf("%d octets: %.300q", len(said), said)
			}
		})
	}
}

// Sessions that go wrong behind the login, with mail that is deleted on the server as
// soon as it is here: nothing is lost, nothing doubled, and the next session mends it.
func TestAttacksBehindLogin(t *testing.T) {
	reset := func(command string, after int64) pop3test.Fault {
		return pop3test.Fault{Command: command, Nth: 1, Cut: true, Reset: true, After: after}
	}
	two := pop3test.Fault{Command: "RETR", Nth: 2, Reply: "+OK\r\nSubject: a\r\n\r\na\r\n.\r\n+OK\r\nSubject: b\r\n\r\nb\r\n.\r\n"}
	for _, a := range []struct {
		name  string
		fault pop3test.Fault
		want  string // "": it ends well
	}{
		{"22 TLS truncated behind a line", pop3test.Fault{Command: "RETR", Nth: 2, Cut: true, Truncate: true, After: 120}, "closed the connection"},
		{"22 TLS truncated behind a message", pop3test.Fault{Command: "RETR", Nth: 2, Cut: true, Truncate: true}, "closed the connection"},
		{"37 CR only", pop3test.Fault{Command: "STAT", Reply: "+OK 3 3\r", Skip: true, Stall: true, After: 8}, "did not answer in time"},
		{"39 +OKAY", replace("LIST", "+OKAY\r\n"), "does not keep to POP3"},
		{"41 two replies to one RETR", two, "does not keep to POP3"},
		{"42 UIDL without its end", pop3test.Fault{Command: "UIDL", Reply: "+OK\r\n1 uid-0001\r\n", Skip: true, Cut: true, After: 17}, "closed the connection"},
		{"43 endless UIDL", pop3test.Fault{Command: "UIDL", Reply: "+OK\r\n" + strings.Repeat("1 some-unique-id-that-is-not-short\r\n", 1000), Repeat: 1 << 20}, "sends more than a POP3 server should"},
		{"43 endless LIST", pop3test.Fault{Command: "LIST", Reply: "+OK\r\n" + strings.Repeat("1 1\r\n", 1000), Repeat: 1 << 20}, "sends more than a POP3 server should"},
		{"44 STAT of nonsense", replace("STAT", "+OK 2147483648 -1\r\n"), ""},
		{"44 LIST of nonsense", replace("LIST", "+OK\r\n0 1\r\n-1 5\r\n3 -1\r\n99999999999999999999 1\r\n3 10\r\n1 10\r\n.\r\n"), ""},
		{"45 UIDL shorter than LIST", replace("UIDL", "+OK\r\n1 uid-0001\r\n3 uid-0003\r\n.\r\n"), ""},
		{"45 LIST shorter than UIDL", replace("LIST", "+OK\r\n1 230\r\n.\r\n"), ""},
		{"50 silence in a message", pop3test.Stall("RETR", 2, 50), "did not answer in time"},
		{"53 reset in the greeting", reset("greeting", 3), "connection to"},
		{"53 reset in the login", reset("AUTH", 0), "connection broke"},
		{"53 reset in a UIDL row", reset("UIDL", 22), "closed the connection"},
		{"53 reset in a message", reset("RETR", 40), "closed the connection"},
		{"53 reset after DELE", reset("DELE", 3), "closed the connection"},
	} {
		t.Run(a.name, func(t *testing.T) {
			w := newAttack(t)
			all := w.raws()
			w.server.SetFaults(a.fault)
			v := w.trySync()
			if v.OK != (a.want == "") || !strings.Contains(v.Sentence, a.want) {
				t.Errorf("sync: %q, want %q", v.Sentence, a.want)
			}
			if strings.HasPrefix(a.name, "45") && len(v.Remarks) == 0 {
				t.Error("no remark")
			}
			if a.want != "" {
				account, err := w.store.Account(t.Context(), w.user, w.account)
				w.check(err)
				if wait := account.NextCheck.Sub(w.store.Now()); wait < 50*time.Second || wait > 67*time.Second {
					t.Errorf("the next check is in %v", wait)
				}
				if len(w.drop.Messages()) != 3 {
					t.Errorf("deleted without QUIT: %q", w.drop.UIDs())
				}
			}
			if v.Gone != 0 {
				t.Errorf("%d taken for deleted", v.Gone)
			}
			w.kept(all)
			w.heal(all)
		})
	}
}

func TestAttackOddOctets(t *testing.T) {
	w := newAttack(t)
	w.worker.Connect.Timeouts = pop3client.Timeouts{} // nothing stalls
	w.drop.Clear()
	for i, text := range []string{
		"Subject: \xff\x00\x1b\r\n\r\n\x80\x00\x1a\r\n", "Subject: x\ry\nz\r\n\r\na\rb\nc\r\r\n\n\r\n", "\r\nbody only\r\n", "Subject: no empty line\r\n",
		"\r\n\r\n\r\n", "Subject: dots\r\n\r\n.\r\n..\r\n. \r\n\n.\n\r.\r.\r\r\n", "Subject: long\r\n\r\n" + strings.Repeat("0123456789", 1<<20) + "\r\n",
	} {
		w.drop.Add(fmt.Sprint("odd", i), []byte(text))
	}
	all := w.raws()
	for i, raw := range all {
		t.Run(fmt.Sprintf("47 %.20q", raw), func(t *testing.T) {
			if i == 0 {
				w.sync()
			}
			if n := w.octets()[sha256.Sum256(raw)]; n != 1 {
				t.Errorf("here %d times, octet for octet", n)
			}
		})
	}
	w.heal(all)
	if n := len(w.drop.Messages()); n != 0 {
		t.Errorf("%d left on the server", n)
	}
}

func TestAttackSizes(t *testing.T) {
	t.Run("48 a message without end", func(t *testing.T) {
		w := newAttack(t)
		all := w.raws()
		w.worker.MaxSize, w.worker.Connect.Timeouts = 8<<20, pop3client.Timeouts{} // nothing stalls
		w.server.SetFaults(pop3test.Fault{Command: "RETR", Arg: "2", Reply: strings.Repeat("+OK endless\r\n", 1<<10), Repeat: 1 << 20})
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		first := w.trySync()
		runtime.ReadMemStats(&after)
		if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 64<<20 {
			t.Errorf("the heap grew by %d octets", grown)
		}
		second := w.trySync()
		if first.OK || second.OK || first.Skipped != 1 || len(first.Remarks) == 0 {
			t.Errorf("syncs: %+v, %+v", first, second)
		}
		if n := len(w.stored()); n != 2 {
			t.Errorf("%d messages here after two sessions, want the two sound ones", n)
		}
		w.trySync()
		if v := w.sync(); v.Skipped != 1 || !slices.Equal(w.drop.UIDs(), []string{"uid-0002"}) {
			t.Errorf("after three tries: %+v, on the server %q", v, w.drop.UIDs())
		}
		w.later.Add(int64(25 * time.Hour))
		w.heal(all)
	})
	t.Run("49 a size that is a lie", func(t *testing.T) {
		w := newAttack(t)
		all := w.raws()
		w.server.Configure(func(c *pop3test.Config) {
			c.Size = func(m pop3test.Message) int64 {
				if m.UID == "uid-0002" {
					return 5 << 30
				}
				return int64(len(m.Raw))
			}
		})
		if v := w.sync(); v.Retrieved != 2 || v.Skipped != 1 || !strings.Contains(strings.Join(v.Remarks, " "), "over the limit") {
			t.Errorf("sync: %+v", v)
		}
		if !slices.Equal(w.drop.UIDs(), []string{"uid-0002"}) {
			t.Errorf("left on the server: %q", w.drop.UIDs())
		}
		w.heal(all)
	})
	t.Run("48 a message that breaks every session", func(t *testing.T) {
		w := newAttack(t)
		all := w.raws()
		fault := pop3test.Cut("RETR", 0, 50)
		fault.Arg = "3" // the first to be asked for
		w.server.SetFaults(fault)
		w.trySync()
		w.trySync()
		if n := len(w.stored()); n != 2 {
			t.Errorf("%d messages here after two sessions, want 2", n)
		}
		w.kept(all)
		w.heal(all)
	})
}

// watcher counts sessions.
type watcher struct {
	hook
	mu                  sync.Mutex
	now, most, sessions int
}

func (o *watcher) SyncStarted(store.UserID, store.AccountID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now++
	o.sessions++
	o.most = max(o.most, o.now)
}

func (o *watcher) SyncEnded(store.UserID, store.Sync) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now--
}

func (o *watcher) counts() (most, ended int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.most, o.sessions - o.now
}

// many adds accounts beside the world's own, with the same server.
func (w *world) many(n int, change func(i int, s *store.Settings)) {
	w.t.Helper()
	for i := range n {
		s := w.settings()
		s.Name = fmt.Sprint("Account ", i)
		change(i, &s)
		_, err := w.store.AddAccount(context.Background(), w.user, s, seal.NewSecret("wonder land"))
		w.check(err)
	}
}

// run runs the worker until the condition holds.
func (w *world) run(until func() bool) {
	w.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- w.worker.Run(ctx) }()
	for deadline := time.Now().Add(20 * time.Second); !until(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Error("the worker does not get there")
			break
		}
	}
	stop()
	w.check(<-ended)
}

func TestAttackSmallRecords(t *testing.T) {
	t.Run("54 a TLS record for each octet", func(t *testing.T) {
		w := newAttack(t)
		w.drop.Add("large", append([]byte("Subject: large\r\n\r\n"), bytes.Repeat([]byte("0123456789abcdef\r\n"), 5_000)...))
		all := w.raws()
		w.server.SetFaults(pop3test.Fault{Command: "RETR", Chunk: 1})
		if v := w.trySync(); !v.OK || v.Retrieved != len(all) {
			t.Errorf("%d of %d messages: %q", v.Retrieved, len(all), v.Sentence)
		}
		w.kept(all)
		w.heal(all)
	})
}

func TestAttackSlowServers(t *testing.T) {
	t.Run("50 slow accounts leave the others alone", func(t *testing.T) {
		w := newAttack(t)
		w.worker.Connect.Timeouts.MinRate = 1 << 20
		w.many(50, func(i int, s *store.Settings) {
			slow := pop3test.NewMaildrop(fmt.Sprint("slow", i), "wonder land")
			slow.Add("x", letter(1))
			w.server.AddMaildrop(slow)
			s.Username = slow.User()
		})
		w.update(func(s *store.Settings) { s.Host = "localhost" })
		w.server.SetFaults(pop3test.Fault{Command: "RETR", Arg: "1", Chunk: 1, Pause: 50 * time.Millisecond})
		w.drop.Remove("uid-0001") // the account itself is asked for a RETR 1 last
		begun := time.Now()
		w.run(func() bool { return len(w.stored()) > 0 })
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("the other account's mail took %v", took)
		}
	})
	t.Run("51 each reply takes its time", func(t *testing.T) {
		w := newAttack(t)
		w.add(27)
		all := w.raws()
		w.worker.SessionTime = 300 * time.Millisecond
		w.server.SetFaults(pop3test.Fault{Command: "RETR", Delay: 30 * time.Millisecond})
		sessions, before := 0, 0
		for ; len(w.stored()) < 30 && sessions < 30; sessions++ {
			begun := time.Now()
			v := w.trySync()
			if took := time.Since(begun); took > 2*time.Second {
				t.Errorf("session %d took %v", sessions, took)
			}
			if n := len(w.stored()); n <= before {
				t.Fatalf("session %d brought nothing: %q", sessions, v.Sentence)
			} else {
				before = n
			}
			if !v.OK && !strings.Contains(v.Sentence, "so slowly") {
				t.Errorf("sync: %q", v.Sentence)
			}
			w.later.Add(int64(2 * time.Minute))
		}
		if sessions < 3 {
			t.Errorf("%d sessions", sessions)
		}
		w.kept(all)
		w.heal(all)
	})
	t.Run("55 accounts of one host that is in use", func(t *testing.T) {
		const accounts = 200
		w := newAttack(t)
		o := new(watcher)
		w.worker.Observer = o
		w.many(accounts-1, func(i int, s *store.Settings) { s.Username = fmt.Sprint("ann", i) })
		w.server.SetFaults(pop3test.Refuse("AUTH", 0, "[IN-USE] locked"))
		begun := time.Now()
		w.run(func() bool { _, ended := o.counts(); return ended >= accounts })
		took := time.Since(begun)
		time.Sleep(100 * time.Millisecond)
		if most, _ := o.counts(); most > 2 {
			t.Errorf("%d sessions with one host at a time", most)
		}
		if n := w.server.Sessions(); n != accounts {
			t.Errorf("%d logins for %d accounts", n, accounts)
		}
		all, err := w.store.Accounts(t.Context(), w.user)
		w.check(err)
		first, last := all[0].NextCheck, all[0].NextCheck
		for _, a := range all {
			first, last = slices.MinFunc([]time.Time{first, a.NextCheck}, time.Time.Compare), slices.MaxFunc([]time.Time{last, a.NextCheck}, time.Time.Compare)
			if a.Paused || a.NextCheck.Sub(w.store.Now()) < 30*time.Second {
				t.Errorf("account %d: paused %v, next check in %v", a.ID, a.Paused, a.NextCheck.Sub(w.store.Now()))
			}
		}
		if spread := last.Sub(first); spread < took+2*time.Second {
			t.Errorf("%d checks within %v, after sessions within %v", accounts, spread, took)
		}
	})
}
