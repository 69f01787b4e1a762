package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"postern/internal/query"
	"postern/store"
)

func goldenFile(version int) string { return fmt.Sprintf("testdata/schema/%04d.db.zst", version) }

func unpackGolden(t *testing.T, version int) (dir string) {
	t.Helper()
	packed, err := os.ReadFile(goldenFile(version))
	if err != nil {
		t.Fatalf("%v; how it is written stands in goldenwrite_test.go", err)
	}
	z, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	data, err := z.DecodeAll(packed, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "postern.db"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A database of whatever version is migrated, read, checked, and goes on as any other.
func TestOldSchemasAreReadAndChecked(t *testing.T) {
	for version := 1; version <= store.NewestVersion(); version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Parallel()
			dir := unpackGolden(t, version)
			if v := userVersion(t, filepath.Join(dir, "postern.db")); v != version {
				t.Fatalf("%s is of version %d", goldenFile(version), v)
			}
			readGolden(t, dir, version)
		})
	}
}

// Each step leaves a database that the next one can go on from, whatever version it began
// with, and a script that fails changes nothing.
func TestMigrationsGoStepByStep(t *testing.T) {
	dir := unpackGolden(t, 1)
	path := filepath.Join(dir, "postern.db")
	scripts := fstest.MapFS{}
	for n := 1; n <= store.NewestVersion(); n++ {
		name := fmt.Sprintf("migrations/%04d.sql", n)
		script, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		scripts[name] = &fstest.MapFile{Data: append(script[:len(script):len(script)], "\nINSERT INTO nowhere VALUES (1);"...)}
		if n > 1 {
			if err := store.Migrate(path, scripts); err == nil {
				t.Fatalf("%s: a script that fails is taken", name)
			}
			if v := userVersion(t, path); v != n-1 {
				t.Fatalf("%s: version %d after it failed, want %d", name, v, n-1)
			}
		}
		scripts[name] = &fstest.MapFile{Data: script}
		if err := store.Migrate(path, scripts); err != nil {
			t.Fatal(err)
		}
	}
	readGolden(t, dir, 1)
}

// readGolden opens a golden file and looks for everything that its version had.
func readGolden(t *testing.T, dir string, version int) {
	ctx := context.Background()
	h := openGolden(t, dir)
	since := func(v int) bool { return version >= v }
	if v := userVersion(t, filepath.Join(dir, "postern.db")); v != store.NewestVersion() {
		t.Errorf("schema version %d, want %d", v, store.NewestVersion())
	}
	ann, err := h.UserNamed(ctx, "ann")
	h.check(err)
	h.user = ann.ID
	h.goldenRemovals(since)
	var reader plainReader
	h.readAttachments(&reader)
	if read := len(reader.read) > 0; read == since(11) {
		t.Errorf("attachments are read %q", reader.read)
	}
	accounts, err := h.Accounts(ctx, ann.ID)
	h.check(err)
	first, second := accounts[0], accounts[1]

	h.goldenMail(since)
	h.goldenCounts(since)
	h.goldenAccounts(since, first, second)
	h.goldenLedger(first)
	h.goldenUser(since, ann)
	h.goldenGoesOn(since, first)
	for _, found := range h.checkStore(false) {
		t.Errorf("check: %s", found)
	}
}

// goldenMail looks at the lists, at each message and its octets, and searches.
func (h *household) goldenMail(since func(int) bool) {
	ctx := context.Background()
	got := map[string]string{}
	list := func(name string, v store.View) {
		p, err := h.Messages(ctx, h.user, v)
		h.check(err)
		var rows []string
		for _, m := range p.Messages {
			number := m.Subject[strings.LastIndexByte(m.Subject, ' ')+1:]
			unread := ""
			if m.Unread {
				unread = "*"
			}
			rows = append(rows, fmt.Sprintf("%s%s %v", number, unread, m.Server))
			if m.Partial {
				continue
			}
			o, err := h.Octets(ctx, h.user, m.ID)
			h.check(err)
			h.check(o.Verify())
			one := h.message(m.ID)
			if !strings.Contains(one.Text, "您好") || one.Envelope.From[0].Address != "bob@example.net" {
				h.t.Errorf("message %d: from %v, text %.40q", m.ID, one.Envelope.From, one.Text)
			}
			if files := one.Structure.Attachments(); !strings.HasPrefix(m.Subject, "Re: ") && (len(files) != 1 || files[0].Filename != "file"+number+".txt") {
				h.t.Errorf("message %d: attachments %v", m.ID, files)
			}
		}
		got[name] = strings.Join(rows, ", ")
	}
	for _, m := range []store.Mailbox{store.Inbox, store.Archive, store.Junk, store.Trash} {
		list(m.String(), store.View{Mailbox: m})
	}
	list("starred", store.View{Starred: true})
	for _, source := range []string{"INV-2026/0042 in:anywhere", "annex9", "letter filename:file11", "is:gone", "is:pending-delete in:anywhere"} {
		list(source, store.View{Query: query.Parse(source, goldenTime)})
	}
	want := map[string]string{
		"inbox":   "11* present, 10* gone, 9* present, 7* present, 1 present, 0* present",
		"archive": "3 present, 2* present", "junk": "4* present", "trash": "6* deleted, 5* pending-delete",
		"starred":                   "2* present, 1 present",
		"INV-2026/0042 in:anywhere": "10* gone, 6* deleted, 2* present",
		"annex9":                    "9* present", "letter filename:file11": "11* present", "is:gone": "10* gone", "is:pending-delete in:anywhere": "5* pending-delete",
	}
	if since(2) {
		labels, err := h.Labels(ctx, h.user)
		h.check(err)
		i := slices.IndexFunc(labels, func(l store.Label) bool { return l.Name == "Work" })
		list("label", store.View{Label: labels[i].ID})
		want["label"] = "2* present, 0* present"
		want["archive"] = "20 none, " + want["archive"]
	}
	if since(5) {
		want["inbox"] = "9* present, " + want["inbox"] // the reply to it
	}
	if since(7) {
		want["archive"] = strings.Replace(want["archive"], "3 present", "3* present", 1)
	}
	if since(9) {
		want["inbox"] = "40* present, " + want["inbox"]
	}
	if since(23) {
		want["archive"] = "23 none, " + want["archive"]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Errorf("what is there (-want +got):\n%s", diff)
	}
}

// goldenCounts compares the counters with what is known of the mail.
func (h *household) goldenCounts(since func(int) bool) {
	counts, err := h.Counts(context.Background(), h.user)
	h.check(err)
	got := map[string][2]int{}
	for _, c := range counts {
		n := got[c.Mailbox.String()]
		got[c.Mailbox.String()] = [2]int{n[0] + c.Total, n[1] + c.Unread}
	}
	want := map[string][2]int{"inbox": {6, 5}, "archive": {2, 1}, "junk": {1, 1}, "trash": {2, 2}}
	more := func(box string, total, unread int) {
		n := want[box]
		want[box] = [2]int{n[0] + total, n[1] + unread}
	}
	if since(2) {
		more("archive", 1, 0)
		if labels := h.labels(); labels["Work"] != [2]int{2, 2} || labels["家"] != [2]int{2, 1} {
			h.t.Errorf("labels count %v", labels)
		}
	}
	if since(5) {
		more("inbox", 1, 1)
	}
	if since(7) {
		more("archive", 0, 1)
	}
	if since(9) {
		more("inbox", 1, 1)
	}
	if since(23) {
		more("archive", 1, 0)
	}
	delete(got, store.Purged.String())
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Errorf("counters (-want +got):\n%s", diff)
	}
}

func (h *household) goldenAccounts(since func(int) bool, first, second store.Account) {
	ctx := context.Background()
	for _, a := range []store.Account{first, second} {
		password, err := h.AccountPassword(ctx, h.user, a.ID)
		h.check(err)
		if password.Reveal() != words || a.Host != "pop.example.com" || a.Interval != 5*time.Minute || a.Removed || a.Held {
			h.t.Errorf("account %+v, or its password", a)
		}
	}
	if first.Policy != store.DeleteOnDelete || second.Policy != store.Keep || second.ServerCount != 2 {
		h.t.Errorf("accounts %+v and %+v", first, second)
	}
	if second.Adaptive != since(6) || second.MaxSize > 0 != since(6) {
		h.t.Errorf("adaptive %v, at most %d octets", second.Adaptive, second.MaxSize)
	}
	if pinned := second.Pin == (store.Fingerprint{1, 2, 3}); pinned != since(22) || !first.Pin.IsZero() || (first.Remedy == store.ReviewCertificate) != since(22) {
		h.t.Errorf("pins %v and %v, remedy %v", first.Pin, second.Pin, first.Remedy)
	}
	syncs, err := h.Syncs(ctx, h.user, second.ID, 10)
	h.check(err)
	if len(syncs) != 1 {
		h.t.Fatalf("%d syncs", len(syncs))
	}
	s, err := h.Sync(ctx, h.user, second.ID, syncs[0].ID)
	h.check(err)
	if !strings.Contains(s.Transcript, "+OK 3 900") || len(s.Remarks) != 1 {
		h.t.Errorf("sync %+v", s)
	}
}

func (h *household) goldenLedger(first store.Account) {
	ctx := context.Background()
	ledger, err := h.Deletions(ctx, h.user, 10)
	h.check(err)
	got := map[string]store.DeletionState{}
	for _, d := range ledger {
		got[d.UID] = d.State
		if d.AskedBy != "ann" {
			h.t.Errorf("the deletion of %q (reason %v) was asked for by %q", d.Subject, d.Reason, d.AskedBy)
		}
	}
	want := map[string]store.DeletionState{"uid-5": store.Requested, "uid-6": store.Confirmed, "uid-7": store.Refused, "uid-8": store.Confirmed}
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Errorf("ledger (-want +got):\n%s", diff)
	}
	uids, err := h.UniqueIDs(ctx, h.user, first.ID)
	h.check(err)
	i := slices.IndexFunc(uids, func(u store.UniqueID) bool { return u.UID == "uid-8" })
	if i < 0 || uids[i].Message != 0 || uids[i].Listed || !uids[i].Retrieved {
		h.t.Errorf("the tombstone of what was purged: %+v", uids)
	}
}

func (h *household) goldenUser(since func(int) bool, ann store.User) {
	ctx := context.Background()
	sessions, err := h.Sessions(ctx, h.user)
	h.check(err)
	if len(sessions) != 1 || sessions[0].Device != "Browser 1" {
		h.t.Errorf("sessions %+v", sessions)
	}
	if days := map[bool]int{true: 7, false: store.ForEver}[since(20)]; ann.Preferences.DaysInTrash() != days {
		h.t.Errorf("mail stays in Trash for %d days, want %d", ann.Preferences.DaysInTrash(), days)
	}
	if ann.TOTP != since(3) || ann.Preferences.NoKeys != since(7) {
		h.t.Errorf("user %+v", ann)
	}
	if since(3) {
		f, err := h.SecondFactor(ctx, h.user)
		h.check(err)
		if f.Codes != 2 || f.Secret.Reveal() != "JBSWY3DPEHPK3PXP" {
			h.t.Errorf("the second factor, or its %d codes", f.Codes)
		}
	}
	rule, err := h.SenderRule(ctx, h.user, "bob@example.net")
	if h.check(err); rule.Images != since(4) {
		h.t.Errorf("images of a sender: %v", rule.Images)
	}
	searches, err := h.SavedSearches(ctx, h.user)
	h.check(err)
	recent, err := h.RecentSearches(ctx, h.user)
	h.check(err)
	if since(13) && (len(searches) != 1 || searches[0].Name != "发票" || len(recent) != 1) || !since(13) && len(searches)+len(recent) > 0 {
		h.t.Errorf("searches %+v, %q", searches, recent)
	}
	history, err := h.History(ctx, h.user, 100)
	h.check(err)
	if since(7) != (len(history) > 0) {
		h.t.Errorf("history %+v", history)
	}
}

// goldenRemovals finishes what was being removed.
func (h *household) goldenRemovals(since func(int) bool) {
	ctx := context.Background()
	before, err := h.Accounts(ctx, h.user)
	h.check(err)
	h.check(h.Housekeep(ctx))
	after, err := h.Accounts(ctx, h.user)
	h.check(err)
	if len(after) != 2 || since(16) != (len(before) == 3) {
		h.t.Errorf("%d accounts, then %d", len(before), len(after))
	}
}

// goldenGoesOn adds a message to what is there, and takes back what was done.
func (h *household) goldenGoesOn(since func(int) bool, first store.Account) {
	ctx := context.Background()
	h.account = first.ID
	raw := strings.Replace(mail(60, "Another", "您好"), "Message-ID:", "References: <3@example.net>\nMessage-ID:", 1)
	id := h.deliverAs("uid-60", raw).ID
	together, _, err := h.Conversation(ctx, h.user, id)
	h.check(err)
	if len(together) != 3 {
		h.t.Errorf("a conversation of %d, want 3: letters 2 and 3 with what refers to them", len(together))
	}
	if since(5) {
		p, err := h.Messages(ctx, h.user, store.View{Query: query.Parse(`subject:"Letter 9"`, goldenTime)})
		h.check(err)
		if len(p.Messages) != 2 || p.Messages[0].Thread != p.Messages[1].Thread {
			h.t.Errorf("letter 9 and the reply to it: %+v", p.Messages)
		}
	}
	if kept := h.deliverAs("uid-6", goldenMail(6)); kept.Outcome != store.Proved {
		h.t.Errorf("a message under a unique-id that is known: %+v", kept)
	}
	if since(7) {
		history, err := h.History(ctx, h.user, 100)
		h.check(err)
		i := slices.IndexFunc(history, func(p store.Past) bool { return p.Deed == "unread" })
		done, err := h.UndoPast(ctx, h.user, history[i].ID)
		if err != nil || done.Count != 1 || history[i].Subject != "Letter 3" {
			h.t.Errorf("undone: %+v of %+v, %v", done, history[i], err)
		}
	}
	h.check(h.IndexAll(ctx))
}
