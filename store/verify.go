package store

import (
	"context"
	"errors"
	"slices"

	"postern/internal/query"
)

// candidate is one message that is compared with a search. Its row is read when a part of
// the search asks for it.
type candidate struct {
	ctx     context.Context
	store   *Store
	filter  *filter
	id      MessageID
	texts   *texts
	summary *Summary
	err     error
}

// holdsAll compares a message's own text and state with parts of a search. A message
// that was purged meanwhile holds for nothing, nor does one whose texts are damaged.
func (c *candidate) holdsAll(parts []query.Node) (bool, error) {
	ok := c.all(parts)
	if c.err == nil && c.texts != nil {
		c.err = c.texts.err
	}
	if errors.Is(c.err, ErrNotFound) || errors.Is(c.err, ErrDamaged) {
		return false, nil
	}
	return ok && c.err == nil, c.err
}

func (c *candidate) all(parts []query.Node) bool {
	for _, part := range parts {
		if !c.holds(part) {
			return false
		}
	}
	return true
}

func (c *candidate) holds(node query.Node) bool {
	switch n := node.(type) {
	case query.And:
		return c.all(n)
	case query.Or:
		for _, part := range n {
			if c.holds(part) {
				return true
			}
		}
		return false
	case query.Not:
		return !c.holds(n.Node)
	case query.Text:
		return n.Match(c.text().field)
	case query.ID:
		return c.text().parsedEnvelope().MessageID == n.MessageID
	case query.Mailbox:
		m := c.row().Mailbox
		named, ok := MailboxNamed(n.Name)
		return ok && m == named || n.Name == "anywhere" || n.Name == "all" && (m == Inbox || m == Archive)
	case query.Account:
		for _, id := range c.filter.accountIDs(n.Name) {
			if id == c.row().Account {
				return true
			}
		}
		return false
	case query.Label:
		return slices.Contains(c.row().Labels, c.filter.labelID(n.Name))
	case query.Is:
		t, ok := flagTests[n.Flag]
		return ok && t.holds(*c.row())
	case query.Date:
		return c.row().Received.Before(n.Time) == n.Before
	case query.Size:
		if n.Larger {
			return c.row().Size > n.Octets
		}
		return c.row().Size < n.Octets
	}
	return false
}

// text is what the message says, as readTexts has given it; empty if it is gone.
func (c *candidate) text() *texts {
	if c.texts == nil {
		c.texts = &texts{}
		c.note(ErrNotFound)
	}
	return c.texts
}

// row is what lists show of the message; zero after an error.
func (c *candidate) row() *Summary {
	if c.summary == nil {
		m, err := one(c.ctx, c.store.data.read, scanSummary, "SELECT "+summaryColumns+" FROM messages m WHERE m.id = ?", c.id)
		c.summary = &m
		c.note(err)
	}
	return c.summary
}

func (c *candidate) note(err error) {
	if c.err == nil {
		c.err = err
	}
}
