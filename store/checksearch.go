package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
)

// checkSearch looks for messages that the search index does not find by all their words and by
// no others. With fix these are indexed again, or, where the index itself is damaged, all are.
func (s *Store) checkSearch(ctx context.Context, fix bool, report func(string), progress func(done, total int)) error {
	if fix {
		if err := s.indexWaiting(ctx, progress); ctx.Err() != nil {
			return context.Cause(ctx)
		} else if err != nil {
			report(fmt.Sprintf("%s: %v", indexFile, err))
			return s.rebuildIndex(ctx, progress)
		}
	}
	sound, err := s.checkIndexFile(ctx, report)
	if err == nil && !sound && fix {
		err = s.rebuildIndex(ctx, progress)
	}
	if err != nil || !sound {
		return err
	}
	missing, err := collect(ctx, s.index.read, scanValue[MessageID], `SELECT id FROM data.messages m WHERE m.mailbox <> 9
		AND NOT EXISTS (SELECT 1 FROM docs d WHERE d.message_id = m.id)
		AND NOT EXISTS (SELECT 1 FROM data.index_queue q WHERE q.message_id = m.id)`)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		report(fmt.Sprintf("messages missing in the search index: %d", len(missing)))
	}
	differ, err := s.checkTerms(ctx, progress)
	switch {
	case errors.Is(err, ErrIndexDamaged):
		report(fmt.Sprintf("%s: %v", indexFile, err))
		if fix {
			return s.rebuildIndex(ctx, progress)
		}
		return nil
	case err != nil:
		return err
	case len(differ) > 0:
		report(fmt.Sprintf("messages in the search index with other words than they have, or though they are gone: %d", len(differ)))
	}
	if missing = append(missing, differ...); len(missing) == 0 || !fix {
		return nil
	}
	err = s.write(ctx, func(t *tx) error {
		for _, id := range missing {
			if _, err := t.exec("INSERT INTO index_queue (message_id) VALUES (?)", id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.indexWaiting(ctx, progress)
}

// checkIndexFile tells whether the index is a sound database.
func (s *Store) checkIndexFile(ctx context.Context, report func(string)) (sound bool, err error) {
	// On a connection of its own: FTS5 forgets to look whether what an older one knows still holds.
	db := openPool(s.index.path, 1, []string{"PRAGMA busy_timeout = 10000"})
	lines, err := collect(ctx, db, scanFirst, "PRAGMA integrity_check")
	err = errors.Join(err, db.close())
	if err != nil && ctx.Err() == nil {
		lines = []string{err.Error()}
	} else if err != nil {
		return false, err
	}
	wrong, err := one(ctx, s.index.read, scanValue[int], "SELECT count(*) FROM shards s WHERE count <> (SELECT count(*) FROM docs d WHERE d.user_id = s.user_id AND d.shard = s.id)")
	if err != nil {
		lines = append(lines, err.Error())
	} else if wrong > 0 {
		lines = append(lines, fmt.Sprintf("shards with other numbers of messages than they count: %d", wrong))
	}
	sound = true
	for _, line := range lines {
		if line != "ok" {
			report(fmt.Sprintf("%s: %s", indexFile, line))
			sound = false
		}
	}
	return sound, ctx.Err()
}

// rebuildIndex begins a new index in place of one that is damaged.
func (s *Store) rebuildIndex(ctx context.Context, progress func(done, total int)) error {
	path := s.index.path
	err := s.index.close()
	if s.index = nil; err != nil {
		s.log.Warn("close the damaged search index", "err", err)
	}
	if err := removeIndex(path); err != nil {
		return err
	}
	if s.index, err = s.openIndex(ctx); err != nil {
		return err
	}
	return s.indexWaiting(ctx, progress)
}

// indexWaiting takes into the index all that waits for it.
func (s *Store) indexWaiting(ctx context.Context, progress func(done, total int)) error {
	applied, err := s.applied(ctx)
	if err != nil {
		return err
	}
	total, err := one(ctx, s.data.read, scanValue[int], "SELECT count(*) FROM index_queue WHERE id > ?", applied)
	if err != nil {
		return err
	}
	done := 0
	return s.indexAll(ctx, func(rows int) {
		done += rows
		progress(min(done, total), total)
	})
}

// checkTerms compares the words that the index has of each message with those that the
// message has, and returns the messages where they differ.
func (s *Store) checkTerms(ctx context.Context, progress func(done, total int)) (differ []MessageID, err error) {
	users, err := collect(ctx, s.index.read, scanValue[UserID], "SELECT DISTINCT user_id FROM shards")
	if err != nil {
		return nil, err
	}
	total, err := one(ctx, s.index.read, scanValue[int], "SELECT count(*) FROM docs")
	if err != nil {
		return nil, err
	}
	done := 0
	step := func() {
		progress(min(done, total), total)
		done++
	}
	for _, user := range users {
		before, err := s.applied(ctx)
		if err != nil {
			return nil, err
		}
		found, err := s.checkTermsOf(ctx, user, step)
		if err != nil {
			return nil, err
		}
		if after, err := s.applied(ctx); err != nil {
			return nil, err
		} else if len(found) > 0 && after != before {
			// The index has changed meanwhile; what differs again is wrong.
			again, err := s.checkTermsOf(ctx, user, step)
			if err != nil {
				return nil, err
			}
			found = slices.DeleteFunc(found, func(id MessageID) bool { return !slices.Contains(again, id) })
		}
		differ = append(differ, found...)
	}
	return differ, nil
}

func (s *Store) checkTermsOf(ctx context.Context, user UserID, step func()) (differ []MessageID, err error) {
	seed := maphash.MakeSeed()
	head, err := s.indexed(ctx, headTable(user), seed)
	if err != nil {
		return nil, err
	}
	shards, err := collect(ctx, s.index.read, scanValue[int64], "SELECT id FROM shards WHERE user_id = ?", user)
	if err != nil {
		return nil, err
	}
	for _, shard := range shards {
		sums, err := s.indexed(ctx, shardTable(shard), seed)
		if err != nil {
			return nil, err
		}
		err = s.eachEntry(ctx, user, shard, func(e entry) error {
			step()
			d, err := s.document(ctx, e.id)
			if err != nil && !errors.Is(err, ErrDamaged) {
				return fmt.Errorf("check the index of message %d: %w", e.id, err)
			}
			if err != nil || d.remove || !bytes.Equal(e.links, d.links) || sums[e.doc] != termSum(d.words, seed) || head[e.doc] != termSum(d.head, seed) {
				differ = append(differ, e.id)
			}
			delete(sums, e.doc)
			delete(head, e.doc)
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(sums) > 0 {
			return nil, fmt.Errorf("%w: entries that belong to no message: %d", ErrIndexDamaged, len(sums))
		}
	}
	if len(head) > 0 {
		return nil, fmt.Errorf("%w: entries that belong to no message: %d", ErrIndexDamaged, len(head))
	}
	return s.settled(ctx, differ)
}

// entry is what the index has of a message beside its words.
type entry struct {
	doc   int64
	id    MessageID
	links []byte
}

// checkedAtOnce is how many entries of a shard are read together: the filters of all of them
// would take much memory.
var checkedAtOnce = 1000 // tests make it small

// eachEntry calls f for each entry of a shard.
func (s *Store) eachEntry(ctx context.Context, user UserID, shard int64, f func(entry) error) error {
	from, err := one(ctx, s.index.read, scanValue[int64], "SELECT low FROM shards WHERE id = ?", shard)
	if err != nil {
		return err
	}
	for more := true; more; {
		entries, err := collect(ctx, s.index.read, func(row scanner) (e entry, err error) {
			return e, row.Scan(&e.doc, &e.id, &e.links)
		}, `SELECT d.doc, d.message_id, l.bits FROM docs d LEFT JOIN links l ON l.message_id = d.message_id
			WHERE d.user_id = ? AND d.shard = ? AND d.doc >= ? ORDER BY d.doc LIMIT ?`, user, shard, from, checkedAtOnce)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := f(e); err != nil {
				return err
			}
			from = e.doc + 1
		}
		more = len(entries) == checkedAtOnce
	}
	return nil
}

// settled leaves out the messages that wait to be indexed, for their attachments to be read,
// or, purged, to go: that the index does not have them as they are is as it should be.
func (s *Store) settled(ctx context.Context, ids []MessageID) ([]MessageID, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	waiting, err := collect(ctx, s.data.read, scanValue[MessageID], "SELECT message_id FROM index_queue UNION SELECT message_id FROM attachment_queue UNION SELECT id FROM messages WHERE mailbox = 9")
	if err != nil {
		return nil, err
	}
	wait := make(map[MessageID]bool, len(waiting))
	for _, id := range waiting {
		wait[id] = true
	}
	return slices.DeleteFunc(ids, func(id MessageID) bool { return wait[id] }), nil
}

// indexed returns for each document of an FTS5 table the sum of all terms that it has there.
// The sum of their hashes stands for them: no two sets of words have the same by chance.
func (s *Store) indexed(ctx context.Context, table string, seed maphash.Seed) (map[int64]uint64, error) {
	// The vocabulary is a virtual table, which the reading connections may not make.
	db := openPool(s.index.path, 1, []string{"PRAGMA busy_timeout = 10000", "PRAGMA temp_store = MEMORY",
		"CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, '" + table + "', instance)"})
	defer db.close()
	rows, err := db.QueryContext(ctx, "SELECT doc, term FROM temp.vocabulary")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIndexDamaged, err)
	}
	defer rows.Close()
	sums := map[int64]uint64{}
	for rows.Next() {
		var doc int64
		var term sql.RawBytes
		if err := rows.Scan(&doc, &term); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrIndexDamaged, err)
		}
		sums[doc] += maphash.Bytes(seed, term)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIndexDamaged, err)
	}
	return sums, nil
}

// termSum is what indexed gives for a document that is as it should be.
func termSum(terms string, seed maphash.Seed) (sum uint64) {
	for term := range strings.FieldsSeq(terms) {
		sum += maphash.String(seed, term)
	}
	return sum
}
