package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"syscall"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var errClosed = errors.New("the store is closed")

// writer is the one goroutine that writes to a file. What waits while it commits
// goes into the next commit together: an fsync is paid once for many callers,
// and a lone caller never waits for company.
type writer struct {
	db    *pool
	conn  *sql.Conn
	now   func() time.Time
	jobs  chan *job     // unbuffered: who waits to send is who shares the next commit
	quit  chan struct{} // closed by close
	done  chan struct{} // closed when run has ended
	stmts map[string]*sql.Stmt
	disk  atomic.Pointer[error] // why the disk took nothing the last time, nil: it did
}

// job is one caller's change: all of it happens, or nothing.
type job struct {
	ctx        context.Context
	change     func(*tx) error
	repeatable bool // change may be run again after it was taken back
	err        error
	ready      chan struct{}
}

func newWriter(db *pool, now func() time.Time) (*writer, error) {
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	w := &writer{db: db, conn: conn, now: now, jobs: make(chan *job), quit: make(chan struct{}), done: make(chan struct{}), stmts: map[string]*sql.Stmt{}}
	go w.run()
	return w, nil
}

// do runs change in a transaction and returns after its commit is on disk. An
// error of change rolls back that change alone. Changes must not wait for
// anything but the database.
func (w *writer) do(ctx context.Context, change func(*tx) error) error {
	return w.await(&job{ctx: ctx, change: change, ready: make(chan struct{})})
}

// doRepeatable is do for a change that may run more than once, each time as if for the
// first: of all that happens, only the last time does. Such changes share a transaction
// without savepoints, in which SQLite would keep a copy of every page they change.
func (w *writer) doRepeatable(ctx context.Context, change func(*tx) error) error {
	return w.await(&job{ctx: ctx, change: change, repeatable: true, ready: make(chan struct{})})
}

func (w *writer) await(j *job) error {
	select {
	case w.jobs <- j:
	case <-j.ctx.Done():
		return context.Cause(j.ctx)
	case <-w.done:
		return errClosed
	}
	// From here the outcome is awaited even if ctx ends: a caller must never be
	// told "no" about a change that was made.
	<-j.ready
	return j.err
}

func (w *writer) run() {
	defer close(w.done)
	for {
		select {
		case j := <-w.jobs:
			w.commit(j)
		case <-w.quit:
			return
		}
	}
}

// close ends the writer after the commit it is at.
func (w *writer) close() error {
	close(w.quit)
	<-w.done
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close(), w.db.close())...)
}

// commit runs first, and what else is waiting, in one transaction.
func (w *writer) commit(first *job) {
	g := &group{w: w, jobs: []*job{first}}
	err := g.run()
	if err == nil {
		if err = w.exec("COMMIT"); err != nil {
			err = fmt.Errorf("commit: %w", err)
		}
	}
	if err != nil {
		w.exec("ROLLBACK")
		for _, j := range g.jobs {
			if j.err == nil {
				j.err = err
			}
		}
	} else {
		for _, after := range g.tx.after {
			after()
		}
	}
	w.noteDisk(g.jobs)
	for _, j := range g.jobs {
		close(j.ready)
	}
}

// noteDisk remembers whether a group could be written.
func (w *writer) noteDisk(group []*job) {
	written := false
	for _, j := range group {
		if isDisk(j.err) {
			w.disk.Store(&j.err)
			return
		}
		written = written || j.err == nil
	}
	if written {
		w.disk.Store(nil)
	}
}

// isDisk tells whether an error is about the disk and not about what was to be written.
func isDisk(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && DiskFault(err) != 0
}

// DiskFault is what the disk has against an error's cause, in the system's terms whether it was SQLite or a file that
// failed; 0: the error is not about the disk.
func DiskFault(err error) syscall.Errno {
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_FULL:
			return syscall.ENOSPC
		case sqlite3.SQLITE_IOERR:
			return syscall.EIO
		case sqlite3.SQLITE_READONLY:
			return syscall.EROFS
		case sqlite3.SQLITE_CANTOPEN:
			return syscall.EACCES
		}
		return 0
	}
	for _, fault := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EIO, syscall.EROFS, syscall.EACCES, syscall.EPERM} {
		if errors.Is(err, fault) {
			return fault
		}
	}
	return 0
}

func (w *writer) exec(query string) error {
	_, err := w.conn.ExecContext(context.Background(), query)
	return err
}

// tx is the transaction a change runs in. Its statements are prepared once and
// not bound to a context: a change is short and happens whole.
type tx struct {
	w     *writer
	now   int64 // unix milliseconds, one for the whole transaction
	after []func()
	dead  error // why SQLite has given up the whole transaction, as it does on a full disk
}

// part runs a part of a change that may fail by itself: what it did is then taken back,
// and the change may go on.
func (t *tx) part(do func(*tx) error) error {
	if err := t.w.exec("SAVEPOINT part"); err != nil {
		return err
	}
	err := do(t)
	if err != nil {
		t.dead = t.w.exec("ROLLBACK TO part")
	}
	if t.dead == nil {
		t.dead = t.w.exec("RELEASE part")
	}
	if t.dead != nil && err == nil {
		err = t.dead
	}
	return err
}

// afterCommit calls f once the transaction is on disk.
func (t *tx) afterCommit(f func()) { t.after = append(t.after, f) }

func (t *tx) stmt(query string) (*sql.Stmt, error) {
	if s := t.w.stmts[query]; s != nil {
		return s, nil
	}
	s, err := t.w.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	t.w.stmts[query] = s
	return s, nil
}

// exec runs a constant statement and tells how many rows it changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	r, err := s.Exec(args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// insert runs a constant INSERT and returns the new row's id.
func (t *tx) insert(query string, args ...any) (int64, error) {
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	r, err := s.Exec(args...)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

// row runs a constant query that must give a row; none is ErrNotFound.
func (t *tx) row(query string, args []any, dest ...any) error {
	s, err := t.stmt(query)
	if err != nil {
		return err
	}
	err = s.QueryRow(args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// rows runs a constant query and scans each row.
func txRows[T any](t *tx, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	s, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	rows, err := s.Query(args...)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, scan)
}
