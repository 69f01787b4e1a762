package store

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// shardSize is how many documents a shard takes in before the next one begins.
var shardSize = 262144 // tests make it small

// What the tables hold, each in one column of terms. A shard has all of its messages; a head
// table has of all of a user's messages what a list shows of people and subject, and finds
// what words begin with by indexes of their first letters, each behind the mark of a field:
// results that follow the typing come from it. They keep only which documents have a term.
const (
	headOptions  = ", prefix='2 3 4'"
	shardOptions = ""
)

func shardTable(id int64) string { return fmt.Sprintf("fts_%d", id) }

func headTable(user UserID) string { return fmt.Sprintf("head_%d", user) }

// An FTS5 table starts to merge segments when so many of one size have come, and when twice as
// many have come does nothing else first. The more, the less often each word is written again;
// searches look into each segment, until housekeeping makes one of them.
const mergedSegments = 16

func createFTS(t *tx, table, options string) error {
	return t.w.exec(fmt.Sprintf(`CREATE VIRTUAL TABLE IF NOT EXISTS %[1]s USING fts5(terms, content='', contentless_delete=1, tokenize='ascii', detail=none%[2]s);
		INSERT INTO %[1]s (%[1]s, rank) VALUES ('automerge', %[3]d), ('crisismerge', 2*%[3]d)`,
		table, options, mergedSegments))
}

// write puts a document into the index, in place of the one that may be there.
func (d *document) write(t *tx) error {
	var user UserID
	var doc, shard int64
	err := t.row("DELETE FROM docs WHERE message_id = ? RETURNING user_id, doc, shard", []any{d.message}, &user, &doc, &shard)
	if err == nil {
		for _, table := range []string{shardTable(shard), headTable(user)} {
			if _, err := t.exec("DELETE FROM "+table+" WHERE rowid = ?", doc); err != nil {
				return err
			}
		}
		if _, err := t.exec("DELETE FROM links WHERE message_id = ?", d.message); err != nil {
			return err
		}
		err = emptied(t, user, shard)
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if d.remove {
		return nil
	}
	if shard, err = d.place(t); err != nil {
		return err
	}
	if _, err := t.exec("INSERT INTO docs VALUES (?, ?, ?, ?)", d.user, d.doc, d.message, shard); err != nil {
		return err
	}
	if d.links != nil {
		if _, err := t.exec("INSERT INTO links VALUES (?, ?)", d.message, d.links); err != nil {
			return err
		}
	}
	if _, err := t.exec("UPDATE shards SET count = count + 1, late = max(late, ?) WHERE id = ?", d.doc-slotOf(d.received), shard); err != nil {
		return err
	}
	if err := d.insert(t, headTable(d.user), d.head); err != nil {
		return err
	}
	return d.insert(t, shardTable(shard), d.words)
}

// emptied counts a document less. FTS5 keeps the words of rows that were deleted until it
// merges them away: of a table without rows, nothing is kept.
func emptied(t *tx, user UserID, shard int64) error {
	var left, all int
	if err := t.row("UPDATE shards SET count = count - 1 WHERE id = ? RETURNING count", []any{shard}, &left); err != nil || left > 0 {
		return err
	}
	if err := deleteAll(t, shardTable(shard)); err != nil {
		return err
	}
	if err := t.row("SELECT sum(count) FROM shards WHERE user_id = ?", []any{user}, &all); err != nil || all > 0 {
		return err
	}
	return deleteAll(t, headTable(user))
}

func deleteAll(t *tx, table string) error {
	_, err := t.exec(fmt.Sprintf("INSERT INTO %s (%[1]s) VALUES ('delete-all')", table))
	return err
}

// dropIndexes removes the shards of users who are gone.
func (s *Store) dropIndexes(ctx context.Context) error {
	users, err := collect(ctx, s.index.read, scanValue[UserID], "SELECT DISTINCT user_id FROM shards WHERE user_id NOT IN (SELECT id FROM data.users)")
	if err != nil {
		return err
	}
	for _, user := range users {
		// The two files were not read at the same moment: a new user may have got a shard between.
		if known, err := one(ctx, s.data.read, scanValue[bool], "SELECT EXISTS (SELECT 1 FROM users WHERE id = ?)", user); err != nil || known {
			return err
		}
		err := s.index.write.do(ctx, func(t *tx) error {
			shards, err := txRows(t, scanValue[int64], "DELETE FROM shards WHERE user_id = ? RETURNING id", user)
			if err != nil {
				return err
			}
			for _, id := range shards {
				if err := t.w.exec("DROP TABLE " + shardTable(id)); err != nil {
					return err
				}
			}
			if _, err := t.exec("DELETE FROM links WHERE message_id IN (SELECT message_id FROM docs WHERE user_id = ?)", user); err != nil {
				return err
			}
			if _, err := t.exec("DELETE FROM docs WHERE user_id = ?", user); err != nil {
				return err
			}
			return t.w.exec("DROP TABLE " + headTable(user))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *document) insert(t *tx, table, terms string) error {
	_, err := t.exec(fmt.Sprintf("INSERT INTO %s (rowid, terms) VALUES (?, ?)", table), d.doc, terms)
	return err
}

// slotOf is the number that a document of a time, in milliseconds, has or would have were it
// alone: its second. FTS5 keeps how far the documents of a word lie apart, which takes the
// fewer octets the closer their numbers are; mail says no more of its time than the second.
func slotOf(millis int64) int64 { return millis / 1000 }

// number gives the document the number of its time of receipt, or, as many messages may
// be of one second, a free one soon after: the more are taken, the further it looks.
func (d *document) number(t *tx) error {
	slot := slotOf(d.received)
	d.doc = slot
	for try := uint64(0); ; try++ {
		var taken int
		if err := t.row("SELECT count(*) FROM docs WHERE user_id = ? AND doc = ?", []any{d.user, d.doc}, &taken); err != nil || taken == 0 {
			return err
		}
		window := uint64(4) << min(try/2, 32)
		d.doc = slot + int64((uint64(d.message)+try)*0x9e3779b97f4a7c15>>16%window)
	}
}

// shardEnds gives the first and the last document of a user's shard. Asked for both in one,
// SQLite would read all between.
const shardEnds = `SELECT (SELECT min(doc) FROM docs WHERE user_id = ?1 AND doc >= ?2 AND doc < ?3),
	(SELECT max(doc) FROM docs WHERE user_id = ?1 AND doc >= ?2 AND doc < ?3)`

// place finds a free number for the document and the shard it belongs to.
func (d *document) place(t *tx) (shard int64, err error) {
	if err := d.number(t); err != nil {
		return 0, err
	}
	var count int
	var low, high int64
	err = t.row("SELECT id, low, high, count FROM shards WHERE user_id = ? AND low <= ? AND high > ?", []any{d.user, d.doc, d.doc}, &shard, &low, &high, &count)
	if errors.Is(err, ErrNotFound) {
		if err := createFTS(t, headTable(d.user), headOptions); err != nil {
			return 0, err
		}
		return newShard(t, d.user, math.MinInt64, math.MaxInt64)
	}
	if err != nil || count < shardSize {
		return shard, err
	}
	// A full shard is left as it is where the document lies beyond its ends, as new
	// mail does, and the old mail of a first sync that goes from new to old.
	var first, last int64
	if err := t.row(shardEnds, []any{d.user, low, high}, &first, &last); err != nil {
		return 0, err
	}
	switch {
	case d.doc > last:
		// From right behind its last one on: what comes next may be a little older than this.
		if _, err := t.exec("UPDATE shards SET high = ? WHERE id = ?", last+1, shard); err != nil {
			return 0, err
		}
		return newShard(t, d.user, last+1, high)
	case d.doc < first:
		if _, err := t.exec("UPDATE shards SET low = ? WHERE id = ?", first, shard); err != nil {
			return 0, err
		}
		return newShard(t, d.user, low, first)
	}
	return shard, nil
}

func newShard(t *tx, user UserID, low, high int64) (int64, error) {
	id, err := t.insert("INSERT INTO shards (user_id, low, high, count, late) VALUES (?, ?, ?, 0, 0)", user, low, high)
	if err != nil {
		return 0, err
	}
	return id, createFTS(t, shardTable(id), shardOptions)
}
