package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"
)

// undoLife is how long an action can be undone. Deletions that have gone to the server
// by then come back here, from the stored copy.
const undoLife = 7 * 24 * time.Hour

// undoRecent is how old an action may be that is undone without being named.
const undoRecent = time.Hour

// undoable is one message before and after an action, as an undo token keeps it: only
// what the action changed is taken back.
type undoable struct{ Before, After change }

// change is what actions change of a message.
type change struct {
	ID       MessageID
	Mailbox  Mailbox
	CameFrom Mailbox
	Unread   bool
	Starred  bool
	Removal  bool `json:",omitempty"` // the action asked the server to delete; that alone, or with a move to Trash

	Label    LabelID `json:",omitempty"` // the action was about this label, and nothing else
	Labelled bool    `json:",omitempty"` // whether the message has it
}

// keepUndo remembers how messages were and returns the token that brings it back.
func keepUndo(t *tx, user UserID, deed string, changes []undoable) (string, error) {
	token := rand.Text()
	data, err := json.Marshal(changes)
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256([]byte(token))
	_, err = t.exec("INSERT INTO undos (token, user_id, created, changes, deed, messages, message_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
		hash[:], user, t.now, string(data), deed, len(changes), changes[0].Before.ID)
	return token, err
}

// Undo takes back what an action did and tells what it came to. A deletion that a
// session has claimed already cannot be stopped: the message comes back here and
// counts as TooLate. Returns ErrUndoPassed for a token that was used or is too old.
func (s *Store) Undo(ctx context.Context, user UserID, token string) (Done, error) {
	hash := sha256.Sum256([]byte(token))
	return s.undo(ctx, user, undoLife, "token = ?", hash[:])
}

// UndoPast does what [Store.Undo] does, for an action of the history.
func (s *Store) UndoPast(ctx context.Context, user UserID, id string) (Done, error) {
	hash, err := hex.DecodeString(id)
	if err != nil || len(hash) == 0 {
		return Done{}, ErrUndoPassed
	}
	return s.undo(ctx, user, undoLife, "token = ?", hash)
}

// UndoLast does what [Store.Undo] does, for the latest action that was not undone yet. One
// of long ago is nothing that a person still has in mind, and stays.
func (s *Store) UndoLast(ctx context.Context, user UserID) (Done, error) {
	return s.undo(ctx, user, undoRecent, "token = (SELECT token FROM undos WHERE user_id = ? AND deed <> '' ORDER BY created DESC LIMIT 1)", user)
}

func (s *Store) undo(ctx context.Context, user UserID, life time.Duration, which string, arg any) (Done, error) {
	var done Done
	err := s.write(ctx, func(t *tx) error {
		done = Done{}
		var data string
		err := t.row("DELETE FROM undos WHERE "+which+" AND user_id = ? AND created > ? RETURNING changes, deed",
			[]any{arg, user, t.now - life.Milliseconds()}, &data, &done.Deed)
		if errors.Is(err, ErrNotFound) {
			return ErrUndoPassed
		}
		if err != nil {
			return err
		}
		var changes []undoable
		if err := json.Unmarshal([]byte(data), &changes); err != nil {
			return err
		}
		for _, u := range changes {
			undone, tooLate, err := takeBack(t, user, u)
			if err != nil {
				return err
			}
			done.Count += undone
			done.TooLate += tooLate
		}
		return nil
	})
	return done, err
}

// Past is an action that can be undone.
type Past struct {
	ID      string // for [Store.UndoPast]
	Deed    string // as [Action.String], or "label:Work", "unlabel:Work"
	Count   int    // messages
	At      time.Time
	Message MessageID // the first of them
	Subject string    // its subject; "" if it is gone
}

// History returns a user's latest actions that can be undone, newest first.
func (s *Store) History(ctx context.Context, user UserID, limit int) ([]Past, error) {
	return collect(ctx, s.data.read, func(row scanner) (p Past, err error) {
		var created int64
		err = row.Scan(&p.ID, &p.Deed, &p.Count, &created, &p.Message, &p.Subject)
		p.At = time.UnixMilli(created)
		return p, err
	}, `SELECT lower(hex(u.token)), u.deed, u.messages, u.created, u.message_id, coalesce(m.subject, '')
		FROM undos u LEFT JOIN messages m ON m.id = u.message_id AND m.user_id = u.user_id AND m.mailbox <> ?
		WHERE u.user_id = ? AND u.deed <> '' AND u.created > ? ORDER BY u.created DESC LIMIT ?`,
		Purged, user, s.Now().Add(-undoLife).UnixMilli(), limit)
}

// takeBack makes of a message what it was before an action, in what the action changed,
// and counts it if that changes anything now.
func takeBack(t *tx, user UserID, u undoable) (undone, tooLate int, err error) {
	now := change{ID: u.Before.ID}
	err = t.row("SELECT mailbox, came_from, unread, starred FROM messages WHERE id = ? AND user_id = ? AND mailbox <> ?",
		[]any{now.ID, user, Purged}, &now.Mailbox, &now.CameFrom, &now.Unread, &now.Starred)
	if errors.Is(err, ErrNotFound) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	before := now
	if u.Before.Mailbox != u.After.Mailbox {
		before.Mailbox, before.CameFrom = u.Before.Mailbox, u.Before.CameFrom
	}
	if u.Before.Unread != u.After.Unread {
		before.Unread = u.Before.Unread
	}
	if u.Before.Starred != u.After.Starred {
		before.Starred = u.Before.Starred
	}
	var late bool
	switch {
	case u.After.Removal && before == now:
		late, err = cancelOf(t, now.ID)
	case u.After.Label != 0:
		err = putLabel(t, user, now.ID, u.Before.Label, u.Before.Labelled)
	case before == now:
		return 0, 0, nil
	default:
		late, err = put(t, user, now, before)
	}
	if late {
		tooLate = 1
	}
	return 1, tooLate, err
}
