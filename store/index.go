package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"postern/internal/message"
	"postern/internal/query"
)

// The index: what search looks up. Texts are cut into terms by internal/query and
// given to FTS5 as words between blanks, so that Chinese is found by its bigrams
// and no user's text is ever read as query syntax. FTS5 gives hits by descending
// row number, so the document number of a message is its time of receipt (unix
// milliseconds, or the next free number): the newest hits come first, without a
// sort. The documents of a user are spread over shards by that number, which
// bounds what one merge or one wide prefix costs.

// shardSize is how many documents a shard takes in before the next one begins.
const shardSize = 65536

// indexStep is how many messages go into the index in one transaction.
const indexStep = 200

// trimEvery is how many queue rows may be taken in before the queue is trimmed.
const trimEvery = 5000

const indexSchema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE shards (
	id      INTEGER PRIMARY KEY,
	user_id INTEGER NOT NULL,
	low     INTEGER NOT NULL,  -- documents with low <= doc < high
	high    INTEGER NOT NULL,
	count   INTEGER NOT NULL
) STRICT;
CREATE TABLE docs (
	user_id    INTEGER NOT NULL,
	doc        INTEGER NOT NULL,
	message_id INTEGER NOT NULL UNIQUE,
	shard      INTEGER NOT NULL,
	PRIMARY KEY (user_id, doc)
) WITHOUT ROWID, STRICT;
PRAGMA user_version = 1;
`

// openIndex opens index.db, or makes it anew if it is missing, unreadable, of
// another version or of another postern.db.
func (s *Store) openIndex(ctx context.Context) (*file, error) {
	path := filepath.Join(s.dir, indexFile)
	_, err := os.Stat(path)
	isNew := errors.Is(err, os.ErrNotExist)
	open := func() (*file, error) {
		return openFile(path, "NORMAL", s.now, "ATTACH '"+strings.ReplaceAll(fileURL(s.data.path), "'", "''")+"' AS data")
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
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if e := os.Remove(path + suffix); e != nil && !errors.Is(e, os.ErrNotExist) {
				return nil, fmt.Errorf("remove the old search index: %w", e)
			}
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
	if version != 1 {
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
	err := f.write.do(ctx, func(t *tx) error { return t.w.exec(indexSchema) })
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

// IndexAll takes into the index all that waits for it.
func (s *Store) IndexAll(ctx context.Context) error {
	untrimmed := 0
	for {
		n, err := s.indexSome(ctx)
		if err != nil {
			return err
		}
		untrimmed += n
		if untrimmed >= trimEvery || n == 0 && untrimmed > 0 {
			if err := s.trimQueue(ctx); err != nil {
				return err
			}
			untrimmed = 0
		}
		if n == 0 {
			return nil
		}
	}
}

// document is one message on its way into the index.
type document struct {
	message MessageID
	user    UserID
	doc     int64 // where it wants to stand
	columns [5]string
	remove  bool // the message is gone
}

// ftsColumns are the columns of each shard, in the order of document.columns.
const ftsColumns = "subject, sender, recipient, body, file"

// indexSome takes in a few rows of the queue and tells how many.
func (s *Store) indexSome(ctx context.Context) (int, error) {
	applied, err := one(ctx, s.index.read, scanValue[int64], "SELECT value FROM meta WHERE key = 'applied'")
	if err != nil {
		return 0, fmt.Errorf("index: %w", err)
	}
	type queued struct {
		id      int64
		message MessageID
	}
	queue, err := collect(ctx, s.data.read, func(row scanner) (q queued, err error) {
		return q, row.Scan(&q.id, &q.message)
	}, "SELECT id, message_id FROM index_queue WHERE id > ? ORDER BY id LIMIT ?", applied, indexStep)
	if err != nil || len(queue) == 0 {
		return 0, err
	}
	docs := make([]document, 0, len(queue))
	seen := map[MessageID]bool{}
	for _, q := range queue {
		if seen[q.message] {
			continue
		}
		seen[q.message] = true
		d, err := s.document(ctx, q.message)
		if err != nil {
			return 0, fmt.Errorf("index message %d: %w", q.message, err)
		}
		docs = append(docs, d)
	}
	slices.SortFunc(docs, func(a, b document) int { return cmp.Compare(a.doc, b.doc) }) // ascending inserts are the cheap ones
	err = s.index.write.do(ctx, func(t *tx) error {
		for _, d := range docs {
			if err := d.write(t); err != nil {
				return fmt.Errorf("index message %d: %w", d.message, err)
			}
		}
		_, err := t.exec("UPDATE meta SET value = ? WHERE key = 'applied'", queue[len(queue)-1].id)
		return err
	})
	return len(queue), err
}

// document reads what is searched of a message and cuts it into terms.
func (s *Store) document(ctx context.Context, id MessageID) (document, error) {
	d := document{message: id}
	var subject, envelope, structure string
	var text []byte
	_, err := one(ctx, s.data.read, func(row scanner) (struct{}, error) {
		return struct{}{}, row.Scan(&d.user, &d.doc, &subject, &envelope, &structure, &text)
	}, `SELECT m.user_id, m.received, m.subject, r.envelope, r.structure, r.text
		FROM messages m JOIN readings r ON r.message_id = m.id WHERE m.id = ? AND m.mailbox <> ?`, id, Purged)
	if errors.Is(err, ErrNotFound) {
		d.remove = true
		return d, nil
	}
	if err != nil {
		return d, err
	}
	fields, err := searchFields(subject, envelope, structure, text)
	if err != nil {
		return d, err
	}
	for i, f := range []query.Field{query.Subject, query.From, query.Recipient, query.Body, query.Filename} {
		d.columns[i] = string(query.AppendTerms(nil, fields[f]))
	}
	return d, nil
}

// searchFields are the texts that a search looks into, by field.
func searchFields(subject, envelope, structure string, text []byte) (map[query.Field]string, error) {
	var e message.Envelope
	var root *message.Part
	if err := json.Unmarshal([]byte(envelope), &e); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(structure), &root); err != nil {
		return nil, err
	}
	body, err := zstdDecoder.DecodeAll(text, nil)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, p := range root.Attachments() {
		files = append(files, p.Filename)
	}
	return map[query.Field]string{
		query.Subject:   subject,
		query.From:      addressText(e.From, e.Sender, e.ReplyTo),
		query.Recipient: addressText(e.To, e.Cc, e.Bcc),
		query.Body:      string(body),
		query.Filename:  strings.Join(files, "\n"),
	}, nil
}

func addressText(lists ...[]message.Address) string {
	var b strings.Builder
	for _, list := range lists {
		for _, a := range list {
			fmt.Fprintf(&b, "%s\n%s\n", a.Name, a.Address)
		}
	}
	return b.String()
}

// write puts a document into its shard, in place of the one that may be there.
func (d *document) write(t *tx) error {
	var user, doc, shard int64
	err := t.row("DELETE FROM docs WHERE message_id = ? RETURNING user_id, doc, shard", []any{d.message}, &user, &doc, &shard)
	if err == nil {
		if _, err := t.exec(fmt.Sprintf("DELETE FROM fts_%d WHERE rowid = ?", shard), doc); err != nil {
			return err
		}
		_, err = t.exec("UPDATE shards SET count = count - 1 WHERE id = ?", shard)
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
	if _, err := t.exec("UPDATE shards SET count = count + 1 WHERE id = ?", shard); err != nil {
		return err
	}
	_, err = t.exec(fmt.Sprintf("INSERT INTO fts_%d (rowid, %s) VALUES (?, ?, ?, ?, ?, ?)", shard, ftsColumns),
		d.doc, d.columns[0], d.columns[1], d.columns[2], d.columns[3], d.columns[4])
	return err
}

// place finds a free number for the document and the shard it belongs to.
func (d *document) place(t *tx) (shard int64, err error) {
	for taken := 1; ; d.doc++ {
		if err := t.row("SELECT count(*) FROM docs WHERE user_id = ? AND doc = ?", []any{d.user, d.doc}, &taken); err != nil {
			return 0, err
		}
		if taken == 0 {
			break
		}
	}
	var count int
	var low, high int64
	err = t.row("SELECT id, low, high, count FROM shards WHERE user_id = ? AND low <= ? AND high > ?", []any{d.user, d.doc, d.doc}, &shard, &low, &high, &count)
	if errors.Is(err, ErrNotFound) {
		return newShard(t, d.user, math.MinInt64, math.MaxInt64)
	}
	if err != nil || count < shardSize {
		return shard, err
	}
	// A full shard is left as it is where the document lies beyond its ends, as new
	// mail does, and the old mail of a first sync that goes from new to old.
	var first, last int64
	if err := t.row("SELECT min(doc), max(doc) FROM docs WHERE user_id = ? AND doc >= ? AND doc < ?", []any{d.user, low, high}, &first, &last); err != nil {
		return 0, err
	}
	switch {
	case d.doc > last:
		if _, err := t.exec("UPDATE shards SET high = ? WHERE id = ?", d.doc, shard); err != nil {
			return 0, err
		}
		return newShard(t, d.user, d.doc, high)
	case d.doc < first:
		if _, err := t.exec("UPDATE shards SET low = ? WHERE id = ?", first, shard); err != nil {
			return 0, err
		}
		return newShard(t, d.user, low, first)
	}
	return shard, nil
}

func newShard(t *tx, user UserID, low, high int64) (int64, error) {
	id, err := t.insert("INSERT INTO shards (user_id, low, high, count) VALUES (?, ?, ?, 0)", user, low, high)
	if err != nil {
		return 0, err
	}
	return id, t.w.exec(fmt.Sprintf("CREATE VIRTUAL TABLE fts_%d USING fts5(%s, content='', contentless_delete=1, tokenize='ascii', detail=column)", id, ftsColumns))
}

// trimQueue removes from the queue what the index has taken in for good: only after
// a checkpoint is index.db itself on disk, whatever happens to its log.
func (s *Store) trimQueue(ctx context.Context) error {
	applied, err := one(ctx, s.index.read, scanValue[int64], "SELECT value FROM meta WHERE key = 'applied'")
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
		if err := setTrimmed(t, applied); err != nil {
			return err
		}
		_, err := t.exec("DELETE FROM index_queue WHERE id <= ?", applied)
		return err
	})
}
