package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// UndoWindow is how long a deletion made here stays off the wire.
const UndoWindow = 20 * time.Second

// actionStep is how many messages one transaction changes.
const actionStep = 500

// Action is something a person does to messages.
type Action int

// The actions. Delete moves to Trash and asks the server to delete unless the
// account's policy is Keep; Restore is its reverse, as far as the server's copy
// can still be kept; Purge removes from Trash for good; RemoveFromServer asks the server
// to delete and keeps the message here where it lies.
const (
	Delete Action = iota + 1
	Restore
	ToArchive
	ToInbox
	ToJunk
	NotJunk
	Read
	Unread
	Star
	Unstar
	Purge
	RemoveFromServer
	FetchWhole   // the whole of messages of which only the header is here
	DeleteUnread // these on their server, though they are not here; their rows go to Trash
)

var actionNames = map[Action]string{
	Delete: "delete", Restore: "restore", ToArchive: "archive", ToInbox: "inbox", ToJunk: "junk", NotJunk: "not-junk",
	Read: "read", Unread: "unread", Star: "star", Unstar: "unstar", Purge: "purge", RemoveFromServer: "remove-from-server",
	FetchWhole: "fetch", DeleteUnread: "delete-unfetched",
}

// String is the name used in forms, and in the history of actions.
func (a Action) String() string { return actionNames[a] }

// Done is what an action came to.
type Done struct {
	Count   int    // messages that changed
	TooLate int    // of these, restored ones whose deletion on the server is on its way
	Undo    string // token for [Store.Undo]; "": nothing to undo
	Deed    string // of an undo: the action that was taken back, as [Past] names it
}

// Act does an action to messages of a user. Ids that do not exist, or are another
// user's, or need no change, are passed over.
func (s *Store) Act(ctx context.Context, user UserID, action Action, ids []MessageID) (Done, error) {
	return s.actOn(ctx, user, action.String(), ids, func(t *tx, id MessageID) (undoable, bool, error) { return act(t, user, action, id) })
}

// Opened marks a message as read because somebody looks at it: nothing that a person did and would take back. Returns
// ErrNotFound for a message that is not there or is read.
func (s *Store) Opened(ctx context.Context, user UserID, id MessageID) error {
	return s.write(ctx, func(t *tx) error {
		_, _, err := act(t, user, Read, id)
		return err
	})
}

// actOn does something to each message, in steps, and keeps how to take it back. The deed is what the history of
// actions calls it.
func (s *Store) actOn(ctx context.Context, user UserID, deed string, ids []MessageID, do func(*tx, MessageID) (u undoable, tooLate bool, err error)) (Done, error) {
	var done Done
	var changes []undoable
	for len(ids) > 0 {
		step := ids[:min(len(ids), actionStep)]
		ids = ids[len(step):]
		before, changed := done, len(changes)
		err := s.write(ctx, func(t *tx) error {
			for _, id := range step {
				c, tooLate, err := do(t, id)
				switch {
				case errors.Is(err, ErrNotFound):
				case err != nil:
					return err
				default:
					done.Count++
					if c.After.Mailbox != Purged && c.After != c.Before {
						changes = append(changes, c)
					}
					if tooLate {
						done.TooLate++
					}
				}
			}
			if len(ids) > 0 || len(changes) == 0 {
				return nil
			}
			var err error
			done.Undo, err = keepUndo(t, user, deed, changes)
			return err
		})
		if err != nil {
			// What the steps before did can be taken back, if that much can be written.
			if done = before; changed > 0 {
				s.write(ctx, func(t *tx) error {
					_, err := keepUndo(t, user, deed, changes[:changed])
					return err
				})
			}
			return done, fmt.Errorf("act on messages: %w", err)
		}
	}
	return done, nil
}

// act does an action to one message. ErrNotFound: nothing had to be changed.
func act(t *tx, user UserID, action Action, id MessageID) (u undoable, tooLate bool, err error) {
	c := change{ID: id}
	err = t.row("SELECT mailbox, came_from, unread, starred FROM messages WHERE id = ? AND user_id = ? AND mailbox <> ?",
		[]any{id, user, Purged}, &c.Mailbox, &c.CameFrom, &c.Unread, &c.Starred)
	if err != nil {
		return u, false, err
	}
	switch action {
	case FetchWhole:
		return undoable{c, c}, false, wantWhole(t, id)
	case DeleteUnread:
		return deleteUnfetched(t, user, c)
	}
	if action == RemoveFromServer {
		asked, err := requestOf(t, user, id, FreeSpace)
		if err == nil && asked == 0 {
			err = ErrNotFound
		}
		after := c
		after.Removal = true
		return undoable{c, after}, false, err
	}
	after := c
	switch action {
	case Delete:
		if c.Mailbox != Trash {
			after.Mailbox, after.CameFrom = Trash, c.Mailbox
		}
	case Restore:
		if c.Mailbox == Trash {
			after.Mailbox = c.CameFrom
		}
	case ToArchive:
		after.Mailbox = Archive
	case ToInbox:
		after.Mailbox = Inbox
	case ToJunk:
		after.Mailbox = Junk
	case NotJunk:
		if c.Mailbox == Junk {
			after.Mailbox = Inbox
		}
	case Read, Unread:
		after.Unread = action == Unread
	case Star, Unstar:
		after.Starred = action == Star
	case Purge:
		if c.Mailbox == Trash {
			after.Mailbox = Purged
		}
	default:
		return u, false, fmt.Errorf("unknown action %d", action)
	}
	if after == c {
		return u, false, ErrNotFound
	}
	tooLate, err = put(t, user, c, after)
	return undoable{c, after}, tooLate, err
}

// put moves a message from one state of its life to another. It is the one place
// where mailboxes change, so that what follows for the server cannot be forgotten:
// into Trash asks for a deletion, out of Trash takes it back.
func put(t *tx, user UserID, before, after change) (tooLate bool, err error) {
	stays := after.Mailbox == Trash && before.Mailbox == Trash
	if _, err := t.exec("UPDATE messages SET mailbox = ?, came_from = ?, unread = ?, starred = ?, trashed = iif(?, trashed, ?) WHERE id = ?",
		after.Mailbox, after.CameFrom, after.Unread, after.Starred, stays, t.trashed(after.Mailbox), before.ID); err != nil {
		return false, err
	}
	switch {
	case after.Mailbox == Trash && before.Mailbox != Trash:
		_, err := requestOf(t, user, before.ID, DeletedHere)
		return false, err
	case before.Mailbox == Trash && after.Mailbox != Trash && after.Mailbox != Purged:
		return cancelOf(t, before.ID)
	}
	return false, nil
}

// deleteUnfetched asks for the deletion of a message that is not here, and moves its row to
// Trash.
func deleteUnfetched(t *tx, user UserID, c change) (u undoable, tooLate bool, err error) {
	after := c
	after.Removal = true
	if c.Mailbox != Trash {
		after.Mailbox, after.CameFrom = Trash, c.Mailbox
	}
	asked, err := requestOf(t, user, c.ID, Unfetched)
	if err == nil && asked == 0 {
		err = ErrNotFound
	}
	if err == nil {
		_, err = put(t, user, c, after)
	}
	return undoable{c, after}, false, err
}

// requestOf asks, for a person, for the deletion of a message's copies on its server and
// tells how many there are to ask for: none if its account's policy is not to touch the
// server. What is not stored here is asked for only by those who say so.
func requestOf(t *tx, user UserID, id MessageID, reason Reason) (asked int, err error) {
	copies, err := txRows(t, func(row scanner) (request, error) {
		r := request{message: id, reason: reason, by: user}
		return r, row.Scan(&r.account, &r.uid)
	}, `SELECT u.account_id, u.uidl FROM unique_ids u JOIN accounts a ON a.id = u.account_id
		WHERE u.message_id = ? AND u.listed = 1 AND (u.sha256 IS NULL) = ? AND a.policy <> ? AND a.removed IS NULL`, id, reason == Unfetched, Keep)
	if err != nil {
		return 0, err
	}
	for _, r := range copies {
		if err := requestDeletion(t, r, t.now+UndoWindow.Milliseconds()); err != nil {
			return 0, err
		}
	}
	return len(copies), nil
}
