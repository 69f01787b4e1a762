package syncer_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/internal/seal"
	"postern/pop3client/pop3test"
	"postern/store"
	"postern/syncer"
)

// world is a maildrop on a server, a store, and a worker between them.
type world struct {
	t       testing.TB
	server  *pop3test.Server
	drop    *pop3test.Maildrop
	store   *store.Store
	worker  *syncer.Worker
	user    store.UserID
	account store.AccountID
	later   atomic.Int64 // nanoseconds that the store's clock is ahead
}

// password is every account's.
var password = seal.NewSecret("wonder land")

// keyFile is the name of the key file in a world's data directory.
const keyFile = "key"

func newWorld(t testing.TB, change ...func(*store.Settings)) *world {
	t.Helper()
	w := &world{t: t, drop: pop3test.NewMaildrop("ann", "wonder land")}
	w.server = pop3test.NewServer(t, w.drop)
	ctx := context.Background()
	dir := t.TempDir()
	key, err := seal.LoadKey(filepath.Join(dir, keyFile), true)
	w.check(err)
	w.store, err = store.Open(ctx, dir, store.Options{
		Key: key,
		Now: func() time.Time { return time.Now().Add(time.Duration(w.later.Load())) },
	})
	w.check(err)
	opened := w.store // a test may put another in its place
	t.Cleanup(func() { opened.Close() })
	w.user, err = w.store.AddUser(ctx, "ann", "$hash", true)
	w.check(err)
	host, port, _ := net.SplitHostPort(w.server.TLSAddr())
	n, _ := strconv.Atoi(port)
	settings := store.Settings{
		Name: "Work", Email: "ann@example.com", Host: host, Port: n, Security: store.TLS, Username: "ann",
		CA: string(w.server.Authority().PEM()), Policy: store.DeleteOnDelete, Interval: time.Hour,
	}
	for _, c := range change {
		c(&settings)
	}
	w.account, err = w.store.AddAccount(ctx, w.user, settings, password)
	w.check(err)
	w.worker = &syncer.Worker{Store: w.store, Connect: &syncer.Connector{Private: syncer.AccessAll}, HostWait: 1}
	return w
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// add puts n messages more into the maildrop.
func (w *world) add(n int) {
	for range n {
		i := len(w.drop.Messages()) + 1
		w.drop.Add(fmt.Sprintf("uid-%04d", i), letter(i))
	}
}

func letter(i int) []byte {
	return pop3test.CRLF(fmt.Sprintf("Received: from mx.example.com; %s\nFrom: bob@example.net\nTo: ann@example.com\nSubject: Letter %d\nMessage-ID: <%[2]d@example.net>\n\nLetter number %[2]d.\n.\n..dots\n",
		time.Now().Add(time.Duration(i)*time.Second-24*time.Hour).UTC().Format(time.RFC1123Z), i))
}

// sync holds one session and expects it to end well.
func (w *world) sync() store.Sync {
	w.t.Helper()
	v := w.trySync()
	if !v.OK {
		w.t.Fatalf("sync: %s %q", v.Sentence, v.Remarks)
	}
	return v
}

func (w *world) trySync() store.Sync {
	w.t.Helper()
	a, err := w.store.Account(context.Background(), w.user, w.account)
	w.check(err)
	v, err := w.worker.Sync(context.Background(), a)
	w.check(err)
	return v
}

// stored returns every message here but purged ones, oldest first.
func (w *world) stored() []store.Summary {
	w.t.Helper()
	var all []store.Summary
	for _, box := range []store.Mailbox{store.Inbox, store.Archive, store.Junk, store.Trash} {
		p, err := w.store.Messages(context.Background(), w.user, store.View{Mailbox: box, Limit: 10000})
		w.check(err)
		all = append(all, p.Messages...)
	}
	slices.SortFunc(all, func(a, b store.Summary) int { return a.Received.Compare(b.Received) })
	return all
}

func (w *world) act(a store.Action, ids ...store.MessageID) {
	w.t.Helper()
	_, err := w.store.Act(context.Background(), w.user, a, ids)
	w.check(err)
}

// deleteNow deletes messages and lets their undo window pass.
func (w *world) deleteNow(ids ...store.MessageID) {
	w.t.Helper()
	w.act(store.Delete, ids...)
	w.later.Add(int64(store.UndoWindow))
}

// octets are the hashes of all octets here.
func (w *world) octets() map[[32]byte]int {
	w.t.Helper()
	sums := map[[32]byte]int{}
	for _, m := range w.stored() {
		o, err := w.store.Octets(context.Background(), w.user, m.ID)
		w.check(err)
		raw := make([]byte, o.Size())
		if _, err := o.ReadAt(raw, 0); err != nil {
			w.t.Fatal(err)
		}
		sums[sha256.Sum256(raw)]++
	}
	return sums
}

func TestSyncRetrievesEachMessageOnce(t *testing.T) {
	w := newWorld(t)
	w.add(30)
	if v := w.sync(); v.Retrieved != 30 {
		t.Errorf("first sync: %+v", v)
	}
	w.add(3)
	if v := w.sync(); v.Retrieved != 3 {
		t.Errorf("second sync: %+v", v)
	}
	if v := w.sync(); v.Retrieved != 0 || v.Sentence != "Nothing new." {
		t.Errorf("third sync: %+v", v)
	}
	sums := w.octets()
	for _, m := range w.drop.Messages() {
		if sums[sha256.Sum256(m.Raw)] != 1 {
			t.Errorf("message %s is here %d times", m.UID, sums[sha256.Sum256(m.Raw)])
		}
	}
}

func TestDeleteHereDeletesThereAndOnlyThat(t *testing.T) {
	w := newWorld(t)
	w.add(20)
	w.sync()
	all := w.stored()
	w.act(store.Delete, all[3].ID)
	w.sync()
	if n := len(w.drop.Messages()); n != 20 {
		t.Fatalf("deleted inside the undo window: %d left", n)
	}
	w.deleteNow(all[7].ID, all[12].ID)
	if v := w.sync(); v.Deleted != 3 {
		t.Errorf("sync: %+v", v)
	}
	for _, gone := range []string{"uid-0004", "uid-0008", "uid-0013"} {
		if slices.Contains(w.drop.UIDs(), gone) {
			t.Errorf("%s is still on the server", gone)
		}
	}
	if n := len(w.drop.Messages()); n != 17 {
		t.Errorf("%d messages left on the server, want 17", n)
	}
	for _, m := range w.stored() {
		if m.Mailbox == store.Trash && m.Server != store.ServerPending {
			t.Errorf("before the next listing: %v", m.Server)
		}
	}
	if v := w.sync(); v.Retrieved != 0 {
		t.Errorf("a deleted message came again: %+v", v)
	}
	for _, m := range w.stored() {
		if m.Mailbox == store.Trash && m.Server != store.ServerDeleted {
			t.Errorf("after the next listing: %v", m.Server)
		}
	}
}

func TestLostQuitChangesNothing(t *testing.T) {
	for _, fault := range []pop3test.Fault{
		pop3test.Cut("QUIT", 0, 0),
		pop3test.Refuse("QUIT", 0, "unable to unlink all deleted messages"),
		pop3test.Cut("DELE", 2, 0),
		pop3test.Refuse("DELE", 1, "message is locked"),
	} {
		t.Run(fault.Command+" "+fault.Reply, func(t *testing.T) {
			w := newWorld(t)
			w.add(5)
			w.sync()
			all := w.stored()
			w.deleteNow(all[0].ID, all[1].ID)
			w.server.SetFaults(fault)
			w.trySync()
			w.server.SetFaults()
			w.sync()
			w.sync()
			for _, m := range w.stored() {
				left := slices.Contains(w.drop.UIDs(), "uid-000"+strings.TrimPrefix(m.Subject, "Letter "))
				switch {
				case m.Mailbox != store.Trash && (!left || m.Server != store.ServerPresent):
					t.Errorf("%s: on the server %v, state %v", m.Subject, left, m.Server)
				case m.Server == store.ServerDeleted && left, m.Server == store.ServerPending:
					t.Errorf("%s in Trash: on the server %v, state %v", m.Subject, left, m.Server)
				}
			}
			if n := len(w.stored()); n != 5 {
				t.Errorf("%d messages here, want 5", n)
			}
		})
	}
}

func TestListingOddities(t *testing.T) {
	t.Run("duplicate and empty unique-ids", func(t *testing.T) {
		w := newWorld(t)
		for i := range 4 {
			w.drop.Add([]string{"same", "same", "", "own"}[i], letter(i))
		}
		if v := w.sync(); v.Retrieved != 4 || len(v.Remarks) == 0 {
			t.Errorf("sync: %+v", v)
		}
		if v := w.sync(); v.Retrieved != 0 {
			t.Errorf("again: %+v", v)
		}
		w.deleteNow(w.stored()[0].ID)
		w.sync()
		if left := w.drop.Messages(); len(left) != 3 || string(left[0].Raw) == string(letter(0)) {
			t.Errorf("the deletion of one twin left %d messages", len(left))
		}
	})
	t.Run("no UIDL", func(t *testing.T) {
		w := newWorld(t)
		w.server.Configure(func(c *pop3test.Config) { c.NoUIDL = true })
		w.add(5)
		if v := w.sync(); v.Retrieved != 5 {
			t.Errorf("sync: %+v", v)
		}
		if v := w.sync(); v.Retrieved != 0 {
			t.Errorf("again: %+v", v)
		}
		w.deleteNow(w.stored()[2].ID)
		w.sync()
		if uids := w.drop.UIDs(); len(uids) != 4 || slices.Contains(uids, "uid-0003") {
			t.Errorf("left on the server: %q", uids)
		}
	})
	t.Run("UIDL refused though it worked before", func(t *testing.T) {
		w := newWorld(t)
		w.add(5)
		w.sync()
		w.server.SetFaults(pop3test.Refuse("UIDL", 0, "try later"))
		if v := w.trySync(); v.OK || v.Retrieved != 0 {
			t.Errorf("sync: %+v", v)
		}
		w.server.SetFaults()
		if v := w.sync(); v.Retrieved != 0 || v.Gone != 0 {
			t.Errorf("sync after it: %+v", v)
		}
	})
	t.Run("all unique-ids changed", func(t *testing.T) {
		w := newWorld(t)
		w.add(5)
		w.sync()
		w.drop.Renumber(func(i int, old string) string { return "new-" + old })
		if v := w.sync(); v.Retrieved != 0 {
			t.Errorf("sync: %+v", v)
		}
		if n := len(w.stored()); n != 5 {
			t.Errorf("%d messages here, want 5", n)
		}
	})
	t.Run("a unique-id is used again", func(t *testing.T) {
		w := newWorld(t)
		w.add(1)
		w.sync()
		w.drop.Clear()
		w.sync()
		w.drop.Add("uid-0001", letter(99))
		if v := w.sync(); v.Retrieved != 1 || len(w.stored()) != 2 {
			t.Errorf("sync: %+v, %d messages here", v, len(w.stored()))
		}
	})
}

func TestGoneFromServerStaysHere(t *testing.T) {
	w := newWorld(t)
	w.add(3)
	w.sync()
	w.drop.Remove("uid-0002")
	if v := w.sync(); v.Gone != 1 {
		t.Errorf("sync: %+v", v)
	}
	all := w.stored()
	if len(all) != 3 || all[1].Server != store.ServerGone {
		t.Errorf("%d messages here, second is %v", len(all), all[1].Server)
	}
}

func TestRefusedMessageDoesNotStopTheRest(t *testing.T) {
	w := newWorld(t)
	w.add(10)
	fault := pop3test.Refuse("RETR", 0, "this one cannot be read")
	fault.Arg = "4"
	w.server.SetFaults(fault)
	for i := range 4 {
		v := w.sync()
		if want := map[bool]int{true: 9, false: 0}[i == 0]; v.Retrieved != want || v.Skipped != 1 {
			t.Errorf("sync %d: %+v", i, v)
		}
	}
	tries := 0
	for _, c := range w.server.Log() {
		if c.Line == "RETR 4" {
			tries++
		}
	}
	if tries != 3 {
		t.Errorf("tried %d times in four sessions, want 3", tries)
	}
}

func TestTranscriptTellsTheDialogueWithoutSecrets(t *testing.T) {
	w := newWorld(t)
	w.add(2)
	w.sync()
	runs, err := w.store.Syncs(context.Background(), w.user, w.account, 1)
	w.check(err)
	v, err := w.store.Sync(context.Background(), w.user, w.account, runs[0].ID)
	w.check(err)
	for _, want := range []string{"S: +OK", "C: RETR 2", "C: QUIT"} {
		if !strings.Contains(v.Transcript, want) {
			t.Errorf("%q is missing in the transcript:\n%s", want, v.Transcript)
		}
	}
	for _, secret := range []string{"wonder land", "AGFubgB3b25kZXIgbGFuZA", "Letter number"} {
		if strings.Contains(v.Transcript, secret) {
			t.Errorf("%q is in the transcript:\n%s", secret, v.Transcript)
		}
	}
}

func TestPolicies(t *testing.T) {
	t.Run("keep", func(t *testing.T) {
		w := newWorld(t, func(s *store.Settings) { s.Policy = store.Keep })
		w.add(3)
		w.sync()
		w.deleteNow(w.stored()[0].ID)
		w.sync()
		if n := len(w.drop.Messages()); n != 3 {
			t.Errorf("%d left on the server", n)
		}
	})
	t.Run("after download", func(t *testing.T) {
		w := newWorld(t, func(s *store.Settings) { s.Policy = store.DeleteAfterDownload })
		w.add(3)
		if v := w.sync(); v.Retrieved != 3 || v.Deleted != 3 {
			t.Errorf("sync: %+v", v)
		}
		if n := len(w.drop.Messages()); n != 0 {
			t.Errorf("%d left on the server", n)
		}
		w.sync()
		for _, m := range w.stored() {
			if m.Mailbox != store.Inbox || m.Server != store.ServerDeleted {
				t.Errorf("%s: %v, %v", m.Subject, m.Mailbox, m.Server)
			}
		}
	})
	t.Run("after days", func(t *testing.T) {
		w := newWorld(t, func(s *store.Settings) { s.Policy, s.PolicyDays = store.DeleteAfterDays, 3 })
		w.add(3)
		w.sync()
		w.later.Add(int64(71 * time.Hour))
		w.add(1)
		if v := w.sync(); v.Deleted != 0 {
			t.Errorf("before the third day is over: %+v", v)
		}
		w.later.Add(int64(time.Hour))
		if v := w.sync(); v.Deleted != 3 || len(w.drop.Messages()) != 1 {
			t.Errorf("after it: %+v, %d left", v, len(w.drop.Messages()))
		}
	})
}

func TestOldMailArrivesAsRead(t *testing.T) {
	w := newWorld(t, func(s *store.Settings) { s.ReadAfterDays = 7 })
	old := time.Now().Add(-8 * 24 * time.Hour).Format(time.RFC1123Z)
	w.drop.Add("old", pop3test.CRLF("Date: "+old+"\nSubject: Old\n\nold\n"))
	w.drop.Add("new", letter(1))
	w.sync()
	for _, m := range w.stored() {
		if m.Unread != (m.Subject != "Old") {
			t.Errorf("%s: unread %v", m.Subject, m.Unread)
		}
	}
}

func TestTroubleInWords(t *testing.T) {
	closed := func() int {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.Addr().(*net.TCPAddr).Port
	}()
	for _, test := range []struct {
		name   string
		change func(*world, *store.Settings)
		want   string
	}{
		{"wrong password", func(w *world, s *store.Settings) { w.drop.SetPassword("other") }, "refuses the user name or the password"},
		{"port closed", func(w *world, s *store.Settings) { s.Port = closed }, "refuses connections"},
		{"no such host", func(w *world, s *store.Settings) { s.Host = "no-such-host.invalid" }, "no-such-host.invalid"},
		{"unknown authority", func(w *world, s *store.Settings) { s.CA = "" }, "not signed by an authority"},
		{"not TLS", func(w *world, s *store.Settings) {
			_, p, _ := net.SplitHostPort(w.server.Addr())
			s.Port, _ = strconv.Atoi(p)
		}, "does not speak TLS"},
		{"not POP3", func(w *world, s *store.Settings) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			w.check(err)
			w.t.Cleanup(func() { l.Close() })
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					fmt.Fprint(c, "220 mail.example.com ESMTP\r\n")
					time.AfterFunc(5*time.Second, func() { c.Close() })
				}
			}()
			s.Port, s.Security = l.Addr().(*net.TCPAddr).Port, store.Plain
		}, "is not a POP3 server"},
		{"busy", func(w *world, s *store.Settings) {
			w.server.SetFaults(pop3test.Refuse("PASS", 0, "[IN-USE] maildrop is locked"), pop3test.Refuse("AUTH", 0, "[IN-USE] maildrop is locked"))
		}, "does not let anybody in just now"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.add(1)
			a, err := w.store.Account(context.Background(), w.user, w.account)
			w.check(err)
			test.change(w, &a.Settings)
			w.check(w.store.UpdateAccount(context.Background(), w.user, w.account, a.Settings, seal.Secret{}))
			v := w.trySync()
			if v.OK || !strings.Contains(v.Sentence, test.want) {
				t.Errorf("sync: %q, want %q", v.Sentence, test.want)
			}
			if strings.Contains(v.Sentence, "wonder land") {
				t.Error("the password is in the sentence")
			}
			r := w.worker.Connect.Probe(context.Background(), true, a.Settings, password)
			if !strings.Contains(r.Error, test.want) || r.Advice == "" {
				t.Errorf("probe: %q %q", r.Error, r.Advice)
			}
		})
	}
}

func TestPrivateAddressesAreGuarded(t *testing.T) {
	w := newWorld(t)
	w.worker.Connect.Private = syncer.AccessNone
	if v := w.trySync(); v.OK || !strings.Contains(v.Sentence, "private address") {
		t.Errorf("sync: %q", v.Sentence)
	}
}

func TestWrongPasswordPausesAfterTheSecondTime(t *testing.T) {
	w := newWorld(t)
	w.drop.SetPassword("changed")
	paused := func() bool {
		a, err := w.store.Account(context.Background(), w.user, w.account)
		w.check(err)
		return a.Paused
	}
	w.trySync()
	if paused() {
		t.Error("paused after one refusal")
	}
	w.trySync()
	if paused() {
		t.Error("paused after two refusals in a row, which may be throttling")
	}
	w.later.Add(int64(11 * time.Minute))
	w.trySync()
	if !paused() {
		t.Error("not paused after two refusals apart in time")
	}
}

func TestProbe(t *testing.T) {
	w := newWorld(t)
	w.add(3)
	a, err := w.store.Account(context.Background(), w.user, w.account)
	w.check(err)
	r := w.worker.Connect.Probe(context.Background(), true, a.Settings, password)
	if r.Trouble != nil || r.Messages != 3 || !r.UIDL || r.TOP == nil || !*r.TOP || r.TLS == nil || len(r.TLS.Chain) == 0 ||
		r.Mechanism != "PLAIN" || r.Oldest == nil || r.Newest == nil || !r.Oldest.Before(*r.Newest) || r.Pipelining == nil || !*r.Pipelining {
		t.Errorf("report: %+v", r)
	}
	for _, c := range w.server.Log() {
		if strings.HasPrefix(c.Line, "RETR") || strings.HasPrefix(c.Line, "DELE") {
			t.Errorf("a probe sent %s", c.Line)
		}
	}
}

func TestWorkerPollsWhatIsDue(t *testing.T) {
	w := newWorld(t)
	w.add(5)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- w.worker.Run(ctx) }()
	wait := func(n int) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); len(w.stored()) != n; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d messages here, want %d", len(w.stored()), n)
			}
		}
	}
	wait(5)
	w.add(2)
	w.checkNow()
	w.worker.Wake()
	wait(7)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestWorkerLooksByItself: another process that makes an account due, as postern account does,
// cannot wake the worker.
func TestWorkerLooksByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.worker.Run(ctx) }()
	idle := func() bool { return w.current().NextCheck.After(w.store.Now()) }
	for !idle() {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(time.Second) // the worker has looked once more since that session
	w.add(1)
	w.checkNow()
	for deadline := time.Now().Add(20 * time.Second); len(w.stored()) != 1; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it has not looked for 20 seconds")
		}
	}
	stop()
	w.check(<-ended)
}

// TestRestartGoesOnAtOnce: what the end of the program has broken off is due at its next start.
func TestRestartGoesOnAtOnce(t *testing.T) {
	w := newWorld(t)
	w.add(3)
	w.server.SetFaults(pop3test.Stall("RETR", 2, 10))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.worker.Run(ctx) }()
	for w.commands("RETR 2") == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	w.check(<-ended)
	w.server.SetFaults()
	ctx, stop = context.WithCancel(t.Context())
	again := &syncer.Worker{Store: w.store, Connect: w.worker.Connect}
	go func() { ended <- again.Run(ctx) }()
	for deadline := time.Now().Add(20 * time.Second); len(w.stored()) != 3; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of 3 here 20 seconds after the start", len(w.stored()))
		}
	}
	stop()
	w.check(<-ended)
}

func TestStopEndsWithoutQuit(t *testing.T) {
	w := newWorld(t)
	w.add(5)
	w.server.SetFaults(pop3test.Stall("RETR", 3, 10))
	a, err := w.store.Account(context.Background(), w.user, w.account)
	w.check(err)
	ctx, stop := context.WithCancel(context.Background())
	time.AfterFunc(300*time.Millisecond, stop)
	v, err := w.worker.Sync(ctx, a)
	w.check(err)
	if v.OK || !strings.Contains(v.Sentence, "shut down") {
		t.Errorf("sync: %+v", v)
	}
	for _, c := range w.server.Log() {
		if c.Line == "QUIT" {
			t.Error("QUIT was sent")
		}
	}
	w.server.SetFaults()
	w.sync()
	if n := len(w.stored()); n != 5 {
		t.Errorf("%d messages here, want 5", n)
	}
}

// commands counts the commands of a kind in the server's log.
func (w *world) commands(verb string) int {
	n := 0
	for _, c := range w.server.Log() {
		if strings.HasPrefix(c.Line, verb) {
			n++
		}
	}
	return n
}

func TestKnownAgainWithoutDownload(t *testing.T) {
	renumber := func(i int, old string) string { return "new-" + old }
	t.Run("all unique-ids changed", func(t *testing.T) {
		w := newWorld(t)
		w.add(6)
		w.sync()
		w.deleteNow(w.stored()[0].ID)
		w.server.ResetLog()
		w.drop.Renumber(renumber)
		v := w.sync()
		if v.Retrieved != 0 || v.Gone != 0 || w.commands("RETR") != 0 || len(v.Remarks) == 0 {
			t.Errorf("sync: %+v, %d RETR", v, w.commands("RETR"))
		}
		if n := len(w.drop.Messages()); n != 5 {
			t.Errorf("the open deletion was not carried over: %d messages left", n)
		}
	})
	t.Run("the account moved to another host", func(t *testing.T) {
		w := newWorld(t)
		w.add(6)
		w.sync()
		w.server.ResetLog()
		a, err := w.store.Account(context.Background(), w.user, w.account)
		w.check(err)
		a.Host = "localhost"
		w.check(w.store.UpdateAccount(context.Background(), w.user, w.account, a.Settings, seal.Secret{}))
		if v := w.sync(); v.Retrieved != 0 || w.commands("RETR") != 0 || w.commands("TOP") != 6 {
			t.Errorf("sync: %+v, %d RETR, %d TOP", v, w.commands("RETR"), w.commands("TOP"))
		}
		w.server.ResetLog()
		if w.sync(); w.commands("TOP") != 0 {
			t.Error("what was proved is proved again")
		}
	})
	t.Run("the new host has other mail under the same unique-ids", func(t *testing.T) {
		w := newWorld(t)
		w.add(3)
		w.sync()
		w.deleteNow(w.stored()[1].ID)
		a, err := w.store.Account(context.Background(), w.user, w.account)
		w.check(err)
		a.Host = "localhost"
		w.check(w.store.UpdateAccount(context.Background(), w.user, w.account, a.Settings, seal.Secret{}))
		w.drop.Clear()
		for i := range 3 {
			w.drop.Add(fmt.Sprintf("uid-%04d", i+1), letter(50+i))
		}
		if v := w.sync(); v.Retrieved != 3 || v.Deleted != 0 || len(w.drop.Messages()) != 3 {
			t.Errorf("sync: %+v, %d left on the server", v, len(w.drop.Messages()))
		}
	})
	t.Run("a server that adds a Status field", func(t *testing.T) {
		w := newWorld(t)
		w.add(3)
		w.sync()
		messages := w.drop.Messages()
		w.drop.Clear()
		for _, m := range messages {
			w.drop.Add(m.UID, append([]byte("Status: RO\r\n"), m.Raw...))
		}
		w.deleteNow(w.stored()[1].ID)
		if v := w.sync(); v.Retrieved != 0 || v.Deleted != 1 {
			t.Errorf("sync: %+v", v)
		}
		if uids := w.drop.UIDs(); slices.Contains(uids, "uid-0002") || len(uids) != 2 {
			t.Errorf("left on the server: %q", uids)
		}
	})
}

func TestRowsMissingFromAListing(t *testing.T) {
	for _, command := range []string{"LIST", "UIDL"} {
		t.Run(command, func(t *testing.T) {
			w := newWorld(t)
			w.add(3)
			w.sync()
			w.deleteNow(w.stored()[1].ID)
			reply := "+OK\r\n1 100\r\n3 100\r\n.\r\n"
			if command == "UIDL" {
				reply = "+OK\r\n1 uid-0001\r\n3 uid-0003\r\n.\r\n"
			}
			w.server.SetFaults(pop3test.Fault{Command: command, Reply: reply})
			w.trySync()
			w.server.SetFaults()
			w.sync()
			w.sync()
			all := w.stored()
			if len(all) != 3 || len(w.drop.Messages()) != 2 || slices.Contains(w.drop.UIDs(), "uid-0002") {
				t.Errorf("%d messages here, on the server %q", len(all), w.drop.UIDs())
			}
			if all[0].Server != store.ServerPresent || all[1].Server != store.ServerDeleted || all[2].Server != store.ServerPresent {
				t.Errorf("states %v %v %v", all[0].Server, all[1].Server, all[2].Server)
			}
		})
	}
}

func TestServerThatHidesRetrievedMailIsReadOneByOne(t *testing.T) {
	w := newWorld(t)
	w.server.Configure(func(c *pop3test.Config) {
		c.Capabilities = func(_ pop3test.State, lines []string) []string { return append(lines, "EXPIRE 0") }
	})
	w.add(8)
	w.server.SetFaults(pop3test.Cut("RETR", 5, 40))
	w.trySync()
	if asked, kept := w.commands("RETR"), len(w.stored()); asked != 5 || kept != 4 {
		t.Errorf("%d messages asked for, %d kept: want 5 and 4", asked, kept)
	}
}

func TestAnswersOutOfStepHealThemselves(t *testing.T) {
	w := newWorld(t)
	w.add(6)
	// The server answers the second RETR twice over: every later answer belongs to the
	// command before its own.
	w.server.SetFaults(pop3test.Fault{Command: "RETR", Nth: 2, Repeat: 2, Reply: "+OK\r\nSubject: Planted\r\n\r\nplanted\r\n.\r\n"})
	w.trySync()
	w.server.SetFaults()
	w.sync()
	w.sync()
	w.deleteNow(w.stored()[0].ID)
	w.sync()
	w.sync()
	sums := w.octets()
	for _, m := range w.drop.Messages() {
		if n := sums[sha256.Sum256(m.Raw)]; n != 1 {
			t.Errorf("%s is here %d times", m.UID, n)
		}
	}
}

func TestSyncWaitsForTheOtherSession(t *testing.T) {
	w := newWorld(t)
	w.add(5)
	w.server.SetFaults(pop3test.Fault{Command: "UIDL", Session: 1, Delay: 300 * time.Millisecond})
	a, err := w.store.Account(context.Background(), w.user, w.account)
	w.check(err)
	results := make(chan store.Sync, 2)
	for range 2 {
		go func() {
			v, err := w.worker.Sync(context.Background(), a)
			if err != nil {
				t.Error(err)
			}
			results <- v
		}()
	}
	first, second := <-results, <-results
	if !first.OK || !second.OK || first.Retrieved+second.Retrieved != 5 || second.Started.Before(first.Ended) {
		t.Errorf("two sessions at once: %+v and %+v", first, second)
	}
}
