package syncer_test

// What can go wrong between a person, a server and a session, all at once.

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/internal/seal"
	"postern/pop3client/pop3test"
	"postern/store"
	"postern/syncer"
)

// hook runs f once, when a phase is reached.
type hook struct {
	phase string
	once  sync.Once
	f     func()
}

func (h *hook) SyncStarted(store.UserID, store.AccountID) {}
func (h *hook) SyncProgress(_ store.UserID, _ store.AccountID, phase string, done, _ int, _ int64, _ time.Duration) {
	if phase == h.phase {
		h.once.Do(h.f)
	}
}
func (h *hook) SyncEnded(store.UserID, store.Sync)             {}
func (h *hook) MailArrived(store.UserID, store.AccountID, int) {}

func (w *world) settings() store.Settings {
	a, err := w.store.Account(context.Background(), w.user, w.account)
	w.check(err)
	return a.Settings
}
func (w *world) update(change func(*store.Settings)) {
	s := w.settings()
	change(&s)
	w.check(w.store.UpdateAccount(context.Background(), w.user, w.account, s, seal.Secret{}))
}

func (w *world) ledger() []store.Deletion {
	d, err := w.store.Deletions(context.Background(), w.user, 1000)
	w.check(err)
	return d
}

// Keep is saved while a session of "delete after download" runs.
func TestKeepSavedDuringSession(t *testing.T) {
	w := newWorld(t, func(s *store.Settings) { s.Policy = store.DeleteAfterDownload })
	w.add(20)
	w.worker.Observer = &hook{phase: "retrieving", f: func() { w.update(func(s *store.Settings) { s.Policy = store.Keep }) }}
	v := w.trySync()
	w.trySync()
	if n := len(w.drop.Messages()); n != 20 {
		t.Errorf("policy Keep was saved before any DELE, yet %d of 20 left on the server: %s", n, v.Sentence)
	}
}

// user name changed while a session runs; other maildrop with the same unique-ids.
func TestUserChangedDuringSession(t *testing.T) {
	w := newWorld(t)
	bob := pop3test.NewMaildrop("bob", "wonder land")
	w.server.AddMaildrop(bob)
	w.add(5)
	for i := range 5 {
		bob.Add(fmt.Sprintf("uid-%04d", i+1), letter(100+i))
	}
	w.worker.Observer = &hook{phase: "retrieving", f: func() { w.update(func(s *store.Settings) { s.Username = "bob" }) }}
	w.trySync()
	w.trySync()
	w.trySync()
	got := 0
	for _, m := range w.stored() {
		if n, _ := strconv.Atoi(strings.TrimPrefix(m.Subject, "Letter ")); n >= 100 {
			got++
		}
	}
	if got != 5 {
		t.Errorf("%d of bob's 5 messages were ever fetched", got)
	}
}

// the same with delete after download: bob's mail goes unfetched.
func TestUserChangedDuringSessionLosesNothing(t *testing.T) {
	w := newWorld(t, func(s *store.Settings) { s.Policy = store.DeleteAfterDownload })
	bob := pop3test.NewMaildrop("bob", "wonder land")
	w.server.AddMaildrop(bob)
	w.add(5)
	for i := range 5 {
		bob.Add(fmt.Sprintf("uid-%04d", i+1), letter(i+6)) // the same sizes for 1..9
	}
	w.worker.Observer = &hook{phase: "retrieving", f: func() { w.update(func(s *store.Settings) { s.Username = "bob" }) }}
	w.server.SetFaults(pop3test.Fault{Command: "QUIT", Session: 1, Skip: true, Cut: true})
	w.trySync()
	w.trySync()
	w.trySync()
	here := map[string]bool{}
	for _, m := range w.stored() {
		here[m.Subject] = true
	}
	there := map[string]bool{}
	for _, m := range bob.Messages() {
		there[m.UID] = true
	}
	for i := range 4 {
		if !here[fmt.Sprintf("Letter %d", i+6)] && !there[fmt.Sprintf("uid-%04d", i+1)] {
			t.Errorf("LOST: bob's Letter %d is neither here nor on the server", i+6)
		}
	}
}

// a unique-id used again; the new message vanishes for one listing; it is then deleted though nobody asked.
func TestReusedUniqueIDIsNotDeletedUnasked(t *testing.T) {
	w := newWorld(t)
	w.add(5)
	w.sync()
	w.deleteNow(w.stored()[0].ID)
	w.sync()
	w.sync()
	w.drop.Add("uid-0001", letter(50))
	w.sync()
	w.update(func(s *store.Settings) { s.Host = "localhost" })
	for range 4 {
		w.trySync()
		w.later.Add(int64(time.Minute))
	}
	if !slices.Contains(w.drop.UIDs(), "uid-0001") {
		t.Errorf("Letter 50 was deleted on the server; nobody asked. ledger: %+v", w.ledger())
	}
}

// deleted, confirmed, restored here; back on the server: deleted again.
func TestRestoredIsNotDeletedAgain(t *testing.T) {
	w := newWorld(t)
	w.add(5)
	w.sync()
	id := w.stored()[0].ID
	raw := w.drop.Messages()[0].Raw
	w.deleteNow(id)
	w.sync()
	w.sync()
	w.act(store.Restore, id)
	w.update(func(s *store.Settings) { s.Policy = store.Keep })
	w.drop.Add("uid-0001", raw)
	for range 3 {
		w.sync()
		w.later.Add(int64(time.Minute))
	}
	if !slices.Contains(w.drop.UIDs(), "uid-0001") {
		t.Errorf("restored here, policy Keep, and yet deleted on the server")
	}
}

// the server's store is down for three checks.
func TestOutageParksNothing(t *testing.T) {
	w := newWorld(t)
	w.add(5)
	w.server.SetFaults(pop3test.Refuse("RETR", 0, "[SYS/TEMP] backend is down"))
	for range 3 {
		w.trySync()
		w.later.Add(int64(time.Hour))
	}
	w.server.SetFaults()
	for range 5 {
		w.sync()
		w.later.Add(int64(24 * time.Hour))
	}
	if n := len(w.stored()); n != 5 {
		t.Errorf("%d of 5 messages here, five days after a short outage", n)
	}
}

// no UIDL, and the server writes Status: into what was retrieved.
func TestStatusFieldDoublesNothing(t *testing.T) {
	for _, noUIDL := range []bool{true, false} {
		w := newWorld(t)
		w.server.Configure(func(c *pop3test.Config) { c.NoUIDL = noUIDL })
		w.add(5)
		w.sync()
		all := w.drop.Messages()
		w.drop.Clear()
		for _, m := range all {
			w.drop.Add("new-"+m.UID, []byte("Status: RO\r\n"+string(m.Raw)))
		}
		w.sync()
		w.sync()
		if n := len(w.stored()); n != 5 {
			t.Errorf("noUIDL %v: %d messages here, want 5", noUIDL, n)
		}
	}
}

// twins without unique-ids of their own: delete one here.
func TestTwinDeletion(t *testing.T) {
	w := newWorld(t)
	w.server.Configure(func(c *pop3test.Config) { c.UID = func(int, pop3test.Message) string { return "same" } })
	for range 3 {
		w.drop.Add("x", letter(1))
	}
	w.sync()
	if n := len(w.stored()); n != 3 {
		t.Fatalf("%d here", n)
	}
	w.deleteNow(w.stored()[0].ID)
	for range 6 {
		w.sync()
		w.later.Add(int64(time.Minute))
	}
	if n := len(w.drop.Messages()); n != 3 {
		t.Errorf("one of three twins was deleted here, and nothing tells which: %d left on the server, want 3", n)
	}
	if d := w.ledger(); len(d) != 1 || d[0].State != store.Refused || d[0].Reply == "" {
		t.Errorf("ledger: %+v", d)
	}
}

// a server without UIDL and TOP that deletes what was retrieved at QUIT.
func TestIdentityByRetrievalLosesNothing(t *testing.T) {
	mail := map[int]string{1: string(letter(1)), 2: string(letter(2))}
	var mu sync.Mutex
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				fmt.Fprint(c, "+OK old server\r\n")
				sc := bufio.NewScanner(c)
				for sc.Scan() {
					f := strings.Fields(sc.Text())
					if len(f) == 0 {
						continue
					}
					mu.Lock()
					switch strings.ToUpper(f[0]) {
					case "USER", "PASS", "NOOP":
						fmt.Fprint(c, "+OK\r\n")
					case "STAT":
						fmt.Fprintf(c, "+OK %d 1\r\n", len(mail))
					case "LIST":
						fmt.Fprint(c, "+OK\r\n")
						for i := 1; i <= 2; i++ {
							if m, ok := mail[i]; ok {
								fmt.Fprintf(c, "%d %d\r\n", i, len(m))
							}
						}
						fmt.Fprint(c, ".\r\n")
					case "RETR":
						n, _ := strconv.Atoi(f[1])
						if m, ok := mail[n]; ok { // gone once retrieved (D65)
							fmt.Fprintf(c, "+OK\r\n%s.\r\n", strings.ReplaceAll(m, "\r\n.", "\r\n.."))
							delete(mail, n)
						} else {
							fmt.Fprint(c, "-ERR no such message\r\n")
						}
					case "QUIT":
						fmt.Fprint(c, "+OK\r\n")
						mu.Unlock()
						return
					default:
						fmt.Fprint(c, "-ERR unknown\r\n")
					}
					mu.Unlock()
				}
			}()
		}
	}()
	host, port, _ := net.SplitHostPort(l.Addr().String())
	n, _ := strconv.Atoi(port)
	w := newWorld(t, func(s *store.Settings) { s.Host, s.Port, s.Security = host, n, store.Plain })
	for range 2 {
		v := w.trySync()
		t.Log(v.Sentence, v.Remarks)
	}
	if got := len(w.stored()) + len(mail); got != 2 {
		t.Errorf("LOST: %d here and %d on the server, of 2", len(w.stored()), len(mail))
	}
}

// the clock was ten years ahead for one session.
func TestClockJump(t *testing.T) {
	w := newWorld(t)
	w.add(3)
	w.later.Store(int64(10 * 365 * 24 * time.Hour))
	w.sync()
	w.act(store.Delete, w.stored()[0].ID)
	w.later.Store(int64(48 * time.Hour)) // two days after the correction
	due, err := w.store.DueAccounts(context.Background(), w.store.Now())
	w.check(err)
	if len(due) == 0 {
		a, _ := w.store.Account(context.Background(), w.user, w.account)
		t.Errorf("never due: next check %s, interval %s", a.NextCheck, a.Interval)
	}
	w.sync()
	if n := len(w.drop.Messages()); n != 2 {
		t.Errorf("two days later the deletion still waits for %s", w.ledger()[0].NotBefore)
	}
}

// the account is removed with its mail while DELE is on its way.
func TestRemovedDuringDelete(t *testing.T) {
	w := newWorld(t, func(s *store.Settings) { s.Policy = store.DeleteAfterDownload })
	w.add(20)
	w.worker.Observer = &hook{phase: "deleting", f: func() {
		w.check(w.store.RemoveAccount(context.Background(), w.user, w.account, false))
	}}
	a, _ := w.store.Account(context.Background(), w.user, w.account)
	v, err := w.worker.Sync(context.Background(), a)
	t.Log(v.Sentence, err)
	if n := len(w.drop.Messages()); n != 20 {
		t.Errorf("LOST: account and mail removed here before QUIT; then QUIT: %d of 20 left on the server, 0 here", n)
	}
}

func (w *world) count(q string) (n int) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.store.Dir(), "postern.db"))
	w.check(err)
	defer db.Close()
	w.check(db.QueryRow(q).Scan(&n))
	return n
}

// octets after an account was removed with its mail.
func TestRemovedAccountLeavesNoOctets(t *testing.T) {
	w := newWorld(t)
	w.add(20)
	w.sync()
	w.check(w.store.RemoveAccount(context.Background(), w.user, w.account, false))
	w.check(w.store.Housekeep(context.Background()))
	w.later.Add(int64(100 * 24 * time.Hour))
	w.check(w.store.Housekeep(context.Background()))
	if n := w.count("SELECT count(*) FROM octets"); n != 0 {
		t.Errorf("%d raw messages of a removed account are in the file for ever", n)
	}
}

// a session is cut in mid DELE, then the person says Keep (and restores).
func TestKeepAfterBrokenSession(t *testing.T) {
	w := newWorld(t, func(s *store.Settings) { s.Policy = store.DeleteAfterDownload })
	w.add(20)
	w.server.SetFaults(pop3test.Cut("DELE", 5, 0))
	w.trySync()
	w.server.SetFaults()
	w.update(func(s *store.Settings) { s.Policy = store.Keep })
	w.later.Add(int64(time.Hour))
	w.sync()
	if n := len(w.drop.Messages()); n != 20 {
		t.Errorf("Keep was saved, nothing had gone; the next session deleted: %d of 20 left", n)
	}
}

// STAT says 10; LIST and UIDL show 4 once.
func TestShortListing(t *testing.T) {
	w := newWorld(t)
	w.add(10)
	w.sync()
	id := w.stored()[9].ID
	w.act(store.Delete, id)
	list, uidl := "+OK\r\n", "+OK\r\n"
	for i := 1; i <= 4; i++ {
		list += fmt.Sprintf("%d %d\r\n", i, len(w.drop.Messages()[i-1].Raw))
		uidl += fmt.Sprintf("%d uid-%04d\r\n", i, i)
	}
	w.server.SetFaults(pop3test.Fault{Command: "LIST", Reply: list + ".\r\n"}, pop3test.Fault{Command: "UIDL", Reply: uidl + ".\r\n"})
	v := w.trySync()
	t.Log(v.Sentence, v.Remarks)
	if v.Gone > 0 || w.ledger()[0].State == store.Confirmed {
		t.Errorf("STAT 10, listed 4: gone %d; a deletion never sent is %v", v.Gone, w.ledger()[0].State)
	}
}

// RETR answers with nothing for a message of size.
func TestEmptyRetrievalIsNotDeleted(t *testing.T) {
	w := newWorld(t, func(s *store.Settings) { s.Policy = store.DeleteAfterDownload })
	w.add(3)
	w.server.SetFaults(pop3test.Fault{Command: "RETR", Arg: "2", Reply: "+OK 230 octets\r\n.\r\n", Skip: true})
	w.trySync()
	if !slices.Contains(w.drop.UIDs(), "uid-0002") {
		t.Error("nothing was stored for a message, and it was deleted on the server")
	}
	w.server.SetFaults()
	w.trySync()
	if n := len(w.stored()); n != 3 {
		t.Errorf("%d messages here, want 3", n)
	}
}

// settings read before the lock (postern sync waits for its place with old settings).
func TestStaleSettings(t *testing.T) {
	w := newWorld(t, func(s *store.Settings) { s.Policy = store.DeleteAfterDownload })
	w.add(20)
	a, err := w.store.Account(context.Background(), w.user, w.account)
	w.check(err)
	w.update(func(s *store.Settings) { s.Policy = store.Keep })
	v, err := w.worker.Sync(context.Background(), a)
	w.check(err)
	if n := len(w.drop.Messages()); n != 20 {
		t.Errorf("Keep was saved before the session began: %d of 20 left: %s", n, v.Sentence)
	}
}

// undo of "mark as read", made while the message lay in Trash.
func TestUndoOfReadDeletesNothing(t *testing.T) {
	w := newWorld(t)
	w.add(3)
	w.sync()
	id := w.stored()[0].ID
	w.act(store.Delete, id)
	d, err := w.store.Act(context.Background(), w.user, store.Read, []store.MessageID{id})
	w.check(err)
	w.act(store.Restore, id)
	_, err = w.store.Undo(context.Background(), w.user, d.Undo)
	w.check(err)
	w.later.Add(int64(time.Minute))
	w.sync()
	if n := len(w.drop.Messages()); n != 3 {
		t.Errorf("undoing 'mark as read' deleted the message on the server")
	}
}

// account removed, mail kept, with a row in Sending.
func TestRemovedAccountEndsItsDeletions(t *testing.T) {
	w := newWorld(t)
	w.add(3)
	w.sync()
	id := w.stored()[0].ID
	w.deleteNow(id)
	w.server.SetFaults(pop3test.Cut("QUIT", 0, 0))
	w.trySync()
	w.later.Add(int64(5 * time.Minute))
	w.check(w.store.RemoveAccount(context.Background(), w.user, w.account, true))
	w.act(store.Purge, id)
	w.check(w.store.Housekeep(context.Background()))
	if n := w.count("SELECT count(*) FROM messages WHERE mailbox = 9"); n != 0 {
		t.Errorf("the purged message stays for ever: its row is open and no listing will ever come: %+v", w.ledger())
	}
}

// a cancelled policy deletion is asked for again after all unique-ids changed.
func TestSettledStaysSettledOnRename(t *testing.T) {
	w := newWorld(t, func(s *store.Settings) { s.Policy, s.PolicyDays = store.DeleteAfterDays, 1 })
	w.add(6)
	w.sync()
	w.later.Add(int64(25 * time.Hour))
	w.server.SetFaults(pop3test.Refuse("DELE", 0, "no"))
	w.sync() // all refused: settled
	w.server.SetFaults()
	w.sync()
	if n := len(w.drop.Messages()); n != 6 {
		t.Fatalf("settled ones went: %d left", n)
	}
	w.drop.Renumber(func(i int, old string) string { return "new-" + old })
	w.sync()
	w.sync()
	if n := len(w.drop.Messages()); n != 6 {
		t.Errorf("settled by refusal/cancel, renumbered, then deleted: %d of 6 left", n)
	}
}

// the server mark after a unique-id was used again.
func TestMarksAfterReuse(t *testing.T) {
	w := newWorld(t)
	w.add(3)
	w.sync()
	w.drop.Remove("uid-0002")
	w.drop.Add("uid-0002", letter(77))
	w.sync()
	w.drop.Remove("uid-0002")
	w.sync()
	w.drop.Add("uid-0002", letter(78))
	w.sync()
	_, err := w.store.Check(context.Background(), false, func(s string) { t.Errorf("check: %s", s) })
	w.check(err)
}

// disk full: does the worker storm the server?
func TestFullDiskStopsTheSyncAndNotTheServer(t *testing.T) {
	t.Run("56 disk full while storing", func(t *testing.T) {
		mnt := t.TempDir()
		if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", mnt).CombinedOutput(); err != nil {
			t.Skipf("%v %s", err, out)
		}
		w := newWorld(t)
		st, err := store.Open(context.Background(), mnt, store.Options{Key: seal.NewKey()})
		w.check(err)
		defer exec.Command("umount", "-l", mnt).Run()
		defer st.Close()
		old := w.settings()
		w.store = st
		w.user, err = st.AddUser(context.Background(), "ann", "$h", true)
		w.check(err)
		old.Policy = store.DeleteAfterDownload
		w.account, err = st.AddAccount(context.Background(), w.user, old, seal.NewSecret("wonder land"))
		w.check(err)
		w.worker = &syncer.Worker{Store: st, Connect: &syncer.Connector{Private: syncer.AccessAll}}
		w.add(5)
		f, _ := os.Create(filepath.Join(mnt, "fill"))
		buf := make([]byte, 4096)
		for {
			if _, err := f.Write(buf); err != nil {
				break
			}
		}
		ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
		defer stop()
		w.check(w.worker.Run(ctx))
		t.Logf("sessions in three seconds on a full disk: %d", w.server.Sessions())
		if w.server.Sessions() > 3 {
			t.Errorf("storm: %d logins in three seconds", w.server.Sessions())
		}
		if n := len(w.drop.Messages()); n != 5 {
			t.Errorf("%d left on the server", n)
		}
		f.Close()
		os.Remove(filepath.Join(mnt, "fill"))
		v := w.trySync()
		t.Log(v.Sentence)
		if got := len(w.stored()); got != 5 {
			t.Errorf("%d here after space came back", got)
		}
		_, err = st.Check(context.Background(), false, func(s string) { t.Errorf("check: %s", s) })
		w.check(err)
	})
}

// host changed, same unique-id, other content there: the old message's mark.
func TestMarksAfterTheHostChanged(t *testing.T) {
	w := newWorld(t)
	w.add(3)
	w.sync()
	w.update(func(s *store.Settings) { s.Host = "localhost" })
	w.drop.Remove("uid-0002")
	w.drop.Add("uid-0002", letter(77))
	w.sync()
	_, err := w.store.Check(context.Background(), false, func(s string) { t.Errorf("check: %s", s) })
	w.check(err)
	w.sync()
	w.later.Add(int64(time.Hour))
	if n := len(w.stored()); n != 4 {
		t.Errorf("%d here", n)
	}
}

func TestBigMessagesTwice(t *testing.T) {
	w := newWorld(t)
	big := append(letter(1), make([]byte, 0)...)
	for len(big) < 20<<20 {
		big = append(big, []byte("0123456789012345678901234567890123456789012345678901234567890123456789\r\n")...)
	}
	w.drop.Add("a", big)
	w.drop.Add("b", big)
	w.drop.Add("c", letter(3))
	w.sync()
	w.sync()
	if n := len(w.stored()); n != 3 {
		t.Errorf("%d here", n)
	}
	if n := w.count("SELECT count(*) FROM octets WHERE complete = 0"); n != 0 {
		t.Errorf("%d staged left", n)
	}
	// all unique-ids change, in a maildrop that also lost a part: relinked by content
	w.update(func(s *store.Settings) { s.Host = "localhost" })
	w.drop.SetUID("a", "x")
	w.sync()
	if n := w.count("SELECT count(*) FROM octets WHERE complete = 0"); n != 0 {
		t.Logf("%d staged left until tomorrow", n)
	}
	if n := len(w.stored()); n != 3 {
		t.Errorf("%d here", n)
	}
}

// check now pressed during a session; UpdateAccount during a failing one.
func TestCheckNowDuringSession(t *testing.T) {
	w := newWorld(t)
	w.add(3)
	w.worker.Observer = &hook{phase: "retrieving", f: func() { w.checkNow() }}
	w.sync()
	a, _ := w.store.Account(context.Background(), w.user, w.account)
	if time.Until(a.NextCheck) > time.Minute {
		t.Errorf("Check now during a session was forgotten: next %s", time.Until(a.NextCheck))
	}
}

// new password saved while a session with the old one is being refused for the second time.
func TestNewPasswordSavedDuringARefusedLogin(t *testing.T) {
	w := newWorld(t)
	w.add(1)
	w.drop.SetPassword("new one")
	w.trySync()
	w.server.SetFaults(pop3test.Fault{Command: "AUTH", Delay: 300 * time.Millisecond})
	w.worker.Observer = &hook{phase: "connecting", f: func() {
		time.AfterFunc(150*time.Millisecond, func() {
			w.store.UpdateAccount(context.Background(), w.user, w.account, w.settings(), seal.NewSecret("new one"))
		})
	}}
	v := w.trySync()
	time.Sleep(200 * time.Millisecond)
	a, _ := w.store.Account(context.Background(), w.user, w.account)
	if a.Paused {
		t.Errorf("paused though the right password was saved meanwhile: %s", v.Sentence)
	}
}

// clock 1 year back after a deletion was requested
func TestClockThatWasNotSet(t *testing.T) {
	w := newWorld(t, func(s *store.Settings) { s.Policy, s.PolicyDays = store.DeleteAfterDays, 30 })
	w.later.Store(int64(-56 * 365 * 24 * time.Hour)) // a board without a clock battery: 1970
	w.add(3)
	w.sync()
	w.later.Store(0) // NTP
	w.sync()
	if n := len(w.drop.Messages()); n != 3 {
		t.Errorf("retrieved seconds ago while the clock stood at 1970; 'delete after 30 days' deleted at once: %d of 3 left", n)
	}
}

// the clock is set back five seconds (NTP) inside the undo window.
func TestClockStepBackKeepsTheUndoWindow(t *testing.T) {
	w := newWorld(t)
	w.add(3)
	w.sync()
	w.act(store.Delete, w.stored()[0].ID)
	w.later.Add(-int64(5 * time.Second))
	w.sync()
	if n := len(w.drop.Messages()); n != 3 {
		t.Errorf("deleted on the server at once: the undo window did not hold (%d left)", n)
	}
}

// neither UIDL nor TOP, and the server writes Status: into what was retrieved.
func TestStatusFieldDoublesNothingWithoutTOP(t *testing.T) {
	w := newWorld(t)
	w.server.Configure(func(c *pop3test.Config) { c.NoUIDL, c.NoTOP = true, true })
	w.add(5)
	w.sync()
	all := w.drop.Messages()
	w.drop.Clear()
	for _, m := range all {
		w.drop.Add("new-"+m.UID, []byte("Status: RO\r\n"+string(m.Raw)))
	}
	w.sync()
	w.sync()
	if n := len(w.stored()); n != 5 {
		t.Errorf("DOUBLED: %d messages here, want 5", n)
	}
}

// a server whose STAT always counts one more than it lists.
func TestStatThatAlwaysCountsMore(t *testing.T) {
	w := newWorld(t)
	w.add(5)
	w.sync()
	w.server.SetFaults(pop3test.Fault{Command: "STAT", Reply: "+OK 99 12345\r\n"})
	w.deleteNow(w.stored()[0].ID)
	for range 6 {
		w.trySync()
		w.later.Add(int64(24 * time.Hour))
	}
	if s := w.ledger()[0].State; s != store.Confirmed {
		t.Errorf("a week later the deletion is still in state %d; %d left on the server", s, len(w.drop.Messages()))
	}
}

// Another process removes the account, or its user, with the mail while the server carries
// out the deletions: it has to wait, or the mail would be gone on both sides.
func TestRemovedDuringQuit(t *testing.T) {
	for name, remove := range map[string]func(*world) error{
		"account": func(w *world) error {
			return w.store.RemoveAccount(context.Background(), w.user, w.account, false)
		},
		"user": func(w *world) error { return w.store.RemoveUser(context.Background(), w.user) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(s *store.Settings) { s.Policy = store.DeleteAfterDownload })
			w.add(3)
			w.server.SetFaults(pop3test.Stall("QUIT", 0, 0))
			ended := make(chan store.Sync)
			go func() { defer close(ended); ended <- w.trySync() }()
			for len(w.drop.Messages()) > 0 { // until the server has deleted them
				time.Sleep(time.Millisecond)
			}
			if err := remove(w); !errors.Is(err, store.ErrQuitting) || len(w.stored()) != 3 {
				t.Errorf("%v, %d here", err, len(w.stored()))
			}
			// Whoever stops the session has not stopped the server.
			w.worker.Stop(w.account)
			<-ended
			if err := remove(w); !errors.Is(err, store.ErrQuitting) {
				t.Errorf("after Stop: %v", err)
			}
			w.server.SetFaults(pop3test.Cut("LIST", 0, 0))
			w.trySync()
			if err := remove(w); !errors.Is(err, store.ErrQuitting) {
				t.Errorf("after a session without a listing: %v", err)
			}
			w.server.SetFaults()
			w.sync()
			w.check(remove(w))
		})
	}
}

// A process that died in QUIT holds nobody up for longer than a server takes.
func TestRemovedAfterDeathInQuit(t *testing.T) {
	w := newWorld(t)
	a, err := w.store.Account(t.Context(), w.user, w.account)
	w.check(err)
	w.check(w.store.Quitting(t.Context(), a))
	if err := w.store.RemoveAccount(t.Context(), w.user, w.account, true); !errors.Is(err, store.ErrQuitting) {
		t.Errorf("at once: %v", err)
	}
	w.later.Add(int64(5 * time.Minute))
	w.check(w.store.RemoveAccount(t.Context(), w.user, w.account, true))
}
