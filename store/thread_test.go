package store_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/internal/message"
	"postern/store"
)

// letter is a message for tests of threads: "a" is its Message-ID and the default for the rest.
func letter(id, subject, fields string) string {
	return fmt.Sprintf("From: Bob <bob@example.net>\nTo: ann@example.com\nMessage-ID: <%s@example.net>\nSubject: %s\n%s\n%s\n", id, subject, fields, id)
}

const may1 = "Date: Fri, 1 May 2026 10:00:00 +0000\n"

// TestThreads holds who belongs together, in whatever order the messages arrive.
func TestThreads(t *testing.T) {
	for name, c := range map[string]struct {
		letters []string
		want    []string // the ids of each thread
	}{
		"replies": {[]string{
			letter("a", "s", may1),
			letter("b", "Re: s", may1+"In-Reply-To: <a@example.net>\n"),
			letter("c", "other words", may1+"References: <a@example.net> <b@example.net>\n"),
			letter("d", "s", may1),
		}, []string{"abc", "d"}},
		"the message between is missing": {[]string{
			letter("a", "s", may1),
			letter("c", "s", may1+"References: <a@example.net> <b@example.net>\n"),
			letter("d", "s", may1+"In-Reply-To: <b@example.net>\n"),
		}, []string{"acd"}},
		"the first is missing": {[]string{
			letter("b", "s", may1+"In-Reply-To: <ghost@example.net>\n"),
			letter("c", "s", may1+"In-Reply-To: <ghost@example.net>\n"),
		}, []string{"bc"}},
		"replies in a circle": {[]string{
			letter("a", "s", may1+"In-Reply-To: <b@example.net>\n"),
			letter("b", "s", may1+"In-Reply-To: <a@example.net>\nReferences: <b@example.net>\n"),
		}, []string{"ab"}},
		"by subject": {[]string{
			letter("a", "Lunch", may1),
			letter("b", "RE: [friends] Lunch", may1),
			letter("c", "Fwd: AW:  lunch", may1),
			letter("d", "Lunch?", may1),
		}, []string{"abc", "d"}},
		"the same subject and no reply": {[]string{
			letter("a", "Invoice", may1), letter("b", "Invoice", may1),
		}, []string{"a", "b"}},
		"the same subject long after": {[]string{
			letter("a", "Lunch", may1), letter("b", "Re: Lunch", strings.Replace(may1, "May", "Jun", 1)),
		}, []string{"a", "b"}},
		"a reply that names another message": {[]string{
			letter("a", "Lunch", may1), letter("b", "Re: Lunch", may1+"In-Reply-To: <x@example.net>\n"),
		}, []string{"a", "b"}},
		"the same subject among strangers": {[]string{
			letter("a", "Lunch", may1),
			strings.Replace(letter("b", "Re: Lunch", may1), "bob@example.net", "eve@example.org", 1),
		}, []string{"a", "b"}},
		"the same subject on one list": {[]string{
			letter("a", "Lunch", may1+"List-Id: <talk.example.org>\n"),
			strings.Replace(letter("b", "Re: Lunch", may1+"List-Id: <talk.example.org>\n"), "bob@example.net", "eve@example.org", 1),
		}, []string{"ab"}},
		"no subject": {[]string{letter("a", "", may1), letter("b", "Re:", may1)}, []string{"a", "b"}},
		"In-Reply-To names a person": {[]string{
			letter("a", "s", may1+"In-Reply-To: your message to <ann@example.com>\n"),
			letter("b", "t", may1+"In-Reply-To: your message to <ann@example.com>\n"),
		}, []string{"a", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			for n, order := range orders(len(c.letters)) {
				h := newHousehold(t)
				got := map[int64][]string{}
				for _, i := range order {
					h.deliver(c.letters[i])
				}
				p, err := h.Messages(context.Background(), h.user, store.View{Limit: 100})
				h.check(err)
				for _, m := range p.Messages {
					got[m.Thread] = append(got[m.Thread], strings.TrimSpace(h.message(m.ID).Text))
				}
				if d := cmp.Diff(c.want, sorted(got)); d != "" {
					t.Errorf("in order %d %v:\n%s", n, order, d)
				}
			}
		})
	}
}

// orders are the oldest first, the newest first and some others.
func orders(n int) [][]int {
	var first []int
	for i := range n {
		first = append(first, i)
	}
	last := slices.Clone(first)
	slices.Reverse(last)
	return [][]int{first, last, rand.New(rand.NewPCG(1, 2)).Perm(n), rand.New(rand.NewPCG(3, 4)).Perm(n)}
}

// sorted are the threads with their members in order.
func sorted(threads map[int64][]string) (all []string) {
	for _, ids := range threads {
		slices.Sort(ids)
		all = append(all, strings.Join(ids, ""))
	}
	slices.Sort(all)
	return all
}

// TestThreadsAcrossAccounts unites what came to two addresses, and what was imported.
func TestThreadsAcrossAccounts(t *testing.T) {
	h := newHousehold(t)
	a := h.deliver(letter("a", "s", may1))
	h.account = h.addAccount(store.Keep)
	b := h.deliver(letter("b", "Re: s", may1+"In-Reply-To: <a@example.net>\n"))
	one, two := incoming(t, "", letter("c", "Re: s", may1)), incoming(t, "", letter("d", "quite other", may1))
	one.Thread, two.Thread = "1234", "1234"
	kept, err := h.ImportMessages(context.Background(), h.user, []store.Incoming{one, two})
	h.check(err)
	if x, y := h.message(a).Thread, h.message(b).Thread; x != y {
		t.Errorf("threads %d and %d across accounts", x, y)
	}
	if x, y := h.message(kept[0].ID).Thread, h.message(kept[1].ID).Thread; x != y || x == h.message(a).Thread {
		t.Errorf("threads %d and %d of one conversation elsewhere", x, y)
	}
}

// TestCorpusThreads compares the threads of a public corpus with what its References and
// In-Reply-To connect, worked out here in another way, in three orders of arrival.
func TestCorpusThreads(t *testing.T) {
	const corpus = "../../shared/corpus/notmuch"
	var letters []string
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		letters = append(letters, string(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))))
		return err
	})
	if err != nil {
		t.Skipf("%s is not here", corpus)
	}
	for _, order := range orders(len(letters))[:3] {
		h := newHousehold(t)
		var in []store.Incoming
		for n, i := range order {
			in = append(in, incoming(t, fmt.Sprint(n), letters[i]))
		}
		kept, err := h.AddMessages(context.Background(), h.acct(), in)
		h.check(err)
		g := graph{}
		threads := make([]int64, len(in))
		for i, m := range in {
			threads[i] = h.message(kept[i].ID).Thread
			e := m.Message.Envelope
			for _, id := range slices.Concat([]string{e.MessageID}, e.InReplyTo, e.References) {
				if id != "" {
					g.unite(fmt.Sprint("message ", i), id)
				}
			}
		}
		// Replies that name no message may be tied by their subject: left out here.
		same, apart := 0, 0
		for i := range in {
			for j := range i {
				together := threads[i] == threads[j]
				tied := g.root(fmt.Sprint("message ", i)) == g.root(fmt.Sprint("message ", j))
				switch {
				case tied && !together:
					t.Errorf("apart: %q and %q", in[i].Message.Envelope.Subject, in[j].Message.Envelope.Subject)
				case together && !tied && !sameSubject(in[i], in[j]):
					t.Errorf("together: %q and %q", in[i].Message.Envelope.Subject, in[j].Message.Envelope.Subject)
				case together:
					same++
				default:
					apart++
				}
			}
		}
		t.Logf("%d messages, %d pairs together, %d apart", len(in), same, apart)
	}
}

func sameSubject(a, b store.Incoming) bool {
	x, _ := message.BaseSubject(a.Message.Envelope.Subject)
	y, _ := message.BaseSubject(b.Message.Envelope.Subject)
	return strings.EqualFold(x, y)
}

// graph holds which ids are connected.
type graph map[string]string

func (g graph) root(id string) string {
	for g[id] != "" && g[id] != id {
		id = g[id]
	}
	return id
}

func (g graph) unite(a, b string) { g[g.root(a)] = g.root(b) }

// BenchmarkThreadSubjects adds replies without references to mail of one subject.
func BenchmarkThreadSubjects(b *testing.B) {
	h := newHousehold(b)
	start := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for n := 0; b.Loop(); n++ {
		h.deliver(letter(fmt.Sprint(n), "Re: Hello", "Date: "+start.Add(time.Duration(n)*time.Second).Format(time.RFC1123Z)+"\n"))
	}
}
