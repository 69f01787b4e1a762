package store

import (
	"container/list"
	"context"
	"database/sql"
	"errors"
	"sync"
)

// lentStatements is how many statements of searches a pool keeps: about two for each
// shard of a mailbox of a million messages.
const lentStatements = 64

// statements are the prepared statements of queries that are put together, those used
// last: SQLite takes longer to prepare a search in one shard than to find nothing there.
type statements struct {
	mu    sync.Mutex
	known map[string]*list.Element
	order list.List // of *lentStatement, the one used last in front
}

type lentStatement struct {
	query string
	stmt  *sql.Stmt
	users int
}

// lend returns the prepared statement of a query, to be released when its rows are read.
func (p *pool) lend(ctx context.Context, query string) (stmt *sql.Stmt, release func(), err error) {
	l := &p.lent
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.known[query]
	if e == nil {
		stmt, err := p.PrepareContext(ctx, query)
		if err != nil {
			return nil, nil, err
		}
		if l.known == nil {
			l.known = map[string]*list.Element{}
		}
		e = l.order.PushFront(&lentStatement{query: query, stmt: stmt})
		l.known[query] = e
	}
	l.order.MoveToFront(e)
	s := e.Value.(*lentStatement)
	s.users++
	l.forget()
	return s.stmt, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		s.users--
	}, nil
}

// forget closes the statements that were not used for longest, but for those in use.
func (l *statements) forget() {
	for e := l.order.Back(); e != nil && l.order.Len() > lentStatements; {
		before := e.Prev()
		if s := e.Value.(*lentStatement); s.users == 0 {
			s.stmt.Close() // what was lent is read already; nothing can come of it
			delete(l.known, s.query)
			l.order.Remove(e)
		}
		e = before
	}
}

func (l *statements) close() error {
	var errs []error
	for e := l.order.Front(); e != nil; e = e.Next() {
		errs = append(errs, e.Value.(*lentStatement).stmt.Close())
	}
	return errors.Join(errs...)
}
