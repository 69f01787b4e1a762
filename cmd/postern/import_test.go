package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// files makes files below a new folder and returns it.
func files(t *testing.T, content map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range content {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// postern runs a command line on a data directory and returns what it wrote.
func postern(t *testing.T, data string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), append([]string{"--data-dir", data}, args...), strings.NewReader("correct horse battery\n"), &out, &errs); code != 0 {
		t.Fatalf("postern %s ends with %d: %s", strings.Join(args, " "), code, &errs)
	}
	return out.String()
}

// dataDir is a new data directory with the user ann.
func dataDir(t *testing.T) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	postern(t, data, "user", "add", "--password-file", "-", "ann")
	return data
}

func wantOutput(t *testing.T, got, want string) {
	t.Helper()
	if !strings.Contains(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// hits are the messages that a search finds: subject, mailbox, unread, starred.
func hits(t *testing.T, data, q string) (all []string) {
	t.Helper()
	var result struct{ Messages []found }
	if err := json.Unmarshal([]byte(postern(t, data, "search", "--user", "ann", "--json", q)), &result); err != nil {
		t.Fatal(err)
	}
	for _, m := range result.Messages {
		all = append(all, fmt.Sprintf("%s %s %v %v %s", m.Subject, m.Mailbox, m.Unread, m.Starred, m.Server))
	}
	slices.Sort(all)
	return all
}

const fromLine = "From ann@example.com Wed Nov 25 10:00:00 2026\n"

var mixedMail = map[string]string{
	"takeout.mbox": fromLine + "X-GM-THRID: 7\nX-Gmail-Labels: Archived,Starred,Work\nSubject: one\nFrom: bob@example.net\n\n>From here\n\n" +
		fromLine + "X-GM-THRID: 7\nX-Gmail-Labels: Inbox,Unread,=?UTF-8?Q?B=C3=BCro?=\nSubject: two\nFrom: bob@example.net\n\nx\n\n",
	"maildir/new/1":                "Subject: three\r\n\r\nx\r\n",
	"maildir/cur/2:2,FS":           "Subject: four\n\nx",
	"maildir/.Junk/cur/3:2,S":      "Subject: five\n\nx\n",
	"maildir/.Junk/new/.keep":      "", // empty: nothing to import
	"letters/4.eml":                "Subject: six\nFrom x\n\n\xff\x00\n\nFrom y\n",
	"letters/copy of 4, CRLF.eml":  "Subject: six\r\nFrom x\r\n\r\n\xff\x00\r\n\r\nFrom y\r\n",
	"letters/not mail at all.conf": "a = b\n",
}

func TestImport(t *testing.T) {
	data := dataDir(t)
	dir := files(t, mixedMail)
	got := postern(t, data, "import", "--user", "ann", "--label", "Old mail", dir)
	wantOutput(t, got, "6 messages imported, 1 here already, 0 passed over\n")
	wantOutput(t, got, "1 file held no mail\n")
	want := []string{"five junk false false none", "four inbox false true none", "one archive false true none",
		"six inbox false false none", "three inbox true false none", "two inbox true false none"}
	if got := hits(t, data, "in:anywhere"); !slices.Equal(got, want) {
		t.Errorf("imported: %q", got)
	}
	for q, subject := range map[string]string{"label:work": "one", "label:Büro": "two", `label:"old mail" is:starred in:inbox`: "four"} {
		if got := hits(t, data, q); len(got) != 1 || !strings.HasPrefix(got[0], subject) {
			t.Errorf("%s finds %q", q, got)
		}
	}
	wantOutput(t, postern(t, data, "import", "--user", "ann", "--label", "Twice", dir), "0 messages imported, 7 here already")
	if got := hits(t, data, "label:twice"); len(got) != 5 { // Junk is not in it
		t.Errorf("label of a second import: %q", got)
	}
	wantOutput(t, postern(t, data, "check"), "6 messages read back, 0 findings")
}

// TestExportAndImport takes mail out in each format and brings it in elsewhere: the same octets.
func TestExportAndImport(t *testing.T) {
	data := dataDir(t)
	mail := files(t, mixedMail)
	postern(t, data, "import", "--user", "ann", mail)
	for _, format := range []string{"mbox", "maildir", "eml"} {
		path := filepath.Join(t.TempDir(), "out")
		wantOutput(t, postern(t, data, "export", "--user", "ann", "--format", format, path), "6 messages exported")
		wantOutput(t, postern(t, data, "import", "--user", "ann", path), "0 messages imported, 6 here already")

		other := dataDir(t)
		wantOutput(t, postern(t, other, "import", "--user", "ann", path), "6 messages imported, 0 here already")
		got, want := exported(t, other), exported(t, data)
		if format == "mbox" { // which cannot hold a message without a line end at its end
			want = slices.DeleteFunc(want, func(s string) bool { return s == "Subject: four\n\nx" })
			want = append(want, "Subject: four\n\nx\n")
			slices.Sort(want)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", format, got, want)
		}
	}
	only := postern(t, data, "export", "--user", "ann", "--format", "mbox", "--query", "subject:one", "-")
	if !strings.HasPrefix(only, "From bob@example.net ") || strings.Count(only, "\nSubject: ") != 1 || !strings.Contains(only, "\n>From here\n") {
		t.Errorf("to standard output: %q", only)
	}
	var errs bytes.Buffer
	if code := run(t.Context(), []string{"export", "--data-dir", data, "--user", "ann", "--format", "mbox", mail}, nil, &errs, &errs); code != 1 || !strings.Contains(errs.String(), "nothing is written over") {
		t.Errorf("over a folder: %d %s", code, &errs)
	}
}

// exported are the octets of all messages of a data directory, sorted.
func exported(t *testing.T, data string) (all []string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "eml")
	postern(t, data, "export", "--user", "ann", "--format", "eml", dir)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		octets, err := os.ReadFile(path)
		all = append(all, string(octets))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// cancelling ends a context at the first remark that is written to it.
type cancelling struct{ cancel func() }

func (c cancelling) Write(p []byte) (int, error) {
	c.cancel()
	return len(p), nil
}

// TestImportGoesOn interrupts an import and runs it again: nothing is missing, nothing twice.
func TestImportGoesOn(t *testing.T) {
	data := dataDir(t)
	var mbox strings.Builder
	for n := range 700 {
		fmt.Fprintf(&mbox, "%sSubject: %d\n\nx\n\n", fromLine, n)
		if n == 500 {
			fmt.Fprintf(&mbox, "%sSubject: big\n\n%s\n\n", fromLine, strings.Repeat("x", 2000))
		}
	}
	dir := files(t, map[string]string{"mbox": mbox.String(), "mbox2": fromLine + "Subject: last\n\nx\n"})
	ctx, cancel := context.WithCancel(t.Context())
	args := []string{"import", "--data-dir", data, "--max-message-size", "1k", "--user", "ann", dir, filepath.Join(dir, "missing")}
	var out bytes.Buffer
	if code := run(ctx, args, nil, &out, cancelling{cancel}); code != 1 {
		t.Errorf("interrupted, it ends with %d: %s", code, &out)
	}
	wantOutput(t, out.String(), "400 messages imported, 0 here already, 1 passed over")
	out.Reset()
	var errs bytes.Buffer
	if code := run(t.Context(), args, nil, &out, &errs); code != 1 { // a path is missing
		t.Errorf("again, it ends with %d: %s", code, &errs)
	}
	wantOutput(t, out.String(), "301 messages imported, 400 here already, 1 passed over")
	wantOutput(t, errs.String(), "mbox, message 502 was passed over: it is larger than allowed")
	wantOutput(t, errs.String(), "missing: ")
	if got := exported(t, data); len(got) != 701 || len(slices.Compact(got)) != 701 {
		t.Errorf("%d messages", len(got))
	}
}

func TestSpellings(t *testing.T) {
	same := []string{"a\r\nb\r\n", "a\nb\n", "a\r\nb", "a\nb"}
	for _, a := range same {
		for _, b := range same {
			if !slices.Contains(spellings([]byte(a)), spellings([]byte(b))[0]) {
				t.Errorf("%q does not know %q", a, b)
			}
		}
		if slices.Contains(spellings([]byte(a)), spellings([]byte("a\nc\n"))[0]) {
			t.Errorf("%q takes another message for itself", a)
		}
	}
}
