package store

import (
	"context"
	"encoding/json"
	"math"
	"time"
)

// Maildrop is what an account's server holds, and what of it is here.
type Maildrop struct {
	Account  AccountID
	Messages int   // here and, as far as is known, on the server
	Octets   int64 // of these
	Leaving  int   // of these, whose deletion is asked for
	Freed    int64 // octets of those
	Gone     int   // here, and on the server no more
}

// onServer: listed, or to be deleted. What the server said it has deleted lies there no more,
// though no listing has confirmed it yet.
const onServer = "m.server = 1 OR m.server = 2 AND NOT EXISTS (SELECT 1 FROM deletions d WHERE d.message_id = m.id AND d.state = 3)"

// Maildrops returns what takes space on the servers of a user's accounts.
func (s *Store) Maildrops(ctx context.Context, user UserID) ([]Maildrop, error) {
	return collect(ctx, s.data.read, func(row scanner) (m Maildrop, err error) {
		return m, row.Scan(&m.Account, &m.Messages, &m.Octets, &m.Leaving, &m.Freed, &m.Gone)
	}, `SELECT a.id, count(m.id) FILTER (WHERE `+onServer+`), coalesce(sum(m.size) FILTER (WHERE `+onServer+`), 0),
			count(m.id) FILTER (WHERE m.server = 2 AND (`+onServer+`)), coalesce(sum(m.size) FILTER (WHERE m.server = 2 AND (`+onServer+`)), 0),
			count(m.id) FILTER (WHERE m.server > 0 AND NOT (`+onServer+`))
		FROM accounts a LEFT JOIN messages m ON m.account_id = a.id AND m.mailbox <> 9
		WHERE a.user_id = ? AND a.removed IS NULL GROUP BY a.id ORDER BY a.id`, user)
}

// OnServer returns messages that lie on an account's server and are stored here, the
// biggest first or the oldest first, at most limit.
func (s *Store) OnServer(ctx context.Context, user UserID, account AccountID, oldest bool, limit int) ([]Summary, error) {
	order := "m.size DESC, m.id DESC"
	if oldest {
		order = "m.received, m.id"
	}
	return collect(ctx, s.data.read, scanSummary, "SELECT "+summaryColumns+` FROM messages m
		WHERE m.account_id = ? AND m.user_id = ? AND m.server = 1 AND m.mailbox <> 9 ORDER BY `+order+" LIMIT ?", account, user, limit)
}

// SizeOf returns how many octets messages have together.
func (s *Store) SizeOf(ctx context.Context, user UserID, ids []MessageID) (int64, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return 0, err
	}
	return one(ctx, s.data.read, scanValue[int64], `SELECT coalesce(sum(m.size), 0) FROM json_each(?) j CROSS JOIN messages m ON m.id = j.value
		WHERE m.user_id = ?`, list, user)
}

const underPolicy = ` FROM unique_ids u JOIN accounts a ON a.id = u.account_id
	WHERE u.account_id = ? AND a.user_id = ? AND u.listed = 1 AND u.sha256 IS NOT NULL AND u.first_seen <= ?
	AND NOT EXISTS (SELECT 1 FROM deletions d WHERE d.account_id = u.account_id AND d.uidl = u.uidl
		AND (d.state IN (1, 2, 3) OR d.state IN (?, ?) AND d.reason NOT IN (?, ?)))`

const countToCome = `SELECT max(a.server_count - (SELECT count(*) FROM unique_ids u WHERE u.account_id = a.id AND u.listed = 1
	AND (u.sha256 IS NOT NULL OR u.outlined = 1)), 0)
	FROM accounts a WHERE a.id = ? AND a.user_id = ?`

// PolicyWouldDelete returns how many of the messages on the server now a policy would delete
// there. Deletions that are open already are not counted. What the next session has to prove
// again counts, and where everything is deleted after download, so does what is still to be
// downloaded.
func (s *Store) PolicyWouldDelete(ctx context.Context, user UserID, account AccountID, policy Policy, days int) (int, error) {
	before, toCome := s.now().Add(time.Second), 0
	switch policy {
	case DeleteAfterDownload:
		var err error
		if toCome, err = one(ctx, s.data.read, scanValue[int], countToCome, account, user); err != nil {
			return 0, err
		}
	case DeleteAfterDays:
		before = s.now().Add(-time.Duration(days) * 24 * time.Hour)
	default:
		return 0, nil
	}
	here, err := one(ctx, s.data.read, scanValue[int], "SELECT count(*)"+underPolicy,
		account, user, before.UnixMilli(), Refused, Cancelled, DeletedHere, Unfetched)
	return here + toCome, err
}

// PolicyBegins returns when the first of the messages on the server now is deleted there, if they are deleted so many days
// after they were first seen; the zero time if there is none.
func (s *Store) PolicyBegins(ctx context.Context, user UserID, account AccountID, days int) (time.Time, error) {
	seen, err := one(ctx, s.data.read, scanValue[*int64], "SELECT min(u.first_seen)"+underPolicy,
		account, user, int64(math.MaxInt64), Refused, Cancelled, DeletedHere, Unfetched)
	if err != nil || seen == nil {
		return time.Time{}, err
	}
	return time.UnixMilli(*seen).Add(time.Duration(days) * 24 * time.Hour), nil
}
