package interop

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/internal/seal"
	"postern/pop3client"
	"postern/store"
	"postern/syncer"
)

// TestSync has the same happen with each server: 500 messages are synced and kept there;
// 50 are deleted here, 20 more arrive, another client deletes 10, and three more syncs are
// held. Then everything that came is here once, and the server's own files hold exactly
// what is left, octet for octet (but for what the server itself adds, see quirks).
func TestSync(t *testing.T) {
	for _, entry := range servers {
		t.Run(entry.name, func(t *testing.T) {
			if !entry.always && os.Getenv("POSTERN_INTEROP") != "all" {
				t.Skipf("%s takes part in `make interop` only", entry.name)
			}
			t.Parallel()
			syncWith(t, entry.start(t))
		})
	}
}

func syncWith(t *testing.T, s *server) {
	const more = 20
	mails := made(mailCount+more, !s.cutsAtNUL)
	s.deliver(t, mails[:mailCount])
	c := &conversation{T: t, server: s, mails: map[string]mail{}}
	for _, m := range mails {
		c.mails[m.id] = m
	}
	h := newHome(c)
	if v := h.sync(); v.Retrieved != mailCount || v.Deleted != 0 {
		t.Fatalf("first sync: %+v", v)
	}
	c.holds(mails[:mailCount])

	here := h.messages()
	var doomed []store.MessageID
	for _, m := range mails[:50] {
		doomed = append(doomed, here[m.id])
	}
	if _, err := h.store.Act(t.Context(), h.user, store.Delete, doomed); err != nil {
		t.Fatal(err)
	}
	h.later = 2 * store.UndoWindow
	s.deliver(t, mails[mailCount:])
	c.deleteElsewhere(mails[450:460])

	second, third, fourth := h.sync(), h.sync(), h.sync()
	if second.Retrieved != more || second.Deleted != 50 || second.Gone != 10 {
		t.Errorf("second sync: %+v", second)
	}
	for _, v := range []store.Sync{third, fourth} {
		if v.Retrieved+v.Deleted+v.Gone+v.Skipped != 0 {
			t.Errorf("nothing was to be done: %+v", v)
		}
	}
	if n := len(h.messages()); n != mailCount+more {
		t.Errorf("%d messages here, want all that ever came", n)
	}
	c.holds(slices.Concat(mails[50:450], mails[460:]))
	if _, err := h.store.Check(t.Context(), true, func(s string) { t.Errorf("check: %s", s) }); err != nil {
		t.Error(err)
	}
}

// home is a store with one account on the server.
type home struct {
	*conversation
	store  *store.Store
	worker *syncer.Worker
	user   store.UserID
	id     store.AccountID
	later  time.Duration // how far the store's clock is ahead
}

func newHome(c *conversation) *home {
	c.Helper()
	h := &home{conversation: c}
	must := func(err error) {
		c.Helper()
		if err != nil {
			c.Fatal(err)
		}
	}
	ctx := context.Background()
	var err error
	h.store, err = store.Open(ctx, c.TempDir(), store.Options{Key: seal.NewKey(), Now: func() time.Time { return time.Now().Add(h.later) }})
	must(err)
	c.Cleanup(func() { h.store.Close() })
	h.user, err = h.store.AddUser(ctx, "ann", "$hash", true)
	must(err)
	way := c.safest()
	host, port, err := net.SplitHostPort(way.addr)
	must(err)
	v := store.Settings{Name: "Work", Email: "alice@example.com", Host: host, Username: user, Policy: store.DeleteOnDelete, Interval: time.Hour,
		Security: map[pop3client.Security]store.Security{pop3client.None: store.Plain, pop3client.STARTTLS: store.STARTTLS, pop3client.TLS: store.TLS}[way.security]}
	v.Port, _ = strconv.Atoi(port)
	if c.server.caFile != "" {
		pem, err := os.ReadFile(c.server.caFile)
		must(err)
		v.CA = string(pem)
	}
	h.id, err = h.store.AddAccount(ctx, h.user, v, seal.NewSecret(password))
	must(err)
	h.worker = &syncer.Worker{Store: h.store, Connect: &syncer.Connector{Private: syncer.AccessAll}}
	return h
}

// sync holds one session, which must end well.
func (h *home) sync() store.Sync {
	h.Helper()
	a, err := h.store.Account(h.Context(), h.user, h.id)
	if err != nil {
		h.Fatal(err)
	}
	v, err := h.worker.Sync(h.Context(), a)
	if err != nil || !v.OK {
		h.Fatalf("sync: %q %q %v", v.Sentence, v.Remarks, err)
	}
	return v
}

// messages compares everything here with what was delivered, and gives it by identifier.
func (h *home) messages() map[string]store.MessageID {
	h.Helper()
	all := map[string]store.MessageID{}
	for _, box := range []store.Mailbox{store.Inbox, store.Trash} {
		page, err := h.store.Messages(h.Context(), h.user, store.View{Mailbox: box, Limit: 2 * mailCount})
		if err != nil {
			h.Fatal(err)
		}
		for _, m := range page.Messages {
			o, err := h.store.Octets(h.Context(), h.user, m.ID)
			if err != nil {
				h.Fatal(err)
			}
			raw, err := io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
			if err != nil {
				h.Fatal(err)
			}
			id := idOf(raw)
			if _, twice := all[id]; twice {
				h.Errorf("%s is here twice", id)
			}
			h.compare(raw, h.wire(id))
			all[id] = m.ID
		}
	}
	return all
}

// deleteElsewhere deletes messages as another client would.
func (c *conversation) deleteElsewhere(mails []mail) {
	c.Helper()
	client := c.session(pop3client.PipelineOn)
	l, err := client.Listing(c.Context())
	if err != nil {
		c.Fatal(err)
	}
	for num, got := range c.retrieve(client, numbers(l.Messages())) {
		if slices.ContainsFunc(mails, func(m mail) bool { return m.id == got.id }) {
			if err := client.Dele(c.Context(), num); err != nil {
				c.Fatal(err)
			}
		}
	}
	c.quit(client)
}

// holds makes sure that the server's own files hold these messages and no others.
func (c *conversation) holds(mails []mail) {
	c.Helper()
	left := map[[32]byte]string{}
	for _, m := range mails {
		left[sha256.Sum256(m.wire())] = m.id
	}
	for _, raw := range c.server.files(c.T) {
		if !bytes.Contains(raw, []byte("\r\nSubject: ")) {
			raw = bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
		}
		if c.server.restored != nil {
			raw = c.server.restored(raw)
		}
		sum := sha256.Sum256(raw)
		if _, ok := left[sum]; !ok {
			c.Errorf("the server has %s, changed or unexpected: %.300q", idOf(raw), raw)
		}
		delete(left, sum)
	}
	for _, id := range left {
		c.Errorf("%s is not on the server", id)
	}
}

// inFolders gives how to read the messages of folders with a file for each.
func inFolders(patterns ...string) func(*testing.T) [][]byte {
	return func(t *testing.T) (all [][]byte) {
		t.Helper()
		for _, pattern := range patterns {
			paths, err := filepath.Glob(pattern)
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range paths {
				raw, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, raw)
			}
		}
		return all
	}
}

// inMbox gives how to read the messages of the account's mailbox in /var/mail.
func (l *lab) inMbox(t *testing.T) (all [][]byte) {
	t.Helper()
	box, err := os.ReadFile(l.path("spool/" + user))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range strings.Split("\n"+strings.TrimSuffix(string(box), "\n"), "\nFrom ")[1:] {
		_, m, _ = strings.Cut(m, "\n") // of the separator
		all = append(all, []byte(m))
	}
	return all
}
