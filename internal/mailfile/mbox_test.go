package mailfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const limit = 1 << 20

// readAll reads a file as import does.
func readAll(t testing.TB, path string, opt Options) (all []Message) {
	t.Helper()
	opt.Limit = limit
	err := Walk(path, func(s Source) error {
		return s.Read(opt, func(m Message) error {
			m.Raw = bytes.Clone(m.Raw)
			all = append(all, m)
			return nil
		})
	}, func(path string, err error) { t.Errorf("%s: %v", path, err) })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func texts(all []Message) (out []string) {
	for _, m := range all {
		out = append(out, string(m.Raw))
	}
	return out
}

func write(t testing.TB, path, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDialects(t *testing.T) {
	const line = "From ann@example.com Wed Nov 25 10:00:00 2026\n"
	for name, c := range map[string]struct {
		file string
		opt  Options
		want []string
	}{
		"two messages": {
			line + "Subject: a\n\none\n\n" + line + "Subject: b\n\ntwo\n\n",
			Options{}, []string{"Subject: a\n\none\n", "Subject: b\n\ntwo\n"}},
		"no blank line at the end": {
			line + "Subject: a\n\none\n", Options{}, []string{"Subject: a\n\none\n"}},
		"no line end at the end": {
			line + "Subject: a\n\none", Options{}, []string{"Subject: a\n\none"}},
		"CRLF": {
			"From a@b Wed Nov 25 10:00:00 2026\r\nSubject: a\r\n\r\none\r\n\r\n" + "From a@b Wed Nov 25 10:00:00 2026\r\nSubject: b\r\n\r\ntwo\r\n\r\n",
			Options{}, []string{"Subject: a\r\n\r\none\r\n", "Subject: b\r\n\r\ntwo\r\n"}},
		"mboxrd": {
			line + "Subject: a\n\n>From here\n>>From there\n> From\n\n",
			Options{}, []string{"Subject: a\n\nFrom here\n>From there\n> From\n"}},
		"mboxo": {
			line + "Subject: a\n\n>From here\n>>From there\n\n",
			Options{Dialect: MboxO}, []string{"Subject: a\n\nFrom here\n>>From there\n"}},
		"mboxcl": {
			line + "Content-Length: 22\n\n>From here\n>>From you\n\n\n" + line + "Content-Length: 4\n\ntwo\n\n",
			Options{}, []string{"Content-Length: 22\n\nFrom here\n>>From you\n", "Content-Length: 4\n\ntwo\n"}},
		"mboxcl2": {
			line + "Content-Length: 61\n\n>From here\n\n" + line + "X\n\n\n" + line + "Content-Length: 4\n\ntwo\n\n",
			Options{}, []string{"Content-Length: 61\n\n>From here\n\n" + line + "X\n\n", "Content-Length: 4\n\ntwo\n"}},
		"a length that is wrong": {
			line + "Content-Length: 400\n\none\n\n" + line + "Content-Length: 4\n\ntwo\n\n",
			Options{}, []string{"Content-Length: 400\n\none\n", "Content-Length: 4\n\ntwo\n"}},
		"a length that counts the blank line": {
			line + "Content-Length: 5\n\none\n\n" + line + "Content-Length: 5\n\ntwo\n\n" + line + "Content-Length: 4\n\nend\n\n",
			Options{}, []string{"Content-Length: 5\n\none\n", "Content-Length: 5\n\ntwo\n", "Content-Length: 4\n\nend\n"}},
		"nobody quoted": {
			line + "Subject: a\n\nHello,\n\nFrom here on it is text.\nbye\n\n" + "From b\nSubject: b\n\ntwo\n\n",
			Options{}, []string{"Subject: a\n\nHello,\n\nFrom here on it is text.\nbye\n", "Subject: b\n\ntwo\n"}},
		"no blank line between": {
			line + "Subject: a\n\none\n" + line + "Subject: b\n\ntwo\n",
			Options{}, []string{"Subject: a\n\none\n", "Subject: b\n\ntwo\n"}},
		"Mozilla's line": {
			"From - Wed Nov 25 10:00:00 2026\nSubject: a\n\none\n\nFrom - Wed Nov 25 10:00:00 2026\nX: y\n\n",
			Options{}, []string{"Subject: a\n\none\n", "X: y\n"}},
		"Takeout's line": {
			"From 1234@xxx Wed Nov 25 10:00:00 +0000 2026\nSubject: a\n\none\n\nFrom 5@xxx Wed Nov 25 10:00:00 +0000 2026\nX: y\n\n",
			Options{}, []string{"Subject: a\n\none\n", "X: y\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := texts(readAll(t, write(t, filepath.Join(t.TempDir(), "mail"), c.file), c.opt))
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestTooLarge passes over one message and goes on.
func TestTooLarge(t *testing.T) {
	big := strings.Repeat("x", limit) + "\n"
	path := write(t, filepath.Join(t.TempDir(), "mail"), "From a@b Wed Nov 25 10:00:00 2026\nSubject: a\n\n"+big+"\nFrom a@b Wed Nov 25 10:00:00 2026\nSubject: b\n\ntwo\n")
	var skipped []string
	got := readAll(t, path, Options{Skipped: func(name string, err error) {
		if !errors.Is(err, ErrTooLarge) {
			t.Error(err)
		}
		skipped = append(skipped, strings.TrimPrefix(name, path))
	}})
	if d := cmp.Diff([]string{", message 1"}, skipped); d != "" || len(got) != 1 || !strings.HasPrefix(string(got[0].Raw), "Subject: b") {
		t.Errorf("%s %q", d, texts(got))
	}
}

// written is messages as MboxWriter writes them.
func written(t testing.TB, messages ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := NewMboxWriter(&b)
	for _, m := range messages {
		e := Entry{From: "ann@example.com", Received: time.Unix(1e9, 0), Octets: iotest{strings.NewReader(m)}}
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// iotest reads three octets at a time, so that cuts fall everywhere.
type iotest struct{ r io.Reader }

func (i iotest) Read(p []byte) (int, error) { return i.r.Read(p[:min(len(p), 3)]) }

// FuzzMboxRoundTrip holds that what is written is read back octet for octet.
func FuzzMboxRoundTrip(f *testing.F) {
	f.Add("Subject: a\n\nFrom here\n>From there\n", "From x\n\n\n")
	f.Add("Content-Length: 3\r\n\r\nFrom\nFrom \n\r\n", "\n")
	f.Add("Content-Length: 44\n\n", "x\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		want := []string{strings.TrimRight(a, "\n") + "\n", strings.TrimRight(b, "\n") + "\n\n"}
		r := NewReader(strings.NewReader(written(t, want...)), MboxRD, limit)
		var got []string
		for {
			raw, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(raw))
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

// FuzzReader holds that no file makes more of itself than there is, in any dialect.
func FuzzReader(f *testing.F) {
	f.Add([]byte("From a@b Wed Nov 25 10:00:00 2026\nContent-Length: 3\n\n>From\n\nFrom c\nX: y\n\n"), byte(0))
	f.Fuzz(func(t *testing.T, file []byte, d byte) {
		r := NewReader(bytes.NewReader(file), Dialect(d%5), 1000)
		for total := 0; ; {
			raw, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil && !errors.Is(err, ErrTooLarge) {
				t.Fatal(err)
			}
			if total += len(raw); total > len(file) || len(raw) > 1000 {
				t.Fatalf("%d octets of %d", total, len(file))
			}
		}
	})
}
