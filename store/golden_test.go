package store

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/internal/message"
	"postern/internal/query"
)

// The files in testdata/schema were written by Postern as it was when their version of
// the schema was the newest: twelve messages of ann's in two accounts, some of them
// starred, archived, junk, deleted, purged, gone from their server, one in two chunks.

func unpackGolden(t *testing.T, name string) (dir string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, dataFile), data, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestOldSchemasAreReadAndChecked(t *testing.T) {
	names, err := filepath.Glob("testdata/schema/*.db.gz")
	if err != nil || len(names) < 2 {
		t.Fatalf("golden files: %q, %v", names, err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) { readGolden(t, unpackGolden(t, name)) })
	}
}

func readGolden(t *testing.T, dir string) {
	ctx := context.Background()
	s, err := Open(ctx, dir, Options{ForgetSecrets: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	version, err := one(ctx, s.data.read, scanValue[int], "PRAGMA user_version")
	if err != nil || version != newestVersion() {
		t.Errorf("schema version %d, %v; want %d", version, err, newestVersion())
	}
	var documents attachedNames
	if err := s.ReadAttachments(ctx, &documents); err != nil {
		t.Fatal(err)
	}
	if len(documents) == 0 {
		t.Error("the attachments of old messages are not read")
	}
	if err := s.IndexAll(ctx); err != nil {
		t.Fatal(err)
	}
	ann, err := s.UserNamed(ctx, "ann")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	list := func(name string, v View) {
		p, err := s.Messages(ctx, ann.ID, v)
		if err != nil {
			t.Fatal(err)
		}
		var rows []string
		for _, m := range p.Messages {
			one, err := s.Message(ctx, ann.ID, m.ID)
			if err != nil || !strings.Contains(one.Text, "您好") || len(one.Structure.Attachments()) != 1 {
				t.Errorf("message %d: %v, text %.40q", m.ID, err, one.Text)
			}
			o, err := s.Octets(ctx, ann.ID, m.ID)
			if err == nil {
				err = o.Verify()
			}
			if err != nil {
				t.Errorf("octets of message %d: %v", m.ID, err)
			}
			rows = append(rows, fmt.Sprintf("%s (%v)", m.Subject[strings.LastIndexByte(m.Subject, ' ')+1:], m.Server))
		}
		got[name] = strings.Join(rows, ", ")
	}
	for _, m := range []Mailbox{Inbox, Archive, Junk, Trash} {
		list(m.String(), View{Mailbox: m})
	}
	list("starred", View{Starred: true})
	list("search", View{Query: query.Parse("INV-2026/0042 in:anywhere", time.Now())})
	want := map[string]string{
		"inbox": "11 (present), 10 (gone), 9 (present), 7 (present), 1 (present), 0 (present)", "archive": "3 (present), 2 (present)",
		"junk": "4 (present)", "trash": "6 (deleted), 5 (present)", "starred": "2 (present), 1 (present)", "search": "10 (gone), 6 (deleted), 2 (present)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is there (-want +got):\n%s", diff)
	}
	ledger, err := s.Deletions(ctx, ann.ID, 10)
	if err != nil || len(ledger) == 0 {
		t.Fatalf("%d deletions, %v", len(ledger), err)
	}
	for _, d := range ledger {
		if d.AskedBy != "ann" {
			t.Errorf("the deletion of %q (reason %v) was asked for by %q", d.Subject, d.Reason, d.AskedBy)
		}
	}
	if _, err := s.Check(ctx, false, func(found string) { t.Errorf("check: %s", found) }); err != nil {
		t.Fatal(err)
	}
}

// attachedNames reads nothing and notes of what.
type attachedNames []string

func (*attachedNames) Reads(*message.Part) bool { return true }
func (*attachedNames) Rest()                    {}

func (n *attachedNames) Read(_ context.Context, p *message.Part, _ io.ReaderAt) (string, error) {
	*n = append(*n, p.Name())
	return "", nil
}

// Each step leaves a database that the next one can go on from, whatever version it began
// with, and a script that fails changes nothing.
func TestMigrationsGoStepByStep(t *testing.T) {
	ctx := context.Background()
	dir := unpackGolden(t, "testdata/schema/0001.db.gz")
	f, err := openFile(filepath.Join(dir, dataFile), "FULL", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	scripts := fstest.MapFS{}
	for n := 1; n <= newestVersion(); n++ {
		name := fmt.Sprintf("migrations/%04d.sql", n)
		script, err := migrations.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		scripts[name] = &fstest.MapFile{Data: append(script[:len(script):len(script)], "\nINSERT INTO nowhere VALUES (1);"...)}
		if n > 1 {
			if err := migrate(ctx, f, scripts); err == nil {
				t.Fatalf("%s: a script that fails is taken", name)
			}
			if v, err := schemaVersion(ctx, f); err != nil || v != n-1 {
				t.Fatalf("%s: version %d, %v after it failed, want %d", name, v, err, n-1)
			}
		}
		scripts[name] = &fstest.MapFile{Data: script}
		if err := migrate(ctx, f, scripts); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.close(); err != nil {
		t.Fatal(err)
	}
	readGolden(t, dir)
}
