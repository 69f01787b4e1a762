package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// SavedSearchID identifies a search that a user keeps.
type SavedSearchID int64

// SavedSearch is a search that a person keeps under a name.
type SavedSearch struct {
	ID      SavedSearchID
	Name    string
	Query   string
	Mailbox Mailbox   // 0: all mail but Trash and Junk
	Account AccountID // 0: all accounts
}

// Bounds of what is kept of searches.
const (
	maxSearchName    = 400 // octets: a hundred characters of any script
	maxSavedSearches = 100
	maxRecent        = 30
	maxQuery         = 4 << 10 // octets; package query reads no longer one
)

// Errors of saved searches.
var (
	ErrSearchName   = fmt.Errorf("a saved search needs a name of at most %d octets, and something to search for", maxSearchName)
	ErrManySearches = fmt.Errorf("there are %d saved searches already", maxSavedSearches)
)

func scanSavedSearch(row scanner) (v SavedSearch, err error) {
	return v, row.Scan(&v.ID, &v.Name, &v.Query, &v.Mailbox, &v.Account)
}

const selectSavedSearch = `SELECT v.id, v.name, v.query, v.mailbox, coalesce(a.id, 0)
	FROM saved_searches v LEFT JOIN accounts a ON a.id = v.account_id AND a.removed IS NULL WHERE v.user_id = ? `

// SavedSearches returns a user's saved searches by name. One of an account that was
// removed is over all accounts.
func (s *Store) SavedSearches(ctx context.Context, user UserID) ([]SavedSearch, error) {
	return collect(ctx, s.data.read, scanSavedSearch, selectSavedSearch+"ORDER BY v.name COLLATE NOCASE, v.id", user)
}

// SavedSearch returns one of them, or ErrNotFound.
func (s *Store) SavedSearch(ctx context.Context, user UserID, id SavedSearchID) (SavedSearch, error) {
	return one(ctx, s.data.read, scanSavedSearch, selectSavedSearch+"AND v.id = ?", user, id)
}

// SaveSearch keeps a search; its ID is not looked at. Returns ErrSearchName,
// ErrManySearches beyond the bound, ErrNotFound for an account the user does not have.
func (s *Store) SaveSearch(ctx context.Context, user UserID, v SavedSearch) (SavedSearchID, error) {
	name, err := searchName(v.Name)
	if err != nil {
		return 0, err
	}
	if v.Query = strings.TrimSpace(v.Query); v.Query == "" || len(v.Query) > maxQuery || !utf8.ValidString(v.Query) {
		return 0, ErrSearchName
	}
	var id int64
	err = s.write(ctx, func(t *tx) error {
		var count int
		if err := t.row("SELECT count(*) FROM saved_searches WHERE user_id = ?", []any{user}, &count); err != nil {
			return err
		}
		if count >= maxSavedSearches {
			return ErrManySearches
		}
		var account any
		if v.Account != 0 {
			if err := t.row("SELECT id FROM accounts WHERE id = ? AND user_id = ?", []any{v.Account, user}, &v.Account); err != nil {
				return err
			}
			account = v.Account
		}
		id, err = t.insert("INSERT INTO saved_searches (user_id, name, query, mailbox, account_id, created) VALUES (?, ?, ?, ?, ?, ?)",
			user, name, v.Query, v.Mailbox, account, t.now)
		return err
	})
	return SavedSearchID(id), err
}

// RenameSearch gives a saved search another name. Returns ErrSearchName or ErrNotFound.
func (s *Store) RenameSearch(ctx context.Context, user UserID, id SavedSearchID, name string) error {
	name, err := searchName(name)
	if err != nil {
		return err
	}
	return s.changeSearch(ctx, "UPDATE saved_searches SET name = ? WHERE id = ? AND user_id = ?", name, id, user)
}

// RemoveSearch forgets a saved search. Returns ErrNotFound if the user has no such one.
func (s *Store) RemoveSearch(ctx context.Context, user UserID, id SavedSearchID) error {
	return s.changeSearch(ctx, "DELETE FROM saved_searches WHERE id = ? AND user_id = ?", id, user)
}

func (s *Store) changeSearch(ctx context.Context, statement string, args ...any) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(statement, args...)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}

// searchName is a name without blanks that nobody sees.
func searchName(name string) (string, error) {
	name = labelWords(name)
	if name == "" || len(name) > maxSearchName || !utf8.ValidString(name) {
		return "", ErrSearchName
	}
	return name, nil
}

// RecentSearches returns a user's last searches, the last one first.
func (s *Store) RecentSearches(ctx context.Context, user UserID) ([]string, error) {
	return collect(ctx, s.data.read, scanValue[string], "SELECT query FROM recent_searches WHERE user_id = ? ORDER BY used DESC LIMIT ?", user, maxRecent)
}

// NoteSearch remembers that a user searched. What cannot be a search is not remembered.
func (s *Store) NoteSearch(ctx context.Context, user UserID, query string) error {
	if query = strings.TrimSpace(query); query == "" || len(query) > maxQuery || !utf8.ValidString(query) {
		return nil
	}
	return s.write(ctx, func(t *tx) error {
		// Two of one millisecond stay in their order.
		if _, err := t.exec(`INSERT INTO recent_searches VALUES (?1, ?2, max(?3, 1 + (SELECT coalesce(max(used), 0) FROM recent_searches WHERE user_id = ?1)))
			ON CONFLICT DO UPDATE SET used = excluded.used`, user, query, t.now); err != nil {
			return err
		}
		_, err := t.exec("DELETE FROM recent_searches WHERE user_id = ?1 AND query NOT IN (SELECT query FROM recent_searches WHERE user_id = ?1 ORDER BY used DESC LIMIT ?2)", user, maxRecent)
		return err
	})
}

// ForgetSearches removes what is remembered of a user's searches, apart from those saved.
func (s *Store) ForgetSearches(ctx context.Context, user UserID) error {
	err := s.changeSearch(ctx, "DELETE FROM recent_searches WHERE user_id = ?", user)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return err
}
