package store_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"postern/internal/seal"
	"postern/store"
)

// The files in testdata/schema were each written by Postern as it was when their version of
// the schema was the newest, by what furnish did then. Whoever adds a migration adds to
// furnish what the new columns are for, to readGolden what must be there afterwards, and
// writes the file of the new version:
//
//	POSTERN_GOLDEN=write go test -run TestWriteGolden ./store

// goldenTime is what the clock showed when the files were written.
var goldenTime = time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC)

// goldenKey is the key file of all of them.
func goldenKey(t testing.TB) *seal.Key {
	t.Helper()
	key, err := seal.ParseKey("Z29sZGVuZ29sZGVuZ29sZGVuZ29sZGVuZ29sZGVuZ28=")
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func openGolden(t testing.TB, dir string) *household {
	t.Helper()
	s, err := store.Open(context.Background(), dir, store.Options{Key: goldenKey(t), Now: func() time.Time { return goldenTime.Add(time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &household{Store: s, t: t}
}

func TestWriteGolden(t *testing.T) {
	if os.Getenv("POSTERN_GOLDEN") == "" {
		t.Skip("set POSTERN_GOLDEN to write the golden file of the newest schema")
	}
	t.Cleanup(store.SetRemovalPatience(0)) // since 16
	dir := t.TempDir()
	h := openGolden(t, dir)
	h.furnish()
	h.check(h.Close())
	h.check(vacuum(filepath.Join(dir, "postern.db")))
	version := userVersion(t, filepath.Join(dir, "postern.db"))
	data, err := os.ReadFile(filepath.Join(dir, "postern.db"))
	h.check(err)
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	h.check(err)
	h.check(os.WriteFile(fmt.Sprintf("testdata/schema/%04d.db.zst", version), z.EncodeAll(data, nil), 0o666))
}

// goldenMail is message n of the golden files; each has an attachment.
func goldenMail(n int) string {
	text := fmt.Sprintf("您好, this is text %d. INV-2026/%04d\n", n, 40+n%4)
	if n == 0 {
		text = strings.Repeat(text, 7000) // in two chunks
	}
	raw := mail(n, fmt.Sprintf("Letter %d", n), text)
	head, body, _ := strings.Cut(raw, "Content-Type: ")
	if n == 3 {
		head += "In-Reply-To: <2@example.net>\n"
	}
	annex := fmt.Sprintf("\nannex%d\n", n)
	if n == 23 {
		annex = "Content-Transfer-Encoding: base64\n\n" + strings.Repeat(base64.StdEncoding.EncodeToString([]byte("This is annex23, line after line of it.  "))+"\n", 5)
	}
	return head + "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: " + body +
		fmt.Sprintf("--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=file%d.txt\n%s--b--\n", n, annex)
}

// furnish makes the store what a golden file has: the older sections stand as they were when
// the files of their version were written.
func (h *household) furnish() {
	ctx := context.Background()
	h.user = h.addUser("ann")
	first, second := h.addAccount(store.DeleteOnDelete), h.addAccount(store.Keep)
	ids := make([]store.MessageID, 12)
	for n := range ids {
		if h.account = first; n >= 9 {
			h.account = second
		}
		ids[n] = h.deliverAs(fmt.Sprintf("uid-%d", n), goldenMail(n)).ID
	}
	h.act(store.Read, ids[1], ids[3])
	h.act(store.Star, ids[1], ids[2])
	h.act(store.ToArchive, ids[2], ids[3])
	h.act(store.ToJunk, ids[4])
	h.account = first
	h.act(store.Delete, ids[6], ids[7], ids[8])
	h.act(store.Purge, ids[8])
	// 6 and 8 are deleted on the server; it refuses to delete 7.
	h.check(h.Exec("UPDATE deletions SET not_before = 0"))
	open, err := h.OpenDeletions(ctx, h.user, first)
	h.check(err)
	for _, d := range open {
		claimed, err := h.ClaimDeletions(ctx, h.acct(), []store.DeletionID{d.ID})
		h.check(err)
		if d.UID == "uid-7" {
			h.check(h.RefuseDeletion(ctx, h.acct(), d.ID, "-ERR locked"))
		} else {
			h.check(h.DeletionsSent(ctx, h.acct(), claimed))
		}
	}
	_, err = h.ApplyListing(ctx, h.acct(), store.Listing{Count: 7, Octets: 300_000, Missing: []string{"uid-6", "uid-8"}})
	h.check(err)
	h.check(h.Housekeep(ctx)) // 8 is no more
	h.act(store.Restore, ids[7])
	h.act(store.Delete, ids[5]) // which waits
	h.account = second
	_, err = h.ApplyListing(ctx, h.acct(), store.Listing{Count: 2, Missing: []string{"uid-10"}})
	h.check(err)
	h.check(h.FinishSync(ctx, h.acct(), store.Sync{Account: second, Started: goldenTime, Ended: goldenTime, OK: true, Sentence: "3 new.",
		Retrieved: 3, Remarks: []string{"slow"}, Transcript: "C: STAT\nS: +OK 3 900\n"}, store.Next{At: goldenTime.Add(5 * time.Minute)}))
	h.check(h.AddSession(ctx, store.Session{ID: []byte("browser"), User: h.user, Data: []byte("data"), Device: "Browser 1"}))

	// Since 2: labels, and messages from files.
	_, err = h.Label(ctx, h.user, "Work", true, []store.MessageID{ids[0], ids[2], ids[5]})
	h.check(err)
	_, err = h.Label(ctx, h.user, "家", true, ids[:2])
	h.check(err)
	imported := incoming(h.t, "", goldenMail(20))
	imported.Mailbox, imported.Unread = store.Archive, false
	_, err = h.ImportMessages(ctx, h.user, []store.Incoming{imported})
	h.check(err)

	// Since 3: second factors.
	h.check(h.SetSecondFactor(ctx, h.user, seal.NewSecret("JBSWY3DPEHPK3PXP"), 1, [][]byte{{1}, {2}}, []byte("browser")))

	// Since 4: what is decided about senders.
	h.check(h.SetSenderImages(ctx, h.user, "bob@example.net", true))

	// Since 5: conversations by subject.
	h.account = first
	h.deliverAs("uid-30", strings.Replace(mail(30, "Re: Letter 9", "您好\nContent"), "Message-ID: <30@example.net>\n", "", 1))

	// Since 6: how an account is paced.
	h.account = second
	settings := h.acct().Settings
	settings.Adaptive, settings.MaxSize = true, 1<<20
	h.check(h.UpdateAccount(ctx, h.user, second, settings, seal.Secret{}))

	// Since 7: the history of actions, and preferences.
	h.act(store.Unread, ids[3])
	h.check(h.SetPreferences(ctx, h.user, store.Preferences{NoKeys: true}))

	// Since 9: messages of which only the header is here.
	large := incoming(h.t, "uid-40", mail(40, "Letter 40", ""))
	large.Octets = 30 << 20
	_, _, err = h.AddPartial(ctx, h.acct(), []store.Incoming{large})
	h.check(err)

	// Since 11: the text of attachments.
	h.check(h.ReadAttachments(ctx, &plainReader{}))

	// Since 12: who asked for a deletion, which needs no more than the above.

	// Since 13: saved searches.
	_, err = h.SaveSearch(ctx, h.user, store.SavedSearch{Name: "发票", Query: "发票 has:attachment", Mailbox: store.Inbox, Account: second})
	h.check(err)
	h.check(h.NoteSearch(ctx, h.user, "from:bob"))

	// Since 16: removals that are not finished.
	h.account = h.addAccount(store.Keep)
	h.deliverAs("uid-50", goldenMail(50))
	h.check(h.RemoveAccount(ctx, h.user, h.account, false))

	// Since 17: deletions that are being carried out.
	h.account = first
	h.check(h.Quitting(ctx, h.acct()))

	// Since 18: readings are compressed, which needs no more than the above. Since 19: there is a trigger less.

	// Since 20: how long mail stays in Trash.
	h.check(h.SetPreferences(ctx, h.user, store.Preferences{NoKeys: true, TrashDays: 7}))

	// Since 22: certificates that are trusted, and what trouble asks of a person.
	h.account = second
	settings = h.acct().Settings
	settings.Pin = store.Fingerprint{1, 2, 3}
	h.check(h.UpdateAccount(ctx, h.user, second, settings, seal.Secret{}))
	h.account = first
	h.check(h.FinishSync(ctx, h.acct(), store.Sync{Account: first, Started: goldenTime, Ended: goldenTime, Sentence: "Another certificate."}, store.Next{At: goldenTime, Remedy: store.ReviewCertificate}))

	// Since 23: base64 is taken out of what is compressed.
	imported = incoming(h.t, "", goldenMail(23))
	imported.Mailbox, imported.Unread = store.Archive, false
	_, err = h.ImportMessages(ctx, h.user, []store.Incoming{imported})
	h.check(err)
	h.check(h.ReadAttachments(ctx, &plainReader{}))
}
