package syncer_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"postern/pop3client"
	"postern/pop3client/pop3test"
	"postern/store"
	"postern/syncer"
)

// A disk that fails a message on its way to the store: nothing is deleted on the server,
// no half message shows, the person is told, and it goes on when the disk works again.
func TestFailingSpool(t *testing.T) {
	const full, fails, mayNot = "Postern's disk is full: make room there.", "Postern's disk fails: look at the system's log", "Postern may not write to its data directory"
	for _, test := range []struct {
		name    string
		after   int64
		reading bool
		err     error
		advice  string
	}{
		{"no file can be made: the folder is read-only", 0, false, &os.PathError{Op: "open", Path: "spool-1", Err: syscall.EROFS}, mayNot},
		{"no file can be made: no rights", 0, false, &os.PathError{Op: "open", Path: "spool-1", Err: syscall.EACCES}, mayNot},
		{"EIO in the first octets", 10, false, syscall.EIO, fails},
		{"EIO later", 1_500_000, false, syscall.EIO, fails},
		{"ENOSPC later", 1_500_000, false, syscall.ENOSPC, full},
		{"EIO when it is read back", 0, true, syscall.EIO, fails},
	} {
		t.Run("56 "+test.name, func(t *testing.T) {
			w := newAttack(t)
			w.worker.Connect.Timeouts = pop3client.Timeouts{} // nothing stalls
			w.drop.Clear()
			for i, size := range []int{100, 2_000_000, 100} {
				raw := append(letter(i), pop3test.CRLF(strings.Repeat(strings.Repeat("0123456789", 7)+"\n", size/71))...)
				w.drop.Add(fmt.Sprint("uid-", i), raw)
			}
			all := w.raws()
			t.Run("fails", func(t *testing.T) {
				syncer.FailingDisk(t, test.after, test.reading, test.err)
				for range 2 {
					v := w.trySync()
					if v.OK || !strings.Contains(v.Sentence, "New mail could not be stored") || !strings.Contains(v.Sentence, test.advice) || !strings.Contains(v.Sentence, "Nothing was deleted on the server") {
						t.Errorf("sync: %q", v.Sentence)
					}
				}
			})
			if n := w.commands("DELE") + 3 - len(w.drop.Messages()); n != 0 {
				t.Errorf("%d deleted or marked for it", n)
			}
			for _, m := range w.stored() {
				if m.Size > 1_000_000 {
					t.Errorf("a message that did not come through is here: %+v", m)
				}
			}
			w.kept(all)
			account, err := w.store.Account(t.Context(), w.user, w.account)
			w.check(err)
			if account.Failures == 0 || account.Paused {
				t.Errorf("%d failures, paused %v", account.Failures, account.Paused)
			}
			w.heal(all)
		})
	}
}

// A data directory in which no file can be made any more: what is open still works.
func TestReadOnlyDirectory(t *testing.T) {
	w := newWorld(t, func(s *store.Settings) { s.Policy = store.DeleteAfterDownload })
	w.add(2)
	w.sync()
	w.drop.Add("big", bytes.Repeat([]byte("0123456789012345678901234567890123456789\r\n"), 50_000))
	freeze(t, w.store.Dir())
	v := w.trySync()
	if v.OK || !strings.Contains(v.Sentence, "could not be stored") || !strings.Contains(v.Sentence, "may not write to its data directory") {
		t.Errorf("sync: %q", v.Sentence)
	}
	if len(w.drop.Messages()) != 1 || len(w.stored()) != 2 {
		t.Errorf("%d on the server, %d here", len(w.drop.Messages()), len(w.stored()))
	}
	thaw(t, w.store.Dir())
	if w.sync(); len(w.stored()) != 3 {
		t.Errorf("%d here once the directory can be written to again", len(w.stored()))
	}
}

// freeze forbids to make files in dir: for root by the attribute "immutable".
func freeze(t *testing.T, dir string) {
	t.Helper()
	t.Cleanup(func() { thaw(t, dir) })
	if os.Getuid() != 0 {
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		return
	}
	if out, err := exec.Command("chattr", "+i", dir).CombinedOutput(); err != nil {
		t.Skipf("chattr: %v %s", err, out)
	}
}

func thaw(t *testing.T, dir string) {
	t.Helper()
	if os.Getuid() != 0 {
		os.Chmod(dir, 0o700)
		return
	}
	exec.Command("chattr", "-i", dir).Run()
}
