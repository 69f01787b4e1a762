package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// chunkSize is how many octets of a raw message stand in one row, before
// compression: database/sql moves whole values, so a row bounds what a read or a
// write holds in memory.
const chunkSize = 256 << 10

// stageSize is how much of a large message goes into one transaction.
const stageSize = 8 << 20

// packed is a message's octets on their way into the store: in memory while they
// are small, else staged in rows already.
type packed struct {
	sha256 [32]byte
	size   int64
	chunks []chunk
	staged int64 // id of the staged octets row, 0: none
}

// packOctets reads size octets and compresses them, outside any transaction.
func (s *Store) packOctets(ctx context.Context, user UserID, raw io.ReaderAt, size int64) (p packed, err error) {
	hash := sha256.New()
	r := io.TeeReader(io.NewSectionReader(raw, 0, size), hash)
	buf := make([]byte, min(size, chunkSize))
	first, held := 0, 0
	for read := int64(0); read < size; {
		n, err := io.ReadFull(r, buf[:min(chunkSize, size-read)])
		if err != nil {
			return p, fmt.Errorf("read message to store: %w", err)
		}
		read += int64(n)
		p.chunks = append(p.chunks, pack(buf[:n]))
		if held += n; held >= stageSize {
			if err := s.stage(ctx, user, &p, first); err != nil {
				return p, err
			}
			first, held, p.chunks = first+len(p.chunks), 0, nil
		}
	}
	if p.staged != 0 {
		if err := s.stage(ctx, user, &p, first); err != nil {
			return p, err
		}
		p.chunks = nil
	}
	p.size = size
	hash.Sum(p.sha256[:0])
	return p, nil
}

// stage writes the chunks held so far, the first of them as number first. Rows
// that a crash leaves behind are incomplete, and Housekeep removes them.
func (s *Store) stage(ctx context.Context, user UserID, p *packed, first int) error {
	return s.write(ctx, func(t *tx) error {
		if p.staged == 0 {
			id, err := t.insert("INSERT INTO octets (user_id, sha256, size, complete, created) VALUES (?, x'', 0, 0, ?)", user, t.now)
			if err != nil {
				return err
			}
			p.staged = id
		}
		return insertChunks(t, p.staged, first, p.chunks)
	})
}

func insertChunks(t *tx, octets int64, first int, chunks []chunk) error {
	for i, c := range chunks {
		if _, err := t.exec("INSERT INTO chunks VALUES (?, ?, ?, ?)", octets, first+i, c.codec, c.data); err != nil {
			return err
		}
	}
	return nil
}

// insertOctets makes the octets part of the store and returns their row. The same
// octets are stored once for each user.
func insertOctets(t *tx, user UserID, p packed) (int64, error) {
	var id int64
	err := t.row("SELECT id FROM octets WHERE user_id = ? AND sha256 = ? AND complete = 1", []any{user, p.sha256[:]}, &id)
	if err == nil {
		if p.staged != 0 {
			_, err = t.exec("DELETE FROM octets WHERE id = ?", p.staged)
		}
		return id, err
	}
	if !errors.Is(err, ErrNotFound) {
		return 0, err
	}
	if p.staged != 0 {
		_, err := t.exec("UPDATE octets SET sha256 = ?, size = ?, complete = 1 WHERE id = ?", p.sha256[:], p.size, p.staged)
		return p.staged, err
	}
	id, err = t.insert("INSERT INTO octets (user_id, sha256, size, complete, created) VALUES (?, ?, ?, 1, ?)", user, p.sha256[:], p.size, t.now)
	if err != nil {
		return 0, err
	}
	return id, insertChunks(t, id, 0, p.chunks)
}

// Octets is a raw message as the server sent it. It reads any range without
// holding the message in memory, and never gives an octet that is not the one that was
// stored: each chunk is checked as it is read.
type Octets struct {
	ctx    context.Context
	read   *pool
	id     int64
	size   int64
	sha256 []byte

	mu     sync.Mutex
	n      int64 // number of the chunk in buf, -1: none
	buf    []byte
	proved bool  // chunks without a checksum may be believed
	err    error // why something could not be read
}

// Octets opens the raw octets of a message, valid as long as ctx. Returns
// ErrNotFound if the message does not exist, is purged, or is another user's.
func (s *Store) Octets(ctx context.Context, user UserID, id MessageID) (*Octets, error) {
	o := &Octets{ctx: ctx, read: s.data.read, n: -1}
	return one(ctx, s.data.read, func(row scanner) (*Octets, error) {
		return o, row.Scan(&o.id, &o.size, &o.sha256)
	}, `SELECT o.id, o.size, o.sha256 FROM messages m JOIN octets o ON o.id = m.octets_id
		WHERE m.id = ? AND m.user_id = ? AND m.mailbox <> ?`, id, user, Purged)
}

// DeletionOctets opens the stored copy of a message that is about to be deleted from
// its server, purged here or not. Returns ErrNotFound if there is none any more.
func (s *Store) DeletionOctets(ctx context.Context, user UserID, id DeletionID) (*Octets, error) {
	o := &Octets{ctx: ctx, read: s.data.read, n: -1}
	return one(ctx, s.data.read, func(row scanner) (*Octets, error) {
		return o, row.Scan(&o.id, &o.size, &o.sha256)
	}, `SELECT o.id, o.size, o.sha256 FROM deletions d JOIN messages m ON m.id = d.message_id JOIN octets o ON o.id = m.octets_id
		WHERE d.id = ? AND m.user_id = ?`, id, user)
}

// Size is the message's length in octets.
func (o *Octets) Size() int64 { return o.size }

// Err returns the first error of reading. What reads parts of a message takes an error for
// the end of what there is: whoever shows it asks here whether that was so. The error
// matches ErrDamaged where the stored octets are to blame.
func (o *Octets) Err() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// ReadAt implements io.ReaderAt.
func (o *Octets) ReadAt(p []byte, off int64) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	done := 0
	for done < len(p) && off < o.size {
		if err := o.load(off / chunkSize); err != nil {
			if o.err == nil {
				o.err = err
			}
			return done, err
		}
		n := copy(p[done:], o.buf[off%chunkSize:])
		done, off = done+n, off+int64(n)
	}
	if done < len(p) {
		return done, io.EOF
	}
	return done, nil
}

func (o *Octets) load(n int64) error {
	if n == o.n {
		return nil
	}
	o.n = -1
	c, err := one(o.ctx, o.read, func(row scanner) (c chunk, err error) {
		return c, row.Scan(&c.codec, &c.data)
	}, "SELECT codec, data FROM chunks WHERE octets_id = ? AND n = ?", o.id, n)
	if err != nil {
		return fmt.Errorf("stored message, chunk %d: %w", n, o.blame(err))
	}
	o.buf, err = c.unpack(o.buf)
	if want := min(chunkSize, o.size-n*chunkSize); err == nil && int64(len(o.buf)) != want {
		err = fmt.Errorf("has %d octets, not %d", len(o.buf), want)
	}
	if err != nil {
		return fmt.Errorf("%w: chunk %d: %w", ErrDamaged, n, err)
	}
	if c.codec == codecPlain && !o.proved {
		whole := &Octets{ctx: o.ctx, read: o.read, id: o.id, size: o.size, sha256: o.sha256, n: -1, proved: true}
		if err := whole.Verify(); err != nil {
			return err
		}
		o.proved = true
	}
	o.n = n
	return nil
}

// blame says of an error of reading a chunk whether the stored copy is damaged. It is not
// where the message was purged meanwhile, or nobody waits for it any more.
func (o *Octets) blame(err error) error {
	if errors.Is(err, ErrNotFound) {
		here, err := one(o.ctx, o.read, scanValue[bool], "SELECT EXISTS (SELECT 1 FROM octets WHERE id = ?)", o.id)
		switch {
		case err != nil:
			return err
		case here:
			return fmt.Errorf("%w: it is missing", ErrDamaged)
		}
		return ErrNotFound
	}
	var e *sqlite.Error
	if errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_CORRUPT || e.Code()&0xff == sqlite3.SQLITE_IOERR) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}

// ErrDamaged says that stored octets are not the ones that were retrieved.
var ErrDamaged = errors.New("the stored copy is damaged")

// Verify reads everything back and compares it with the SHA-256 taken when the
// message was retrieved. The error matches ErrDamaged if they differ.
func (o *Octets) Verify() error {
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(o, 0, o.size)); err != nil {
		return err
	}
	if string(hash.Sum(nil)) != string(o.sha256) {
		return fmt.Errorf("%w: its hash differs", ErrDamaged)
	}
	return nil
}

// dropStale removes staged octets that nobody finished.
func dropStale(t *tx) error {
	_, err := t.exec("DELETE FROM octets WHERE complete = 0 AND created < ?", t.now-(24*time.Hour).Milliseconds())
	return err
}
