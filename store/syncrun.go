package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Sync is the record of one session with one account.
type Sync struct {
	ID        SyncID
	Account   AccountID
	Started   time.Time
	Ended     time.Time
	OK        bool
	Sentence  string // what happened, for people
	Retrieved int
	Deleted   int // on the server
	Gone      int // not listed any more, without our doing
	Skipped   int // could not be retrieved
	Octets    int64
	Remarks   []string

	// Transcript is the dialogue, secrets blanked; lists leave it out.
	Transcript string

	// Unfinished: there is more to do at once. It is not kept: the account is due.
	Unfinished bool
}

// Next is what a sync means for the account's next one.
type Next struct {
	At         time.Time
	LoginAfter time.Time // the server wants no login before then; zero: it said nothing
	BadLogin   bool      // the server said that the password is wrong
	Pause      bool      // wait for a person
	Stopped    bool      // ended before its time by ourselves: no failure of the account
	Remedy     Remedy    // what a person should do about it
}

// FinishSync records a session with an account, as it was when the session began, and
// when the next one is due. What a person asked for or changed meanwhile stands: a check
// at once is not put off, and new settings are not paused for what the old ones did.
func (s *Store) FinishSync(ctx context.Context, a Account, v Sync, next Next) error {
	remarks, err := json.Marshal(v.Remarks)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(`UPDATE accounts SET next_check = iif(next_check = ?2, ?3, max(next_check, iif(revision = ?1, ?4, 0))),
			login_after = iif(revision = ?1 AND ?4 > 0, ?4, login_after), active = iif(?5 > 0, ?6, active),
			paused = iif(revision = ?1, ?7, paused), remedy = iif(?8, 0, iif(revision = ?1 AND NOT ?9, ?13, remedy)), failures = iif(?8, 0, failures + (revision = ?1 AND NOT ?9)),
			refused_at = iif(?10 AND auth_failures = 0, ?6, refused_at),
			auth_failures = iif(?10, auth_failures + (revision = ?1), iif(?8, 0, auth_failures)) WHERE id = ?11 AND user_id = ?12`,
			a.Revision, a.NextCheck.UnixMilli(), next.At.UnixMilli(), orZero(next.LoginAfter), v.Retrieved, v.Ended.UnixMilli(),
			next.Pause, v.OK, next.Stopped, next.BadLogin, a.ID, a.User, next.Remedy)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("finish sync: %w", err)
		}
		_, err = t.exec(`INSERT INTO syncs (account_id, started, ended, ok, sentence, retrieved, deleted, gone, skipped, octets, remarks, transcript)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			v.Account, v.Started.UnixMilli(), v.Ended.UnixMilli(), v.OK, v.Sentence, v.Retrieved, v.Deleted, v.Gone, v.Skipped, v.Octets, string(remarks), packText([]byte(v.Transcript)))
		return err
	})
}

// orZero is a time in the store's unit; the zero time is 0.
func orZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

const (
	syncColumns = "y.id, y.account_id, y.started, y.ended, y.ok, y.sentence, y.retrieved, y.deleted, y.gone, y.skipped, y.octets, y.remarks"
	fromSyncs   = " FROM syncs y JOIN accounts a ON a.id = y.account_id "
	selectSync  = "SELECT " + syncColumns + fromSyncs
)

func scanSync(row scanner) (Sync, error) {
	var v Sync
	var started, ended int64
	var remarks string
	err := row.Scan(&v.ID, &v.Account, &started, &ended, &v.OK, &v.Sentence, &v.Retrieved, &v.Deleted, &v.Gone, &v.Skipped, &v.Octets, &remarks)
	v.Started, v.Ended = time.UnixMilli(started), time.UnixMilli(ended)
	if err == nil {
		err = json.Unmarshal([]byte(remarks), &v.Remarks)
	}
	return v, err
}

// Syncs returns the last sessions of an account, newest first, at most limit.
func (s *Store) Syncs(ctx context.Context, user UserID, account AccountID, limit int) ([]Sync, error) {
	return collect(ctx, s.data.read, scanSync, selectSync+"WHERE y.account_id = ? AND a.user_id = ? ORDER BY y.id DESC LIMIT ?", account, user, limit)
}

// LastSyncs returns the last session of each account of a user that had one.
func (s *Store) LastSyncs(ctx context.Context, user UserID) (map[AccountID]Sync, error) {
	all, err := collect(ctx, s.data.read, scanSync,
		selectSync+"WHERE a.user_id = ? AND y.id = (SELECT max(id) FROM syncs o WHERE o.account_id = a.id)", user)
	last := make(map[AccountID]Sync, len(all))
	for _, v := range all {
		last[v.Account] = v
	}
	return last, err
}

// Sync returns one session of an account with its transcript, or ErrNotFound.
func (s *Store) Sync(ctx context.Context, user UserID, account AccountID, id SyncID) (Sync, error) {
	var packed []byte
	v, err := one(ctx, s.data.read, func(row scanner) (Sync, error) {
		return scanSync(trailing{row, []any{&packed}})
	}, "SELECT "+syncColumns+", y.transcript"+fromSyncs+"WHERE y.id = ? AND y.account_id = ? AND a.user_id = ?", id, account, user)
	if err != nil {
		return v, err
	}
	text, err := unpackText(packed)
	if err != nil {
		return v, fmt.Errorf("transcript of session %d: %w", id, err)
	}
	v.Transcript = string(text)
	return v, nil
}

// Postpone puts off an account's next check, without a record.
func (s *Store) Postpone(ctx context.Context, user UserID, account AccountID, until time.Time) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec("UPDATE accounts SET next_check = ? WHERE id = ? AND user_id = ?", until.UnixMilli(), account, user)
		return err
	})
}
