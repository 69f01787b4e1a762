package syncer_test

// The scripts of docs/POP3.md about what a maildrop is and becomes, and about ends at
// the worst moment.

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/internal/seal"
	"postern/pop3client/pop3test"
	"postern/store"
	"postern/syncer"
)

func TestAttackUniqueIDs(t *testing.T) {
	t.Run("57 one unique-id for two messages", func(t *testing.T) {
		w := newAttack(t)
		w.drop.Renumber(func(i int, old string) string { return []string{"same", "same", "own"}[i] })
		all := w.raws()
		fault := pop3test.Refuse("RETR", 0, "not now")
		fault.Arg = "2"
		w.server.SetFaults(fault)
		w.trySync()
		if n := len(w.stored()); n != 2 {
			t.Errorf("%d here, want the two that can be had", n)
		}
		w.kept(all)
		w.heal(all)
	})
	for _, uids := range [][]string{
		{"", "", "x"},
		{strings.Repeat("u", 5000) + "1", strings.Repeat("u", 5000) + "2", strings.Repeat("u", 1024)},
		{"a b  c", "a b c", "a\tb c"},
		{"\xe9", "\xe8\xff", "é"},
		{"\x01\x7f", "\x1b[2J", "\x00"},
		{"+OK", ".", "-ERR"},
		{"1 2", "2", "3 1"},
		{"x", "x ", " x"},
	} {
		t.Run(fmt.Sprintf("58 %.10q %.10q %.10q", uids[0], uids[1], uids[2]), func(t *testing.T) {
			w := newWorld(t)
			w.add(3)
			w.drop.Renumber(func(i int, _ string) string { return uids[i] })
			all := w.raws()
			if v := w.sync(); v.Retrieved != 3 {
				t.Errorf("first sync: %+v", v)
			}
			if v := w.sync(); v.Retrieved != 0 || v.Gone != 0 {
				t.Errorf("second sync: %+v", v)
			}
			w.deleteNow(w.stored()[1].ID)
			w.sync()
			if left := w.raws(); len(left) != 2 || !bytes.Equal(left[0], all[0]) || !bytes.Equal(left[1], all[2]) {
				t.Errorf("the deletion of the second one left %q", left)
			}
			w.heal(all)
		})
	}
	t.Run("59 neither UIDL nor TOP", func(t *testing.T) {
		w := newWorld(t)
		w.server.Configure(func(c *pop3test.Config) { c.NoUIDL, c.NoTOP = true, true })
		w.add(4)
		all := w.raws()
		for i := range 3 {
			if v := w.sync(); v.Retrieved != map[bool]int{true: 4}[i == 0] {
				t.Errorf("sync %d: %+v", i, v)
			}
		}
		w.deleteNow(w.stored()[1].ID)
		w.sync()
		if left := w.raws(); len(left) > 4 || slices.ContainsFunc(all, func(raw []byte) bool {
			return !bytes.Equal(raw, all[1]) && !slices.ContainsFunc(left, func(l []byte) bool { return bytes.Equal(l, raw) })
		}) {
			t.Errorf("the deletion of the second one left %q", left)
		}
		w.kept(all)
	})
	t.Run("60 all unique-ids change", func(t *testing.T) {
		w := newWorld(t, func(s *store.Settings) { s.Policy, s.PolicyDays = store.DeleteAfterDays, 30 })
		w.add(20)
		all := w.raws()
		w.sync()
		w.drop.Renumber(func(_ int, old string) string { return "moved-" + old })
		v := w.sync()
		if v.Retrieved != 0 || v.Gone != 0 || v.Deleted != 0 || len(w.drop.Messages()) != 20 {
			t.Errorf("sync: %+v, %d on the server", v, len(w.drop.Messages()))
		}
		if !strings.Contains(strings.Join(v.Remarks, " "), "20 known messages under new unique-ids") {
			t.Errorf("remarks: %q", v.Remarks)
		}
		w.heal(all)
	})
}

func TestAttackDeletions(t *testing.T) {
	for _, a := range []struct {
		name  string
		fault pop3test.Fault
		again bool // the server deleted nothing, so DELE has to be repeated
	}{
		{"62 QUIT hangs", pop3test.Stall("QUIT", 0, 0), false},
		{"62 QUIT hangs, and nothing is deleted", pop3test.Fault{Command: "QUIT", Skip: true, Stall: true, Reply: "+OK"}, true},
		{"62 QUIT refused", pop3test.Refuse("QUIT", 0, "some deleted messages not removed"), true},
	} {
		t.Run(a.name, func(t *testing.T) {
			w := newAttack(t)
			all := w.raws()
			w.server.SetFaults(a.fault)
			v := w.trySync()
			if v.Retrieved != 3 || v.Deleted != 0 {
				t.Errorf("sync: %+v", v)
			}
			if n := len(w.drop.Messages()); (n == 3) != a.again {
				t.Errorf("%d left on the server", n)
			}
			w.kept(all)
			w.server.ResetLog()
			w.heal(all)
			if n := w.commands("DELE"); (n > 0) != a.again {
				t.Errorf("DELE was sent %d times more", n)
			}
			if n := w.commands("RETR") + len(w.drop.Messages()); n != 0 {
				t.Errorf("%d retrieved again or left on the server", n)
			}
		})
	}
	t.Run("63 DELE refused for ever", func(t *testing.T) {
		w := newAttack(t)
		all := w.raws()
		w.server.SetFaults(pop3test.Refuse("DELE", 0, "no"))
		for range 5 {
			w.sync()
			w.later.Add(int64(24 * time.Hour))
		}
		if n := w.commands("DELE"); n != 3 {
			t.Errorf("DELE was sent %d times for 3 messages", n)
		}
		if n := len(w.drop.Messages()); n != 3 {
			t.Errorf("%d left on the server", n)
		}
		for _, d := range w.ledger() {
			if d.State != store.Refused || d.Reply == "" {
				t.Errorf("ledger: %+v", d)
			}
		}
		w.heal(all)
	})
}

func TestAttackRetrievals(t *testing.T) {
	t.Run("64 RETR refused for ever", func(t *testing.T) {
		w := newAttack(t)
		fault := pop3test.Refuse("RETR", 0, "cannot be read")
		fault.Arg = "2"
		w.server.SetFaults(fault)
		for range 6 {
			// Message 2 becomes the only one.
			if v := w.sync(); v.Skipped != 1 || len(v.Remarks) == 0 && w.commands("RETR 2")+w.commands("RETR 1") < 4 {
				t.Errorf("sync: %+v", v)
			}
			fault.Arg = "1"
			w.server.SetFaults(fault)
			w.later.Add(int64(time.Minute))
		}
		partial := 0
		for _, m := range w.stored() {
			if m.Partial {
				partial++
			}
		}
		if n := len(w.stored()); n != 3 || partial != 1 {
			t.Errorf("%d rows, %d of them for want of the message: want 3 and 1", n, partial)
		}
		// Messages 3, 2 and 1 once, and the one that is refused twice more.
		if n := w.commands("RETR"); n != 5 {
			t.Errorf("RETR was sent %d times", n)
		}
	})
	t.Run("65 a message goes once it is retrieved", func(t *testing.T) {
		w := newWorld(t)
		w.server.Configure(func(c *pop3test.Config) {
			c.Capabilities = func(_ pop3test.State, lines []string) []string { return append(lines, "EXPIRE 0") }
		})
		asked := 0
		var all [][]byte
		for i := range 5 {
			uid, raw := fmt.Sprint("uid-", i), letter(i)
			all = append(all, raw)
			w.drop.AddMessage(pop3test.Message{UID: uid, Octets: int64(len(raw)), Open: func() io.Reader {
				if n := len(w.stored()); n != asked {
					t.Errorf("%d messages here when message %d is asked for", n, asked+1)
				}
				asked++
				w.drop.Remove(uid)
				return bytes.NewReader(raw)
			}})
		}
		w.sync()
		if asked != 5 {
			t.Errorf("%d messages asked for", asked)
		}
		w.heal(all)
	})
	for _, other := range []bool{false, true} {
		t.Run(fmt.Sprintf("65 the proof is the retrieval, another message in its place: %v", other), func(t *testing.T) {
			w := newWorld(t)
			w.server.Configure(func(c *pop3test.Config) { c.NoTOP = true })
			stored, there := letter(1), letter(1)
			w.drop.AddMessage(pop3test.Message{UID: "uid-1", Raw: stored})
			w.sync()
			if other {
				there = letter(2)
			}
			w.drop.Remove("uid-1")
			w.drop.AddMessage(pop3test.Message{UID: "uid-1", Raw: there})
			w.server.Configure(func(c *pop3test.Config) {
				c.Size = func(pop3test.Message) int64 { return int64(len(stored)) + 7 }
			})
			w.deleteNow(w.stored()[0].ID)
			w.sync()
			if n := w.commands("RETR"); n != 2 {
				t.Errorf("%d retrievals, want the first and the proof", n)
			}
			if kept := len(w.drop.Messages()) == 1; kept != other {
				t.Errorf("kept on the server: %v", kept)
			}
			if l := w.ledger(); len(l) != 1 || (l[0].State == store.Refused) != other {
				t.Errorf("ledger: %+v", l)
			}
		})
	}
	t.Run("65 nothing is proved by taking it away", func(t *testing.T) {
		w := newWorld(t)
		w.server.Configure(func(c *pop3test.Config) {
			c.NoTOP = true
			c.Capabilities = func(_ pop3test.State, lines []string) []string { return append(lines, "EXPIRE 0") }
		})
		w.drop.AddMessage(pop3test.Message{UID: "uid-1", Raw: letter(1)})
		w.sync()
		w.drop.Remove("uid-1")
		other := letter(2)
		w.drop.AddMessage(pop3test.Message{UID: "uid-1", Octets: int64(len(other)) + 7, Open: func() io.Reader {
			w.drop.Remove("uid-1")
			return bytes.NewReader(other)
		}})
		w.deleteNow(w.stored()[0].ID)
		w.sync()
		if n := len(w.drop.Messages()); n != 1 {
			t.Errorf("%d messages on the server: the other one is lost", n)
		}
		if l := w.ledger(); len(l) != 1 || l[0].State != store.Refused || !strings.Contains(l[0].Reply, "takes away") {
			t.Errorf("ledger: %+v", l)
		}
	})
	t.Run("66 a message goes before it is retrieved", func(t *testing.T) {
		w := newAttack(t)
		all := w.raws()
		fault := pop3test.Refuse("RETR", 0, "no such message")
		fault.Arg = "3"
		w.server.SetFaults(fault)
		w.worker.Observer = &hook{phase: "retrieving", f: func() { w.drop.Remove("uid-0003") }}
		if v := w.sync(); v.Retrieved != 2 {
			t.Errorf("sync: %+v", v)
		}
		w.heal(all[:2])
	})
}

func TestAttackClock(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, jump := range []time.Duration{24 * time.Hour, -24 * time.Hour, 10 * year, -10 * year} {
		t.Run(fmt.Sprintf("68 the clock jumps by %v", jump), func(t *testing.T) {
			w := newAttack(t)
			all := w.raws()
			due := func() bool {
				accounts, err := w.store.DueAccounts(context.Background(), w.store.Now())
				w.check(err)
				return len(accounts) > 0
			}
			w.server.SetFaults(pop3test.Refuse("AUTH", 0, "[IN-USE] locked"))
			w.trySync() // back-off begins
			w.later.Store(int64(jump))
			for range 3 { // wherever the clock stands: each check puts off the next
				w.trySync()
				if due() {
					t.Error("due again at once: a hot loop")
				}
			}
			w.later.Store(0) // the clock is set right
			for day := 0; !due(); day++ {
				if day > 3 {
					t.Fatal("the account is stuck")
				}
				w.later.Add(int64(24 * time.Hour))
			}
			w.heal(all)
		})
	}
	t.Run("68 the clock jumps within a session", func(t *testing.T) {
		for _, jump := range []time.Duration{24 * time.Hour, -24 * time.Hour, 10 * year, -10 * year} {
			w := newAttack(t)
			all := w.raws()
			w.worker.Observer = &hook{phase: "retrieving", f: func() { w.later.Add(int64(jump)) }}
			w.sync() // no time-out goes by the wall clock
			w.later.Store(0)
			w.heal(all)
		}
	})
}

// The points at which a process is killed in a session that retrieves five messages and
// deletes them, by the order in which they come.
const (
	retrieved = "between RETR and commit"
	committed = "between commit and DELE"
	marking   = "before the first DELE"
	marked    = "between DELE and QUIT"
	quitting  = "between QUIT and its answer"
)

// dieVariable names the variable that tells a process of this test where to die.
const dieVariable = "POSTERN_TEST_DIE"

// reaper kills its own process.
type reaper struct{ point string }

func (r reaper) at(point string) {
	if r.point == point {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

func (r reaper) SyncStarted(store.UserID, store.AccountID)      {}
func (r reaper) SyncEnded(store.UserID, store.Sync)             {}
func (r reaper) MailArrived(store.UserID, store.AccountID, int) { r.at(committed) }
func (r reaper) SyncProgress(_ store.UserID, _ store.AccountID, phase string, done, _ int, octets int64, _ time.Duration) {
	switch {
	case phase == "retrieving" && octets > 0:
		r.at(retrieved)
	case phase == "deleting" && done == 0:
		r.at(marking)
	case phase == "deleting" && done == 3:
		r.at(marked)
	}
}

// dieInSession is the process that is killed: it holds a session with the account of
// the arguments until it reaches the point.
func dieInSession(point string) {
	if err := die(point, os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(1)
}

func die(point, dir, user, account string) error {
	ctx := context.Background()
	key, err := seal.LoadKey(filepath.Join(dir, keyFile), false)
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, dir, store.Options{Key: key})
	if err != nil {
		return err
	}
	userID, _ := strconv.ParseInt(user, 10, 64)
	accountID, _ := strconv.ParseInt(account, 10, 64)
	a, err := s.Account(ctx, store.UserID(userID), store.AccountID(accountID))
	if err != nil {
		return err
	}
	w := &syncer.Worker{Store: s, Connect: &syncer.Connector{Private: syncer.AccessAll}, Observer: reaper{point}}
	v, err := w.Sync(ctx, a)
	return fmt.Errorf("still alive: %q, %w", v.Sentence, err)
}

// killedAt runs a session in a process of its own that is killed at the point.
func (w *world) killedAt(point string) {
	w.t.Helper()
	cmd := exec.Command(os.Args[0], w.store.Dir(), fmt.Sprint(w.user), fmt.Sprint(w.account))
	cmd.Env = append(os.Environ(), dieVariable+"="+point)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	w.check(cmd.Start())
	if point == quitting {
		for deadline := time.Now().Add(10 * time.Second); len(w.drop.Messages()) > 0 && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		}
		w.check(cmd.Process.Kill())
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		w.t.Fatalf("the process was not killed: %v %s", err, &out)
	}
}

func TestAttackKilled(t *testing.T) {
	for _, point := range []string{retrieved, committed, marking, marked, quitting} {
		t.Run("61 kill -9 "+point, func(t *testing.T) {
			w := newAttack(t)
			w.add(2)
			all := w.raws()
			if point == quitting {
				w.server.SetFaults(pop3test.Stall("QUIT", 0, 0))
			}
			w.killedAt(point)
			w.kept(all)
			if here, there := len(w.stored()), len(w.drop.Messages()); (here > 0) != (point != retrieved) || (there == 0) != (point == quitting) {
				t.Errorf("%d here, %d on the server", here, there)
			}
			w.heal(all)
			if n := len(w.drop.Messages()); n != 0 {
				t.Errorf("%d left on the server", n)
			}
		})
	}
	for _, fault := range []pop3test.Fault{
		{Command: "RETR", Nth: 5, Cut: true, Reset: true},
		{Command: "DELE", Nth: 1, Cut: true, Reset: true},
		{Command: "DELE", Nth: 5, Cut: true, Reset: true, After: 3},
		{Command: "QUIT", Cut: true, Reset: true},
		{Command: "QUIT", Cut: true, Reset: true, Skip: true, Reply: "+OK"},
	} {
		t.Run(fmt.Sprintf("61 reset at %s %d, after %d, carried out %v", fault.Command, fault.Nth, fault.After, !fault.Skip), func(t *testing.T) {
			w := newAttack(t)
			w.add(2)
			all := w.raws()
			w.server.SetFaults(fault)
			w.trySync()
			w.kept(all)
			w.heal(all)
			if n := len(w.drop.Messages()); n != 0 {
				t.Errorf("%d left on the server", n)
			}
		})
	}
}
