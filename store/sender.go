package store

import (
	"context"
	"strings"
	"time"
)

// BodyView is how a message's body is shown where it has both text and HTML.
type BodyView int

// The views.
const (
	ViewDefault BodyView = 0
	ViewText    BodyView = 1
	ViewHTML    BodyView = 2
)

// SenderRule is what a person decided about mail of a sender.
type SenderRule struct {
	Sender  string // "lina@example.net", or "@example.net" for a domain
	Images  bool   // remote images are loaded
	View    BodyView
	Changed time.Time

	ByDomain bool // of what SenderRule returns: images are loaded by the rule of the domain
}

func scanSenderRule(row scanner) (SenderRule, error) {
	var r SenderRule
	var changed int64
	err := row.Scan(&r.Sender, &r.Images, &r.View, &changed)
	r.Changed = time.UnixMilli(changed)
	return r, err
}

const selectSenderRule = "SELECT sender, images, view, changed FROM senders "

// SenderDomain is the domain of an address as rules name it, "@example.net"; "" when there is none.
func SenderDomain(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 || at == len(address)-1 {
		return ""
	}
	return strings.ToLower(address[at:])
}

// SenderRules returns all of a user's rules by their sender.
func (s *Store) SenderRules(ctx context.Context, user UserID) ([]SenderRule, error) {
	return collect(ctx, s.data.read, scanSenderRule, selectSenderRule+"WHERE user_id = ? ORDER BY ltrim(sender, '@')", user)
}

// SenderRule returns what holds for mail of an address: its own rule and that of its domain together.
func (s *Store) SenderRule(ctx context.Context, user UserID, address string) (SenderRule, error) {
	address = strings.ToLower(address)
	rules, err := collect(ctx, s.data.read, scanSenderRule, selectSenderRule+"WHERE user_id = ? AND sender IN (?, ?)", user, address, SenderDomain(address))
	r := SenderRule{Sender: address}
	for _, one := range rules {
		r.Images = r.Images || one.Images
		if one.Sender == address {
			r.View, r.Changed = one.View, one.Changed
		} else {
			r.ByDomain = one.Images
		}
	}
	return r, err
}

// SetSenderImages has remote images of a sender or of a domain ("@example.net") loaded, or held back again.
func (s *Store) SetSenderImages(ctx context.Context, user UserID, sender string, load bool) error {
	return s.setSender(ctx, user, sender, "images", load)
}

// SetSenderView remembers how the bodies of a sender's mail are shown.
func (s *Store) SetSenderView(ctx context.Context, user UserID, sender string, view BodyView) error {
	return s.setSender(ctx, user, sender, "view", view)
}

func (s *Store) setSender(ctx context.Context, user UserID, sender, column string, value any) error {
	sender = strings.ToLower(sender)
	return s.write(ctx, func(t *tx) error {
		if _, err := t.exec("INSERT INTO senders (user_id, sender, "+column+", changed) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "+
			column+" = excluded."+column+", changed = excluded.changed", user, sender, value, t.now); err != nil {
			return err
		}
		_, err := t.exec("DELETE FROM senders WHERE user_id = ? AND sender = ? AND images = 0 AND view = 0", user, sender)
		return err
	})
}

// RemoveSenderRule forgets what was decided about a sender. Returns ErrNotFound if there is no such rule.
func (s *Store) RemoveSenderRule(ctx context.Context, user UserID, sender string) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec("DELETE FROM senders WHERE user_id = ? AND sender = ?", user, sender)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}

// WroteBefore tells whether mail of an address came before a time and is still here, Junk not counted.
func (s *Store) WroteBefore(ctx context.Context, user UserID, address string, before time.Time) (bool, error) {
	return one(ctx, s.data.read, func(row scanner) (wrote bool, err error) {
		return wrote, row.Scan(&wrote)
	}, "SELECT EXISTS (SELECT 1 FROM messages WHERE user_id = ? AND from_address = ? COLLATE NOCASE AND received < ? AND mailbox <> ?)",
		user, address, before.UnixMilli(), Junk)
}

// HasHistory tells whether at least n messages came before a time and are in Inbox or Archive.
func (s *Store) HasHistory(ctx context.Context, user UserID, before time.Time, n int) (bool, error) {
	return one(ctx, s.data.read, func(row scanner) (has bool, err error) {
		return has, row.Scan(&has)
	}, "SELECT COUNT(*) = ? FROM (SELECT 1 FROM messages WHERE user_id = ? AND mailbox IN (?, ?) AND received < ? LIMIT ?)",
		n, user, Inbox, Archive, before.UnixMilli(), n)
}
