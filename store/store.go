// Package store is what Postern remembers: users and their browsers, accounts,
// messages with every octet, the deletion ledger, and the search index.
//
// Two SQLite files hold it. postern.db is precious and written with
// synchronous=FULL: when a method that stores mail returns, the mail is on disk.
// index.db is the search index, derived from postern.db and rebuilt whenever it is
// missing or behind. They are two because an index merge must never hold up a
// commit of mail.
//
// Every method names the user it acts for and sees only what is theirs; the
// methods of the worker that look over all users ([Store.DueAccounts],
// [Store.Housekeep]) return the user with each row. Transactions are short and no
// network is ever inside one.
package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"postern/internal/seal"
)

// Names of the files in the data directory.
const (
	dataFile  = "postern.db"
	indexFile = "index.db"
)

// Options for [Open]. The zero value has no key: passwords can then be neither
// sealed nor opened.
type Options struct {
	Key           *seal.Key        // the master key, from the key file
	ForgetSecrets bool             // when Key does not open what was sealed: forget that, instead of ErrWrongKey
	Log           *slog.Logger     // nil: discarded
	Now           func() time.Time // nil: time.Now
}

// Store is an open data directory. Its methods may be called from any goroutine.
type Store struct {
	dir      string
	key      *seal.Key // the data key; nil: none
	log      *slog.Logger
	now      func() time.Time
	data     *file
	index    *file
	dirty    chan struct{} // the index queue has grown
	removals chan struct{} // something was removed that has rows left
	done     sync.Once
}

// Open opens the data directory dir, brings its schema up to date and makes the
// files that are missing. The directory must exist. Several processes may have it
// open at once. The error matches seal.ErrWrongKey, and nothing was changed, when
// there are secrets that another key sealed.
func Open(ctx context.Context, dir string, opt Options) (*Store, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	s := &Store{dir: dir, log: opt.Log, now: opt.Now, dirty: make(chan struct{}, 1), removals: make(chan struct{}, 1)}
	var err error
	dataPath := filepath.Join(dir, dataFile)
	if s.data, err = openFile(dataPath, "FULL", s.now); err != nil {
		return nil, err
	}
	if err := s.begin(ctx, opt); err != nil {
		return nil, errors.Join(err, s.data.close())
	}
	if s.index, err = s.openIndex(ctx); err != nil {
		return nil, errors.Join(err, s.data.close())
	}
	return s, nil
}

// Close ends all use of the files.
func (s *Store) Close() error {
	err := errClosed
	s.done.Do(func() {
		if err = s.data.close(); s.index != nil { // nil: Check could not build it again
			err = errors.Join(s.index.close(), err)
		}
	})
	return err
}

// Now is the store's clock, by which its times are taken.
func (s *Store) Now() time.Time { return s.now() }

// Dir is the data directory.
func (s *Store) Dir() string { return s.dir }

// begin tries the key, and only then changes anything: schema, data key, and the epoch
// of a new store, the mark by which index.db knows that it belongs to this postern.db.
func (s *Store) begin(ctx context.Context, opt Options) error {
	before, err := schemaVersion(ctx, s.data)
	if err != nil {
		return err
	}
	var wrongKey error
	if opt.Key != nil {
		if s.key, wrongKey = unlock(ctx, s.data.read, opt.Key); wrongKey != nil && !opt.ForgetSecrets {
			return wrongKey
		}
	}
	if err := s.keepVersion(ctx, before); err != nil {
		return fmt.Errorf("copy the database before its schema is brought up to date: %w", err)
	}
	if err := migrate(ctx, s.data, migrations); err != nil {
		return err
	}
	if wrongKey != nil {
		s.log.Warn("secrets that this key does not open are forgotten", "reason", wrongKey)
		if err := s.forgetSecrets(ctx); err != nil {
			return err
		}
	}
	if opt.Key != nil && s.key == nil {
		if err := s.keepKey(ctx, opt.Key); err != nil {
			return err
		}
	}
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec("INSERT INTO meta VALUES ('epoch', ?) ON CONFLICT DO NOTHING", rand.Text())
		return err
	})
}

// write runs one change of postern.db and returns when it is on disk.
func (s *Store) write(ctx context.Context, change func(*tx) error) error {
	return s.data.write.do(ctx, change)
}

// writeRepeatable does the same with a change that may run more than once: see
// writer.doRepeatable.
func (s *Store) writeRepeatable(ctx context.Context, change func(*tx) error) error {
	return s.data.write.doRepeatable(ctx, change)
}

// Writable reports why nothing can be written now, or nil: a full disk, a
// read-only directory.
func (s *Store) Writable(ctx context.Context) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec("INSERT INTO meta VALUES ('alive', ?) ON CONFLICT DO UPDATE SET value = excluded.value", t.now)
		return err
	})
}

// DiskTrouble is why the disk took nothing when something was last to be written, or nil.
// Unlike Writable it does not try.
func (s *Store) DiskTrouble() error {
	if err := s.data.write.disk.Load(); err != nil {
		return *err
	}
	return nil
}

// Size returns how many octets the files take on disk.
func (s *Store) Size() (int64, error) {
	var total int64
	for _, name := range []string{dataFile, dataFile + "-wal", indexFile, indexFile + "-wal"} {
		info, err := os.Stat(filepath.Join(s.dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("size of the store: %w", err)
		}
		total += info.Size()
	}
	return total, nil
}
