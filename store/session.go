package store

import (
	"context"
	"time"
)

// Session is a browser that is signed in.
type Session struct {
	ID      []byte // SHA-256 of the random id in the browser's cookie
	User    UserID
	Data    []byte
	Device  string // the browser's User-Agent
	Created time.Time
	Used    time.Time
}

const selectSession = "SELECT id, user_id, data, device, created, used FROM sessions "

func scanSession(row scanner) (Session, error) {
	var v Session
	var created, used int64
	err := row.Scan(&v.ID, &v.User, &v.Data, &v.Device, &created, &used)
	v.Created, v.Used = time.UnixMilli(created), time.UnixMilli(used)
	return v, err
}

// Session returns the session of a hashed id, or ErrNotFound.
func (s *Store) Session(ctx context.Context, id []byte) (Session, error) {
	return one(ctx, s.data.read, scanSession, selectSession+"WHERE id = ?", id)
}

// Sessions returns a user's sessions, the last used first.
func (s *Store) Sessions(ctx context.Context, user UserID) ([]Session, error) {
	return collect(ctx, s.data.read, scanSession, selectSession+"WHERE user_id = ? ORDER BY used DESC", user)
}

// AddSession adds a session. Returns ErrNotFound if the user was removed meanwhile.
func (s *Store) AddSession(ctx context.Context, v Session) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec("INSERT INTO sessions (id, user_id, data, device, created, used) SELECT ?, id, ?, ?, ?, ? FROM users WHERE id = ? AND removed IS NULL",
			v.ID, v.Data, v.Device, t.now, t.now, v.User)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}

// UpdateSession replaces the data of a session. Returns ErrNotFound once it has ended:
// an answer under way must not bring back to life what a logout has ended meanwhile.
func (s *Store) UpdateSession(ctx context.Context, user UserID, id, data []byte) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec("UPDATE sessions SET data = ? WHERE id = ? AND user_id = ?", data, id, user)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}

// TouchSession notes that a session was used now.
func (s *Store) TouchSession(ctx context.Context, user UserID, id []byte) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec("UPDATE sessions SET used = ? WHERE id = ? AND user_id = ?", t.now, id, user)
		return err
	})
}

// EndSession ends one session of a user; one that has ended already is no error.
func (s *Store) EndSession(ctx context.Context, user UserID, id []byte) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec("DELETE FROM sessions WHERE id = ? AND user_id = ?", id, user)
		return err
	})
}

// EndSessions ends a user's sessions, all but keep (nil: all).
func (s *Store) EndSessions(ctx context.Context, user UserID, keep []byte) error {
	return s.write(ctx, func(t *tx) error { return endSessions(t, user, keep) })
}

func endSessions(t *tx, user UserID, keep []byte) error {
	_, err := t.exec("DELETE FROM sessions WHERE user_id = ? AND id IS NOT ?", user, keep)
	return err
}
