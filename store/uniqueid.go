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
	FirstSeen time.Time
	Listed    bool // in the last complete listing
	Retrieved bool // its octets were stored once
	Proved    bool // in every complete listing since, under the same host and user name
	Settled   bool // the policy's deletion was cancelled or refused: not asked for again
	Tries     int  // sessions in which it could not be retrieved
}

// UniqueIDs returns all that is known of an account's maildrop.
func (s *Store) UniqueIDs(ctx context.Context, user UserID, account AccountID) ([]UniqueID, error) {
	return collect(ctx, s.data.read, func(row scanner) (UniqueID, error) {
		var u UniqueID
		var uid []byte
		var first int64
		err := row.Scan(&uid, &u.Message, &u.Octets, &u.Header, &first, &u.Listed, &u.Retrieved, &u.Proved, &u.Settled, &u.Tries)
		u.UID, u.FirstSeen = string(uid), time.UnixMilli(first)
		return u, err
	}, `SELECT u.uidl, coalesce(u.message_id, 0), u.octets, u.header, u.first_seen, u.listed, u.sha256 IS NOT NULL, u.proved,
			EXISTS (SELECT 1 FROM deletions d WHERE d.account_id = u.account_id AND d.uidl = u.uidl AND d.state IN (?, ?) AND d.reason <> ?),
			u.tries
		FROM unique_ids u JOIN accounts a ON a.id = u.account_id
		WHERE u.account_id = ? AND a.user_id = ?`, Refused, Cancelled, DeletedHere, account, user)
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
// is returned. Never call it with a listing that was cut short.
func (s *Store) ApplyListing(ctx context.Context, user UserID, account AccountID, l Listing) (confirmed int, err error) {
	err = s.write(ctx, func(t *tx) error {
		confirmed = 0
		n, err := t.exec("UPDATE accounts SET server_count = ?, server_octets = ? WHERE id = ? AND user_id = ?", l.Count, l.Octets, account, user)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		for _, uid := range l.Missing {
			if _, err := t.exec("UPDATE unique_ids SET listed = 0, proved = 0 WHERE account_id = ? AND uidl = ?", account, []byte(uid)); err != nil {
				return err
			}
			n, err := t.exec("UPDATE deletions SET state = ?, changed = ? WHERE account_id = ? AND uidl = ? AND state IN (1, 2, 3)", Confirmed, t.now, account, []byte(uid))
			if err != nil {
				return err
			}
			confirmed += int(n)
		}
		for _, uid := range l.Back {
			if _, err := t.exec("UPDATE unique_ids SET listed = 1 WHERE account_id = ? AND uidl = ?", account, []byte(uid)); err != nil {
				return err
			}
		}
		return refreshServerOf(t, account, append(l.Missing, l.Back...))
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
func (s *Store) Prove(ctx context.Context, user UserID, account AccountID, proofs []Proof) error {
	return s.write(ctx, func(t *tx) error {
		if err := owns(t, user, account); err != nil {
			return err
		}
		for _, p := range proofs {
			if err := proveUID(t, account, p.UID, p.Octets); err != nil {
				return err
			}
		}
		return nil
	})
}

// Doubt takes proofs back: the messages retrieved under these unique-ids have to be
// proved again before one of them may be deleted.
func (s *Store) Doubt(ctx context.Context, user UserID, account AccountID, uids []string) error {
	return s.write(ctx, func(t *tx) error {
		if err := owns(t, user, account); err != nil {
			return err
		}
		for _, uid := range uids {
			if _, err := t.exec("UPDATE unique_ids SET proved = 0 WHERE account_id = ? AND uidl = ?", account, []byte(uid)); err != nil {
				return err
			}
		}
		return nil
	})
}

func owns(t *tx, user UserID, account AccountID) error {
	var id int64
	return t.row("SELECT id FROM accounts WHERE id = ? AND user_id = ? AND removed IS NULL", []any{account, user}, &id)
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
	var state DeletionState
	err = t.row("SELECT state FROM deletions WHERE account_id = ? AND uidl = ? ORDER BY id DESC LIMIT 1", []any{account, []byte(uid)}, &state)
	if err == nil && state == Confirmed {
		err = requestDeletion(t, account, []byte(uid), id, DeletedHere, t.now)
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return refreshServer(t, id)
}

// Renamed is a message that its server lists under another unique-id than before.
type Renamed struct {
	Old, New string
	Octets   int64 // size in the scan listing
}

// Rename gives messages their new unique-ids, and open deletions with them. The old ones
// stay known, as not listed.
func (s *Store) Rename(ctx context.Context, user UserID, account AccountID, renamed []Renamed) error {
	return s.write(ctx, func(t *tx) error {
		if err := owns(t, user, account); err != nil {
			return err
		}
		for _, r := range renamed {
			if err := rename(t, account, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func rename(t *tx, account AccountID, r Renamed) error {
	before, after := []byte(r.Old), []byte(r.New)
	_, err := t.exec(`INSERT INTO unique_ids (account_id, uidl, message_id, sha256, header, content, octets, first_seen, listed, proved)
		SELECT account_id, ?, message_id, sha256, header, content, ?, first_seen, 1, 1 FROM unique_ids WHERE account_id = ? AND uidl = ?
		ON CONFLICT DO UPDATE SET message_id = excluded.message_id, sha256 = excluded.sha256, header = excluded.header,
		content = excluded.content, octets = excluded.octets, first_seen = excluded.first_seen, listed = 1, proved = 1`,
		after, r.Octets, account, before)
	if err != nil {
		return err
	}
	if _, err := t.exec("UPDATE deletions SET uidl = ? WHERE account_id = ? AND uidl = ? AND state IN (1, 2, 3)", after, account, before); err != nil {
		return err
	}
	if _, err := t.exec("UPDATE unique_ids SET listed = 0, proved = 0 WHERE account_id = ? AND uidl = ?", account, before); err != nil {
		return err
	}
	return refreshServerOf(t, account, []string{r.New})
}

// RetrievalFailed counts a session in which a message could not be fetched or
// stored. The message stays on the server.
func (s *Store) RetrievalFailed(ctx context.Context, user UserID, account AccountID, uid string, octets int64, trouble string) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec(`INSERT INTO unique_ids (account_id, uidl, octets, first_seen, listed, proved, tries, trouble)
			SELECT id, ?, ?, ?, 1, 0, 1, ? FROM accounts WHERE id = ? AND user_id = ?
			ON CONFLICT DO UPDATE SET tries = tries + 1, trouble = excluded.trouble`,
			[]byte(uid), octets, t.now, trouble, account, user)
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
