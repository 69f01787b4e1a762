package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/internal/query"
	"postern/internal/seal"
	"postern/store"
)

// Random searches over random mail, each against a scan of the same messages.
// POSTERN_SEARCHES sets how many; POSTERN_SEED another beginning.
func TestSearchFindsWhatAScanFinds(t *testing.T) {
	searches, seed := fromEnv("POSTERN_SEARCHES", 300), fromEnv("POSTERN_SEED", 1)
	defer store.SetShardSize(50)()
	defer store.OneReader()()
	g := &generator{rand.New(rand.NewPCG(uint64(seed), 5))}
	h := newHousehold(t)
	first := h.account
	h.account = h.addAccount(store.Keep)
	accounts := []store.AccountID{first, h.account}
	for i := range 300 {
		h.account = accounts[g.IntN(2)]
		h.deliver(g.mail(i))
	}
	h.check(h.IndexAll(context.Background()))
	var ids []store.MessageID
	for id := store.MessageID(1); id <= 300; id++ {
		ids = append(ids, id)
	}
	for _, a := range []store.Action{store.Read, store.Star, store.ToArchive, store.Delete, store.ToJunk} {
		h.act(a, g.some(ids)...)
	}
	for _, label := range []string{"Work", "待办"} {
		_, err := h.Label(context.Background(), h.user, label, true, g.some(ids))
		h.check(err)
	}
	h.readAttachments(&plainReader{})
	scan := h.naive()
	found := 0
	few := [][3]int{{200, 4000, 500}, {0, 20, 1}, {2, 20, 1000}} // as it is, of any word that is there, of two messages alone
	defer store.SetFew(200, 4000, 500)()
	defer store.SetLeadTime(0)()
	for i := range searches {
		store.SetFew(few[i%3][0], few[i%3][1], few[i%3][2])
		store.SetLeadTime(time.Millisecond << (i % 4) >> 2)
		source := g.search()
		q := query.Parse(source, naiveNow)
		if i%5 == 0 {
			q = q.AsYouType()
		}
		box := store.Mailbox(0)
		if i%7 == 0 {
			box = store.Inbox
		}
		if _, err := h.Messages(context.Background(), h.user, store.View{Query: q, Mailbox: box, Limit: 7 + i%60}); err != nil {
			t.Errorf("%s (as you type: %v, in %v): %v", source, i%5 == 0, box, err)
			continue
		}
		want := scan.search(q, box)
		got, page := h.searchAll(q, box, 7+i%60)
		found += len(want)
		if !sameSet(got, want) {
			t.Errorf("%s (as you type: %v, in %v):\nonly the index finds %v\nonly the scan finds %v\nchips %q", source, i%5 == 0, box, without(got, want), without(want, got), q.Chips())
		}
		if !page.More && q.Root != nil && page.Total != len(want) {
			t.Errorf("%s: total %d, scan %d", source, page.Total, len(want))
		}
		if t.Failed() && i > 200 {
			break
		}
	}
	if found < searches {
		t.Errorf("only %d hits in %d searches: these prove nothing", found, searches)
	}
}

// sameSet compares two lists, neither of which may hold anything twice.
func sameSet(a, b []store.MessageID) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

func fromEnv(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// generator makes mail and searches of the same few words, so that they often meet.
type generator struct{ *rand.Rand }

var (
	english = strings.Fields("invoice invoices report annual spring order March anna figure the of INV-2026/0042 2026 a Zoë café Straße don't x@y.example 9 €5")
	chinese = []rune("发票电子邮件中文会议北京信開發票")
	people  = []string{"Anna Lee <anna.lee@example.com>", "张三 <zhang@example.cn>", "bob@mail.example.net", "=?utf-8?q?Zo=C3=AB?= <zoe@example.org>"}
	lists   = []string{"Golang Nuts <golang-nuts.example.com>", "<news.example.org>", ""}
)

func pick[T any](g *generator, from []T) T { return from[g.IntN(len(from))] }

func (g *generator) han(n int) string {
	s := make([]rune, n)
	for i := range s {
		s[i] = pick(g, chinese)
	}
	return string(s)
}

func (g *generator) text(words int) string {
	var b strings.Builder
	for range words {
		switch g.IntN(3) {
		case 0:
			b.WriteString(g.han(1 + g.IntN(6)))
			b.WriteString(pick(g, []string{"", "，", " ", "\n", "。"}))
		default:
			b.WriteString(pick(g, english))
			b.WriteString(pick(g, []string{" ", " ", " ", "\n", ", ", "-", "."}))
		}
	}
	return b.String()
}

// mail is received in the first days of 2026, some of it in the same second.
func (g *generator) mail(n int) string {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(g.IntN(100)) * time.Hour)
	var b strings.Builder
	fmt.Fprintf(&b, "Received: from mx.example.com; %s\nFrom: %s\nTo: %s\nMessage-ID: <%d@x.example>\n", at.Format(time.RFC1123Z), pick(g, people), pick(g, people), n)
	if n > 0 && g.IntN(3) == 0 {
		fmt.Fprintf(&b, "In-Reply-To: <%d@x.example>\n", g.IntN(n))
	}
	if g.IntN(3) == 0 {
		fmt.Fprintf(&b, "Cc: %s\n", pick(g, people))
	}
	if list := pick(g, lists); list != "" {
		fmt.Fprintf(&b, "List-Id: %s\n", list)
	}
	fmt.Fprintf(&b, "Subject: %s\nMIME-Version: 1.0\n", strings.ReplaceAll(g.text(g.IntN(5)), "\n", " "))
	if g.IntN(3) > 0 {
		fmt.Fprintf(&b, "Content-Type: text/plain; charset=utf-8\n\n%s\n", g.text(g.IntN(40)))
		return b.String()
	}
	fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n%s\n--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename*=utf-8''%s\n\n%s\n--b--\n",
		g.text(g.IntN(40)), pick(g, []string{"report.pdf", "%E5%8F%91%E7%A5%A8.pdf", "annual-2026.bin", "a.bin"}), g.text(g.IntN(20)))
	return b.String()
}

func (g *generator) some(ids []store.MessageID) []store.MessageID {
	var some []store.MessageID
	for _, id := range ids {
		if g.IntN(6) == 0 {
			some = append(some, id)
		}
	}
	return some
}

func (g *generator) search() string {
	parts := make([]string, 1+g.IntN(3))
	for i := range parts {
		parts[i] = g.part(2)
	}
	return strings.Join(parts, " ")
}

func (g *generator) part(depth int) string {
	switch n := g.IntN(20); {
	case n < 5:
		return pick(g, english)
	case n < 8:
		return g.han(1 + g.IntN(4))
	case n == 8:
		return `"` + strings.Join(strings.Fields(g.text(1+g.IntN(3))), " ") + `"`
	case n == 9:
		return pick(g, []string{"in*", "a*", "inv*", "发*", "an*", "2026/00*", `"annual r"*`, "s*"})
	case n < 12:
		return pick(g, []string{"from:", "to:", "cc:", "subject:", "body:", "filename:", "list:"}) +
			pick(g, []string{"anna", "张三", "zoe", "example.com", "anna.lee@example.com", "golang-nuts", "发票", "report", "a*", "pdf", "电子邮件"})
	case n < 15:
		return pick(g, []string{"is:unread", "is:read", "is:starred", "has:attachment", "in:trash", "in:junk", "in:archive", "in:inbox", "in:anywhere",
			"account:work", "account:nowhere", "label:work", "label:待办", "label:none", "is:pending-delete", "is:present", "before:2026-01-03", "after:2026-01-02", "on:2026-01-02",
			"older_than:58d", "newer_than:2m", "larger:500", "smaller:600", "larger:1M", fmt.Sprintf("rfc822msgid:%d@x.example", g.IntN(300))})
	case n < 17:
		return "-" + g.part(depth)
	case n < 18 || depth == 0:
		return g.part(depth) + " OR " + g.part(depth)
	default:
		return "(" + g.part(depth-1) + " " + g.part(depth-1) + ")"
	}
}

// A part of a search that means nothing leaves nothing to be found, whatever leads the search.
func TestSearchForNothing(t *testing.T) {
	h := newHousehold(t)
	h.act(store.Star, h.deliver(withAttachments(1, "annex")))
	h.check(h.IndexAll(context.Background()))
	for _, lead := range []string{"is:starred", "is:unread", "has:attachment", "larger:1M", "is:gone", "label:work", "account:work", "in:inbox", ""} {
		for _, nothing := range []string{"body:a*", "before:yesterdayish", "in:nowhere", "-body:a*"} {
			for _, text := range []string{"", " see", " subject:mail"} {
				source := lead + " " + nothing + text
				ids, p := h.searchAll(query.Parse(source, naiveNow), 0, 10)
				if len(ids) > 0 || p.Total > 0 {
					t.Errorf("%s finds %v of %d", source, ids, p.Total)
				}
			}
		}
	}
}

// An index of another version, or one that lags behind what was trimmed, is built again
// and finds everything.
func TestIndexOfAnotherVersionIsBuiltAgain(t *testing.T) {
	dir, key := t.TempDir(), seal.NewKey()
	h := &household{Store: openIn(t, dir, key), t: t}
	h.user = h.addUser("ann")
	h.account = h.addAccount(store.DeleteOnDelete)
	h.deliver(mail(1, "One", "needle"))
	if got := h.found("needle"); len(got) != 1 {
		t.Fatalf("found %q", got)
	}
	h.check(h.Close())
	setIndexVersion(t, dir, 1)
	h.Store = openIn(t, dir, key)
	if got := h.found("needle"); len(got) != 1 {
		t.Errorf("after the schema changed: found %q", got)
	}
}

// without is a less what is in b.
func without(a, b []store.MessageID) []store.MessageID {
	return slices.DeleteFunc(slices.Clone(a), func(id store.MessageID) bool { return slices.Contains(b, id) })
}
