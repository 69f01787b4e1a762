package store

import (
	"context"
	"errors"
	"time"
)

// UniqueID is what is known of one message of a maildrop by its unique-id
// (RFC 1939 §7, UIDL).
type UniqueID struct {
	UID       string    // raw octets
	Message   MessageID // 0: purged here, or never retrieved
	Octets    int64     // size in the scan listing
	Header    []byte    // fingerprint of its header when it was retrieved
	Content   []byte    // the same of header and body
	FirstSeen time.Time
	Listed    bool      // in the last complete listing
	Retrieved bool      // its octets were stored once
	Proved    bool      // in every complete listing since, under the same host and user name
	Settled   bool      // the policy's deletion was cancelled or refused: not asked for again
	Outlined  bool      // its header had a row in the lists, for want of the whole
	Wanted    bool      // a person asked for the whole of it, whatever its size
	Tries     int       // sessions in which it could not be retrieved
	Tried     time.Time // the last of them
}

const listUniqueIDs = `SELECT u.uidl, coalesce(u.message_id, 0), u.octets, u.header, u.content, u.first_seen, u.listed, u.sha256 IS NOT NULL, u.proved,
		EXISTS (SELECT 1 FROM deletions d WHERE d.account_id = u.account_id AND d.uidl = u.uidl AND d.state IN (?, ?) AND d.reason NOT IN (?, ?)),
		u.outlined, u.wanted, u.tries, u.tried
	FROM unique_ids u JOIN accounts a ON a.id = u.account_id
	WHERE u.account_id = ? AND a.user_id = ?`

// UniqueIDs returns all that is known of an account's maildrop.
func (s *Store) UniqueIDs(ctx context.Context, user UserID, account AccountID) ([]UniqueID, error) {
	return collect(ctx, s.data.read, func(row scanner) (UniqueID, error) {
		var u UniqueID
		var uid []byte
		var first, tried int64
		err := row.Scan(&uid, &u.Message, &u.Octets, &u.Header, &u.Content, &first, &u.Listed, &u.Retrieved, &u.Proved, &u.Settled, &u.Outlined, &u.Wanted, &u.Tries, &tried)
		u.UID, u.FirstSeen, u.Tried = string(uid), time.UnixMilli(first), time.UnixMilli(tried)
		return u, err
	}, listUniqueIDs, Refused, Cancelled, DeletedHere, Unfetched, account, user)
}

// Listing is what a complete listing of a maildrop changed.
type Listing struct {
	Count   int      // messages in the maildrop
	Octets  int64    // their size
	Missing []string // unique-ids that were listed before and are not now
	Back    []string // the reverse
}

// ApplyListing takes in a complete listing. Messages that are missing stay here and
// are marked; the open deletions among them are thereby confirmed, and their number
// is returned. The session before it has ended for the server too, which has one at a time
// with a maildrop. Never call it with a listing that was cut short.
func (s *Store) ApplyListing(ctx context.Context, a Account, l Listing) (confirmed int, err error) {
	err = s.write(ctx, func(t *tx) error {
		confirmed = 0
		if err := owns(t, a); err != nil {
			return err
		}
		if _, err := t.exec("UPDATE accounts SET server_count = ?, server_octets = ?, quitting = 0 WHERE id = ?", l.Count, l.Octets, a.ID); err != nil {
			return err
		}
		for _, uid := range l.Missing {
			if _, err := t.exec("UPDATE unique_ids SET listed = 0, proved = 0 WHERE account_id = ? AND uidl = ?", a.ID, []byte(uid)); err != nil {
				return err
			}
			n, err := t.exec("UPDATE deletions SET state = ?, changed = ? WHERE account_id = ? AND uidl = ? AND state IN (1, 2, 3)", Confirmed, t.now, a.ID, []byte(uid))
			if err != nil {
				return err
			}
			confirmed += int(n)
		}
		for _, uid := range l.Back {
			if _, err := t.exec("UPDATE unique_ids SET listed = 1 WHERE account_id = ? AND uidl = ?", a.ID, []byte(uid)); err != nil {
				return err
			}
		}
		if err := refreshServerOf(t, a.ID, append(l.Missing, l.Back...)); err != nil {
			return err
		}
		return dropUnwanted(t, a.ID)
	})
	return confirmed, err
}

// Proof is a unique-id whose message was seen again and found to be the same.
type Proof struct {
	UID    string
	Octets int64 // size in the scan listing
}

// Prove notes proofs. A deletion that was confirmed is asked for again when its message
// proves to be back.
func (s *Store) Prove(ctx context.Context, a Account, proofs []Proof) error {
	return s.write(ctx, func(t *tx) error {
		if err := owns(t, a); err != nil {
			return err
		}
		for _, p := range proofs {
			if err := proveUID(t, a.ID, p.UID, p.Octets); err != nil {
				return err
			}
		}
		return nil
	})
}

// Doubt takes proofs back: the messages retrieved under these unique-ids have to be
// proved again before one of them may be deleted.
func (s *Store) Doubt(ctx context.Context, a Account, uids []string) error {
	return s.write(ctx, func(t *tx) error {
		if err := owns(t, a); err != nil {
			return err
		}
		for _, uid := range uids {
			if _, err := t.exec("UPDATE unique_ids SET proved = 0 WHERE account_id = ? AND uidl = ?", a.ID, []byte(uid)); err != nil {
				return err
			}
		}
		return nil
	})
}

func proveUID(t *tx, account AccountID, uid string, octets int64) error {
	var message *int64
	err := t.row("UPDATE unique_ids SET listed = 1, proved = 1, octets = ?, tries = 0, trouble = '' WHERE account_id = ? AND uidl = ? RETURNING message_id",
		[]any{octets, account, []byte(uid)}, &message)
	if err != nil {
		return err
	}
	var id MessageID
	if message != nil {
		id = MessageID(*message)
	}
	if err := reopen(t, account, []byte(uid), id); err != nil {
		return err
	}
	return refreshServer(t, id)
}

const lastDeletion = `SELECT d.state, d.reason, coalesce(d.asked_by, 0) FROM deletions d JOIN accounts a ON a.id = d.account_id
	WHERE d.account_id = ? AND d.uidl = ? AND d.message_id IS nullif(?, 0) AND a.policy <> ?
	AND (d.reason = ? OR NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = d.message_id AND m.mailbox NOT IN (?, ?)))
	ORDER BY d.id DESC LIMIT 1`

// reopen asks again for a deletion that was confirmed and whose message is back, if it
// is this very message and still wanted: it lies in Trash or was purged, or was to free
// space on a server that is not to be left alone since.
func reopen(t *tx, account AccountID, uid []byte, id MessageID) error {
	var state DeletionState
	again := request{account: account, uid: uid, message: id}
	err := t.row(lastDeletion, []any{account, uid, id, Keep, FreeSpace, Trash, Purged}, &state, &again.reason, &again.by)
	if errors.Is(err, ErrNotFound) || err == nil && state != Confirmed {
		return nil
	}
	if err != nil {
		return err
	}
	return requestDeletion(t, again, t.now)
}

// Renamed is a message that its server lists under another unique-id than before.
type Renamed struct {
	Old, New string
	Octets   int64 // size in the scan listing
}

// Rename gives messages their new unique-ids, and the ledger's rows with them. The old ones
// stay known, as not listed.
func (s *Store) Rename(ctx context.Context, a Account, renamed []Renamed) error {
	return s.write(ctx, func(t *tx) error {
		if err := owns(t, a); err != nil {
			return err
		}
		for _, r := range renamed {
			if err := rename(t, a.ID, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func rename(t *tx, account AccountID, r Renamed) error {
	before, after := []byte(r.Old), []byte(r.New)
	_, err := t.exec(`INSERT INTO unique_ids (account_id, uidl, message_id, sha256, header, content, octets, first_seen, listed, proved, outlined, wanted)
		SELECT account_id, ?, message_id, sha256, header, content, ?, first_seen, 1, 1, outlined, wanted FROM unique_ids WHERE account_id = ? AND uidl = ?
		ON CONFLICT DO UPDATE SET message_id = excluded.message_id, sha256 = excluded.sha256, header = excluded.header,
		content = excluded.content, octets = excluded.octets, first_seen = excluded.first_seen, listed = 1, proved = 1, outlined = excluded.outlined, wanted = excluded.wanted`,
		after, r.Octets, account, before)
	if err != nil {
		return err
	}
	if _, err := t.exec("UPDATE OR IGNORE deletions SET uidl = ? WHERE account_id = ? AND uidl = ?", after, account, before); err != nil {
		return err
	}
	if _, err := t.exec("UPDATE unique_ids SET listed = 0, proved = 0 WHERE account_id = ? AND uidl = ?", account, before); err != nil {
		return err
	}
	return refreshServerOf(t, account, []string{r.New})
}

// RetrievalFailed counts a session in which a message could not be fetched or
// stored. The message stays on the server.
func (s *Store) RetrievalFailed(ctx context.Context, a Account, uid string, octets int64, trouble string) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec(`INSERT INTO unique_ids (account_id, uidl, octets, first_seen, listed, proved, tries, tried, trouble)
			SELECT id, ?, ?, ?, 1, 0, 1, ?, ? FROM accounts WHERE id = ? AND user_id = ?
			ON CONFLICT DO UPDATE SET tries = tries + 1, tried = excluded.tried, trouble = excluded.trouble`,
			[]byte(uid), octets, t.now, t.now, trouble, a.ID, a.User)
		return err
	})
}

// refreshServerOf derives the server state of the messages of some unique-ids.
func refreshServerOf(t *tx, account AccountID, uids []string) error {
	for _, uid := range uids {
		var id *int64
		err := t.row("SELECT message_id FROM unique_ids WHERE account_id = ? AND uidl = ?", []any{account, []byte(uid)}, &id)
		if err != nil {
			return err
		}
		if id != nil {
			if err := refreshServer(t, MessageID(*id)); err != nil {
				return err
			}
		}
	}
	return nil
}

// serverState derives a message's server column from the truth: the ledger and the
// unique-ids. It is kept in the row because lists show it and searches filter by it.
const serverState = `CASE
	WHEN account_id IS NULL THEN 0
	WHEN EXISTS (SELECT 1 FROM deletions d WHERE d.message_id = messages.id AND d.state IN (1, 2, 3)) THEN 2
	WHEN EXISTS (SELECT 1 FROM unique_ids u WHERE u.message_id = messages.id AND u.listed = 1) THEN 1
	WHEN EXISTS (SELECT 1 FROM deletions d WHERE d.message_id = messages.id AND d.state = 4) THEN 3
	ELSE 4 END`

func refreshServer(t *tx, id MessageID) error {
	_, err := t.exec("UPDATE messages SET server = "+serverState+" WHERE id = ?", id)
	return err
}
