package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// clockSlack is how far ahead of now a time must lie to be taken for a wrong clock's.
const clockSlack = 24 * time.Hour

// Due tells whether the undo window of a requested deletion is over.
func (d Deletion) Due(now time.Time) bool {
	return !d.NotBefore.After(now) || d.Requested.After(now.Add(clockSlack))
}

// Deletion is a row of the ledger: one message that is to be, is being or was
// deleted from its server.
type Deletion struct {
	ID        DeletionID
	Account   AccountID
	UID       string
	Message   MessageID // 0: purged here since
	Subject   string
	Reason    Reason
	AskedBy   string // the name of the person who asked for it; "": the account's rule
	State     DeletionState
	Requested time.Time
	NotBefore time.Time // end of the undo window
	Changed   time.Time // when State was reached
	Attempts  int       // sessions that claimed it
	Reply     string    // the server's words when it refused
}

const selectDeletion = `SELECT d.id, d.account_id, d.uidl, coalesce(d.message_id, 0), d.subject, d.reason, coalesce(u.name, ''), d.state,
	d.requested, d.not_before, d.changed, d.attempts, d.reply
	FROM deletions d JOIN accounts a ON a.id = d.account_id LEFT JOIN users u ON u.id = d.asked_by `

func scanDeletion(row scanner) (Deletion, error) {
	var d Deletion
	var uid []byte
	var requested, notBefore, changed int64
	err := row.Scan(&d.ID, &d.Account, &uid, &d.Message, &d.Subject, &d.Reason, &d.AskedBy, &d.State, &requested, &notBefore, &changed, &d.Attempts, &d.Reply)
	d.UID = string(uid)
	d.Requested, d.NotBefore, d.Changed = time.UnixMilli(requested), time.UnixMilli(notBefore), time.UnixMilli(changed)
	return d, err
}

// OpenDeletions returns the deletions of an account that may still happen.
func (s *Store) OpenDeletions(ctx context.Context, user UserID, account AccountID) ([]Deletion, error) {
	return collect(ctx, s.data.read, scanDeletion,
		selectDeletion+"WHERE d.account_id = ? AND a.user_id = ? AND d.state IN (1, 2, 3) ORDER BY d.id", account, user)
}

// Deletions returns a user's ledger over all accounts, open rows first, then the
// newest, at most limit rows.
func (s *Store) Deletions(ctx context.Context, user UserID, limit int) ([]Deletion, error) {
	return collect(ctx, s.data.read, scanDeletion,
		selectDeletion+"WHERE a.user_id = ? ORDER BY d.state IN (1, 2, 3) DESC, d.changed DESC, d.id DESC LIMIT ?", user, limit)
}

// DeletionsOf returns the ledger rows of one message, the newest first.
func (s *Store) DeletionsOf(ctx context.Context, user UserID, id MessageID) ([]Deletion, error) {
	return collect(ctx, s.data.read, scanDeletion,
		selectDeletion+"WHERE d.message_id = ? AND a.user_id = ? ORDER BY d.id DESC", id, user)
}

// DeletedFrom returns the accounts from whose servers messages are to be deleted, as far as that has not begun.
func (s *Store) DeletedFrom(ctx context.Context, user UserID, ids []MessageID) ([]AccountID, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	return collect(ctx, s.data.read, scanValue[AccountID], `SELECT DISTINCT d.account_id FROM json_each(?) j CROSS JOIN deletions d ON d.message_id = j.value
		JOIN accounts a ON a.id = d.account_id WHERE a.user_id = ? AND d.state = ? ORDER BY d.account_id`, list, user, Requested)
}

// WaitingDeletions returns how many deletions of each account wait for its next session.
// What has been sent does not, but for an account that came out of a backup: its server may
// have been asked in vain.
func (s *Store) WaitingDeletions(ctx context.Context, user UserID) (map[AccountID]int, error) {
	waiting := map[AccountID]int{}
	_, err := collect(ctx, s.data.read, func(row scanner) (_ struct{}, err error) {
		var id AccountID
		var n int
		err = row.Scan(&id, &n)
		waiting[id] = n
		return struct{}{}, err
	}, `SELECT d.account_id, count(*) FROM deletions d JOIN accounts a ON a.id = d.account_id
		WHERE a.user_id = ? AND d.state IN (1, 2, 3) AND (d.state <> ? OR a.held) GROUP BY d.account_id`, user, Sent)
	return waiting, err
}

// RequestDeletions asks for the deletion of messages by their account's policy.
// Only retrieved messages that are still listed can be asked for, each once.
func (s *Store) RequestDeletions(ctx context.Context, a Account, uids []string, reason Reason) error {
	return s.write(ctx, func(t *tx) error {
		if err := owns(t, a); err != nil {
			return err
		}
		for _, uid := range uids {
			var id int64
			err := t.row("SELECT coalesce(message_id, 0) FROM unique_ids WHERE account_id = ? AND uidl = ? AND listed = 1 AND sha256 IS NOT NULL",
				[]any{a.ID, []byte(uid)}, &id)
			if err != nil {
				return fmt.Errorf("request deletion: %w", err)
			}
			if err := requestDeletion(t, request{a.ID, []byte(uid), MessageID(id), reason, 0}, t.now); err != nil {
				return err
			}
		}
		return nil
	})
}

// request is a deletion that is asked for.
type request struct {
	account AccountID
	uid     []byte
	message MessageID // 0: it was purged here
	reason  Reason
	by      UserID // 0: the account's rule
}

// requestDeletion adds a row to the ledger unless an open one stands there.
func requestDeletion(t *tx, r request, notBefore int64) error {
	_, err := t.exec(`INSERT INTO deletions (account_id, uidl, message_id, subject, reason, asked_by, state, requested, not_before, changed)
		VALUES (?, ?, nullif(?, 0), coalesce((SELECT subject FROM messages WHERE id = ?), ''), ?, nullif(?, 0), ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		r.account, r.uid, r.message, r.message, r.reason, r.by, Requested, t.now, notBefore, t.now)
	if err != nil {
		return fmt.Errorf("request deletion: %w", err)
	}
	return refreshServer(t, r.message)
}

// ClaimDeletions takes deletions for the session that is about to send DELE, and
// returns those it got: not what was cancelled meanwhile, or is in its undo window, and
// none of an account that is held since it came out of a backup.
// From here on they cannot be cancelled.
func (s *Store) ClaimDeletions(ctx context.Context, a Account, ids []DeletionID) ([]DeletionID, error) {
	var claimed []DeletionID
	err := s.write(ctx, func(t *tx) error {
		claimed = nil
		if err := owns(t, a); err != nil {
			return err
		}
		var held bool
		if err := t.row("SELECT held FROM accounts WHERE id = ?", []any{a.ID}, &held); err != nil || held {
			return err
		}
		for _, id := range ids {
			// A request from far in the future was made while the clock was wrong.
			n, err := t.exec(`UPDATE deletions SET state = ?, changed = ?, attempts = attempts + 1 WHERE id = ? AND account_id = ?
				AND (state = ? AND (not_before <= ? OR requested > ?) OR state IN (?, ?))`,
				Sending, t.now, id, a.ID, Requested, t.now, t.now+clockSlack.Milliseconds(), Sending, Sent)
			if err != nil {
				return err
			}
			if n == 1 {
				claimed = append(claimed, id)
			}
		}
		return nil
	})
	return claimed, err
}

// DeletionsSent notes that the server said +OK to DELE and then to QUIT: see [Store.Quitting].
// Until the next listing says otherwise, that many messages have left the maildrop.
func (s *Store) DeletionsSent(ctx context.Context, a Account, ids []DeletionID) error {
	return s.write(ctx, func(t *tx) error {
		left, octets := 0, int64(0)
		for _, id := range ids {
			var size int64
			err := t.row(`UPDATE deletions SET state = ?, changed = ? WHERE id = ? AND state = ?
				AND account_id = (SELECT id FROM accounts WHERE id = ? AND user_id = ?)
				RETURNING coalesce((SELECT octets FROM unique_ids u WHERE u.account_id = deletions.account_id AND u.uidl = deletions.uidl), 0)`,
				[]any{Sent, t.now, id, Sending, a.ID, a.User}, &size)
			if errors.Is(err, ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			left, octets = left+1, octets+size
		}
		_, err := t.exec(`UPDATE accounts SET quitting = 0, server_count = max(server_count - ?, 0), server_octets = max(server_octets - ?, 0)
			WHERE id = ? AND user_id = ?`, left, octets, a.ID, a.User)
		return err
	})
}

// RefuseDeletion ends a deletion that must not or cannot happen, with the server's
// words or our remark. The message stays where it is, here and there.
func (s *Store) RefuseDeletion(ctx context.Context, a Account, id DeletionID, reply string) error {
	return s.write(ctx, func(t *tx) error {
		var message *int64
		err := t.row(`UPDATE deletions SET state = ?, changed = ?, reply = ? WHERE id = ? AND state IN (1, 2, 3)
			AND account_id = (SELECT id FROM accounts WHERE id = ? AND user_id = ?) RETURNING message_id`,
			[]any{Refused, t.now, reply, id, a.ID, a.User}, &message)
		if err != nil || message == nil {
			return err
		}
		return refreshServer(t, MessageID(*message))
	})
}

// CancelDeletion takes a request back. Returns ErrTooLate once a session has
// claimed it, ErrNotFound if it is not open or not the user's.
func (s *Store) CancelDeletion(ctx context.Context, user UserID, id DeletionID) error {
	return s.write(ctx, func(t *tx) error {
		var state DeletionState
		var message *int64
		err := t.row(`SELECT d.state, d.message_id FROM deletions d JOIN accounts a ON a.id = d.account_id
			WHERE d.id = ? AND a.user_id = ?`, []any{id, user}, &state, &message)
		switch {
		case err != nil:
			return err
		case state == Sending || state == Sent:
			return ErrTooLate
		case state != Requested:
			return ErrNotFound
		}
		if _, err := t.exec("UPDATE deletions SET state = ?, changed = ? WHERE id = ?", Cancelled, t.now, id); err != nil || message == nil {
			return err
		}
		return refreshServer(t, MessageID(*message))
	})
}

// cancelOf takes back what can be taken back of a message's deletions and tells
// whether one is on its way already.
func cancelOf(t *tx, id MessageID) (tooLate bool, err error) {
	if _, err := t.exec("UPDATE deletions SET state = ?, changed = ? WHERE message_id = ? AND state = ?", Cancelled, t.now, id, Requested); err != nil {
		return false, err
	}
	var open int
	if err := t.row("SELECT count(*) FROM deletions WHERE message_id = ? AND state IN (?, ?)", []any{id, Sending, Sent}, &open); err != nil {
		return false, err
	}
	return open > 0, refreshServer(t, id)
}

// cancelRequested takes back the deletions of an account that can be taken back.
func cancelRequested(t *tx, account AccountID) error {
	ids, err := txRows(t, scanValue[*int64], "UPDATE deletions SET state = ?, changed = ? WHERE account_id = ? AND state = ? RETURNING message_id", Cancelled, t.now, account, Requested)
	if err != nil {
		return err
	}
	return refreshAll(t, ids)
}

// dropUnwanted takes back what an earlier session had claimed, is listed still, and is
// not wanted any more: the account keeps everything by now, or the message was taken out
// of Trash.
func dropUnwanted(t *tx, account AccountID) error {
	ids, err := txRows(t, scanValue[*int64], `UPDATE deletions SET state = ?, changed = ? WHERE account_id = ? AND state IN (2, 3)
		AND ((SELECT policy FROM accounts WHERE id = account_id) = ?
			OR reason IN (?, ?) AND EXISTS (SELECT 1 FROM messages m WHERE m.id = message_id AND m.mailbox NOT IN (?, ?)))
		RETURNING message_id`, Cancelled, t.now, account, Keep, DeletedHere, Unfetched, Trash, Purged)
	if err != nil {
		return err
	}
	return refreshAll(t, ids)
}

func refreshAll(t *tx, ids []*int64) error {
	for _, id := range ids {
		if id != nil {
			if err := refreshServer(t, MessageID(*id)); err != nil {
				return err
			}
		}
	}
	return nil
}
