package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// User is a person who may sign in.
type User struct {
	ID       UserID
	Name     string
	Password string // argon2id hash, PHC string
	Owner    bool   // may manage users
	TOTP     bool   // has a second factor
	Created  time.Time

	Preferences Preferences
}

// Preferences are how a person wants the portal to be. The zero value is how it is for
// somebody new.
type Preferences struct {
	NoKeys   bool   `json:"no_keys,omitempty"`  // single keys do nothing
	Language string `json:"language,omitempty"` // of the portal, BCP 47; "": as the browser asks
	Zone     string `json:"zone,omitempty"`     // IANA time zone; "": the browser's
	Apart    bool   `json:"apart,omitempty"`    // each message stands by itself, not in its conversation
	Compact  bool   `json:"compact,omitempty"`  // lists have low rows
	Beside   bool   `json:"beside,omitempty"`   // in a wide window the list stands beside a message

	TrashDays int `json:"trash_days,omitempty"` // how long mail stays in Trash; 0: as for everybody, see DaysInTrash
}

const selectUser = "SELECT id, name, password, owner, totp IS NOT NULL, created, preferences FROM users WHERE removed IS NULL "

func scanUser(row scanner) (User, error) {
	var u User
	var created int64
	var preferences []byte
	err := row.Scan(&u.ID, &u.Name, &u.Password, &u.Owner, &u.TOTP, &created, &preferences)
	u.Created = time.UnixMilli(created)
	if err == nil {
		err = json.Unmarshal(preferences, &u.Preferences)
	}
	return u, err
}

// AddUser adds a user. The first one must be an owner. Returns ErrNameTaken if the
// name is in use; names differ in more than case.
func (s *Store) AddUser(ctx context.Context, name, passwordHash string, owner bool) (UserID, error) {
	return s.addUser(ctx, name, passwordHash, owner, false)
}

// AddFirstOwner adds an owner if there is no user at all, else returns
// ErrNameTaken: of two people who race for a new Postern, one gets it.
func (s *Store) AddFirstOwner(ctx context.Context, name, passwordHash string) (UserID, error) {
	return s.addUser(ctx, name, passwordHash, true, true)
}

func (s *Store) addUser(ctx context.Context, name, passwordHash string, owner, first bool) (UserID, error) {
	var id int64
	err := s.write(ctx, func(t *tx) error {
		var others, same int
		if err := t.row("SELECT count(*), count(*) FILTER (WHERE name = ?) FROM users WHERE removed IS NULL", []any{name}, &others, &same); err != nil {
			return err
		}
		if same > 0 || first && others > 0 {
			return ErrNameTaken
		}
		var err error
		id, err = t.insert("INSERT INTO users (name, password, owner, created) VALUES (?, ?, ?, ?)", name, passwordHash, owner, t.now)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("add user: %w", err)
	}
	return UserID(id), nil
}

// Users returns all users by name.
func (s *Store) Users(ctx context.Context) ([]User, error) {
	return collect(ctx, s.data.read, scanUser, selectUser+"ORDER BY name")
}

// User returns a user by id, or ErrNotFound.
func (s *Store) User(ctx context.Context, id UserID) (User, error) {
	return one(ctx, s.data.read, scanUser, selectUser+"AND id = ?", id)
}

// UserNamed returns a user by name, in any case, or ErrNotFound.
func (s *Store) UserNamed(ctx context.Context, name string) (User, error) {
	return one(ctx, s.data.read, scanUser, selectUser+"AND name = ?", strings.TrimSpace(name))
}

// SetPreferences changes how a user wants the portal to be.
func (s *Store) SetPreferences(ctx context.Context, user UserID, p Preferences) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec("UPDATE users SET preferences = ? WHERE id = ? AND removed IS NULL", string(data), user)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}

// SetPassword changes a user's password and ends all their sessions but keep (the
// hash of the one that asked; nil: none is kept).
func (s *Store) SetPassword(ctx context.Context, user UserID, passwordHash string, keep []byte) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec("UPDATE users SET password = ? WHERE id = ? AND removed IS NULL", passwordHash, user)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		return endSessions(t, user, keep)
	})
}

// Rehash replaces a password's hash by a stronger one of the same password.
func (s *Store) Rehash(ctx context.Context, user UserID, old, new string) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec("UPDATE users SET password = ? WHERE id = ? AND password = ?", new, user, old)
		return err
	})
}
