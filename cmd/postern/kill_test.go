package main_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/internal/dovecottest"
	"postern/internal/seal"
	"postern/store"
)

// TestKilledAtAnyMoment kills a serving postern at random moments of a sync with a real
// Dovecot, retrievals and deletions under way, and looks for loss and doubles after each
// and at the end. POSTERN_KILLS says how often, for make soak.
func TestKilledAtAnyMoment(t *testing.T) {
	kills := 8
	if n, err := strconv.Atoi(os.Getenv("POSTERN_KILLS")); err == nil {
		kills = n
	}
	server := dovecottest.Start(t, dovecottest.Options{})
	dir := t.TempDir()
	env := []string{"SSL_CERT_FILE=" + server.CAFile}
	writeFile(t, filepath.Join(dir, "owner"), "a good long password\n")
	writeFile(t, filepath.Join(dir, "mail"), server.Password+"\n")
	command(t, dir, "user", "add", "anna", "--password-file", "owner")
	host, port, _ := strings.Cut(server.TLS, ":")
	command(t, dir, "account", "add", "--user", "anna", "--name", "Work", "--password-file", "mail", "pop3s://"+server.User+"@"+host+":"+port)

	delivered := 0
	deleted := map[string]bool{} // subjects
	random := rand.New(rand.NewPCG(1, uint64(kills)))
	for range kills {
		for range 15 {
			server.Deliver(t, letter(delivered))
			delivered++
		}
		deleteSome(t, dir, random, deleted)
		command(t, dir, "account", "set", "--user", "anna", "Work") // due at once
		p := start(t, dir, env)
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
		p.cmd.Process.Kill()
		p.cmd.Wait()
		if out := command(t, dir, "check"); !strings.Contains(out, " 0 findings") {
			t.Fatalf("check after a kill: %s", out)
		}
	}
	// A session deletes at most 500 messages, and the listing after it confirms them.
	for range 2 + len(deleted)/500 {
		sync(t, dir, server.CAFile)
	}

	inStore(t, dir, func(s *store.Store, user store.UserID) {
		seen := map[string]int{}
		for _, box := range []store.Mailbox{store.Inbox, store.Trash} {
			page, err := s.Messages(context.Background(), user, store.View{Mailbox: box, Limit: delivered + 1})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range page.Messages {
				seen[m.Subject]++
				if want := map[bool]store.ServerState{true: store.ServerDeleted, false: store.ServerPresent}[deleted[m.Subject]]; m.Server != want {
					t.Errorf("%s: %v on the server, want %v", m.Subject, m.Server, want)
				}
			}
		}
		for i := range delivered {
			if n := seen[fmt.Sprint("Letter ", i)]; n != 1 {
				t.Errorf("Letter %d is here %d times", i, n)
			}
		}
	})
	if left := len(server.Files(t)); left != delivered-len(deleted) {
		t.Errorf("%d messages on the server, want %d less the deleted %d", left, delivered, len(deleted))
	}
	t.Logf("%d kills, %d messages, %d deleted", kills, delivered, len(deleted))
}

// deleteSome deletes a few stored messages as if a minute ago: their undo window is over.
func deleteSome(t *testing.T, dir string, random *rand.Rand, deleted map[string]bool) {
	t.Helper()
	inStore(t, dir, func(s *store.Store, user store.UserID) {
		page, err := s.Messages(context.Background(), user, store.View{Mailbox: store.Inbox, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		random.Shuffle(len(page.Messages), func(i, j int) {
			page.Messages[i], page.Messages[j] = page.Messages[j], page.Messages[i]
		})
		for _, m := range page.Messages[:min(4, len(page.Messages))] {
			if _, err := s.Act(context.Background(), user, store.Delete, []store.MessageID{m.ID}); err != nil {
				t.Fatal(err)
			}
			deleted[m.Subject] = true
		}
	})
}

func inStore(t *testing.T, dir string, do func(*store.Store, store.UserID)) {
	t.Helper()
	data := filepath.Join(dir, "postern-data")
	key, err := seal.LoadKey(filepath.Join(data, "postern.key"), false)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(context.Background(), data, store.Options{Key: key, Now: func() time.Time { return time.Now().Add(-time.Minute) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	u, err := s.UserNamed(context.Background(), "anna")
	if err != nil {
		t.Fatal(err)
	}
	do(s, u.ID)
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
