package store

import (
	"context"
	"errors"
	"fmt"
)

// ImportMessages stores messages that come from files, as [Store.AddMessages] does those
// of an account. What the user has already, octet for octet, is not added again; it gets
// the labels it lacks. UID, Octets, Header and Content do not matter.
func (s *Store) ImportMessages(ctx context.Context, user UserID, in []Incoming) ([]Kept, error) {
	rows, err := s.prepareAll(ctx, user, 0, in)
	if err != nil {
		return nil, fmt.Errorf("import message: %w", err)
	}
	kept := make([]Kept, len(in))
	err = s.write(ctx, func(t *tx) error {
		if err := t.row("SELECT id FROM users WHERE id = ?", []any{user}, &user); err != nil {
			return err
		}
		t.afterCommit(s.wakeIndexer)
		for i := range rows {
			if kept[i], err = rows[i].importOne(t); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("import messages: %w", err)
	}
	return kept, nil
}

// importOne adds a message that no server has sent, unless it is here.
func (n *newMessage) importOne(t *tx) (kept Kept, err error) {
	err = t.row(`SELECT m.id FROM octets o JOIN messages m ON m.octets_id = o.id
		WHERE o.user_id = ? AND o.sha256 = ? AND o.complete = 1 AND m.mailbox <> ? LIMIT 1`, []any{n.user, n.packed.sha256[:], Purged}, &kept.ID)
	switch {
	case err == nil:
		kept.Outcome = Known
		if n.packed.staged != 0 {
			_, err = t.exec("DELETE FROM octets WHERE id = ?", n.packed.staged)
		}
	case errors.Is(err, ErrNotFound):
		kept, err = n.add(t)
	}
	for _, name := range n.Labels {
		if err != nil {
			return kept, err
		}
		err = addLabel(t, n.user, kept.ID, name)
	}
	return kept, err
}
