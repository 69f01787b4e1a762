package store_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"postern/internal/seal"
	"postern/store"
)

const words = "secret words" // the password of addAccount

// files reads all files of a directory.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		if all[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// sealedHousehold is a household in dir, closed, with a password and a second factor.
func sealedHousehold(t *testing.T, key *seal.Key) (dir string, h *household) {
	t.Helper()
	dir = t.TempDir()
	h = &household{Store: openIn(t, dir, key), t: t}
	h.user = h.addUser("ann")
	h.account = h.addAccount(store.DeleteOnDelete)
	h.check(h.SetSecondFactor(context.Background(), h.user, seal.NewSecret("JBSWY3DPEHPK3PXP"), 1, [][]byte{{1}, {2}}, nil))
	h.check(h.Close())
	return dir, h
}

func TestWrongKeyChangesNothing(t *testing.T) {
	dir, _ := sealedHousehold(t, seal.NewKey())
	before := files(t, dir)
	for range 2 {
		if s, err := store.Open(t.Context(), dir, store.Options{Key: seal.NewKey()}); !errors.Is(err, seal.ErrWrongKey) {
			t.Fatalf("opened with another key: %v, %v", s, err)
		}
	}
	after := files(t, dir)
	if !bytes.Equal(before["postern.db"], after["postern.db"]) || len(after["postern.db-wal"]) > 0 {
		t.Error("the wrong key changed the database")
	}
	if has, err := store.HasSecrets(t.Context(), dir); err != nil || !has {
		t.Errorf("HasSecrets: %v, %v", has, err)
	}
	if has, err := store.HasSecrets(t.Context(), t.TempDir()); err != nil || has {
		t.Errorf("HasSecrets of an empty directory: %v, %v", has, err)
	}
}

func TestForgetSecrets(t *testing.T) {
	key, other := seal.NewKey(), seal.NewKey()
	dir, h := sealedHousehold(t, key)
	ctx := t.Context()
	open := func(k *seal.Key) *store.Store {
		t.Helper()
		s, err := store.Open(ctx, dir, store.Options{Key: k, ForgetSecrets: true})
		h.check(err)
		t.Cleanup(func() { s.Close() })
		return s
	}
	s := open(key)
	if p, err := s.AccountPassword(ctx, h.user, h.account); err != nil || p.Reveal() != words {
		t.Fatalf("the right key made it forget: %v", err)
	}
	h.check(s.Close())
	s = open(other)
	a, err := s.Account(ctx, h.user, h.account)
	h.check(err)
	if !a.Paused || a.HasPassword {
		t.Errorf("after forgetting: paused %v, password %v", a.Paused, a.HasPassword)
	}
	if _, err := s.SecondFactor(ctx, h.user); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the second factor: %v", err)
	}
	h.check(s.UpdateAccount(ctx, h.user, h.account, a.Settings, seal.NewSecret("typed again")))
	h.check(s.Close())
	if p, err := openIn(t, dir, other).AccountPassword(ctx, h.user, h.account); err != nil || p.Reveal() != "typed again" {
		t.Errorf("after typing it again: %v", err)
	}
}

// TestKeyWithoutSecrets: a lost key that sealed nothing stops nobody.
func TestKeyWithoutSecrets(t *testing.T) {
	dir := t.TempDir()
	openIn(t, dir, seal.NewKey()).Close()
	openIn(t, dir, seal.NewKey()).Close()
}

func TestRewrap(t *testing.T) {
	old, fresh := seal.NewKey(), seal.NewKey()
	dir, h := sealedHousehold(t, old)
	running, other := openIn(t, dir, old), openIn(t, dir, old)
	h.check(other.Rewrap(t.Context(), fresh))
	h.check(other.Close())
	// What runs goes on: the data key is the same.
	a, err := running.Account(t.Context(), h.user, h.account)
	h.check(err)
	h.check(running.UpdateAccount(t.Context(), h.user, h.account, a.Settings, seal.NewSecret("newer words")))
	h.check(running.Close())
	if _, err := store.Open(t.Context(), dir, store.Options{Key: old}); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("the old key still opens it: %v", err)
	}
	s := openIn(t, dir, fresh)
	if p, err := s.AccountPassword(t.Context(), h.user, h.account); err != nil || p.Reveal() != "newer words" {
		t.Errorf("the new key: %v", err)
	}
	if f, err := s.SecondFactor(t.Context(), h.user); err != nil || f.Secret.Reveal() != "JBSWY3DPEHPK3PXP" || f.Codes != 2 {
		t.Errorf("the second factor: %v, %v", f, err)
	}
}

// TestSealedValuesStayInTheirRows: a sealed value that was copied to another row opens nowhere else.
func TestSealedValuesStayInTheirRows(t *testing.T) {
	key := seal.NewKey()
	dir, h := sealedHousehold(t, key)
	s := openIn(t, dir, key)
	h.Store = s
	second := h.addAccount(store.Keep)
	h.check(s.Exec(fmt.Sprintf("UPDATE accounts SET password = (SELECT password FROM accounts WHERE id = %d) WHERE id = %d", h.account, second)))
	if _, err := s.AccountPassword(t.Context(), h.user, second); !errors.Is(err, seal.ErrTampered) {
		t.Errorf("a password from another row: %v", err)
	}
	h.check(s.Exec(fmt.Sprintf("UPDATE users SET totp = (SELECT password FROM accounts WHERE id = %d)", h.account)))
	if _, err := s.SecondFactor(t.Context(), h.user); !errors.Is(err, seal.ErrTampered) {
		t.Errorf("a password as a second factor's secret: %v", err)
	}
}

// TestFirstVersionsSecrets: what the master key itself sealed is sealed with the data key.
func TestFirstVersionsSecrets(t *testing.T) {
	key := seal.NewKey()
	dir, h := sealedHousehold(t, key)
	s := openIn(t, dir, key)
	h.check(s.Exec("DELETE FROM meta WHERE key = 'data_key'"))
	h.check(s.Exec("UPDATE users SET totp = NULL"))
	h.check(s.Exec(fmt.Sprintf("UPDATE accounts SET password = x'%x'", key.Seal(seal.NewSecret(words), "accounts/password/1/1"))))
	h.check(s.Close())
	if _, err := store.Open(t.Context(), dir, store.Options{Key: seal.NewKey()}); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("another key: %v", err)
	}
	for range 2 {
		s := openIn(t, dir, key)
		if p, err := s.AccountPassword(t.Context(), h.user, h.account); err != nil || p.Reveal() != words {
			t.Errorf("the password: %v", err)
		}
		h.check(s.Close())
	}
}

func TestNoSecretInTheFiles(t *testing.T) {
	dir, _ := sealedHousehold(t, seal.NewKey())
	for name, data := range files(t, dir) {
		for _, secret := range []string{words, "JBSWY3DPEHPK3PXP"} {
			utf16 := make([]byte, 0, 2*len(secret))
			for i := range len(secret) {
				utf16 = append(utf16, secret[i], 0)
			}
			for _, form := range [][]byte{[]byte(secret), []byte(base64.StdEncoding.EncodeToString([]byte(secret))), []byte(hex.EncodeToString([]byte(secret))), utf16} {
				if bytes.Contains(data, form) {
					t.Errorf("%s holds %q", name, form)
				}
			}
		}
	}
}

func TestSecondFactorCodesCountOnce(t *testing.T) {
	key := seal.NewKey()
	dir, h := sealedHousehold(t, key)
	s := openIn(t, dir, key)
	ctx := t.Context()
	for _, c := range []struct {
		step int64
		want error
	}{{1, store.ErrNotFound}, {5, nil}, {5, store.ErrNotFound}, {4, store.ErrNotFound}, {6, nil}} {
		if err := s.UseStep(ctx, h.user, c.step); !errors.Is(err, c.want) {
			t.Errorf("step %d: %v, want %v", c.step, err, c.want)
		}
	}
	h.check(s.UseRecoveryCode(ctx, h.user, []byte{1}))
	if err := s.UseRecoveryCode(ctx, h.user, []byte{1}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a recovery code used twice: %v", err)
	}
	h.check(s.SetRecoveryCodes(ctx, h.user, [][]byte{{7}, {8}, {9}}))
	if f, err := s.SecondFactor(ctx, h.user); err != nil || f.Codes != 3 {
		t.Errorf("%d codes, %v", f.Codes, err)
	}
	h.check(s.RemoveSecondFactor(ctx, h.user, nil))
	if err := s.UseStep(ctx, h.user, 99); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a code for a factor that was removed: %v", err)
	}
	if err := s.SetRecoveryCodes(ctx, h.user, [][]byte{{7}}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("recovery codes without a second factor: %v", err)
	}
}
