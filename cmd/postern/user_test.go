package main_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"postern/internal/seal"
	"postern/store"
)

// TestTheWayBackIn: who has lost password, app and recovery codes is let in by who runs Postern.
func TestTheWayBackIn(t *testing.T) {
	m := newMailServer(t, "keep", 0)
	inStore(t, m.dir, func(s *store.Store, user store.UserID) {
		if err := s.SetSecondFactor(context.Background(), user, seal.NewSecret("JBSWY3DPEHPK3PXP"), 1, [][]byte{{1}}, nil); err != nil {
			t.Fatal(err)
		}
	})
	writeFile(t, filepath.Join(m.dir, "new"), "another long password\n")
	command(t, m.dir, "user", "passwd", "anna", "--password-file", "new")
	if out := command(t, m.dir, "user", "list"); !strings.Contains(out, "two-step sign-in") {
		t.Errorf("a new password alone turned two-step sign-in off: %s", out)
	}
	command(t, m.dir, "user", "passwd", "anna", "--drop-totp", "--password-file", "new")
	inStore(t, m.dir, func(s *store.Store, user store.UserID) {
		if _, err := s.SecondFactor(context.Background(), user); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the second factor: %v", err)
		}
		u, err := s.User(context.Background(), user)
		if err != nil {
			t.Fatal(err)
		}
		if ok, _, err := seal.VerifyPassword(context.Background(), u.Password, seal.NewSecret("another long password")); !ok || err != nil {
			t.Errorf("the new password: %v, %v", ok, err)
		}
	})
}
