package syncer_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"postern/pop3client/pop3test"
	"postern/store"
	"postern/syncer"
)

// refuse has the database refuse rows of messages for which the condition holds, as if
// what we wrote into it did not fit; the result lets it take them again.
func (w *world) refuse(condition string) (accept func()) {
	w.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(w.store.Dir(), "postern.db"))
	w.check(err)
	w.t.Cleanup(func() { db.Close() })
	_, err = db.Exec("CREATE TRIGGER refusing BEFORE INSERT ON messages WHEN " + condition + " BEGIN SELECT RAISE(ABORT, 'out of range'); END")
	w.check(err)
	return func() {
		_, err := db.Exec("DROP TRIGGER refusing")
		w.check(err)
	}
}

// A message that our own database refuses, or over which our own code fails, costs no
// other one and ends no session. It stays on the server, is tried in three sessions, has
// a row in the list by then, and comes when the fault is mended.
func TestMessageThatCannotBeStored(t *testing.T) {
	for name, fail := range map[string]func(w *world) (mend func()){
		"the database refuses it":        func(w *world) func() { return w.refuse("new.subject = 'Letter 4' AND new.partial = 0") },
		"and its header too":             func(w *world) func() { return w.refuse("new.subject = 'Letter 4'") },
		"our code fails":                 func(w *world) func() { syncer.FailingReader(w.t, "Letter number 4.\r\n"); return nil },
		"our code fails over its header": func(w *world) func() { syncer.FailingReader(w.t, "Subject: Letter 4\r\n"); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			// Every stored message is to be deleted: those that are not must stay.
			w := newWorld(t, func(s *store.Settings) { s.Policy = store.DeleteAfterDownload })
			w.add(8)
			mend := fail(w)
			for i := range 5 {
				v := w.sync()
				if want := map[bool]int{true: 7}[i == 0]; v.Retrieved != want || v.Deleted != want || v.Skipped != 1 {
					t.Errorf("sync %d: %q %q", i, v.Sentence, v.Remarks)
				}
				if said := strings.Join(v.Remarks, " "); i < 3 && !strings.Contains(said, "could not be stored and stays on the server") {
					t.Errorf("sync %d: remarks %q", i, v.Remarks)
				}
			}
			if uids := w.drop.UIDs(); !slices.Equal(uids, []string{"uid-0004"}) {
				t.Errorf("on the server: %q", uids)
			}
			if n := w.commands("RETR") - 7; n != 3 {
				t.Errorf("tried in %d sessions of five, want three", n)
			}
			partial, err := w.store.Partial(t.Context(), w.user)
			w.check(err)
			if all := w.stored(); len(all) != 8 || partial[w.account] != 1 {
				t.Errorf("%d rows, %d of them without the whole", len(all), partial[w.account])
			}
			if mend == nil {
				return
			}
			mend()
			for _, m := range w.stored() {
				if m.Partial {
					w.act(store.FetchWhole, m.ID)
				}
			}
			for range 2 {
				if v := w.sync(); v.Skipped != 0 {
					t.Errorf("once it can be stored: %q %q", v.Sentence, v.Remarks)
				}
			}
			for _, m := range w.stored() {
				if m.Partial {
					t.Errorf("%q is not here as a whole", m.Subject)
				}
			}
			if here, there := len(w.stored()), len(w.drop.UIDs()); here != 8 || there != 0 {
				t.Errorf("%d here, %d on the server", here, there)
			}
		})
	}
}

// Where retrieving a message deletes it, one that cannot be stored ends the session
// without QUIT three times, and is then left alone.
func TestUnstorableOnAServerThatGivesMailAway(t *testing.T) {
	w := newWorld(t)
	w.offer("EXPIRE 0")
	w.add(5)
	w.refuse("new.subject = 'Letter 3' AND new.partial = 0")
	for i := range 3 {
		if v := w.trySync(); v.OK || !strings.Contains(v.Sentence, "After three such tries it is left alone") {
			t.Errorf("sync %d: %q %q", i, v.Sentence, v.Remarks)
		}
	}
	if w.commands("QUIT") != 0 {
		t.Error("QUIT would have deleted the message")
	}
	w.sync()
	w.server.SetFaults(pop3test.Refuse("RETR", 0, "nothing more is to be retrieved"))
	if v := w.sync(); v.Skipped != 1 || len(w.stored()) != 5 {
		t.Errorf("%+v, %d rows", v, len(w.stored()))
	}
}

// Without unique-ids and without TOP a message is named by its retrieval; one that cannot
// be stored then is tried once a session, and keeps nothing from being retrieved.
func TestUnstorableWithoutName(t *testing.T) {
	w := newWorld(t)
	w.server.Configure(func(c *pop3test.Config) { c.NoUIDL, c.NoTOP = true, true })
	w.add(5)
	w.refuse("new.subject = 'Letter 3'")
	for range 2 {
		if v := w.sync(); v.Skipped != 1 || w.commands("RETR")%5 != 0 {
			t.Errorf("%q, %d skipped, RETR %d", v.Sentence, v.Skipped, w.commands("RETR"))
		}
	}
	if len(w.stored()) != 4 || len(w.drop.Messages()) != 5 {
		t.Errorf("%d here, %d there", len(w.stored()), len(w.drop.Messages()))
	}
}
