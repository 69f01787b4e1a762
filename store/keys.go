package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"postern/internal/seal"
)

// Secrets at rest are sealed with the data key. It is random, never changes, and stands
// in postern.db wrapped by the master key, which stands in the key file and can change.

// dataKeyAAD binds the wrapped data key to its place.
const dataKeyAAD = "meta/data_key"

// secretsQuery finds one sealed value, whichever there is.
const secretsQuery = `SELECT password, 'accounts/password/' || user_id || '/' || id FROM accounts WHERE password IS NOT NULL`

// HasSecrets tells whether the data directory dir holds anything that was sealed, and so
// needs the key it was sealed with. It changes nothing; where there is no database yet,
// there is nothing sealed.
func HasSecrets(ctx context.Context, dir string) (bool, error) {
	path := filepath.Join(dir, dataFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	db := openPool(path, 1, []string{"PRAGMA busy_timeout = 10000", "PRAGMA query_only = ON"})
	defer db.close()
	k, err := readKeys(ctx, db)
	return k.sealed != nil || k.totp, err
}

// keys is what the database says of the key that its secrets need.
type keys struct {
	wrapped []byte // the data key; nil: secrets are sealed with the master key itself, as the first version did
	sealed  []byte // one sealed password, nil: there is none
	aad     string // its place
	totp    bool   // there are sealed secrets of second factors
}

// readKeys looks at a database of any version, before it is migrated.
func readKeys(ctx context.Context, db *pool) (k keys, err error) {
	has := func(name, column string) bool {
		n := 0
		err = errors.Join(err, db.QueryRowContext(ctx, "SELECT count(*) FROM pragma_table_info(?) WHERE name = ?", name, column).Scan(&n))
		return n > 0
	}
	if !has("meta", "key") || !has("accounts", "password") {
		return k, err
	}
	if k.wrapped, err = one(ctx, db, scanValue[[]byte], "SELECT value FROM meta WHERE key = 'data_key'"); errors.Is(err, ErrNotFound) {
		err = nil
	}
	if err != nil {
		return k, err
	}
	err = db.QueryRowContext(ctx, secretsQuery+" LIMIT 1").Scan(&k.sealed, &k.aad)
	if errors.Is(err, errNoRows) {
		err = nil
	}
	if err == nil && has("users", "totp") {
		n := 0
		err = db.QueryRowContext(ctx, "SELECT count(*) FROM users WHERE totp IS NOT NULL").Scan(&n)
		k.totp = n > 0
	}
	return k, err
}

// unlock says which data key master opens; nil: none yet. It changes nothing. The error
// matches seal.ErrWrongKey when there are secrets that another key sealed.
func unlock(ctx context.Context, db *pool, master *seal.Key) (*seal.Key, error) {
	k, err := readKeys(ctx, db)
	switch {
	case err != nil:
		return nil, err
	case k.wrapped != nil:
		data, err := master.Unwrap(k.wrapped, dataKeyAAD)
		if err != nil && k.sealed == nil && !k.totp {
			return nil, nil // it has sealed nothing
		}
		return data, err
	case k.sealed != nil:
		_, err = master.Open(k.sealed, k.aad)
	}
	return nil, err
}

// keepKey makes the data key where there is none, and seals with it what the first
// version sealed with the master key itself.
func (s *Store) keepKey(ctx context.Context, master *seal.Key) error {
	return s.write(ctx, func(t *tx) error {
		var wrapped []byte
		err := t.row("SELECT value FROM meta WHERE key = 'data_key'", nil, &wrapped)
		if err == nil {
			if data, err := master.Unwrap(wrapped, dataKeyAAD); err == nil { // another process was first
				s.key = data
				return nil
			}
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
		s.key = seal.NewKey()
		type row struct {
			sealed []byte
			aad    string
		}
		rows, err := txRows(t, func(row_ scanner) (r row, err error) {
			return r, row_.Scan(&r.sealed, &r.aad)
		}, secretsQuery)
		if err != nil {
			return err
		}
		for _, r := range rows {
			password, err := master.Open(r.sealed, r.aad)
			if err != nil {
				return fmt.Errorf("the password of %s: %w", r.aad, err)
			}
			if _, err := t.exec("UPDATE accounts SET password = ? WHERE 'accounts/password/' || user_id || '/' || id = ?", s.key.Seal(password, r.aad), r.aad); err != nil {
				return err
			}
		}
		return setMeta(t, "data_key", master.Wrap(s.key, dataKeyAAD))
	})
}

// forgetSecrets removes all that was sealed with a key that is lost: accounts wait for
// their passwords, and second factors are off.
func (s *Store) forgetSecrets(ctx context.Context) error {
	return s.write(ctx, func(t *tx) error {
		for _, q := range []string{
			"UPDATE accounts SET password = NULL, paused = 1, revision = revision + 1 WHERE password IS NOT NULL",
			"DELETE FROM recovery_codes WHERE user_id IN (SELECT id FROM users WHERE totp IS NOT NULL)",
			"UPDATE users SET totp = NULL WHERE totp IS NOT NULL",
			"DELETE FROM meta WHERE key = 'data_key'",
		} {
			if _, err := t.exec(q); err != nil {
				return err
			}
		}
		return nil
	})
}

// Rewrap puts the data key under another master key, in one transaction. From then on
// the store opens with that one alone.
func (s *Store) Rewrap(ctx context.Context, master *seal.Key) error {
	if s.key == nil {
		return errNoKey
	}
	return s.write(ctx, func(t *tx) error { return setMeta(t, "data_key", master.Wrap(s.key, dataKeyAAD)) })
}

func setMeta(t *tx, key string, value []byte) error {
	_, err := t.exec("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", key, value)
	return err
}

// errNoKey says that the store was opened without a key.
var errNoKey = errors.New("there is no key to seal and open secrets with")
