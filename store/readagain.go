package store

import (
	"context"

	"postern/internal/message"
)

// readAgain puts a new reading, made of a message's octets, in the place of one that is lost
// or damaged, and has the message indexed, and its attachments read, anew.
func (s *Store) readAgain(ctx context.Context, user UserID, id MessageID) error {
	o, err := s.Octets(ctx, user, id)
	if err != nil {
		return err
	}
	m, err := message.Parse(o, o.Size())
	if err == nil {
		err = o.Err()
	}
	if err != nil {
		return err
	}
	n, err := prepare(user, 0, &Incoming{Message: m, Retrieved: s.now()}, packed{})
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		// The whole may have come meanwhile, of a message of which only the header was here.
		var octets int64
		if err := t.row("SELECT octets_id FROM messages WHERE id = ?", []any{id}, &octets); err != nil || octets != o.id {
			return err
		}
		for _, q := range []string{"DELETE FROM readings WHERE message_id = ?", "DELETE FROM attachment_texts WHERE message_id = ?"} {
			if _, err := t.exec(q, id); err != nil {
				return err
			}
		}
		if err := n.insertReading(t, int64(id)); err != nil {
			return err
		}
		return queueAttachments(t, int64(id), m.Root)
	})
}

// documentAgain is document for a message whose reading is damaged: it is read again. Where
// that fails, the message is left out of the index, which must not wait for it.
func (s *Store) documentAgain(ctx context.Context, d document, damage error) (document, error) {
	err := s.readAgain(ctx, d.user, d.message)
	if err == nil {
		s.log.Warn("what was read of a message was damaged, and is read again", "message", d.message, "damage", damage)
		d, err = s.document(ctx, d.message)
	}
	if err != nil && ctx.Err() == nil {
		s.log.Error("a message that is damaged is not found by search; see postern check --help", "message", d.message, "damage", damage, "err", err)
		return document{message: d.message, remove: true}, nil
	}
	return d, err
}
