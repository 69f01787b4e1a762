package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestSealOpen(t *testing.T) {
	k := NewKey()
	for _, value := range []string{"", "a", hunter, strings.Repeat("x", 5000), "\x00\xff"} {
		sealed := k.Seal(NewSecret(value), "account/password/7/1")
		if value != "" && bytes.Contains(sealed, []byte(value)) && len(value) > 2 {
			t.Errorf("sealed value shows %q", value)
		}
		got, err := k.Open(sealed, "account/password/7/1")
		if err != nil || got.Reveal() != value {
			t.Errorf("Open(Seal(%q)) = %q, %v", value, got.Reveal(), err)
		}
	}
	if bytes.Equal(k.Seal(NewSecret("a"), ""), k.Seal(NewSecret("a"), "")) {
		t.Error("two seals of one value are equal: the nonce is not fresh")
	}
}

func TestOpenRefuses(t *testing.T) {
	k := NewKey()
	sealed := k.Seal(NewSecret(hunter), "row 1")
	if _, err := k.Open(sealed, "row 2"); !errors.Is(err, ErrTampered) {
		t.Errorf("another row: %v, want ErrTampered", err)
	}
	if _, err := NewKey().Open(sealed, "row 1"); !errors.Is(err, ErrWrongKey) {
		t.Errorf("another key: %v, want ErrWrongKey", err)
	}
	for n := range sealed {
		if _, err := k.Open(sealed[:n], "row 1"); err == nil {
			t.Errorf("cut to %d octets: opened", n)
		}
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 0x40
		s, err := k.Open(changed, "row 1")
		if !errors.Is(err, ErrTampered) && !errors.Is(err, ErrWrongKey) || !s.IsZero() {
			t.Errorf("octet %d changed: %v", i, err)
		}
	}
	if _, err := k.Open(append(sealed, 0), "row 1"); !errors.Is(err, ErrTampered) {
		t.Errorf("with an octet more: %v", err)
	}
}

func TestWrap(t *testing.T) {
	master, data := NewKey(), NewKey()
	wrapped := master.Wrap(data, "data key 1")
	got, err := master.Unwrap(wrapped, "data key 1")
	if err != nil || got.ID() != data.ID() {
		t.Fatalf("Unwrap: %v, %v", got, err)
	}
	if s, err := got.Open(data.Seal(NewSecret(hunter), "r"), "r"); err != nil || s.Reveal() != hunter {
		t.Errorf("the unwrapped key does not open what the key sealed: %v", err)
	}
	if _, err := NewKey().Unwrap(wrapped, "data key 1"); !errors.Is(err, ErrWrongKey) {
		t.Errorf("another master key: %v", err)
	}
	if _, err := master.Unwrap(wrapped, "data key 2"); !errors.Is(err, ErrTampered) {
		t.Errorf("another place: %v", err)
	}
	if _, err := master.Open(wrapped, "data key 1"); !errors.Is(err, ErrTampered) {
		t.Errorf("a wrapped key opens as a secret: %v", err)
	}
	if _, err := master.Unwrap(master.Seal(NewSecret(hunter), wrapAAD+"x"), "x"); !errors.Is(err, ErrTampered) {
		t.Errorf("a secret of the wrong size unwraps as a key: %v", err)
	}
}

func TestKeyDoesNotPrint(t *testing.T) {
	k := NewKey()
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "key", k)
	asJSON, err := json.Marshal(map[string]any{"key": k})
	if err != nil {
		t.Fatal(err)
	}
	text := log.String() + string(asJSON)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		text += fmt.Sprintf(verb, k) + fmt.Sprintf(verb, struct{ k *Key }{k}) + fmt.Sprintf(verb, struct{ K *Key }{k})
	}
	assertHidden(t, "the key", text, string(k.raw[:]))
	if !strings.Contains(text, "key "+k.ID()) {
		t.Errorf("the key's ID is missing: %s", text)
	}
	if (*Key)(nil).String() != "no key" {
		t.Error("a nil key does not print")
	}
}

func TestLoadKeyCreates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "postern.key")
	if _, err := LoadKey(path, false); !errors.Is(err, ErrNoKey) || !strings.Contains(err.Error(), path) {
		t.Errorf("no file: %v, want ErrNoKey with the path", err)
	}
	k, err := LoadKey(path, true)
	if err != nil {
		t.Fatal(err)
	}
	again, err := LoadKey(path, true)
	if err != nil || again.ID() != k.ID() {
		t.Errorf("loaded again: %v, %v; want %v", again, err, k)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	text, _ := os.ReadFile(path)
	if len(text) != 45 || text[44] != '\n' {
		t.Errorf("the file is %q, want one line of base64", text)
	}
	assertOnlyFile(t, path)
}

// assertOnlyFile fails when a temporary file was left beside path.
func assertOnlyFile(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("files in the directory: %v, %v; want only the key", entries, err)
	}
}

func TestLoadKeyRefuses(t *testing.T) {
	good := NewKey().text()
	for _, tt := range []struct {
		name, text string
		mode       os.FileMode
		want       error
	}{
		{"empty", "", 0o600, ErrBadKey},
		{"short", good[:40], 0o600, ErrBadKey},
		{"two keys", good + "\n" + good, 0o600, ErrBadKey},
		{"not base64", strings.Repeat("?", 44), 0o600, ErrBadKey},
		{"huge", strings.Repeat(good, 1000), 0o600, ErrBadKey},
		{"readable by the group", good, 0o640, ErrKeyExposed},
		{"readable by all", good, 0o604, ErrKeyExposed},
		{"writable by the group", good, 0o620, ErrKeyExposed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, tt.mode); err != nil {
				t.Fatal(err)
			}
			_, err := LoadKey(path, true)
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("LoadKey: %v, want %v with the path", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), good[:20]) {
				t.Errorf("the error shows the key: %v", err)
			}
			if after, _ := os.ReadFile(path); string(after) != tt.text {
				t.Error("a refused key file was changed")
			}
		})
	}
	if _, err := LoadKey(t.TempDir(), true); err == nil || errors.Is(err, ErrNoKey) {
		t.Errorf("a directory: %v", err)
	}
	if _, err := LoadKey(filepath.Join(t.TempDir(), "no", "key"), true); err == nil {
		t.Error("made a key in a directory that does not exist")
	}
}

func TestParseKeyToleratesBlanks(t *testing.T) {
	k := NewKey()
	got, err := ParseKey(" " + k.text() + "\r\n")
	if err != nil || got.ID() != k.ID() {
		t.Errorf("ParseKey: %v, %v", got, err)
	}
}

func TestLoadKeyRace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	var wg sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		wg.Go(func() {
			if k, err := LoadKey(path, true); err == nil {
				ids[i] = k.ID()
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Fatalf("first starts at once got different keys: %v", ids)
		}
	}
	assertOnlyFile(t, path)
}

func TestWriteFileReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if _, err := LoadKey(path, true); err != nil {
		t.Fatal(err)
	}
	k := NewKey()
	if err := k.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	got, err := LoadKey(path, false)
	if err != nil || got.ID() != k.ID() {
		t.Errorf("after WriteFile: %v, %v; want %v", got, err, k)
	}
	assertOnlyFile(t, path)
	if err := k.WriteFile(filepath.Join(t.TempDir(), "no", "key")); err == nil {
		t.Error("wrote into a directory that does not exist")
	}
}
