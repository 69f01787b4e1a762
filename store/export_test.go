package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Exec runs statements on postern.db behind the store's back.
func (s *Store) Exec(script string) error {
	return s.write(context.Background(), func(t *tx) error { return t.w.exec(script) })
}

// SetShardSize makes shards of n documents until the returned function is called.
func SetShardSize(n int) (restore func()) {
	before := shardSize
	shardSize = n
	return func() { shardSize = before }
}

// OneReader gives files opened from now on a single reading connection, until the returned function is called: what
// wants a second one while it holds the first waits for ever.
func OneReader() (restore func()) {
	before := readers
	readers = 1
	return func() { readers = before }
}

// SetSearchTime gives searches so much time, and those that have not got anywhere in it so much, until the returned
// function is called.
func SetSearchTime(d, longer time.Duration) (restore func()) {
	before, patient := searchTime, patience
	searchTime, patience = d, longer
	return func() { searchTime, patience = before, patient }
}

// SetLeadTime gives FTS5 so much time before a search finds out whether its filters leave few messages, until the
// returned function is called.
func SetLeadTime(d time.Duration) (restore func()) {
	before := leadTime
	leadTime = d
	return func() { leadTime = before }
}

// SetCheckedAtOnce has the check of the index read so many entries at a time, until the returned function is called.
func SetCheckedAtOnce(n int) (restore func()) {
	before := checkedAtOnce
	checkedAtOnce = n
	return func() { checkedAtOnce = before }
}

// SetFew has the texts of so many messages compared in any case, and of more where so many of the newest have what a
// search names, until the returned function is called.
func SetFew(texts, newest, common int) (restore func()) {
	a, b, c := fewTexts, sampled, veryCommon
	fewTexts, sampled, veryCommon = texts, newest, common
	return func() { fewTexts, sampled, veryCommon = a, b, c }
}

// SetCount has pages of searches counted so far and for so long, until the returned function is called.
func SetCount(some int, d time.Duration) (restore func()) {
	a, b := countSome, countTime
	countSome, countTime = some, d
	return func() { countSome, countTime = a, b }
}

// InChange runs statements in a change and then f, before anything is committed.
func (s *Store) InChange(script string, f func() error) error {
	return s.write(context.Background(), func(t *tx) error {
		if err := t.w.exec(script); err != nil {
			return err
		}
		return f()
	})
}

// RemovalStep is one transaction of a removal.
func (s *Store) RemovalStep() (done bool, err error) { return s.removalStep(context.Background()) }

// SetRemovalPatience has removals wait so long for their rows to go, until the returned function is called.
func SetRemovalPatience(d time.Duration) (restore func()) {
	before := removalPatience
	removalPatience = d
	return func() { removalPatience = before }
}

// Count runs a query that counts, over both files: those of postern.db are data.NAME.
func (s *Store) Count(query string) (int, error) {
	return one(context.Background(), s.index.read, scanValue[int], query)
}

// Names runs a query of one column of text, as Count does.
func (s *Store) Names(query string) ([]string, error) {
	return collect(context.Background(), s.index.read, scanValue[string], query)
}

// ExecIndex runs statements on index.db behind the store's back.
func (s *Store) ExecIndex(script string) error {
	return s.index.write.do(context.Background(), func(t *tx) error { return t.w.exec(script) })
}

// MakeReadOnly has SQLite refuse to write, as it does on a file system that the system has made read-only after an error.
func (s *Store) MakeReadOnly(on bool) error {
	for _, f := range []*file{s.data, s.index} {
		if err := f.write.exec(fmt.Sprintf("PRAGMA query_only = %t", on)); err != nil {
			return err
		}
	}
	return nil
}

// LimitDisk makes the disk full once a file has so many pages more than now; -1: there is room again.
func (s *Store) LimitDisk(more int) error {
	for _, f := range []*file{s.data, s.index} {
		err := f.write.do(context.Background(), func(t *tx) error {
			limit := 1 << 30
			if more >= 0 {
				if err := t.row("SELECT page_count FROM pragma_page_count", nil, &limit); err != nil {
					return err
				}
				limit += more
			}
			return t.w.exec(fmt.Sprintf("PRAGMA max_page_count = %d", limit))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Migrate brings the file at path to the newest version of scripts.
func Migrate(path string, scripts fs.FS) error {
	f, err := openFile(path, "FULL", time.Now)
	if err != nil {
		return err
	}
	return errors.Join(migrate(context.Background(), f, scripts), f.close())
}

// NewestVersion is the version that this program's migrations lead to.
func NewestVersion() int { return newestVersion() }

// Recode writes all raw octets with another codec, and then flips a bit of the given chunk of each message; -1: of none.
func (s *Store) Recode(codec, damaged int) error {
	return s.write(context.Background(), func(t *tx) error {
		type row struct {
			octets int64
			n      int
			chunk
		}
		rows, err := txRows(t, func(r scanner) (v row, err error) {
			return v, r.Scan(&v.octets, &v.n, &v.codec, &v.data)
		}, "SELECT octets_id, n, codec, data FROM chunks")
		if err != nil {
			return err
		}
		for _, r := range rows {
			octets, err := r.unpack(nil)
			if err != nil {
				return err
			}
			switch codec {
			case codecPlain:
				r.chunk = chunk{codecPlain, octets}
			case codecZstd:
				e, err := zstd.NewWriter(nil)
				if err != nil {
					return err
				}
				r.chunk = chunk{codecZstd, e.EncodeAll(octets, nil)}
			}
			if r.n == damaged {
				r.data[len(r.data)/2] ^= 4
			}
			if _, err := t.exec("UPDATE chunks SET codec = ?, data = ? WHERE octets_id = ? AND n = ?", r.codec, r.data, r.octets, r.n); err != nil {
				return err
			}
		}
		return nil
	})
}
