package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The index: what search looks up. Texts are cut into terms by internal/query and
// given to FTS5 as words between blanks, so that Chinese is found by its bigrams
// and no user's text is ever read as query syntax. FTS5 gives hits by descending
// row number, so the document number of a message is its time of receipt (unix
// seconds, or a free number soon after): the newest hits come first, without a
// sort. The documents of a user are spread over shards by that number, which
// bounds what one merge or one wide prefix costs.

// indexStep is how many messages go into the index in one transaction, at most: the more
// there are, the less FTS5 has to merge later.
const indexStep = 500

// indexOctets is how many octets of terms end a transaction earlier: those of long
// attachments would fill the memory.
const indexOctets = 8 << 20

// trimEvery is how many queue rows may be taken in before the queue is trimmed.
const trimEvery = 5000

// indexVersion counts the schemas of index.db and the ways to cut text into terms. An
// index of another version is built again.
const indexVersion = 5

const indexSchema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE shards (
	id      INTEGER PRIMARY KEY,
	user_id INTEGER NOT NULL,
	low     INTEGER NOT NULL,  -- documents with low <= doc < high
	high    INTEGER NOT NULL,
	count   INTEGER NOT NULL,
	late    INTEGER NOT NULL   -- how far a document's number lies behind the second of its receipt, at most
) STRICT;
CREATE TABLE docs (
	user_id    INTEGER NOT NULL,
	doc        INTEGER NOT NULL,
	message_id INTEGER NOT NULL UNIQUE,
	shard      INTEGER NOT NULL,
	PRIMARY KEY (user_id, doc)
) WITHOUT ROWID, STRICT;
` + linksSchema

// openIndex opens index.db, or makes it anew if it is missing, unreadable, of
// another version or of another postern.db.
func (s *Store) openIndex(ctx context.Context) (*file, error) {
	path := filepath.Join(s.dir, indexFile)
	_, err := os.Stat(path)
	isNew := errors.Is(err, os.ErrNotExist)
	open := func() (*file, error) {
		return openFile(path, "NORMAL", s.now, "ATTACH '"+strings.ReplaceAll(fileURL(s.data.path), "'", "''")+"' AS data", cacheSize("data.", readerPages))
	}
	f, err := open()
	if err == nil {
		err = s.checkIndex(ctx, f)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, errStale) && !isNotADatabase(err) {
			return nil, errors.Join(fmt.Errorf("open the search index: %w", err), f.close())
		}
		if !isNew {
			s.log.Warn("the search index cannot be used and is built again", "err", err)
		}
		err = f.close()
	}
	if err == nil || isNotADatabase(err) {
		if err := removeIndex(path); err != nil {
			return nil, err
		}
		if f, err = open(); err == nil {
			err = s.resetIndex(ctx, f)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open the search index: %w", err)
	}
	return f, nil
}

func removeIndex(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove the old search index: %w", err)
		}
	}
	return nil
}

// errStale says that an index has to be built again.
var errStale = errors.New("it is of another version or another postern.db, or has lost what it had taken in")

func isNotADatabase(err error) bool {
	return strings.Contains(err.Error(), "not a database") || strings.Contains(err.Error(), "malformed")
}

// checkIndex tells whether index.db can go on from where it stands: it is of this
// postern.db, and has everything that was trimmed from the queue.
func (s *Store) checkIndex(ctx context.Context, f *file) error {
	version, err := one(ctx, f.read, scanValue[int], "PRAGMA user_version")
	if err != nil {
		return err
	}
	if version != indexVersion {
		return errStale
	}
	var ok bool
	ok, err = one(ctx, f.read, scanValue[bool], `SELECT m.value = d.value AND a.value >= coalesce(t.value, 0)
		FROM meta m, data.meta d, meta a LEFT JOIN data.meta t ON t.key = 'trimmed'
		WHERE m.key = 'epoch' AND d.key = 'epoch' AND a.key = 'applied'`)
	if err != nil {
		return err
	}
	if !ok {
		return errStale
	}
	return nil
}

// resetIndex makes an empty index and puts every message into the queue.
func (s *Store) resetIndex(ctx context.Context, f *file) error {
	err := f.write.do(ctx, func(t *tx) error {
		return t.w.exec(indexSchema + fmt.Sprintf("PRAGMA user_version = %d", indexVersion))
	})
	if err != nil {
		return err
	}
	var epoch string
	var before int64 // the last queue row that this index need not take in
	err = s.write(ctx, func(t *tx) error {
		if err := t.row("SELECT value FROM meta WHERE key = 'epoch'", nil, &epoch); err != nil {
			return err
		}
		if err := t.row("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'index_queue'", nil, &before); err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM index_queue"); err != nil {
			return err
		}
		if _, err := t.exec("INSERT INTO index_queue (message_id) SELECT id FROM messages ORDER BY received"); err != nil {
			return err
		}
		return setTrimmed(t, before)
	})
	if err != nil {
		return err
	}
	// The epoch comes last: with it the index says that the queue has the rest.
	return f.write.do(ctx, func(t *tx) error {
		_, err := t.exec("INSERT INTO meta VALUES ('applied', ?), ('epoch', ?)", before, epoch)
		return err
	})
}

// forsakeIndex has the index built again when it is next opened: no index has taken in so much.
func (s *Store) forsakeIndex(ctx context.Context) error {
	return s.write(ctx, func(t *tx) error { return setTrimmed(t, math.MaxInt64) })
}

// ErrIndexDamaged says that the search index cannot be read, or has what no message accounts for.
var ErrIndexDamaged = errors.New("the search index is damaged")

// damaged is err, or, where that is about what index.db has in it, an ErrIndexDamaged that says what becomes of it: it
// is built again when it is next opened.
func (s *Store) damaged(ctx context.Context, err error) error {
	if !isDamage(err) {
		return err
	}
	err = fmt.Errorf("%w: %w; it is built again at the next start, or by postern check --fix", ErrIndexDamaged, err)
	return errors.Join(err, s.forsakeIndex(context.WithoutCancel(ctx)))
}

// isDamage tells whether an error of indexing or searching is about what index.db has in it: it is no sound
// database, or has rows that must not be there.
func isDamage(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CONSTRAINT:
		return true
	}
	return false
}

func setTrimmed(t *tx, id int64) error {
	_, err := t.exec("INSERT INTO meta VALUES ('trimmed', ?) ON CONFLICT DO UPDATE SET value = excluded.value", id)
	return err
}

func (s *Store) wakeIndexer() {
	select {
	case s.dirty <- struct{}{}:
	default:
	}
}

// RunIndexer takes new messages into the index until ctx ends. One process at a
// time may run it for a data directory.
func (s *Store) RunIndexer(ctx context.Context) error {
	// Other processes add mail too; they cannot wake this one.
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		err := s.IndexAll(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			s.log.Error("index new mail", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.dirty:
		case <-tick.C:
		}
	}
}

// IndexAll takes into the index all that waits for it. While one batch is written, the
// next one is read.
func (s *Store) IndexAll(ctx context.Context) error {
	return s.indexAll(ctx, func(int) {})
}

// indexAll does that, and tells after each batch how many rows of the queue it took in.
func (s *Store) indexAll(ctx context.Context, took func(rows int)) error {
	applied, err := s.applied(ctx)
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	batches := s.readBatches(ctx, applied)
	defer func() {
		cancel()
		for range batches { // until its reader has ended
		}
	}()
	untrimmed := 0
	for b := range batches {
		if b.err == nil {
			b.err = s.damaged(ctx, s.writeBatch(ctx, b))
		}
		if b.err != nil {
			return fmt.Errorf("index: %w", b.err)
		}
		took(b.rows)
		if untrimmed += b.rows; untrimmed >= trimEvery {
			if err := s.trimQueue(ctx); err != nil {
				return err
			}
			untrimmed = 0
		}
	}
	if err := context.Cause(ctx); err != nil || untrimmed == 0 {
		return err
	}
	return s.trimQueue(ctx)
}

// applied is the last row of the queue that the index has taken in.
func (s *Store) applied(ctx context.Context) (int64, error) {
	return one(ctx, s.index.read, scanValue[int64], "SELECT value FROM meta WHERE key = 'applied'")
}

// batch is what goes into the index in one transaction.
type batch struct {
	docs []document
	rows int   // how many rows of the queue it stands for
	last int64 // the last of these
	err  error // why there is no batch
}

// readBatches reads what waits after a row of the queue. The channel is closed when nothing
// waits any more, after an error, and when ctx ends.
func (s *Store) readBatches(ctx context.Context, after int64) <-chan batch {
	batches := make(chan batch)
	go func() {
		defer close(batches)
		for {
			b := s.readBatch(ctx, after)
			if b.err == nil && b.rows == 0 {
				return
			}
			select {
			case batches <- b:
			case <-ctx.Done():
				return
			}
			if b.err != nil {
				return
			}
			after = b.last
		}
	}()
	return batches
}

func (s *Store) readBatch(ctx context.Context, after int64) (b batch) {
	type queued struct {
		id      int64
		message MessageID
	}
	queue, err := collect(ctx, s.data.read, func(row scanner) (q queued, err error) {
		return q, row.Scan(&q.id, &q.message)
	}, "SELECT id, message_id FROM index_queue WHERE id > ? ORDER BY id LIMIT ?", after, indexStep)
	if err != nil {
		return batch{err: err}
	}
	seen := map[MessageID]bool{}
	octets := 0
	for _, q := range queue {
		if octets > indexOctets {
			break
		}
		b.rows, b.last = b.rows+1, q.id
		if seen[q.message] {
			continue
		}
		seen[q.message] = true
		d, err := s.document(ctx, q.message)
		if errors.Is(err, ErrDamaged) {
			d, err = s.documentAgain(ctx, d, err)
		}
		if err != nil {
			return batch{err: fmt.Errorf("message %d: %w", q.message, err)}
		}
		runtime.Gosched() // who waits for a page goes first
		b.docs = append(b.docs, d)
		octets += len(d.words) + len(d.head)
	}
	slices.SortFunc(b.docs, func(a, b document) int { return cmp.Compare(a.received, b.received) }) // ascending inserts are the cheap ones
	return b
}

func (s *Store) writeBatch(ctx context.Context, b batch) error {
	return s.index.write.do(ctx, func(t *tx) error {
		for _, d := range b.docs {
			if err := d.write(t); err != nil {
				return fmt.Errorf("message %d: %w", d.message, err)
			}
			runtime.Gosched() // as above
		}
		_, err := t.exec("UPDATE meta SET value = ? WHERE key = 'applied'", b.last)
		return err
	})
}

// trimQueue removes from the queue what the index has taken in for good: only after
// a checkpoint is index.db itself on disk, whatever happens to its log.
func (s *Store) trimQueue(ctx context.Context) error {
	applied, err := s.applied(ctx)
	if err != nil {
		return fmt.Errorf("trim the index queue: %w", err)
	}
	complete, err := one(ctx, s.index.read, func(row scanner) (bool, error) {
		var busy, log, moved int
		err := row.Scan(&busy, &log, &moved)
		return busy == 0 && log == moved, err
	}, "PRAGMA main.wal_checkpoint(PASSIVE)")
	if err != nil {
		return fmt.Errorf("trim the index queue: %w", err)
	}
	if !complete {
		return nil // a reader is in the way; the next time does it
	}
	return s.write(ctx, func(t *tx) error {
		var forsaken bool
		if err := t.row("SELECT EXISTS (SELECT 1 FROM meta WHERE key = 'trimmed' AND value = ?)", []any{math.MaxInt64}, &forsaken); err != nil || forsaken {
			return err
		}
		if err := setTrimmed(t, applied); err != nil {
			return err
		}
		_, err := t.exec("DELETE FROM index_queue WHERE id <= ?", applied)
		return err
	})
}
