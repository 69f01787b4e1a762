package syncer_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"postern/pop3client/pop3test"
	"postern/store"
)

// likeGmail has the server behave like Gmail, but for the size of its bites: it shows a few
// messages at a time, and hides what was retrieved.
func (w *world) likeGmail(shows int) {
	w.t.Helper()
	for _, p := range pop3test.Personas() {
		if p.Name == "Gmail" {
			w.server.Configure(func(c *pop3test.Config) {
				*c = p.Config
				c.UID, c.Shows = nil, shows
			})
			return
		}
	}
	w.t.Fatal("there is no persona of Gmail")
}

// Gmail's maildrop is drained over as many sessions as it takes, each as soon as its
// LOGIN-DELAY allows and one message at a time: the one before is on disk when the next is
// asked for. Everything is here once, also after a session that broke off, whatever becomes
// of it there.
func TestGmailIsDrained(t *testing.T) {
	const n, shows = 60, 25
	for name, test := range map[string]struct {
		policy           store.Policy
		hidden, sessions int
	}{
		// 25; 11 and cut; the other 14 that it shows; 10; those 11 again, so that they are hidden; nothing
		"what is fetched stays, out of sight": {store.DeleteOnDelete, n, 6},
		// 25; 11 and cut; 14, and 25 deleted; 10; nothing
		"what is fetched is deleted": {store.DeleteAfterDownload, 0, 5},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(s *store.Settings) { s.Policy = test.policy })
			w.likeGmail(shows)
			var mu sync.Mutex
			var asked []string // subjects, in the order in which they were sent whole
			var raws [][]byte
			for i := range n {
				raws = append(raws, letter(i))
				w.drop.AddMessage(pop3test.Message{UID: fmt.Sprint("GmailId", i), Octets: int64(len(raws[i])), Open: func() io.Reader {
					mu.Lock()
					defer mu.Unlock()
					if missing := w.missing(asked); len(missing) > 0 {
						t.Errorf("message %d is asked for, and %q not stored yet", i, missing)
					}
					asked = append(asked, fmt.Sprint("Letter ", i))
					return bytes.NewReader(raws[i])
				}})
			}
			cut := pop3test.Cut("RETR", shows/2, 20)
			cut.Session = 2
			w.server.SetFaults(cut)
			sessions := 0
			for more := true; more; sessions++ {
				if sessions > n {
					t.Fatal("no end")
				}
				v := w.trySync()
				if v.OK == (sessions == 1) {
					t.Errorf("session %d: %q", sessions, v.Sentence)
				}
				if !v.OK { // the last one was cut
					mu.Lock()
					asked = asked[:len(asked)-1]
					mu.Unlock()
				}
				wait := w.current().NextCheck.Sub(w.store.Now())
				if wait < 290*time.Second {
					t.Errorf("session %d: the next one in %v", sessions, wait)
				}
				more = !v.OK || wait <= 300*time.Second
				w.later.Add(int64(301 * time.Second))
			}
			if sessions != test.sessions {
				t.Errorf("%d sessions, want %d", sessions, test.sessions)
			}
			sums := w.octets()
			for i, raw := range raws {
				if n := sums[sha256.Sum256(raw)]; n != 1 {
					t.Errorf("message %d is here %d times", i, n)
				}
			}
			if hidden, there := len(w.drop.Hidden()), len(w.drop.Messages()); hidden != test.hidden || there != 0 || len(w.stored()) != n {
				t.Errorf("%d hidden, %d there, %d here", hidden, there, len(w.stored()))
			}
		})
	}
}

// missing are those subjects under which nothing is here.
func (w *world) missing(subjects []string) (missing []string) {
	here := map[string]bool{}
	for _, m := range w.stored() {
		here[m.Subject] = true
	}
	for _, s := range subjects {
		if !here[s] {
			missing = append(missing, s)
		}
	}
	return missing
}
