package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// An account may have a million messages, and one transaction that removes them all would
// hold up everybody's mail. So what is to be removed is marked in one small transaction,
// which ends its use, and then its rows go in many. Whatever ends Postern between two of
// them, Housekeep goes on.

// Bounds of one transaction of a removal.
const (
	removeStep   = 500      // small rows
	removeOctets = 32 << 20 // octets of messages after which it takes no further one
)

// removalPatience is how long who removes something waits for the rows to go.
var removalPatience = time.Second // tests change it

// RemoveUser removes a user with all accounts and mail. Nothing is deleted from
// any server. Returns ErrNotFound if there is no such user, and ErrQuitting while deletions
// are being carried out on the server of an account. Much mail goes after it has returned:
// see [Store.FinishRemovals].
func (s *Store) RemoveUser(ctx context.Context, id UserID) error {
	err := s.write(ctx, func(t *tx) error {
		if err := notQuitting(t, "user_id", int64(id)); err != nil {
			return err
		}
		// The name is free again: this one is nobody's, as a name has no line break.
		n, err := t.exec("UPDATE users SET removed = ?, name = char(10) || id, password = '', totp = NULL WHERE id = ? AND removed IS NULL", t.now, id)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		if _, err = removeAccountsOf(t, id); err != nil {
			return err
		}
		return endSessions(t, id, nil)
	})
	if err == nil {
		s.removeForAWhile(ctx)
	}
	return err
}

// RemoveAccount stops polling an account and cancels its open deletions. With
// keepMail its messages stay, and the account's name with them; else they go, much mail
// after RemoveAccount has returned: see [Store.FinishRemovals]. Returns ErrNotFound if the
// user has no such account, and ErrQuitting while deletions are being carried out on its
// server.
func (s *Store) RemoveAccount(ctx context.Context, user UserID, id AccountID, keepMail bool) error {
	err := s.write(ctx, func(t *tx) error {
		if err := notQuitting(t, "id", int64(id)); err != nil {
			return err
		}
		n, err := t.exec("UPDATE accounts SET removed = ?, password = NULL, with_mail = ? WHERE id = ? AND user_id = ? AND removed IS NULL", t.now, !keepMail, id, user)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
	if err == nil {
		s.removeForAWhile(ctx)
	}
	return err
}

// longestQuit is how long a server may take to carry out deletions that it was asked for, also
// when nobody waits for its answer any more.
const longestQuit = 5 * time.Minute

// Quitting notes that the account's session is about to have its deletions carried out,
// which cannot be taken back. Until the server has said that it has done so (DeletionsSent), or
// lists the maildrop again (ApplyListing), neither the account nor its user can be removed: the
// mail would go on both sides, and nobody would know. Returns ErrChanged or ErrNotFound, and
// notes nothing, if a is not what the account's settings say.
func (s *Store) Quitting(ctx context.Context, a Account) error {
	return s.write(ctx, func(t *tx) error {
		if err := owns(t, a); err != nil {
			return err
		}
		_, err := t.exec("UPDATE accounts SET quitting = ? WHERE id = ?", t.now+longestQuit.Milliseconds(), a.ID)
		return err
	})
}

// notQuitting returns ErrQuitting if deletions are being carried out for an account, or for
// one of a user, which column and id name. A time further away than it can be is of a
// clock that was wrong.
func notQuitting(t *tx, column string, id int64) error {
	var n int
	err := t.row("SELECT count(*) FROM accounts WHERE "+column+" = ? AND removed IS NULL AND quitting > ? AND quitting <= ?",
		[]any{id, t.now, t.now + longestQuit.Milliseconds()}, &n)
	if err == nil && n > 0 {
		err = ErrQuitting
	}
	return err
}

// removeForAWhile does what is to be removed for as long as a person may wait. An error
// ends it: what they wanted is noted, and Housekeep does the rest or meets the error too.
func (s *Store) removeForAWhile(ctx context.Context) {
	for begun := time.Now(); time.Since(begun) < removalPatience; {
		done, err := s.removalStep(ctx)
		if done {
			return
		}
		if err != nil {
			s.log.Error("the rows of what was removed are still here", "err", err)
			break
		}
	}
	select {
	case s.removals <- struct{}{}:
	default:
	}
}

// Removals receives when something was removed whose rows are not all gone yet.
func (s *Store) Removals() <-chan struct{} { return s.removals }

// FinishRemovals removes all that is left of users and accounts that were removed.
func (s *Store) FinishRemovals(ctx context.Context) error {
	for {
		if done, err := s.removalStep(ctx); done || err != nil {
			return err
		}
	}
}

// removalStep is one transaction of a removal; done: there was nothing to do.
func (s *Store) removalStep(ctx context.Context) (done bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		done = false
		for _, step := range []func(*tx) (int64, error){cancelOfRemoved, removeOfAccount, removeOfUser} {
			n, err := step(t)
			if err != nil {
				return fmt.Errorf("remove: %w", err)
			}
			if n > 0 {
				t.afterCommit(s.wakeIndexer)
				return nil
			}
		}
		done = true
		return nil
	})
	return done && err == nil, err
}

// cancelOfRemoved cancels open deletions of accounts that were removed: no listing will
// ever tell what became of those on their way.
func cancelOfRemoved(t *tx) (int64, error) {
	ids, err := txRows(t, scanValue[*int64], `UPDATE deletions SET state = ?, changed = ? WHERE id IN (SELECT d.id FROM accounts a
		JOIN deletions d ON d.account_id = a.id AND d.state IN (1, 2, 3) WHERE a.removed IS NOT NULL AND a.with_mail = 0 LIMIT ?)
		RETURNING message_id`, Cancelled, t.now, removeStep)
	if err != nil {
		return 0, err
	}
	return int64(len(ids)), refreshAll(t, ids)
}

// What there may be much of beside messages. ?1 is the account or the user, ?2 how many
// rows go at once.
var (
	accountRows = []string{
		"DELETE FROM deletions WHERE id IN (SELECT id FROM deletions WHERE account_id = ?1 LIMIT ?2)",
		"DELETE FROM unique_ids WHERE account_id = ?1 AND uidl IN (SELECT uidl FROM unique_ids WHERE account_id = ?1 LIMIT ?2)",
	}
	userRows = []string{
		"DELETE FROM thread_ids WHERE user_id = ?1 AND ref IN (SELECT ref FROM thread_ids WHERE user_id = ?1 LIMIT ?2)",
	}
)

// removeOfAccount removes rows of an account that goes with its mail, the account last.
func removeOfAccount(t *tx) (int64, error) {
	var id int64
	err := t.row("SELECT id FROM accounts WHERE with_mail = 1 LIMIT 1", nil, &id)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if n, err := removeRows(t, id, "SELECT id, size FROM messages WHERE account_id = ? LIMIT ?", accountRows); n > 0 || err != nil {
		return n, err
	}
	if _, err := t.exec("DELETE FROM counts WHERE account_id = ?", id); err != nil {
		return 0, err
	}
	return t.exec("DELETE FROM accounts WHERE id = ?", id)
}

// removeOfUser does the same for a user whose accounts are gone.
func removeOfUser(t *tx) (int64, error) {
	var id int64
	err := t.row("SELECT id FROM users WHERE removed IS NOT NULL LIMIT 1", nil, &id)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	// One may have been added by a page that was on its way when the user was removed.
	if n, err := removeAccountsOf(t, UserID(id)); n > 0 || err != nil {
		return n, err
	}
	if n, err := removeRows(t, id, "SELECT id, size FROM messages WHERE user_id = ? LIMIT ?", userRows); n > 0 || err != nil {
		return n, err
	}
	if _, err := t.exec("DELETE FROM counts WHERE user_id = ?", id); err != nil {
		return 0, err
	}
	return t.exec("DELETE FROM users WHERE id = ?", id)
}

// removeAccountsOf marks all accounts of a user as removed with their mail.
func removeAccountsOf(t *tx, user UserID) (int64, error) {
	return t.exec("UPDATE accounts SET removed = ?, password = NULL, with_mail = 1 WHERE user_id = ? AND with_mail = 0", t.now, user)
}

// removeRows removes some messages of an account or user and, once there are none, some
// other rows, and tells how many.
func removeRows(t *tx, of int64, messages string, others []string) (int64, error) {
	n, err := removeMessages(t, messages, of, purgeStep)
	if n > 0 || err != nil {
		return int64(n), err
	}
	for _, q := range others {
		if n, err := t.exec(q, of, removeStep); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, nil
}

// removeMessages removes the messages that a query gives, with their sizes, for as long as
// these are within bounds, and tells how many there were.
func removeMessages(t *tx, query string, args ...any) (int, error) {
	type row struct{ id, size int64 }
	rows, err := txRows(t, func(r scanner) (v row, err error) { return v, r.Scan(&v.id, &v.size) }, query, args...)
	if err != nil {
		return 0, err
	}
	octets := int64(0)
	for i, r := range rows {
		if octets > removeOctets {
			return i, nil
		}
		octets += r.size
		if err := removeMessage(t, r.id); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}
