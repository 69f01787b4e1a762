package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// How long what can be missed is kept.
const (
	sessionIdle = 14 * 24 * time.Hour
	sessionLife = 90 * 24 * time.Hour
	keepSyncs   = 200 // for each account
)

// purgeStep is how many messages one transaction removes.
const purgeStep = 100

// What housekeeping looks for. SQLite would choose covering indexes, and read all of one for the
// few purged messages there may be, or, of octets, one by hash, in whose order messages lie
// anywhere: gigabytes in a store of a million, at each start.
const (
	purgedMessages = `SELECT id, size FROM messages m INDEXED BY messages_purged WHERE m.mailbox = 9
		AND NOT EXISTS (SELECT 1 FROM deletions d WHERE d.message_id = m.id AND d.state IN (1, 2, 3)) LIMIT ?`
	unusedOctets = `SELECT o.id FROM octets o NOT INDEXED WHERE o.complete = 1
		AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.octets_id = o.id)`
)

// Housekeep removes what has had its time: what is left of users and accounts that were
// removed, what has lain in Trash for long, purged messages whose deletions have ended, sessions
// and undo tokens too old to be used, staged octets that a crash left behind, old sync records. It
// merges what the index has scattered. It works in small transactions beside everything else.
func (s *Store) Housekeep(ctx context.Context) error {
	if err := s.FinishRemovals(ctx); err != nil {
		return err
	}
	if err := s.purgeTrash(ctx); err != nil {
		return fmt.Errorf("purge what is old in Trash: %w", err)
	}
	if err := s.dropIndexes(ctx); err != nil {
		return fmt.Errorf("remove the search indexes of users who are gone: %w", err)
	}
	for {
		n, err := s.removePurged(ctx)
		if err != nil {
			return fmt.Errorf("remove purged messages: %w", err)
		}
		if n == 0 {
			break
		}
	}
	if err := s.dropUnused(ctx); err != nil {
		return fmt.Errorf("remove octets that no message uses: %w", err)
	}
	err := s.write(ctx, func(t *tx) error {
		if err := dropStale(t); err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM undos WHERE created < ?", t.now-undoLife.Milliseconds()); err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM sessions WHERE used < ? OR created < ?", t.now-sessionIdle.Milliseconds(), t.now-sessionLife.Milliseconds()); err != nil {
			return err
		}
		_, err := t.exec("DELETE FROM syncs WHERE id <= (SELECT id FROM syncs o WHERE o.account_id = syncs.account_id ORDER BY id DESC LIMIT 1 OFFSET ?)", keepSyncs)
		return err
	})
	if err == nil {
		err = s.mergeIndex(ctx)
	}
	for _, f := range []*file{s.data, s.index} {
		if err == nil {
			err = vacuum(ctx, f)
		}
	}
	if err != nil {
		return fmt.Errorf("housekeeping: %w", err)
	}
	return nil
}

// vacuum gives free pages of a file back to the disk, a few at a time, until only a
// twentieth of the file is free: room for what comes.
func vacuum(ctx context.Context, f *file) error {
	for shrinks := true; shrinks; {
		err := f.write.do(ctx, func(t *tx) error {
			var free, all int
			err := t.row("SELECT freelist_count, page_count FROM pragma_freelist_count, pragma_page_count", nil, &free, &all)
			if shrinks = free > all/20; err != nil || !shrinks {
				return err
			}
			return t.w.exec("PRAGMA incremental_vacuum(200)")
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// removePurged removes the messages, and what only they used, of a few purged rows.
// The rows of their unique-ids stay: they keep the message from coming again.
func (s *Store) removePurged(ctx context.Context) (n int, err error) {
	err = s.write(ctx, func(t *tx) error {
		t.afterCommit(s.wakeIndexer)
		n, err = removeMessages(t, purgedMessages, purgeStep)
		return err
	})
	return n, err
}

// dropUnused removes the octets that no message uses: older versions left those of accounts
// that were removed with their mail. The long look is a reader's; the writer only takes what
// is found, and looks again.
func (s *Store) dropUnused(ctx context.Context) error {
	unused, err := collect(ctx, s.data.read, scanValue[int64], unusedOctets)
	for len(unused) > 0 && err == nil {
		step := unused[:min(len(unused), purgeStep)]
		unused = unused[len(step):]
		err = s.write(ctx, func(t *tx) error {
			for _, id := range step {
				if err := dropOctets(t, id); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return err
}

// dropOctets removes octets that no message uses.
func dropOctets(t *tx, id int64) error {
	_, err := t.exec("DELETE FROM octets WHERE id = ? AND NOT EXISTS (SELECT 1 FROM messages WHERE octets_id = ?)", id, id)
	return err
}

func removeMessage(t *tx, id int64) error {
	var octets int64
	if err := t.row("DELETE FROM messages WHERE id = ? RETURNING octets_id", []any{id}, &octets); err != nil {
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		return err
	}
	if _, err := t.exec("INSERT INTO index_queue (message_id) VALUES (?)", id); err != nil {
		return err
	}
	return dropOctets(t, octets)
}
