package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"postern/internal/seal"
)

// Settings are what a person says of an account: one maildrop that we poll.
type Settings struct {
	Name      string // shown on each message
	Email     string
	Host      string
	Port      int
	Security  Security
	Username  string // free text, passed to the server as it is
	Mechanism string // SASL mechanism to use; "": the best the server offers
	CA        string // extra root certificates, PEM

	// Pin is the one certificate that is trusted besides those that verify. It is about Host and Port: whoever changes
	// these decides anew.
	Pin Fingerprint

	Policy        Policy
	PolicyDays    int           // for DeleteAfterDays
	ReadAfterDays int           // mail older than this arrives as read; 0: all arrives unread
	Interval      time.Duration // between checks; 0: by hand only
	Adaptive      bool          // more often than Interval while mail comes, less often when none does
	MaxSize       int64         // octets of the largest message fetched unasked; 0: no limit but Postern's own
}

// Account is a maildrop with its state.
type Account struct {
	Settings
	ID           AccountID
	User         UserID
	Colour       int // 0 to 9
	Created      time.Time
	Revision     int  // grows with each change of the settings
	Removed      bool // only its mail is still here
	Paused       bool // waits for a person, after wrong passwords
	Held         bool // came out of a backup: deletions wait until a person says so
	HasPassword  bool
	NextCheck    time.Time
	Failures     int       // syncs that failed in a row
	AuthFailures int       // of these, wrong passwords in a row
	RefusedAt    time.Time // the first of these
	Active       time.Time // when a session last brought mail
	LoginAfter   time.Time // the server wants no login before then
	ServerCount  int       // messages in the last complete listing, less those deleted since
	ServerOctets int64
	Remedy       Remedy // what the last session's trouble asks of a person
}

const selectAccount = `SELECT id, user_id, name, email, host, port, security, username, mechanism, ca, pin,
	policy, policy_days, read_after_days, interval, adaptive, max_size, colour, created, revision, removed IS NOT NULL, paused, held, password IS NOT NULL,
	next_check, failures, auth_failures, refused_at, active, login_after, server_count, server_octets, remedy FROM accounts `

func scanAccount(row scanner) (Account, error) {
	var a Account
	var interval, created, next, refused, active, after int64
	var pin []byte
	err := row.Scan(&a.ID, &a.User, &a.Name, &a.Email, &a.Host, &a.Port, &a.Security, &a.Username, &a.Mechanism, &a.CA, &pin,
		&a.Policy, &a.PolicyDays, &a.ReadAfterDays, &interval, &a.Adaptive, &a.MaxSize, &a.Colour, &created, &a.Revision, &a.Removed, &a.Paused, &a.Held, &a.HasPassword,
		&next, &a.Failures, &a.AuthFailures, &refused, &active, &after, &a.ServerCount, &a.ServerOctets, &a.Remedy)
	copy(a.Pin[:], pin)
	a.Interval = time.Duration(interval) * time.Millisecond
	a.Created, a.NextCheck = time.UnixMilli(created), time.UnixMilli(next)
	a.RefusedAt, a.Active, a.LoginAfter = time.UnixMilli(refused), time.UnixMilli(active), time.UnixMilli(after)
	return a, err
}

// AddAccount adds an account, due at once. Where the user has an account of that mailbox already, it returns that one
// with ErrMailboxHere and changes nothing: a form that is sent twice adds one.
func (s *Store) AddAccount(ctx context.Context, user UserID, v Settings, password seal.Secret) (AccountID, error) {
	var id int64
	err := s.write(ctx, func(t *tx) error {
		there, err := mailboxHere(t, user, v, 0)
		if err != nil {
			id = int64(there)
			return err
		}
		id, err = t.insert(`INSERT INTO accounts (user_id, name, email, host, port, security, username, mechanism, ca, pin,
			policy, policy_days, read_after_days, interval, adaptive, max_size, colour, created, next_check)
			SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, count(*) % 10, ?, ? FROM accounts WHERE user_id = ?`,
			user, v.Name, v.Email, v.Host, v.Port, v.Security, v.Username, v.Mechanism, v.CA, pinColumn(v.Pin),
			v.Policy, v.PolicyDays, v.ReadAfterDays, v.Interval.Milliseconds(), v.Adaptive, v.MaxSize, t.now, t.now, user)
		if err != nil {
			return err
		}
		return s.sealPassword(t, user, AccountID(id), password)
	})
	if err != nil {
		err = fmt.Errorf("add account: %w", err)
	}
	return AccountID(id), err
}

// mailboxHere returns ErrMailboxHere, and which, if another account of the user than but is of the mailbox that v is of.
func mailboxHere(t *tx, user UserID, v Settings, but AccountID) (there AccountID, err error) {
	err = t.row("SELECT id FROM accounts WHERE user_id = ? AND lower(host) = lower(?) AND port = ? AND username = ? AND removed IS NULL AND id <> ?",
		[]any{user, v.Host, v.Port, v.Username, but}, &there)
	switch {
	case errors.Is(err, ErrNotFound):
		return 0, nil
	case err == nil:
		err = ErrMailboxHere
	}
	return there, err
}

// sealPassword stores a password sealed and bound to its row, so that a sealed
// value copied to another row does not open there.
func (s *Store) sealPassword(t *tx, user UserID, id AccountID, password seal.Secret) error {
	if s.key == nil {
		return errNoKey
	}
	_, err := t.exec("UPDATE accounts SET password = ? WHERE id = ?", s.key.Seal(password, passwordAAD(user, id)), id)
	return err
}

func passwordAAD(user UserID, id AccountID) string {
	return fmt.Sprintf("accounts/password/%d/%d", user, id)
}

// AccountPassword opens an account's password, for a session that is about to log
// in. Returns ErrNotFound if the account has none.
func (s *Store) AccountPassword(ctx context.Context, user UserID, id AccountID) (seal.Secret, error) {
	sealed, err := one(ctx, s.data.read, scanValue[[]byte],
		"SELECT password FROM accounts WHERE id = ? AND user_id = ? AND password IS NOT NULL", id, user)
	if err != nil {
		return seal.Secret{}, err
	}
	if s.key == nil {
		return seal.Secret{}, errNoKey
	}
	return s.key.Open(sealed, passwordAAD(user, id))
}

// UpdateAccount changes an account's settings; a zero password keeps the stored
// one. A changed host, port or user name means that nothing known of the maildrop
// is certain any more: every unique-id must be proved again before a deletion.
// Keeping from now on cancels the deletions that can still be cancelled. A session that
// is under way by the old settings can change nothing any more: see [Store.Quitting].
// Returns ErrMailboxHere if the account would come to be of the mailbox that another account of the user is of.
func (s *Store) UpdateAccount(ctx context.Context, user UserID, id AccountID, v Settings, password seal.Secret) error {
	return s.write(ctx, func(t *tx) error {
		var host, username string
		var port int
		if err := t.row("SELECT host, port, username FROM accounts WHERE id = ? AND user_id = ? AND removed IS NULL", []any{id, user}, &host, &port, &username); err != nil {
			return err
		}
		moved := host != v.Host || port != v.Port || username != v.Username
		if moved {
			if _, err := mailboxHere(t, user, v, id); err != nil {
				return err
			}
		}
		_, err := t.exec(`UPDATE accounts SET name = ?, email = ?, host = ?, port = ?, security = ?, username = ?, mechanism = ?, ca = ?, pin = ?,
			policy = ?, policy_days = ?, read_after_days = ?, interval = ?, adaptive = ?, max_size = ?,
			paused = 0, failures = 0, auth_failures = 0, remedy = 0, login_after = iif(?, 0, login_after), next_check = iif(?, ?, max(?, login_after)),
			revision = revision + 1 WHERE id = ?`,
			v.Name, v.Email, v.Host, v.Port, v.Security, v.Username, v.Mechanism, v.CA, pinColumn(v.Pin),
			v.Policy, v.PolicyDays, v.ReadAfterDays, v.Interval.Milliseconds(), v.Adaptive, v.MaxSize, moved, moved, t.now, t.now, id)
		if err != nil {
			return err
		}
		if !password.IsZero() {
			if err := s.sealPassword(t, user, id, password); err != nil {
				return err
			}
		}
		if moved {
			if _, err := t.exec("UPDATE unique_ids SET proved = 0 WHERE account_id = ?", id); err != nil {
				return err
			}
		}
		if v.Policy == Keep {
			return cancelRequested(t, id)
		}
		return nil
	})
}

// owns refuses what a session wants to change for an account that is not the user's, was
// removed, or has other settings by now than the session began with.
func owns(t *tx, a Account) error {
	var revision int
	err := t.row("SELECT revision FROM accounts WHERE id = ? AND user_id = ? AND removed IS NULL", []any{a.ID, a.User}, &revision)
	if err == nil && revision != a.Revision {
		err = ErrChanged
	}
	return err
}

// Account returns an account of a user, or ErrNotFound.
func (s *Store) Account(ctx context.Context, user UserID, id AccountID) (Account, error) {
	return one(ctx, s.data.read, scanAccount, selectAccount+"WHERE id = ? AND user_id = ?", id, user)
}

// Accounts returns a user's accounts, oldest first, those removed with mail left
// here among them.
func (s *Store) Accounts(ctx context.Context, user UserID) ([]Account, error) {
	return collect(ctx, s.data.read, scanAccount, selectAccount+"WHERE user_id = ? ORDER BY id", user)
}

// DueAccounts returns the accounts of all users whose next check has come, the
// longest due first. One that is due much later than its interval allows is due too: the
// clock was wrong when that was noted.
func (s *Store) DueAccounts(ctx context.Context, now time.Time) ([]Account, error) {
	return collect(ctx, s.data.read, scanAccount,
		selectAccount+"WHERE removed IS NULL AND paused = 0 AND (next_check <= ?1 OR interval > 0 AND next_check > ?1 + 2 * interval + ?2) ORDER BY next_check",
		now.UnixMilli(), longestPause.Milliseconds())
}

// longestPause is more than any reason puts off a check beside the account's interval.
const longestPause = 26 * time.Hour

// NextCheck returns when the next account of any user is due; the zero time if
// none ever is.
func (s *Store) NextCheck(ctx context.Context) (time.Time, error) {
	next, err := one(ctx, s.data.read, scanValue[*int64],
		"SELECT min(next_check) FROM accounts WHERE removed IS NULL AND paused = 0")
	return fromMillis(next), err
}

// CheckNow makes an account due, also one that is paused or polled by hand only: at once,
// or as soon as its server wants to see it again. It returns when that is.
func (s *Store) CheckNow(ctx context.Context, user UserID, id AccountID) (due time.Time, err error) {
	err = s.write(ctx, func(t *tx) error {
		var next int64
		err := t.row("UPDATE accounts SET next_check = max(?, login_after), paused = 0 WHERE id = ? AND user_id = ? AND removed IS NULL RETURNING next_check",
			[]any{t.now, id, user}, &next)
		due = time.UnixMilli(next)
		return err
	})
	return due, err
}
