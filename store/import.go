package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
)

// ImportMessages stores messages that come from files, as [Store.AddMessages] does those
// of an account. What the user has already, octet for octet or under one of the sums in
// Alike, is not added again; it gets the labels it lacks. UID, Octets, Header and Content
// do not matter.
func (s *Store) ImportMessages(ctx context.Context, user UserID, in []Incoming) ([]Kept, error) {
	rows, err := s.prepareAll(ctx, user, 0, in)
	if err != nil {
		return nil, fmt.Errorf("import message: %w", err)
	}
	kept := make([]Kept, len(in))
	err = s.write(ctx, func(t *tx) error {
		if err := t.row("SELECT id FROM users WHERE id = ? AND removed IS NULL", []any{user}, &user); err != nil {
			return err
		}
		t.afterCommit(s.wakeIndexer)
		for i := range rows {
			if rows[i].unfit != nil {
				return rows[i].unfit
			}
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
	for _, sum := range append([][sha256.Size]byte{n.packed.sha256}, n.Alike...) {
		err = t.row(holds, []any{n.user, sum[:], Purged}, &kept.ID)
		if !errors.Is(err, ErrNotFound) {
			break
		}
	}
	switch {
	case err == nil:
		kept.Outcome = Known
		if n.packed.staged != 0 {
			if _, err := t.exec("DELETE FROM octets WHERE id = ?", n.packed.staged); err != nil {
				return kept, err
			}
		}
		kept.Unlabelled, err = addLabels(t, n.user, kept.ID, n.Labels)
	case errors.Is(err, ErrNotFound):
		kept, err = n.add(t)
	}
	return kept, err
}

// holds finds a message by its octets.
const holds = `SELECT m.id FROM octets o JOIN messages m ON m.octets_id = o.id
	WHERE o.user_id = ? AND o.sha256 = ? AND o.complete = 1 AND m.mailbox <> ? LIMIT 1`

// Holds returns the message of a user whose octets have one of these SHA-256 sums, or
// ErrNotFound. An import asks it first, to go over quickly what is here already.
func (s *Store) Holds(ctx context.Context, user UserID, sums ...[sha256.Size]byte) (MessageID, error) {
	for _, sum := range sums {
		id, err := one(ctx, s.data.read, scanValue[MessageID], holds, user, sum[:], Purged)
		if !errors.Is(err, ErrNotFound) {
			return id, err
		}
	}
	return 0, ErrNotFound
}

// AddLabels puts labels on messages without an undo: those that an import found on
// messages that are here already. It returns the names that can be no label.
func (s *Store) AddLabels(ctx context.Context, user UserID, labels map[MessageID][]string) (refused []string, err error) {
	err = s.write(ctx, func(t *tx) error {
		for id, names := range labels {
			r, err := addLabels(t, user, id, names)
			if err != nil {
				return err
			}
			refused = append(refused, r...)
		}
		return nil
	})
	return refused, err
}

// addLabels puts labels on a message as far as there can be labels of those names.
func addLabels(t *tx, user UserID, id MessageID, names []string) (refused []string, err error) {
	for _, name := range names {
		err := addLabel(t, user, id, name)
		switch {
		case errors.Is(err, ErrLabelName), errors.Is(err, ErrManyLabels):
			refused = append(refused, name)
		case err != nil:
			return refused, err
		}
	}
	return refused, nil
}
