package syncer_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"postern/pop3client/pop3test"
	"postern/store"
)

// scissors are a line to a server that ends behind so many octets of what one side sends, or
// rings there and goes on.
type scissors struct {
	listener net.Listener
	target   string
	left     [2]atomic.Int64 // octets that still pass: from the server, from the client
	passed   [2]atomic.Int64
	ring     func() // nil: the line ends
	running  sync.WaitGroup
}

// The sides that send.
const (
	fromServer = iota
	fromClient
)

// uncut is more octets than any session has.
const uncut = 1 << 40

func newScissors(t *testing.T, target string) *scissors {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &scissors{listener: l, target: target}
	s.set(fromServer, uncut)
	s.running.Go(s.accept)
	t.Cleanup(func() {
		l.Close()
		s.running.Wait()
	})
	return s
}

// set lets the next session end behind so many octets of one side.
func (s *scissors) set(side int, octets int64) {
	for i := range s.left {
		s.left[i].Store(uncut)
		s.passed[i].Store(0)
	}
	s.left[side].Store(octets)
}

func (s *scissors) accept() {
	for {
		client, err := s.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", s.target)
		if err != nil {
			client.Close()
			continue
		}
		s.running.Go(func() { s.pass(client, server, fromServer) })
		s.running.Go(func() { s.pass(server, client, fromClient) })
	}
}

// pass carries what one side sends, and cuts both connections when that is enough.
func (s *scissors) pass(to, from net.Conn, side int) {
	defer to.Close()
	defer from.Close()
	if s.left[side].Load() == 0 {
		return
	}
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		pass := min(int64(n), s.left[side].Load())
		if _, werr := to.Write(buf[:pass]); werr != nil {
			return
		}
		s.passed[side].Add(pass)
		over := s.left[side].Add(-pass) == 0
		if over && s.ring != nil {
			s.ring()
			s.left[side].Store(uncut)
			if _, werr := to.Write(buf[pass:n]); werr != nil {
				return
			}
			s.passed[side].Add(int64(n) - pass)
			over = false
		}
		if over || err != nil {
			return
		}
	}
}

// TestCutAtEveryOffset cuts the connection behind every octet of a session that retrieves
// three messages and deletes two, heals in one more session, and looks for loss and
// doubles after both. Without POSTERN_CUTS=all, as make cut has it, it is every third: the
// race detector makes this slow.
func TestCutAtEveryOffset(t *testing.T) {
	const perWorld = 40
	step := 3
	if os.Getenv("POSTERN_CUTS") == "all" {
		step = 1
	}
	whole := newCutWorld(t)
	whole.round(fromServer, uncut, true)
	for side, name := range []string{"of the server", "of the client"} {
		length := whole.length[side]
		var offsets []int64
		for offset := int64(0); offset < length; offset += int64(step) {
			offsets = append(offsets, offset)
		}
		for len(offsets) > 0 {
			some := offsets[:min(perWorld, len(offsets))]
			offsets = offsets[len(some):]
			t.Run(fmt.Sprintf("67 %s, octets %d to %d of %d", name, some[0], some[len(some)-1], length), func(t *testing.T) {
				t.Parallel()
				w := newCutWorld(t)
				for _, offset := range some {
					w.round(side, offset, false)
				}
				w.finish()
			})
		}
	}
}

// cutWorld is a world with scissors in its line.
type cutWorld struct {
	*world
	line   *scissors
	rounds int
	length [2]int64 // of the last round's session, by side
	old    []string // stored, on the server, and to be deleted in the next round
}

func newCutWorld(t *testing.T) *cutWorld {
	w := &cutWorld{world: newWorld(t)}
	w.line = newScissors(t, w.server.Addr())
	w.update(func(s *store.Settings) {
		s.Security, s.Mechanism = store.Plain, "USER"
		_, port, _ := net.SplitHostPort(w.line.listener.Addr().String())
		s.Port, _ = strconv.Atoi(port)
	})
	w.old = w.fill(2)
	w.sync()
	return w
}

// fill puts messages of the same length into the maildrop, and gives their unique-ids.
func (w *cutWorld) fill(n int) (uids []string) {
	for range n {
		w.rounds++
		uid := fmt.Sprintf("u%06d", w.rounds)
		w.drop.Add(uid, pop3test.CRLF(fmt.Sprintf("From: bob@example.net\nSubject: %s\n\n.dot\n", uid)))
		uids = append(uids, uid)
	}
	return uids
}

// here counts the messages by subject, which is their unique-id.
func (w *cutWorld) here() map[string]store.Summary {
	here := map[string]store.Summary{}
	for _, m := range w.stored() {
		if _, twice := here[m.Subject]; twice {
			w.t.Errorf("%s is here twice", m.Subject)
		}
		here[m.Subject] = m
	}
	return here
}

// round has a session cut that is to delete two messages and retrieve three.
func (w *cutWorld) round(side int, offset int64, ok bool) {
	w.t.Helper()
	all := map[string][]byte{}
	young := w.fill(3)
	for _, m := range w.drop.Messages() {
		all[m.UID] = m.Raw
	}
	here := w.here()
	for _, uid := range w.old {
		w.act(store.Delete, here[uid].ID)
	}
	w.later.Add(int64(store.UndoWindow))
	w.line.set(side, offset)
	// Without the last octets all may have been done; a session that says so is right.
	if v := w.trySync(); v.OK && v.Deleted != 2 && len(v.Remarks) == 0 || ok && !v.OK {
		w.t.Errorf("octet %d: %+v", offset, v)
	}
	for i := range w.length {
		w.length[i] = w.line.passed[i].Load()
	}
	w.hold(offset, "cut", all, nil)
	w.line.set(fromServer, uncut)
	w.sync()
	w.hold(offset, "healed", all, young)
	for _, uid := range w.old {
		if w.drop.Remove(uid) > 0 {
			w.t.Errorf("octet %d: %s is on the server after a session that was to delete it", offset, uid)
		}
	}
	// The next round has two to delete; the third one is another client's.
	w.drop.Remove(young[0])
	w.old = young[1:]
}

// hold checks the rule: each message is here, octet for octet and once, or on the server;
// those that must be here are.
func (w *cutWorld) hold(offset int64, when string, all map[string][]byte, must []string) {
	w.t.Helper()
	there := map[string]bool{}
	for _, uid := range w.drop.UIDs() {
		there[uid] = true
	}
	here := w.here()
	for uid, raw := range all {
		m, stored := here[uid]
		if !stored && !there[uid] {
			w.t.Fatalf("octet %d, %s: %s is lost", offset, when, uid)
		}
		if stored {
			o, err := w.store.Octets(w.t.Context(), w.user, m.ID)
			w.check(err)
			got, err := io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
			w.check(err)
			if sha256.Sum256(got) != sha256.Sum256(raw) {
				w.t.Fatalf("octet %d, %s: %s is stored as %q", offset, when, uid, got)
			}
		}
	}
	for _, uid := range must {
		if _, stored := here[uid]; !stored {
			w.t.Fatalf("octet %d, %s: %s is not here", offset, when, uid)
		}
	}
}

// finish lets the last deletions be confirmed and reads everything back.
func (w *cutWorld) finish() {
	w.sync()
	for _, d := range w.ledger() {
		if d.State != store.Confirmed {
			w.t.Errorf("%s: deletion is %v", d.UID, d.State)
		}
	}
	_, err := w.store.Check(w.t.Context(), true, func(s string) { w.t.Errorf("check: %s", s) })
	w.check(err)
}
