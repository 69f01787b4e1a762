package store_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"postern/store"
)

// talk delivers n messages in conversations of random sizes, spread over mailboxes, accounts, stars and a label, and
// returns their ids.
func (h *household) talk(n int, r *rand.Rand) (ids []store.MessageID) {
	accounts := []store.AccountID{h.account, h.addAccount(store.Keep)}
	for i := range n {
		h.account = accounts[r.IntN(2)]
		raw := strings.Replace(mail(i, fmt.Sprintf("Talk %d", i), "words"), "\n", fmt.Sprintf("\nReferences: <talk-%d@example.net>\n", r.IntN(n/3)), 1)
		raw = strings.Replace(raw, "\n", fmt.Sprintf("\nX-From: %d\n", i%3), 1)
		ids = append(ids, h.deliver(raw))
	}
	for _, id := range ids {
		for _, a := range []store.Action{store.ToArchive, store.Delete, store.Read, store.Star} {
			if r.IntN(4) == 0 {
				h.act(a, id)
			}
		}
		if r.IntN(4) == 0 {
			h.label(true, "Work", id)
		}
	}
	return ids
}

// TestConversationLists pages through lists of conversations, in steps of a few and both ways, and compares them with
// the lists of messages, of which each conversation's first one must be left.
func TestConversationLists(t *testing.T) {
	h := newHousehold(t)
	ctx := context.Background()
	h.talk(150, rand.New(rand.NewPCG(3, 5)))
	labels, err := h.Labels(ctx, h.user)
	h.check(err)
	for name, v := range map[string]store.View{
		"inbox": {Mailbox: store.Inbox}, "all mail": {}, "trash": {Mailbox: store.Trash}, "starred": {Starred: true}, "label": {Label: labels[0].ID},
		"inbox of an account": {Mailbox: store.Inbox, Account: h.account}, "label of an account": {Label: labels[0].ID, Account: h.account},
	} {
		v.Limit = 1000
		p, err := h.Messages(ctx, h.user, v)
		h.check(err)
		var want []store.MessageID
		seen := map[int64]bool{}
		for _, m := range p.Messages {
			if !seen[m.Thread] {
				want = append(want, m.ID)
			}
			seen[m.Thread] = true
		}
		if len(want) == len(p.Messages) {
			t.Fatalf("%s: no conversation has two messages, nothing is tested", name)
		}
		v.Threads, v.Limit = true, 4
		if d := gocmp.Diff(want, h.pages(v)); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
		for i, id := range want {
			newer, older, err := h.Neighbours(ctx, h.user, v, id)
			h.check(err)
			at := func(i int) store.MessageID {
				if i < 0 || i == len(want) {
					return 0
				}
				return want[i]
			}
			if newer != at(i-1) || older != at(i+1) {
				t.Errorf("%s: beside %d are %d and %d, want %d and %d", name, id, newer, older, at(i-1), at(i+1))
			}
		}
	}
}

// pages goes through a list to its end, and back, and returns what was there.
func (h *household) pages(v store.View) (ids []store.MessageID) {
	h.t.Helper()
	var back [][]store.MessageID
	for {
		p, err := h.Messages(context.Background(), h.user, v)
		h.check(err)
		var here []store.MessageID
		for _, m := range p.Messages {
			here = append(here, m.ID)
		}
		if v.Newer {
			if want := back[len(back)-1]; !slices.Equal(here, want) {
				h.t.Errorf("on the way back there are %d, before %d", here, want)
			}
			back = back[:len(back)-1]
			if v.Cursor = p.Newer; len(back) == 0 {
				return ids
			}
			continue
		}
		ids = append(ids, here...)
		if v.Cursor = p.Older; v.Cursor == "" {
			v.Newer, v.Cursor = true, p.Newer
			if len(back) == 0 {
				return ids
			}
			continue
		}
		back = append(back, here)
	}
}

// TestConversationOfARow compares what a row says of its conversation with the messages of it.
func TestConversationOfARow(t *testing.T) {
	h := newHousehold(t)
	ctx := context.Background()
	h.talk(120, rand.New(rand.NewPCG(7, 9)))
	for _, box := range []store.Mailbox{store.Inbox, store.Trash} {
		p, err := h.Messages(ctx, h.user, store.View{Mailbox: box, Threads: true, Limit: 1000})
		h.check(err)
		several := 0
		for _, row := range p.Messages {
			messages, total, err := h.Conversation(ctx, h.user, row.ID)
			h.check(err)
			whole, err := h.WholeConversations(ctx, h.user, []store.MessageID{row.ID})
			h.check(err)
			if total != len(messages) || len(whole) != total {
				t.Errorf("%d messages, %d in all, %d to act on", len(messages), total, len(whole))
			}
			if !slices.IsSortedFunc(messages, func(a, b store.Summary) int { return cmp.Or(a.Received.Compare(b.Received), cmp.Compare(a.ID, b.ID)) }) {
				t.Error("not the oldest first")
			}
			if total == 1 {
				if row.Conversation != nil {
					t.Errorf("message %d stands alone and is a conversation", row.ID)
				}
				continue
			}
			several++
			want := store.Conversation{Count: total}
			for _, m := range messages {
				if (m.Mailbox == store.Trash) != (box == store.Trash) {
					t.Errorf("message %d lies in %v", m.ID, m.Mailbox)
				}
				want.Starred = want.Starred || m.Starred
				want.Attachments += m.Attachments
				want.Labels = append(want.Labels, m.Labels...)
				if m.Unread {
					want.Unread++
				}
			}
			got := *row.Conversation
			if len(got.People) != 1 || got.People[0].Name != "Bob" || got.People[0].Unread != (want.Unread > 0) {
				t.Errorf("people %v", got.People)
			}
			slices.Sort(want.Labels)
			want.Labels = slices.Compact(want.Labels)
			slices.Sort(got.Labels)
			if got.People = nil; !gocmp.Equal(got, want) {
				t.Errorf("message %d: %s", row.ID, gocmp.Diff(want, got))
			}
		}
		if several == 0 {
			t.Errorf("mailbox %v: no conversation has two messages, nothing is tested", box)
		}
	}
}

// TestConversationPeople names everybody once, by their first message.
func TestConversationPeople(t *testing.T) {
	h := newHousehold(t)
	var last store.MessageID
	for i, from := range []string{"Bob <bob@example.net>", "Ann <ann@example.com>", "BOB@example.net", "Eve <eve@example.org>"} {
		last = h.deliver(fmt.Sprintf("From: %s\nReferences: <talk@example.net>\nSubject: s\nDate: Fri, 1 May 2026 1%d:00:00 +0000\n\nx\n", from, i))
		if i != 3 {
			h.act(store.Read, last)
		}
	}
	p, err := h.Messages(context.Background(), h.user, store.View{Mailbox: store.Inbox, Threads: true})
	h.check(err)
	var got []string
	for _, c := range p.Messages[0].Conversation.People {
		got = append(got, fmt.Sprintf("%s %v", c.Name, c.Unread))
	}
	if d := gocmp.Diff([]string{"Bob false", "Ann false", "Eve true"}, got); d != "" {
		t.Error(d)
	}
	if c := p.Messages[0].Conversation; c.Unread != 1 {
		t.Errorf("%d unread, want 1", c.Unread)
	}
	other := h.addUser("eve")
	if _, _, err := h.Conversation(context.Background(), other, last); err == nil {
		t.Error("another user reads the conversation")
	}
	if ids, err := h.WholeConversations(context.Background(), other, []store.MessageID{last}); err != nil || len(ids) > 0 {
		t.Errorf("another user acts on %v (%v)", ids, err)
	}
}
