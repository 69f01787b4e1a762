package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A query may begin with a word that is left out; flags stand before it.
func TestSearchForWhatIsNot(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "owner"), "a good long password\n")
	command(t, dir, "user", "add", "search", "--password-file", "owner")
	if err := os.Mkdir(filepath.Join(dir, "mail"), 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		writeFile(t, filepath.Join(dir, "mail", fmt.Sprint(i, ".eml")), fmt.Sprintf("From: bob%d@example.net\nDate: Thu, 1 Jan 2026 00:00:0%[1]d +0000\nSubject: Number %[1]d\n\nhunt it\n", i))
	}
	command(t, dir, "import", "--user", "search", "mail")
	for query, want := range map[string]string{
		"-from:bob1":        "Number 2, Number 0",
		"-hunt":             "",
		"-bob0 -bob1":       "Number 2",
		"hunt -from:bob0":   "Number 2, Number 1",
		"-- -from:bob1":     "Number 2, Number 0",
		"-(bob0 OR bob1)":   "Number 2",
		"--limit 1 -bob2":   "Number 1",
		"--limit=1 -bob2":   "Number 1",
		"-h":                "Usage",
		"-bob2 --json":      `"total":2`,
		"--json -bob2":      `"total":2`,
		"-- --json -bob2":   "",
		"-is:unread --json": `"total":3`,
	} {
		out := command(t, dir, append([]string{"search", "--user", "search"}, strings.Fields(query)...)...)
		var subjects []string
		for line := range strings.Lines(out) {
			if _, subject, ok := strings.Cut(line, "  Number "); ok {
				subjects = append(subjects, "Number "+strings.TrimSpace(subject))
			}
		}
		if got := strings.Join(subjects, ", "); got != want && (want == "" || !strings.Contains(out, want)) {
			t.Errorf("search %s: %s, want %s", query, out, want)
		}
	}
}
