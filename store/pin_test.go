package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"postern/internal/seal"
	"postern/store"
)

func TestFingerprint(t *testing.T) {
	var f store.Fingerprint
	for i := range f {
		f[i] = byte(7*i + 160)
	}
	text := f.String()
	if !strings.HasPrefix(text, "A0:A7:AE:B5:BC:C3:CA:D1 D8:DF:") || len(text) != 95 {
		t.Errorf("written %q", text)
	}
	openssl := "sha256 Fingerprint=" + strings.ReplaceAll(text, " ", ":") + "\n"
	for _, s := range []string{text, f.Hex(), openssl, "SHA256:" + f.Hex(), "SHA-256 " + text, " " + strings.ToUpper(f.Hex()) + " "} {
		if got, err := store.ParseFingerprint(s); err != nil || got != f {
			t.Errorf("%q is read as %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "sha256", f.Hex()[2:], f.Hex() + "00", "x" + f.Hex()[1:], "sha1 " + f.Hex()} {
		if got, err := store.ParseFingerprint(s); err == nil {
			t.Errorf("%q is read as %v", s, got)
		}
	}
}

func TestPinIsKeptAndDropped(t *testing.T) {
	h := newHousehold(t)
	ctx := context.Background()
	h.account = h.addAccount(store.Keep)
	settings := h.acct().Settings
	settings.Pin = store.Fingerprint{9}
	before := h.acct()
	h.check(h.UpdateAccount(ctx, h.user, h.account, settings, seal.Secret{}))
	now := h.acct()
	if now.Settings != settings {
		t.Errorf("stored as %+v", now.Settings)
	}
	if err := h.DropPin(ctx, before); !errors.Is(err, store.ErrChanged) {
		t.Errorf("a session by older settings drops the pin: %v", err)
	}
	stranger := now
	stranger.User++
	if err := h.DropPin(ctx, stranger); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("somebody else drops the pin: %v", err)
	}
	h.check(h.DropPin(ctx, now))
	if after := h.acct(); !after.Pin.IsZero() || after.Revision != now.Revision {
		t.Errorf("dropped: pin %v, revision %d after %d", after.Pin, after.Revision, now.Revision)
	}
}
