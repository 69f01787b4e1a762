package syncer_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"postern/internal/seal"
	"postern/pop3client/pop3test"
	"postern/store"
)

// diary notes when sessions begin, by the store's clock.
type diary struct {
	hook
	w     *world
	mu    sync.Mutex
	now   int
	begun map[store.AccountID][]time.Time
}

func newDiary(w *world) *diary { return &diary{w: w, begun: map[store.AccountID][]time.Time{}} }

func (d *diary) SyncStarted(_ store.UserID, id store.AccountID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now++
	d.begun[id] = append(d.begun[id], d.w.store.Now())
}

func (d *diary) SyncEnded(store.UserID, store.Sync) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now--
}

func (d *diary) idle() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now == 0
}

// sessions are the beginnings of an account's sessions so far.
func (d *diary) sessions(id store.AccountID) []time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]time.Time(nil), d.begun[id]...)
}

// The kinds of accounts in TestManyAccounts.
const (
	sound  = iota
	locked // the password is wrong
	absent // nobody answers
)

// TestManyAccounts lets the worker serve 200 accounts of one server for ten hours by the
// store's clock, which jumps to whatever is due next. Replies take time, sessions are cut
// and refused. Each account gets its turn and no more, and nothing grows.
func TestManyAccounts(t *testing.T) {
	const accounts, hours = 200, 10 * time.Hour
	interval := 3 * time.Hour
	if os.Getenv("POSTERN_KILLS") != "" { // make soak
		interval = 20 * time.Minute
	}
	turns := int(hours / interval)
	w := newWorld(t)
	d := newDiary(w)
	w.worker.Observer = d
	w.worker.Connect.Timeouts = short
	closed := closedPort(t)
	kinds, drops := map[store.AccountID]int{}, map[store.AccountID]*pop3test.Maildrop{}
	_, port, _ := net.SplitHostPort(w.server.Addr())
	for i := range accounts {
		drop := pop3test.NewMaildrop(fmt.Sprint("user", i), "wonder land")
		w.server.AddMaildrop(drop)
		s := w.settings()
		s.Name, s.Username, s.Security, s.Mechanism, s.Interval = fmt.Sprint("Account ", i), drop.User(), store.Plain, "USER", interval
		s.Port, _ = strconv.Atoi(port)
		kind, password := sound, "wonder land"
		switch i % 20 {
		case 7:
			kind, password = locked, "wrong"
		case 13:
			kind, s.Port = absent, closed
		}
		id, err := w.store.AddAccount(context.Background(), w.user, s, seal.NewSecret(password))
		w.check(err)
		kinds[id], drops[id] = kind, drop
	}
	w.check(w.store.RemoveAccount(context.Background(), w.user, w.account, false))

	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- w.worker.Run(ctx) }()
	random := rand.New(rand.NewPCG(1, 2))
	start := w.store.Now()
	var early load
	mails, sessions := 0, 0
	for hour := 0; w.store.Now().Sub(start) < hours; {
		if now := int(w.store.Now().Sub(start) / time.Hour); now > hour {
			if hour = now; hour == 2 {
				early = measureLoad()
			}
			for _, drop := range drops {
				if random.IntN(3) == 0 {
					drop.Add(fmt.Sprint("mail-", mails), letter(mails))
					mails++
				}
			}
			w.server.ResetLog()
		}
		w.server.Configure(func(c *pop3test.Config) {
			*c = pop3test.Config{Latency: time.Duration(random.IntN(3)) * time.Millisecond, Faults: someFaults(random)}
		})
		w.toNextCheck(d)
	}
	late := measureLoad()
	// All servers behave in the end, so that what was cut is healed.
	w.server.Configure(func(c *pop3test.Config) { *c = pop3test.Config{} })
	for end := w.store.Now().Add(interval + interval/5); w.store.Now().Before(end); {
		w.toNextCheck(d)
	}
	stop()
	w.check(<-ended)

	for id, kind := range kinds {
		begun := d.sessions(id)
		sessions += len(begun)
		for i := range begun[min(1, len(begun)):] {
			if gap := begun[i+1].Sub(begun[i]); kind == sound && gap > interval+interval/10+time.Minute {
				t.Errorf("account %d waited for %v", id, gap)
			}
		}
		switch n := len(begun); {
		case kind == sound && (n < turns || n > 3*turns+10), kind == absent && (n < 10 || n > max(25, 2*turns)), kind == locked && (n < 2 || n > 6): // twice refused, and before that perhaps busy
			t.Errorf("account %d (kind %d) had %d sessions", id, kind, n)
		}
	}
	all, err := w.store.Accounts(context.Background(), w.user)
	w.check(err)
	for _, a := range all {
		if kind, ok := kinds[a.ID]; ok && a.Paused != (kind == locked) {
			t.Errorf("account %d (kind %d): paused %v", a.ID, kind, a.Paused)
		}
	}
	here := len(w.stored())
	there := 0
	for id, drop := range drops {
		if kinds[id] == sound {
			there += len(drop.Messages())
		}
	}
	if here != there {
		t.Errorf("%d messages here, and %d on the server for those who can log in", here, there)
	}
	t.Logf("%d sessions, %d messages; after two hours %+v, after ten %+v", sessions, here, early, late)
	if late.goroutines > early.goroutines+5 || late.descriptors > early.descriptors+5 || late.heap > early.heap+8<<20 {
		t.Errorf("after two hours %+v, after ten %+v", early, late)
	}
	_, err = w.store.Check(context.Background(), false, func(s string) { t.Errorf("check: %s", s) })
	w.check(err)
}

// toNextCheck lets the sessions under way end, and then the clock jump to the next check.
func (w *world) toNextCheck(d *diary) {
	w.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(200 * time.Microsecond) {
		due, err := w.store.DueAccounts(context.Background(), w.store.Now())
		w.check(err)
		if len(due) == 0 && d.idle() {
			break
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%d accounts are due and get no turn", len(due))
		}
	}
	next, err := w.store.NextCheck(context.Background())
	w.check(err)
	if wait := next.Sub(w.store.Now()); wait > 0 {
		w.later.Add(int64(wait))
	}
	w.worker.Wake()
}

// someFaults are what befalls the sessions of a moment: mostly nothing.
func someFaults(random *rand.Rand) []pop3test.Fault {
	switch random.IntN(20) {
	case 0:
		return []pop3test.Fault{pop3test.Cut("RETR", 1, int64(random.IntN(200)))}
	case 1:
		return []pop3test.Fault{pop3test.Cut("UIDL", 0, int64(random.IntN(20)))}
	case 2:
		return []pop3test.Fault{pop3test.Refuse("PASS", 0, "[IN-USE] locked")}
	case 3:
		return []pop3test.Fault{pop3test.Refuse("STAT", 0, "[SYS/TEMP] try later")}
	}
	return nil
}

// load is what a process takes.
type load struct {
	goroutines, descriptors int
	heap                    uint64
}

// measureLoad measures between sessions, without garbage. What the server still has to end for those before goes by; what
// leaks stays, so that the least of several looks tells.
func measureLoad() load {
	least := load{goroutines: runtime.NumGoroutine(), descriptors: descriptors()}
	for range 20 {
		time.Sleep(10 * time.Millisecond)
		least.goroutines = min(least.goroutines, runtime.NumGoroutine())
		least.descriptors = min(least.descriptors, descriptors())
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	least.heap = m.HeapAlloc
	return least
}

// closedPort is a port at which nobody listens.
func closedPort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Fifty accounts whose servers take connections and never speak, due before another one:
// it has its turn before any of them has a second.
func TestBlackHolesDelayNobody(t *testing.T) {
	const holes = 50
	w := newWorld(t)
	w.add(3)
	d := newDiary(w)
	w.worker.Observer = d
	w.worker.Connect.Timeouts = short
	var ids []store.AccountID
	for i := range holes {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.1.%d:0", i+1))
		if err != nil {
			t.Skipf("this system has no more loopback addresses: %v", err)
		}
		defer l.Close() // the system takes the connections
		s := w.settings()
		s.Name, s.Host, s.Port = fmt.Sprint("Hole ", i), fmt.Sprintf("127.0.1.%d", i+1), l.Addr().(*net.TCPAddr).Port
		id, err := w.store.AddAccount(context.Background(), w.user, s, seal.NewSecret("wonder land"))
		w.check(err)
		ids = append(ids, id)
	}
	w.later.Add(int64(time.Second))
	w.checkNow() // due last
	w.run(func() bool { return len(w.stored()) == 3 })
	for _, id := range ids {
		if n := len(d.sessions(id)); n > 1 {
			t.Errorf("hole %d had %d sessions before the other account had one", id, n)
		}
	}
	if n := len(d.sessions(w.account)); n != 1 {
		t.Errorf("the account had %d sessions", n)
	}
}
