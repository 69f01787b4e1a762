package store

import (
	"context"
	"fmt"

	"postern/internal/seal"
)

// SecondFactor is what is known of a user's second factor.
type SecondFactor struct {
	Secret seal.Secret // of TOTP (RFC 6238), base32
	Codes  int         // recovery codes that are left
}

func totpAAD(user UserID) string { return fmt.Sprintf("users/totp/%d", user) }

// SecondFactor returns a user's second factor, or ErrNotFound if there is none.
func (s *Store) SecondFactor(ctx context.Context, user UserID) (SecondFactor, error) {
	type row struct {
		sealed []byte
		codes  int
	}
	r, err := one(ctx, s.data.read, func(row_ scanner) (r row, err error) {
		return r, row_.Scan(&r.sealed, &r.codes)
	}, "SELECT totp, (SELECT count(*) FROM recovery_codes WHERE user_id = users.id) FROM users WHERE id = ? AND totp IS NOT NULL", user)
	if err != nil {
		return SecondFactor{}, err
	}
	if s.key == nil {
		return SecondFactor{}, errNoKey
	}
	secret, err := s.key.Open(r.sealed, totpAAD(user))
	return SecondFactor{secret, r.codes}, err
}

// SetSecondFactor gives a user a second factor, in the place of one there may be. step is
// the time step of the code that was just shown; codes are hashes of the recovery codes.
// All the user's sessions but keep end.
func (s *Store) SetSecondFactor(ctx context.Context, user UserID, secret seal.Secret, step int64, codes [][]byte, keep []byte) error {
	if s.key == nil {
		return errNoKey
	}
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec("UPDATE users SET totp = ?, totp_step = ? WHERE id = ?", s.key.Seal(secret, totpAAD(user)), step, user)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := setCodes(t, user, codes); err != nil {
			return err
		}
		return endSessions(t, user, keep)
	})
}

// SetRecoveryCodes replaces a user's recovery codes. Returns ErrNotFound if the user has
// no second factor that they would stand in for.
func (s *Store) SetRecoveryCodes(ctx context.Context, user UserID, codes [][]byte) error {
	return s.write(ctx, func(t *tx) error {
		var one int
		if err := t.row("SELECT 1 FROM users WHERE id = ? AND totp IS NOT NULL", []any{user}, &one); err != nil {
			return err
		}
		return setCodes(t, user, codes)
	})
}

func setCodes(t *tx, user UserID, codes [][]byte) error {
	if _, err := t.exec("DELETE FROM recovery_codes WHERE user_id = ?", user); err != nil {
		return err
	}
	for _, hash := range codes {
		if _, err := t.exec("INSERT INTO recovery_codes (user_id, hash) VALUES (?, ?)", user, hash); err != nil {
			return err
		}
	}
	return nil
}

// RemoveSecondFactor lets a user sign in by password alone. All sessions but keep end.
func (s *Store) RemoveSecondFactor(ctx context.Context, user UserID, keep []byte) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := t.exec("UPDATE users SET totp = NULL WHERE id = ?", user); err != nil {
			return err
		}
		if err := setCodes(t, user, nil); err != nil {
			return err
		}
		return endSessions(t, user, keep)
	})
}

// UseStep notes that the code of a time step was used. Returns ErrNotFound if it, or a
// later one, was used before: whoever watched it being typed cannot use it again.
func (s *Store) UseStep(ctx context.Context, user UserID, step int64) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec("UPDATE users SET totp_step = ? WHERE id = ? AND totp IS NOT NULL AND totp_step < ?", step, user, step)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}

// UseRecoveryCode uses a recovery code up, by its hash. Returns ErrNotFound if there is
// no such code, or not any more.
func (s *Store) UseRecoveryCode(ctx context.Context, user UserID, hash []byte) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec("DELETE FROM recovery_codes WHERE user_id = ? AND hash = ?", user, hash)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}
