package store_test

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"postern/internal/message"
	"postern/internal/query"
	"postern/store"
)

// naive answers searches by looking at every message in turn: what the index is held
// against.
type naive struct {
	accounts []store.Account
	labels   map[string]store.LabelID // by name, in lower case
	messages []*naiveMessage          // newest first
}

type naiveMessage struct {
	*store.Message
	fields map[query.Field]string
}

func (h *household) naive() *naive {
	h.t.Helper()
	ctx := context.Background()
	accounts, err := h.Accounts(ctx, h.user)
	h.check(err)
	labels, err := h.Labels(ctx, h.user)
	h.check(err)
	n := &naive{accounts: accounts, labels: map[string]store.LabelID{}}
	for _, l := range labels {
		n.labels[strings.ToLower(l.Name)] = l.ID
	}
	last, err := h.LastArrival(ctx, h.user)
	h.check(err)
	for id := store.MessageID(1); id <= last; id++ {
		if m, err := h.Message(ctx, h.user, id); err == nil {
			n.messages = append(n.messages, &naiveMessage{m, h.naiveFields(m)})
		}
	}
	slices.SortStableFunc(n.messages, func(a, b *naiveMessage) int { return cmp.Compare(b.Received.UnixMilli(), a.Received.UnixMilli()) })
	return n
}

func (h *household) naiveFields(m *store.Message) map[query.Field]string {
	people := func(lists ...[]message.Address) string {
		var all []string
		for _, a := range slices.Concat(lists...) {
			all = append(all, a.Name, a.Address)
		}
		return strings.Join(all, "\n")
	}
	var names []string
	for _, p := range m.Structure.Attachments() {
		names = append(names, p.Filename)
	}
	attached, err := h.AttachmentTexts(context.Background(), h.user, m.ID)
	h.check(err)
	texts := ""
	for _, a := range attached {
		texts += a.Text + "\n"
	}
	e := m.Envelope
	return map[query.Field]string{
		query.Subject: m.Subject, query.Body: m.Text, query.List: e.ListID, query.Filename: strings.Join(names, "\n"),
		query.From: people(e.From, e.Sender, e.ReplyTo), query.Recipient: people(e.To, e.Cc, e.Bcc),
		query.Cc: people(e.Cc), query.Bcc: people(e.Bcc), query.Attached: texts,
	}
}

// search returns the ids of what q means in a mailbox (0: all but Junk and Trash),
// newest first.
func (n *naive) search(q query.Query, box store.Mailbox) []store.MessageID {
	var ids []store.MessageID
	for _, m := range n.messages {
		in := m.Mailbox == box
		if box == 0 {
			in = namesPlace(q.Root) || m.Mailbox == store.Inbox || m.Mailbox == store.Archive
		}
		if in && n.holds(m, q.Root) {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// namesPlace tells whether a search says itself where to look.
func namesPlace(node query.Node) bool {
	switch n := node.(type) {
	case query.Mailbox:
		return true
	case query.And:
		return slices.ContainsFunc(n, namesPlace)
	case query.Or:
		return slices.ContainsFunc(n, namesPlace)
	}
	return false
}

func (n *naive) holds(m *naiveMessage, node query.Node) bool {
	each := func(part query.Node) bool { return n.holds(m, part) }
	switch node := node.(type) {
	case nil:
		return true
	case query.And:
		return !slices.ContainsFunc(node, func(part query.Node) bool { return !each(part) })
	case query.Or:
		return slices.ContainsFunc(node, each)
	case query.Not:
		return !each(node.Node)
	case query.Text:
		return node.Match(func(f query.Field) string { return m.fields[f] })
	case query.ID:
		return m.Envelope.MessageID == node.MessageID
	case query.Account:
		return slices.ContainsFunc(n.accounts, func(a store.Account) bool {
			return a.ID == m.Account && strings.Contains(strings.ToLower(a.Name+"\n"+a.Email), strings.ToLower(node.Name))
		})
	case query.Label:
		return slices.Contains(m.Labels, n.labels[strings.ToLower(node.Name)])
	case query.Mailbox:
		switch node.Name {
		case "anywhere":
			return true
		case "all":
			return m.Mailbox == store.Inbox || m.Mailbox == store.Archive
		}
		return m.Mailbox.String() == node.Name
	case query.Date:
		return (m.Received.UnixMilli() < node.Time.UnixMilli()) == node.Before
	case query.Size:
		if node.Larger {
			return m.Size > node.Octets
		}
		return m.Size < node.Octets
	case query.Is:
		return map[query.Flag]bool{
			query.Unread: m.Unread, query.Read: !m.Unread, query.Starred: m.Starred, query.Unstarred: !m.Starred,
			query.HasAttachment: m.Attachments > 0, query.PendingDelete: m.Server == store.ServerPending,
			query.Gone: m.Server == store.ServerGone, query.Deleted: m.Server == store.ServerDeleted, query.Present: m.Server == store.ServerPresent,
		}[node.Flag]
	}
	return false
}

// searchAll runs a search page by page and returns all of its hits with the first page.
func (h *household) searchAll(q query.Query, box store.Mailbox, limit int) ([]store.MessageID, store.Page) {
	h.t.Helper()
	var ids []store.MessageID
	var first store.Page
	v := store.View{Query: q, Mailbox: box, Limit: limit}
	for n := 0; ; n++ {
		p, err := h.Messages(context.Background(), h.user, v)
		h.check(err)
		if n == 0 {
			first = p
		}
		first.Cut = first.Cut || p.Cut // one of the pages was
		for _, m := range p.Messages {
			ids = append(ids, m.ID)
		}
		if p.Older == "" {
			return ids, first
		}
		if p.Older == v.Cursor {
			h.t.Fatalf("%q goes on from %s for ever", q.Source, v.Cursor)
		}
		v.Cursor = p.Older
	}
}

var naiveNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
