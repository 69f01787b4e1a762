package syncer_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"postern/store"
)

// At every moment of a session that retrieves three messages and deletes two, somebody
// presses Stop: nothing is lost or doubled, then or after the next session.
func TestStopAtEveryMoment(t *testing.T) {
	w := newCutWorld(t)
	for _, at := range w.moments(37) {
		w.line.ring = func() { w.worker.Stop(w.account) }
		w.round(at.side, at.offset, false)
	}
	w.line.ring = nil
	w.finish()
}

// At every moment of such a session another process removes the account. If it may, nothing
// more is deleted on the server; if it may not, all is here or there as ever.
func TestRemovalAtEveryMoment(t *testing.T) {
	for name, keep := range map[string]bool{"with its mail": false, "and keeps its mail": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused, done := 0, 0
			for _, at := range newCutWorld(t).moments(97) {
				w := newCutWorld(t)
				w.fill(3)
				here := w.here()
				for _, uid := range w.old {
					w.act(store.Delete, here[uid].ID)
				}
				w.later.Add(int64(store.UndoWindow))
				all := w.drop.UIDs()
				answers := make(chan answer, 1)
				w.line.ring = func() {
					err := w.store.RemoveAccount(t.Context(), w.user, w.account, keep)
					answers <- answer{err, w.drop.UIDs()}
				}
				w.line.set(at.side, at.offset)
				w.trySync()
				var a answer
				select {
				case a = <-answers:
				default:
					continue // this session was a little shorter
				}
				switch {
				case errors.Is(a.err, store.ErrQuitting):
					refused++
					if len(w.stored()) != len(all) {
						t.Errorf("%v: removal refused, and %d of %d messages are here", at, len(w.stored()), len(all))
					}
				case a.err != nil:
					t.Errorf("%v: %v", at, a.err)
				default:
					done++
					if now := w.drop.UIDs(); !slices.Equal(now, a.there) {
						t.Errorf("%v: the server had %q when the account was removed, and has %q", at, a.there, now)
					}
				}
			}
			if refused == 0 || done == 0 {
				t.Errorf("removed %d times, refused %d times: want some of each", done, refused)
			}
		})
	}
}

// answer is what came of a removal, and what the server had then.
type answer struct {
	err   error
	there []string
}

// moment is one of a session: so many octets of one side have passed.
type moment struct {
	side   int
	offset int64
}

func (m moment) String() string { return fmt.Sprintf("octet %d of side %d", m.offset, m.side) }

// moments are those after every so many octets of a whole session, and its last ones.
func (w *cutWorld) moments(step int64) (all []moment) {
	w.round(fromServer, uncut, true)
	for side, length := range w.length {
		for offset := int64(1); offset < length; offset += step {
			all = append(all, moment{side, offset})
		}
		all = append(all, moment{side, length - 3}, moment{side, length}) // in QUIT and its answer
	}
	return all
}
