package sanitize

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSharedVectors holds the sanitiser against a collection of hostile mail
// bodies that is not part of this repository.
func TestSharedVectors(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "html-vectors")
	raw, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		t.Skipf("no shared vectors here: %v", err)
	}
	var index struct {
		Vectors []struct{ ID, File, Kind string }
	}
	if err := json.Unmarshal(raw, &index); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, v := range index.Vectors {
		body, err := os.ReadFile(filepath.Join(dir, v.File))
		if err != nil {
			t.Errorf("%s: %v", v.ID, err)
			continue
		}
		// Mails and plain texts are fed as HTML too: the more hostile, the better.
		n++
		got := HTML(string(body), Options{})
		if why := inert(got.HTML, nil); why != "" {
			t.Errorf("%s: %s\n in: %.300s\nout: %.600s", v.ID, why, body, got.HTML)
		}
		if again := HTML(got.HTML, Options{}); again.HTML != got.HTML {
			t.Errorf("%s: not a fixpoint\n1st: %.600s\n2nd: %.600s", v.ID, got.HTML, again.HTML)
		}
		if len(got.Remote) > 0 && strings.Contains(got.HTML, `src="http`) {
			t.Errorf("%s: a remote image is in the output: %.600s", v.ID, got.HTML)
		}
	}
	t.Logf("%d vectors", n)
}

// TestSharedMails runs designer mails: inert, fixpoint, and text kept.
func TestSharedMails(t *testing.T) {
	root := filepath.Join("..", "..", "..", "shared", "corpus")
	files, _ := filepath.Glob(filepath.Join(root, "html-*", "*", "*.html"))
	more, _ := filepath.Glob(filepath.Join(root, "html-*", "*", "*", "*.html"))
	files = append(files, more...)
	if len(files) == 0 {
		t.Skip("no shared mails here")
	}
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		got := HTML(string(body), Options{})
		if why := inert(got.HTML, nil); why != "" {
			t.Errorf("%s: %s", f, why)
		}
		if again := HTML(got.HTML, Options{}); again.HTML != got.HTML {
			t.Errorf("%s: not a fixpoint", f)
		}
	}
}
