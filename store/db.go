package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"modernc.org/sqlite"
)

// file is one SQLite file with its two ways in: a single writing connection and
// a small pool that cannot write. Readers see the last commit and never wait for
// the writer (WAL).
type file struct {
	path  string
	write *writer
	read  *pool
}

// readers is how many connections read a file. What holds one never waits for another, so
// that one is enough: tests make it so.
var readers = 4

// openFile opens or creates the file at path. synchronous is FULL or NORMAL;
// attach is run on each reading connection.
func openFile(path, synchronous string, now func() time.Time, attach ...string) (*file, error) {
	if err := createFile(path); err != nil {
		return nil, fmt.Errorf("create %s: %w", path, err)
	}
	common := []string{
		"PRAGMA busy_timeout = 10000",
		"PRAGMA foreign_keys = ON",
		"PRAGMA synchronous = " + synchronous,
		"PRAGMA temp_store = MEMORY",
	}
	w := openPool(path, 1, append(common, cacheSize("", writerPages), "PRAGMA journal_size_limit = 67108864"))
	r := openPool(path, readers, append(append(common, cacheSize("", readerPages)), append(attach, "PRAGMA query_only = ON")...))
	wr, err := newWriter(w, now)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), w.Close(), r.close())
	}
	return &file{path: path, write: wr, read: r}, nil
}

func (f *file) close() error { return errors.Join(f.read.close(), f.write.close()) }

// createFile makes an empty database in the form we want, and only then gives it its
// name. The page size, then incremental vacuum, then WAL: each must be set before the
// next, on a bare connection, and none can be changed cheaply later.
func createFile(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-")
	if err != nil {
		return err
	}
	f.Close()
	defer os.Remove(f.Name())
	db := openPool(f.Name(), 1, []string{
		fmt.Sprintf("PRAGMA page_size = %d", pageSize),
		"PRAGMA auto_vacuum = INCREMENTAL",
		"PRAGMA journal_mode = WAL",
	})
	if err := errors.Join(db.PingContext(context.Background()), db.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil // another process was first
}

// connector opens connections to one file and runs the same statements on each,
// in their order: pragmas belong to a connection, and a pool opens several.
type connector struct {
	driver.Connector
	init []string
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, stmt := range c.init {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, stmt, nil); err != nil {
			conn.Close()
			return nil, fmt.Errorf("%s: %w", stmt, err)
		}
	}
	return conn, nil
}

// pool is a set of connections with one prepared statement for each text.
type pool struct {
	*sql.DB
	mu    sync.Mutex
	stmts map[string]*sql.Stmt
	lent  statements
}

func openPool(path string, size int, init []string) *pool {
	poolPages()
	c, err := sqlite.NewConnector(fileURL(path))
	if err != nil {
		panic(err) // a path escaped by fileURL always parses
	}
	db := sql.OpenDB(connector{c, init})
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return &pool{DB: db, stmts: map[string]*sql.Stmt{}}
}

// fileURL names a file to SQLite, whatever characters its path has.
func fileURL(path string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath()
}

// prepare returns the prepared statement of a query text. Only constant texts
// may come here: each stays for the life of the pool.
func (p *pool) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.stmts[query]; s != nil {
		return s, nil
	}
	s, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	p.stmts[query] = s
	return s, nil
}

func (p *pool) close() error {
	var errs []error
	for _, s := range p.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, p.lent.close(), p.Close())...)
}

// errNoRows is what a query of one row says when there is none.
var errNoRows = sql.ErrNoRows

// scanner is what a row offers: *sql.Row or *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

// collect runs a constant query on the reading connections and scans each row.
func collect[T any](ctx context.Context, p *pool, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	s, err := p.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, scan)
}

func scanAll[T any](rows *sql.Rows, scan func(scanner) (T, error)) ([]T, error) {
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// one runs a constant query that must give a row; none is ErrNotFound.
func one[T any](ctx context.Context, p *pool, scan func(scanner) (T, error), query string, args ...any) (T, error) {
	var zero T
	s, err := p.prepare(ctx, query)
	if err != nil {
		return zero, err
	}
	v, err := scan(s.QueryRowContext(ctx, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return zero, ErrNotFound
	}
	return v, err
}

// scanValue scans rows of one column.
func scanValue[T any](row scanner) (T, error) {
	var v T
	err := row.Scan(&v)
	return v, err
}
