package store

import (
	"cmp"
	"context"
	"errors"
	"time"
)

// How long mail stays in Trash, in days.
const (
	DefaultTrashDays = 30
	ForEver          = -1 // until a person empties it
)

// DaysInTrash is how long what the user deletes stays in Trash; [ForEver] for no end.
func (p Preferences) DaysInTrash() int { return cmp.Or(p.TrashDays, DefaultTrashDays) }

// purgeTrash purges what has lain in Trash for as long as its user keeps it there. A message whose deletion on the server
// is still open stays: until that is done, the copy here may be the only one that can be restored.
func (s *Store) purgeTrash(ctx context.Context) error {
	if calm, err := s.clockIsCalm(ctx); err != nil || !calm {
		return err
	}
	users, err := s.Users(ctx)
	for _, u := range users {
		days := u.Preferences.DaysInTrash()
		for n := 1; n > 0 && err == nil && days > 0; {
			n, err = s.purgeOld(ctx, u.ID, time.Duration(days)*24*time.Hour)
		}
	}
	return err
}

// calmAfter is how long the clock must have gone on evenly before it is believed that something is old.
const calmAfter = 24 * time.Hour

// clockIsCalm tells whether the clock can be trusted with what cannot be undone. A clock that leaps ahead by years would
// have all of Trash purged at once. So after each leap, and after each time that Postern was off for more than a day,
// which looks the same, it has to run for a day first: time enough for the clock to be set right.
func (s *Store) clockIsCalm(ctx context.Context) (calm bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		var last, wait int64
		if err := t.row("SELECT coalesce(max(value) FILTER (WHERE key = 'housekept'), 0), coalesce(max(value) FILTER (WHERE key = 'purge_wait'), 0) FROM meta WHERE key IN ('housekept', 'purge_wait')", nil, &last, &wait); err != nil {
			return err
		}
		passed := t.now - last
		if passed > calmAfter.Milliseconds() {
			wait = calmAfter.Milliseconds()
		} else if passed > 0 {
			wait = max(0, wait-passed)
		}
		calm = wait == 0
		_, err := t.exec("INSERT INTO meta VALUES ('housekept', ?), ('purge_wait', ?) ON CONFLICT DO UPDATE SET value = excluded.value", t.now, wait)
		return err
	})
	return calm, err
}

// purgeOld purges a few messages of a user that came to Trash longer than age ago, and tells how many.
func (s *Store) purgeOld(ctx context.Context, user UserID, age time.Duration) (n int, err error) {
	err = s.write(ctx, func(t *tx) error {
		old, err := txRows(t, scanValue[MessageID], `SELECT id FROM messages m WHERE user_id = ? AND mailbox = 4 AND trashed BETWEEN 1 AND ?
			AND NOT EXISTS (SELECT 1 FROM deletions d WHERE d.message_id = m.id AND d.state IN (1, 2, 3)) LIMIT ?`,
			user, t.now-age.Milliseconds(), purgeStep)
		n = len(old)
		for _, id := range old {
			if _, _, err := act(t, user, Purge, id); err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
		}
		return err
	})
	return n, err
}

// trashed is the column of that name for a message that comes to a mailbox now.
func (t *tx) trashed(m Mailbox) int64 {
	if m == Trash {
		return t.now
	}
	return 0
}
