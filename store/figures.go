package store

import (
	"context"
	"time"
)

// AccountFigures are what an operator watches of one account, without anything that says
// whose it is.
type AccountFigures struct {
	Account      AccountID
	Here         int // messages, and of these
	Partial      int // such as only the header is here of
	Server       int // in the last complete listing
	ServerOctets int64
	Waiting      map[DeletionState]int // open deletions
	Failures     int                   // sessions that failed in a row
	Paused       bool                  // waits for a person
	NextCheck    time.Time
	LastGood     time.Time // the end of the last session that went well; zero: none is known
}

// Due tells whether a check of the account is waiting for its turn.
func (f AccountFigures) Due(now time.Time) bool { return !f.Paused && !f.NextCheck.After(now) }

// Figures returns the figures of all accounts of all users, for monitoring.
func (s *Store) Figures(ctx context.Context) ([]AccountFigures, error) {
	all, err := collect(ctx, s.data.read, func(row scanner) (f AccountFigures, err error) {
		var next int64
		var good *int64
		err = row.Scan(&f.Account, &f.Here, &f.Partial, &f.Server, &f.ServerOctets, &f.Failures, &f.Paused, &next, &good)
		f.NextCheck, f.LastGood, f.Waiting = time.UnixMilli(next), fromMillis(good), map[DeletionState]int{}
		return f, err
	}, `SELECT a.id, (SELECT coalesce(sum(c.total), 0) FROM counts c WHERE c.user_id = a.user_id AND c.account_id = a.id AND c.mailbox <> ?),
			(SELECT count(*) FROM messages m WHERE m.account_id = a.id AND m.partial = 1),
			a.server_count, a.server_octets, a.failures, a.paused, a.next_check,
			(SELECT max(y.ended) FROM syncs y WHERE y.account_id = a.id AND y.ok = 1)
		FROM accounts a WHERE a.removed IS NULL ORDER BY a.id`, Purged)
	if err != nil {
		return nil, err
	}
	at := make(map[AccountID]int, len(all))
	for i, f := range all {
		at[f.Account] = i
	}
	_, err = collect(ctx, s.data.read, func(row scanner) (_ struct{}, err error) {
		var id AccountID
		var state DeletionState
		var n int
		err = row.Scan(&id, &state, &n)
		if i, ok := at[id]; ok {
			all[i].Waiting[state] = n
		}
		return struct{}{}, err
	}, "SELECT account_id, state, count(*) FROM deletions WHERE state IN (1, 2, 3) GROUP BY account_id, state")
	return all, err
}
