package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"postern/internal/message"
	"postern/internal/query"
	"postern/internal/seal"
	"postern/store"
)

// open opens a store in a directory of its own.
func open(t testing.TB) *store.Store {
	t.Helper()
	return openIn(t, t.TempDir(), seal.NewKey())
}

func openIn(t testing.TB, dir string, key *seal.Key) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), dir, store.Options{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// household is a store with a user and an account.
type household struct {
	*store.Store
	t       testing.TB
	user    store.UserID
	account store.AccountID
	uid     int
}

func newHousehold(t testing.TB) *household {
	t.Helper()
	h := &household{Store: open(t), t: t}
	h.user = h.addUser("ann")
	h.account = h.addAccount(store.DeleteOnDelete)
	return h
}

func (h *household) addUser(name string) store.UserID {
	h.t.Helper()
	id, err := h.AddUser(context.Background(), name, "$hash", true)
	h.check(err)
	return id
}

func (h *household) addAccount(p store.Policy) store.AccountID {
	h.t.Helper()
	accounts, err := h.Accounts(context.Background(), h.user)
	h.check(err)
	name := "ann"
	if n := len(accounts); n > 0 {
		name = fmt.Sprint(name, n+1)
	}
	id, err := h.AddAccount(context.Background(), h.user, store.Settings{
		Name: "Work", Email: "ann@example.com", Host: "pop.example.com", Port: 995, Security: store.TLS,
		Username: name, Policy: p, Interval: 5 * time.Minute,
	}, seal.NewSecret("secret words"))
	h.check(err)
	return id
}

// acct is the account as a session would read it now.
func (h *household) acct() store.Account {
	h.t.Helper()
	a, err := h.Account(context.Background(), h.user, h.account)
	h.check(err)
	return a
}

func (h *household) check(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// deliver stores a message under a unique-id of its own and returns its id.
func (h *household) deliver(raw string) store.MessageID {
	h.t.Helper()
	h.uid++
	return h.deliverAs(fmt.Sprintf("uid-%d", h.uid), raw).ID
}

func (h *household) deliverAs(uid, raw string) store.Kept {
	h.t.Helper()
	kept, err := h.AddMessages(context.Background(), h.acct(), []store.Incoming{incoming(h.t, uid, raw)})
	h.check(err)
	return kept[0]
}

func incoming(t testing.TB, uid, raw string) store.Incoming {
	t.Helper()
	raw = strings.ReplaceAll(raw, "\n", "\r\n")
	r := bytes.NewReader([]byte(raw))
	m, err := message.Parse(r, r.Size())
	if err != nil {
		t.Fatal(err)
	}
	return store.Incoming{UID: uid, Octets: r.Size(), Raw: r, Size: r.Size(), Message: m, Unread: true, Retrieved: time.Now()}
}

// mail is a plain message; n makes it different from others and orders it by time.
func mail(n int, subject, body string) string {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Add(time.Duration(n) * time.Minute)
	return fmt.Sprintf("Received: from mx.example.com; %s\nFrom: Bob <bob@example.net>\nTo: ann@example.com\nSubject: %s\nMessage-ID: <%d@example.net>\nDate: %[1]s\nContent-Type: text/plain; charset=utf-8\n\n%[4]s\n",
		at.Format(time.RFC1123Z), subject, n, body)
}

// found runs a search and returns the subjects of its hits, newest first.
func (h *household) found(q string) []string {
	h.t.Helper()
	h.check(h.IndexAll(context.Background()))
	v := store.View{Query: query.Parse(q, time.Now())}
	found := []string{}
	for {
		p, err := h.Messages(context.Background(), h.user, v)
		h.check(err)
		found = append(found, subjects(p)...)
		if !p.Cut {
			return found
		}
		v.Cursor = p.Older // a busy machine is slow
	}
}

func subjects(p store.Page) []string {
	all := []string{}
	for _, m := range p.Messages {
		all = append(all, m.Subject)
	}
	return all
}

func (h *household) act(a store.Action, ids ...store.MessageID) store.Done {
	h.t.Helper()
	done, err := h.Act(context.Background(), h.user, a, ids)
	h.check(err)
	return done
}

func (h *household) message(id store.MessageID) *store.Message {
	h.t.Helper()
	m, err := h.Message(context.Background(), h.user, id)
	h.check(err)
	return m
}

func TestAddMessageKeepsEveryOctet(t *testing.T) {
	h := newHousehold(t)
	for _, size := range []int{0, 1, 256 << 10, 256<<10 + 1, 3 << 20, 17 << 20} {
		raw := mail(size, "Big", strings.Repeat("0123456789abcdé\n", size/17))
		id := h.deliver(raw)
		want := strings.ReplaceAll(raw, "\n", "\r\n")
		o, err := h.Octets(context.Background(), h.user, id)
		h.check(err)
		got := make([]byte, o.Size())
		if _, err := o.ReadAt(got, 0); err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("size %d: the octets read back differ from those stored", len(want))
		}
		h.check(o.Verify())
	}
}

func TestUniqueIDIsNeverAddedTwice(t *testing.T) {
	h := newHousehold(t)
	first := h.deliverAs("a", mail(1, "One", "text"))
	if again := h.deliverAs("a", mail(1, "One", "text")); again.Outcome != store.Proved || again.ID != first.ID {
		t.Errorf("the same octets under the same unique-id: %+v, want proved %d", again, first.ID)
	}
	if other := h.deliverAs("a", mail(2, "Two", "text")); other.Outcome != store.Added || other.ID == first.ID {
		t.Errorf("other octets under a unique-id used again: %+v, want a new message", other)
	}
	if twin := h.deliverAs("b", mail(2, "Two", "text")); twin.Outcome != store.Added {
		t.Errorf("the same octets listed twice at once: %+v, want a message of its own", twin)
	}
}

func TestMessageUnderNewUniqueIDIsRelinked(t *testing.T) {
	h := newHousehold(t)
	first := h.deliverAs("old", mail(1, "One", "text"))
	_, err := h.ApplyListing(context.Background(), h.acct(), store.Listing{Missing: []string{"old"}})
	h.check(err)
	if got := h.message(first.ID).Server; got != store.ServerGone {
		t.Errorf("not listed any more: server state %v, want gone", got)
	}
	if again := h.deliverAs("new", mail(1, "One", "text")); again.Outcome != store.Relinked || again.ID != first.ID {
		t.Errorf("under a new unique-id: %+v, want relinked %d", again, first.ID)
	}
	if got := h.message(first.ID).Server; got != store.ServerPresent {
		t.Errorf("listed again: server state %v, want present", got)
	}
}

func TestDeletionLedger(t *testing.T) {
	ctx := context.Background()
	h := newHousehold(t)
	id := h.deliverAs("a", mail(1, "One", "text")).ID
	done := h.act(store.Delete, id)
	if m := h.message(id); m.Mailbox != store.Trash || m.Server != store.ServerPending {
		t.Fatalf("after Delete: mailbox %v, server %v", m.Mailbox, m.Server)
	}
	open, err := h.OpenDeletions(ctx, h.user, h.account)
	h.check(err)
	if len(open) != 1 || open[0].UID != "a" || !open[0].NotBefore.After(time.Now().Add(15*time.Second)) {
		t.Fatalf("open deletions: %+v", open)
	}
	if got, err := h.ClaimDeletions(ctx, h.acct(), []store.DeletionID{open[0].ID}); err != nil || len(got) != 0 {
		t.Errorf("claimed inside the undo window: %v, %v", got, err)
	}
	if _, err := h.Undo(ctx, h.user, done.Undo); err != nil {
		t.Fatal(err)
	}
	if m := h.message(id); m.Mailbox != store.Inbox || m.Server != store.ServerPresent {
		t.Errorf("after Undo: mailbox %v, server %v", m.Mailbox, m.Server)
	}
	if _, err := h.Undo(ctx, h.user, done.Undo); !errors.Is(err, store.ErrUndoPassed) {
		t.Errorf("the same token again: %v", err)
	}

	// By policy there is no undo window: claim, and see that it is too late to cancel.
	h.check(h.RequestDeletions(ctx, h.acct(), []string{"a"}, store.AfterDownload))
	open, _ = h.OpenDeletions(ctx, h.user, h.account)
	got, err := h.ClaimDeletions(ctx, h.acct(), []store.DeletionID{open[0].ID})
	if err != nil || len(got) != 1 {
		t.Fatalf("claim: %v, %v", got, err)
	}
	if err := h.CancelDeletion(ctx, h.user, open[0].ID); !errors.Is(err, store.ErrTooLate) {
		t.Errorf("cancel after the claim: %v", err)
	}
	h.check(h.DeletionsSent(ctx, h.acct(), got))
	if m := h.message(id); m.Server != store.ServerPending {
		t.Errorf("sent, not confirmed: server %v", m.Server)
	}
	confirmed, err := h.ApplyListing(ctx, h.acct(), store.Listing{Missing: []string{"a"}})
	if err != nil || confirmed != 1 {
		t.Errorf("confirmed %d, %v", confirmed, err)
	}
	if m := h.message(id); m.Server != store.ServerDeleted {
		t.Errorf("confirmed: server %v", m.Server)
	}
}

func TestRestoreAfterClaimSaysTooLate(t *testing.T) {
	ctx := context.Background()
	h := newHousehold(t)
	id := h.deliverAs("a", mail(1, "One", "text")).ID
	h.check(h.RequestDeletions(ctx, h.acct(), []string{"a"}, store.AfterDownload))
	h.act(store.Delete, id)
	open, _ := h.OpenDeletions(ctx, h.user, h.account)
	if len(open) != 1 {
		t.Fatalf("%d open deletions for one message", len(open))
	}
	h.ClaimDeletions(ctx, h.acct(), []store.DeletionID{open[0].ID})
	if done := h.act(store.Restore, id); done.Count != 1 || done.TooLate != 1 {
		t.Errorf("restore: %+v", done)
	}
}

func TestKeepAccountNeverAsksForDeletion(t *testing.T) {
	ctx := context.Background()
	h := newHousehold(t)
	h.account = h.addAccount(store.Keep)
	h.act(store.Delete, h.deliver(mail(1, "One", "text")))
	if open, err := h.OpenDeletions(ctx, h.user, h.account); err != nil || len(open) != 0 {
		t.Errorf("open deletions: %v, %v", open, err)
	}
}

func TestPurgeWaitsForTheLedgerAndLeavesATombstone(t *testing.T) {
	ctx := context.Background()
	h := newHousehold(t)
	id := h.deliverAs("a", mail(1, "One", "text")).ID
	h.check(h.RequestDeletions(ctx, h.acct(), []string{"a"}, store.AfterDownload))
	open, _ := h.OpenDeletions(ctx, h.user, h.account)
	h.act(store.Delete, id)
	h.act(store.Purge, id)
	h.check(h.Housekeep(ctx))
	if _, err := h.Message(ctx, h.user, id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a purged message shows: %v", err)
	}
	o, err := h.DeletionOctets(ctx, h.user, open[0].ID)
	h.check(err)
	h.check(o.Verify())
	_, err = h.ApplyListing(ctx, h.acct(), store.Listing{Missing: []string{"a"}})
	h.check(err)
	h.check(h.Housekeep(ctx))
	if _, err := h.DeletionOctets(ctx, h.user, open[0].ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("octets after the ledger row ended: %v", err)
	}
	if back := h.deliverAs("a", mail(1, "One", "text")); back.Outcome != store.Proved || back.ID != 0 {
		t.Errorf("the purged message came again as %+v", back)
	}
	if got := h.found("text"); len(got) != 0 {
		t.Errorf("found after purge: %q", got)
	}
}

func TestUsersSeeOnlyTheirOwn(t *testing.T) {
	ctx := context.Background()
	h := newHousehold(t)
	id := h.deliver(mail(1, "Private", "words"))
	other := h.addUser("eve")
	if _, err := h.Message(ctx, other, id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Message: %v", err)
	}
	if _, err := h.Octets(ctx, other, id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Octets: %v", err)
	}
	if done, err := h.Act(ctx, other, store.Delete, []store.MessageID{id}); err != nil || done.Count != 0 {
		t.Errorf("Act: %+v, %v", done, err)
	}
	if _, err := h.Account(ctx, other, h.account); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Account: %v", err)
	}
	if _, err := h.AccountPassword(ctx, other, h.account); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("AccountPassword: %v", err)
	}
	h.check(h.IndexAll(ctx))
	p, err := h.Messages(ctx, other, store.View{Query: query.Parse("words", time.Now())})
	if err != nil || len(p.Messages) != 0 {
		t.Errorf("search: %d hits, %v", len(p.Messages), err)
	}
	if _, err := h.AddMessages(ctx, store.Account{ID: h.account, User: other, Revision: 1}, []store.Incoming{incoming(t, "x", mail(2, "Planted", ""))}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("AddMessages into another's account: %v", err)
	}
}

func TestListPagesNeverSkipOrRepeat(t *testing.T) {
	ctx := context.Background()
	h := newHousehold(t)
	var want []string
	for i := range 23 {
		subject := fmt.Sprintf("m%02d", i)
		h.deliver(mail(i/3, subject, subject)) // three share each minute
		want = append([]string{subject}, want...)
	}
	for _, q := range []string{"", "bob"} {
		h.check(h.IndexAll(ctx))
		v := store.View{Mailbox: store.Inbox, Limit: 5, Query: query.Parse(q, time.Now()), Count: store.CountAll}
		var got []string
		var pages []store.Page
		for {
			p, err := h.Messages(ctx, h.user, v)
			h.check(err)
			got = append(got, subjects(p)...)
			pages = append(pages, p)
			if p.Older == "" {
				break
			}
			v.Cursor = p.Older
		}
		if len(got) != len(want) {
			t.Errorf("search %q: %d of %d rows over all pages: %q", q, len(got), len(want), got)
		}
		if q == "" && fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("order: %q, want %q", got, want)
		}
		last := pages[len(pages)-1]
		v.Cursor, v.Newer = last.Newer, true
		p, err := h.Messages(ctx, h.user, v)
		h.check(err)
		if fmt.Sprint(subjects(p)) != fmt.Sprint(subjects(pages[len(pages)-2])) {
			t.Errorf("search %q: back from the last page: %q, want %q", q, subjects(p), subjects(pages[len(pages)-2]))
		}
		if pages[0].Total != 23 || pages[0].Newer != "" {
			t.Errorf("search %q: first page: total %d, newer %q", q, pages[0].Total, pages[0].Newer)
		}
	}
}

func TestSearch(t *testing.T) {
	h := newHousehold(t)
	h.deliver(mail(1, "Quarterly report", "The figures for spring are ready."))
	h.deliver(mail(2, "会议通知", "明天下午三点在北京开会,请带上发票。"))
	h.deliver(mail(3, "Invoice INV-2026/0042", "Please pay within 30 days."))
	h.deliver(mail(4, "Lunch?", "The spring menu is out; figures later."))
	trashed := h.deliver(mail(5, "Old spring news", "nothing"))
	h.act(store.Delete, trashed)
	starred := h.deliver(mail(6, "Star", "spring"))
	h.act(store.Star, starred)
	for _, test := range []struct {
		query string
		want  []string
	}{
		{"spring", []string{"Star", "Lunch?", "Quarterly report"}},
		{"SPRING figures", []string{"Lunch?", "Quarterly report"}},
		{`"figures for spring"`, []string{"Quarterly report"}},
		{`"spring figures"`, nil},
		{"发票", []string{"会议通知"}},
		{"北京开会", []string{"会议通知"}},
		{"北京发票", nil},
		{"会", []string{"会议通知"}},
		{"INV-2026/0042", []string{"Invoice INV-2026/0042"}},
		{"from:bob subject:lunch", []string{"Lunch?"}},
		{"bob@example.net is:starred", []string{"Star"}},
		{"spring -figures", []string{"Star"}},
		{"lunch OR 会议", []string{"Lunch?", "会议通知"}},
		{"in:trash spring", []string{"Old spring news"}},
		{"in:trash", []string{"Old spring news"}},
		{"is:pending-delete in:anywhere", []string{"Old spring news"}},
		{"account:work is:starred", []string{"Star"}},
		{"account:home", nil},
		{"before:2026-01-01", nil},
		{"after:2026-01-01 menu", []string{"Lunch?"}},
		{`nosuchword`, nil},
		{`" OR fts MATCH *`, nil},
	} {
		got := h.found(test.query)
		if fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("search %s: %q, want %q", test.query, got, test.want)
		}
	}
}

func TestIndexIsRebuiltWhenLost(t *testing.T) {
	dir, key := t.TempDir(), seal.NewKey()
	h := &household{Store: openIn(t, dir, key), t: t}
	h.user = h.addUser("ann")
	h.account = h.addAccount(store.DeleteOnDelete)
	h.deliver(mail(1, "One", "needle"))
	if got := h.found("needle"); len(got) != 1 {
		t.Fatalf("found %q", got)
	}
	h.check(h.Close())
	removeIndex(t, dir)
	h.Store = openIn(t, dir, key)
	if got := h.found("needle"); len(got) != 1 {
		t.Errorf("after the index was lost: found %q", got)
	}
}

func TestCountsFollow(t *testing.T) {
	h := newHousehold(t)
	a, b := h.deliver(mail(1, "a", "")), h.deliver(mail(2, "b", ""))
	h.act(store.Read, a)
	h.act(store.Delete, b)
	counts, err := h.Counts(context.Background(), h.user)
	h.check(err)
	want := []store.Count{{Account: h.account, Mailbox: store.Inbox, Total: 1, Unread: 0}, {Account: h.account, Mailbox: store.Trash, Total: 1, Unread: 1}}
	if fmt.Sprint(counts) != fmt.Sprint(want) {
		t.Errorf("counts %+v, want %+v", counts, want)
	}
}

func TestRemoveAccount(t *testing.T) {
	ctx := context.Background()
	for _, keep := range []bool{true, false} {
		h := newHousehold(t)
		id := h.deliver(mail(1, "One", "needle"))
		h.act(store.Delete, h.deliver(mail(2, "Two", "needle")))
		h.check(h.RemoveAccount(ctx, h.user, h.account, keep))
		_, err := h.Message(ctx, h.user, id)
		if keep != (err == nil) {
			t.Errorf("keep %v: message: %v", keep, err)
		}
		if got := len(h.found("needle")); keep != (got == 1) {
			t.Errorf("keep %v: %d found", keep, got)
		}
		if open, _ := h.OpenDeletions(ctx, h.user, h.account); len(open) != 0 {
			t.Errorf("keep %v: %d deletions still open", keep, len(open))
		}
		if _, err := h.AccountPassword(ctx, h.user, h.account); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("keep %v: the password is still there: %v", keep, err)
		}
		if due, _ := h.DueAccounts(ctx, time.Now().Add(time.Hour)); len(due) != 0 {
			t.Errorf("keep %v: still polled", keep)
		}
	}
}

func TestFirstOwnerWinsOnce(t *testing.T) {
	s := open(t)
	results := make(chan error)
	for i := range 8 {
		go func() {
			_, err := s.AddFirstOwner(context.Background(), fmt.Sprintf("user%d", i), "$hash")
			results <- err
		}()
	}
	won := 0
	for range 8 {
		if err := <-results; err == nil {
			won++
		} else if !errors.Is(err, store.ErrNameTaken) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d owners set up at once", won)
	}
}

func TestRemoveFromServerKeepsTheMessageHere(t *testing.T) {
	ctx := context.Background()
	h := newHousehold(t)
	id := h.deliver(mail(1, "One", "text"))
	done := h.act(store.RemoveFromServer, id)
	if m := h.message(id); done.Count != 1 || m.Mailbox != store.Inbox || m.Server != store.ServerPending {
		t.Errorf("%+v, in %v, %v", done, m.Mailbox, m.Server)
	}
	if _, err := h.Undo(ctx, h.user, done.Undo); err != nil {
		t.Error(err)
	}
	if m := h.message(id); m.Server != store.ServerPresent {
		t.Errorf("after undo: %v", m.Server)
	}
	h.account = h.addAccount(store.Keep)
	kept := h.deliver(mail(2, "Two", "text"))
	if done := h.act(store.RemoveFromServer, kept); done.Count != 0 {
		t.Errorf("an account that keeps everything on the server: %+v", done)
	}
}

func TestMaildrops(t *testing.T) {
	ctx := context.Background()
	h := newHousehold(t)
	small := h.deliverAs("a", mail(1, "Small", "text")).ID
	h.deliverAs("b", mail(2, "Big", strings.Repeat("text\n", 1000)))
	all, err := h.OnServer(ctx, h.user, h.account, false, 10)
	h.check(err)
	if got := subjects(store.Page{Messages: all}); fmt.Sprint(got) != "[Big Small]" {
		t.Errorf("biggest first: %q", got)
	}
	all, err = h.OnServer(ctx, h.user, h.account, true, 10)
	h.check(err)
	if got := subjects(store.Page{Messages: all}); fmt.Sprint(got) != "[Small Big]" {
		t.Errorf("oldest first: %q", got)
	}
	size, err := h.SizeOf(ctx, h.user, []store.MessageID{small, all[1].ID})
	if h.check(err); size != all[0].Size+all[1].Size {
		t.Errorf("together %d octets", size)
	}
	size, err = h.SizeOf(ctx, h.user+1, []store.MessageID{small})
	if h.check(err); size != 0 {
		t.Errorf("another user's: %d octets", size)
	}
	for _, test := range []struct {
		policy store.Policy
		days   int
		want   int
	}{{store.DeleteAfterDownload, 0, 2}, {store.DeleteAfterDays, 1, 0}, {store.Keep, 0, 0}, {store.DeleteOnDelete, 0, 0}} {
		n, err := h.PolicyWouldDelete(ctx, h.user, h.account, test.policy, test.days)
		if h.check(err); n != test.want {
			t.Errorf("policy %v would delete %d, want %d", test.policy, n, test.want)
		}
	}
	begins, err := h.PolicyBegins(ctx, h.user, h.account, 3)
	if h.check(err); begins.Sub(h.Now().AddDate(0, 0, 3)).Abs() > time.Hour {
		t.Errorf("deletions after 3 days begin at %v", begins)
	}
	if begins, err := h.PolicyBegins(ctx, h.user+1, h.account, 3); err != nil || !begins.IsZero() {
		t.Errorf("of somebody else's account: %v, %v", begins, err)
	}
	h.act(store.Delete, small)
	if n, err := h.PolicyWouldDelete(ctx, h.user, h.account, store.DeleteAfterDownload, 0); err != nil || n != 1 {
		t.Errorf("with one deletion open: %d, %v", n, err)
	}
	drops, err := h.Maildrops(ctx, h.user)
	h.check(err)
	if len(drops) != 1 || drops[0].Messages != 2 || drops[0].Octets < 5000 || drops[0].Gone != 0 {
		t.Errorf("%+v", drops)
	}
}

// The ledger knows who asked for a deletion, also when it is asked for again because the
// message is back.
func TestWhoAskedForADeletion(t *testing.T) {
	ctx := context.Background()
	h := newHousehold(t)
	h.act(store.Delete, h.deliverAs("hand", mail(1, "By hand", "text")).ID)
	h.deliverAs("rule", mail(2, "By rule", "text"))
	a, err := h.Account(ctx, h.user, h.account)
	h.check(err)
	h.check(h.RequestDeletions(ctx, a, []string{"rule"}, store.AfterDownload))
	asked := func() (by []string) {
		open, err := h.OpenDeletions(ctx, h.user, h.account)
		h.check(err)
		for _, d := range open {
			by = append(by, d.Subject+": "+d.AskedBy)
		}
		return by
	}
	if by := asked(); fmt.Sprint(by) != "[By hand: ann By rule: ]" {
		t.Errorf("%q", by)
	}
	_, err = h.ApplyListing(ctx, a, store.Listing{Missing: []string{"hand"}})
	h.check(err)
	h.check(h.Prove(ctx, a, []store.Proof{{UID: "hand"}}))
	if by := asked(); fmt.Sprint(by) != "[By rule:  By hand: ann]" {
		t.Errorf("asked for again: %q", by)
	}
}
