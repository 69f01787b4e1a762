package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"postern/internal/message"
)

// Outline is what is known of a message of which only the header is here.
type Outline struct {
	Wanted  bool   // a person asked for the whole of it
	Trouble string // why it could not be retrieved; "": nobody tried
}

// AddPartial stores the headers of messages that stay on the server, so that they have a
// row in the lists: Raw is the header, Octets the size that the server gives. Messages
// that are known already, or were purged here, are passed over, and so are those that are
// unfit; of these it returns the indexes, with how many are new.
func (s *Store) AddPartial(ctx context.Context, a Account, in []Incoming) (added int, unfit []int, err error) {
	rows, err := s.prepareAll(ctx, a.User, a.ID, in)
	if err != nil {
		return 0, nil, fmt.Errorf("add header: %w", err)
	}
	err = s.write(ctx, func(t *tx) error {
		added, unfit = 0, nil
		if err := owns(t, a); err != nil {
			return err
		}
		t.afterCommit(s.wakeIndexer)
		for i := range rows {
			if rows[i].unfit != nil {
				unfit = append(unfit, i)
				continue
			}
			var known bool
			err := t.row("SELECT sha256 IS NOT NULL OR outlined FROM unique_ids WHERE account_id = ? AND uidl = ?", []any{a.ID, []byte(rows[i].UID)}, &known)
			if err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
			if known {
				continue
			}
			rows[i].partial = true
			err = t.part(func(t *tx) error {
				_, err := rows[i].add(t)
				return err
			})
			switch {
			case isUnfit(err):
				unfit = append(unfit, i)
			case err != nil:
				return err
			default:
				added++
			}
		}
		return nil
	})
	return added, unfit, err
}

// linkPartial makes the unique-id point to a message of which only the header is here. As
// long as sha256 is NULL, nothing of it counts as stored.
func (n *newMessage) linkPartial(t *tx, id int64) error {
	_, err := t.exec(`INSERT INTO unique_ids (account_id, uidl, message_id, header, octets, first_seen, listed, proved, outlined)
		VALUES (?, ?, ?, ?, ?, ?, 1, 0, 1) ON CONFLICT DO UPDATE SET message_id = excluded.message_id,
		header = excluded.header, octets = excluded.octets, listed = 1, outlined = 1`,
		n.account, []byte(n.UID), id, n.Header, n.Octets, t.now)
	return err
}

// complete finds the message of which only the header was here until now, and gives it the
// whole: it keeps its place and what a person did to it. ErrNotFound: there is none.
func (n *newMessage) complete(t *tx) (Kept, error) {
	var id, old int64
	var header []byte
	err := t.row(`SELECT m.id, m.octets_id, u.header FROM unique_ids u JOIN messages m ON m.id = u.message_id
		WHERE u.account_id = ? AND u.uidl = ? AND m.partial = 1`, []any{n.account, []byte(n.UID)}, &id, &old, &header)
	if err != nil {
		return Kept{}, err
	}
	if header != nil && !bytes.Equal(header, n.Header) {
		// The server has another message under this unique-id now.
		if err := n.replace(t, &id); err != nil {
			return Kept{}, err
		}
		return Kept{}, ErrNotFound
	}
	if kept, err := n.relink(t); err == nil {
		return kept, removeMessage(t, id) // it is here already, under another unique-id
	} else if !errors.Is(err, ErrNotFound) {
		return Kept{}, err
	}
	octets, err := insertOctets(t, n.user, n.packed)
	if err != nil {
		return Kept{}, err
	}
	e := n.Message.Envelope
	var from message.Address
	if len(e.From) > 0 {
		from = e.From[0]
	}
	if _, err := t.exec(`UPDATE messages SET partial = 0, octets_id = ?, size = ?, date = ?, from_name = ?, from_address = ?, subject = ?,
		snippet = ?, attachments = ? WHERE id = ?`, octets, n.packed.size, millis(e.Date), from.Name, from.Address, e.Subject,
		n.Message.Snippet, countAttachments(n.Message.Root), id); err != nil {
		return Kept{}, err
	}
	if _, err := t.exec("UPDATE readings SET packed = ?, envelope = '', structure = '', defects = '', report = ?, text = ? WHERE message_id = ?",
		n.reading, n.Message.Report, n.text, id); err != nil {
		return Kept{}, err
	}
	if _, err := t.exec("INSERT INTO index_queue (message_id) VALUES (?)", id); err != nil {
		return Kept{}, err
	}
	if err := queueAttachments(t, id, n.Message.Root); err != nil {
		return Kept{}, err
	}
	if err := n.link(t, id); err != nil {
		return Kept{}, err
	}
	if err := dropOctets(t, old); err != nil {
		return Kept{}, err
	}
	return Kept{ID: MessageID(id), Outcome: Added}, refreshServer(t, MessageID(id))
}

// wantWhole asks for the whole of a message of which only the header is here, and has its
// account checked. ErrNotFound: it is whole, or not on its server any more.
func wantWhole(t *tx, id MessageID) error {
	n, err := t.exec("UPDATE unique_ids SET wanted = 1, tries = 0, trouble = '' WHERE message_id = ? AND listed = 1 AND sha256 IS NULL", id)
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE accounts SET next_check = max(?, login_after) WHERE removed IS NULL AND paused = 0
		AND id IN (SELECT account_id FROM unique_ids WHERE message_id = ?)`, t.now, id)
	return err
}

// Unwanted takes back that a person asked for the whole of a message, and notes why it
// cannot be had; "": as [Store.RetrievalFailed] has noted.
func (s *Store) Unwanted(ctx context.Context, a Account, uid, trouble string) error {
	return s.write(ctx, func(t *tx) error {
		if err := owns(t, a); err != nil {
			return err
		}
		_, err := t.exec("UPDATE unique_ids SET wanted = 0, trouble = iif(?1 = '', trouble, ?1) WHERE account_id = ?2 AND uidl = ?3", trouble, a.ID, []byte(uid))
		return err
	})
}

// Outline returns what is known of a message of which only the header is here, or
// ErrNotFound.
func (s *Store) Outline(ctx context.Context, user UserID, id MessageID) (Outline, error) {
	return one(ctx, s.data.read, func(row scanner) (o Outline, err error) {
		return o, row.Scan(&o.Wanted, &o.Trouble)
	}, `SELECT u.wanted, u.trouble FROM unique_ids u JOIN messages m ON m.id = u.message_id
		WHERE m.id = ? AND m.user_id = ? AND m.partial = 1 ORDER BY u.listed DESC LIMIT 1`, id, user)
}

// Partial returns of how many messages of each account only the header is here.
func (s *Store) Partial(ctx context.Context, user UserID) (map[AccountID]int, error) {
	partial := map[AccountID]int{}
	_, err := collect(ctx, s.data.read, func(row scanner) (_ struct{}, err error) {
		var id AccountID
		var n int
		err = row.Scan(&id, &n)
		partial[id] = n
		return struct{}{}, err
	}, `SELECT m.account_id, count(*) FROM messages m INDEXED BY messages_partial JOIN accounts a ON a.id = m.account_id
		WHERE m.partial = 1 AND a.user_id = ? AND m.mailbox <> ? GROUP BY m.account_id`, user, Purged)
	return partial, err
}
