package store

import (
	"context"
	"errors"
	"fmt"
)

// SQLiteVersion is the version of the SQLite that is built in.
func SQLiteVersion() string {
	db := openPool(":memory:", 1, nil)
	defer db.close()
	v, err := one(context.Background(), db, scanValue[string], "SELECT sqlite_version()")
	if err != nil {
		return "unknown"
	}
	return v
}

// derived are the columns that follow from others: how to find rows that are wrong,
// and how to mend them.
var derived = []struct{ what, wrong, mend string }{
	{
		"the server mark of %d messages",
		"SELECT count(*) FROM messages WHERE server <> " + serverState,
		"UPDATE messages SET server = " + serverState,
	}, {
		"%d counters",
		`SELECT count(*) FROM (SELECT user_id, coalesce(account_id, 0) AS a, mailbox, count(*) AS n, sum(unread) AS u FROM messages GROUP BY 1, 2, 3) m
			FULL JOIN (SELECT * FROM counts WHERE total <> 0 OR unread <> 0) c ON c.user_id = m.user_id AND c.account_id = m.a AND c.mailbox = m.mailbox
			WHERE m.n IS NOT c.total OR m.u IS NOT c.unread`,
		`DELETE FROM counts;
			INSERT INTO counts SELECT user_id, coalesce(account_id, 0), mailbox, count(*), sum(unread) FROM messages GROUP BY 1, 2, 3`,
	}, {
		"%d places in lists of labels",
		"SELECT count(*) FROM message_labels l JOIN messages m ON m.id = l.message_id WHERE " + labelDiffers,
		`UPDATE message_labels SET (shown, received, unread) =
			(SELECT m.mailbox IN (1, 2), m.received, m.unread FROM messages m WHERE m.id = message_labels.message_id)`,
	}, {
		"the counters of %d labels",
		"SELECT count(*) FROM labels WHERE (total, unread) IS NOT " + labelCounts,
		"UPDATE labels SET (total, unread) = " + labelCounts,
	},
}

const (
	labelDiffers = "(l.shown, l.received, l.unread) IS NOT (m.mailbox IN (1, 2), m.received, m.unread)"
	labelCounts  = "(SELECT count(*), coalesce(sum(l.unread), 0) FROM message_labels l WHERE l.label_id = labels.id AND l.shown = 1)"
)

// Check reads everything back and reports each finding in a sentence: what SQLite says
// of the files, octets against their SHA-256, what is derived against its source, and
// messages that the index lacks. With fix it mends what is derived; octets that are
// damaged cannot be mended, only fetched again. It returns how many messages it read.
func (s *Store) Check(ctx context.Context, fix bool, report func(string)) (messages int, err error) {
	for _, pragma := range []string{"PRAGMA integrity_check", "PRAGMA foreign_key_check"} {
		lines, err := collect(ctx, s.data.read, scanFirst, pragma)
		if err != nil {
			return 0, fmt.Errorf("check %s: %w", s.data.path, err)
		}
		for _, line := range lines {
			if line != "ok" {
				report(fmt.Sprintf("%s: %s", dataFile, line))
			}
		}
	}
	if messages, err = s.checkOctets(ctx, report); err != nil {
		return messages, err
	}
	if err := s.checkDerived(ctx, fix, report); err != nil {
		return messages, err
	}
	return messages, s.checkSearch(ctx, fix, report)
}

// scanFirst scans the first column of a row, whatever follows.
func scanFirst(row scanner) (string, error) {
	cols := []any{new(any), new(any), new(any), new(any)}
	var err error
	for n := 1; n <= len(cols); n++ {
		if err = row.Scan(cols[:n]...); err == nil {
			return fmt.Sprint(*cols[0].(*any)), nil
		}
	}
	return "", err
}

func (s *Store) checkOctets(ctx context.Context, report func(string)) (int, error) {
	type message struct {
		id   MessageID
		user UserID
	}
	all, err := collect(ctx, s.data.read, func(row scanner) (m message, err error) {
		return m, row.Scan(&m.id, &m.user)
	}, "SELECT id, user_id FROM messages WHERE mailbox <> 9 ORDER BY id")
	if err != nil {
		return 0, err
	}
	for _, m := range all {
		o, err := s.Octets(ctx, m.user, m.id)
		if errors.Is(err, ErrNotFound) {
			continue // removed while we looked
		}
		if err == nil {
			err = o.Verify()
		}
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		if err != nil {
			report(fmt.Sprintf("message %d: %v", m.id, err))
		}
	}
	return len(all), nil
}

func (s *Store) checkDerived(ctx context.Context, fix bool, report func(string)) error {
	for _, d := range derived {
		wrong, err := one(ctx, s.data.read, scanValue[int], d.wrong)
		if err != nil {
			return err
		}
		if wrong == 0 {
			continue
		}
		report(fmt.Sprintf(d.what+" did not follow from the rest", wrong))
		if !fix {
			continue
		}
		if err := s.write(ctx, func(t *tx) error { return t.w.exec(d.mend) }); err != nil {
			return err
		}
	}
	return nil
}

// checkSearch looks for messages that are neither in the index nor waiting for it.
func (s *Store) checkSearch(ctx context.Context, fix bool, report func(string)) error {
	if fix {
		if err := s.IndexAll(ctx); err != nil {
			return err
		}
	}
	missing, err := one(ctx, s.index.read, scanValue[int], `SELECT count(*) FROM data.messages m WHERE m.mailbox <> 9
		AND NOT EXISTS (SELECT 1 FROM docs d WHERE d.message_id = m.id)
		AND NOT EXISTS (SELECT 1 FROM data.index_queue q WHERE q.message_id = m.id)`)
	if err != nil {
		return err
	}
	if missing == 0 {
		return nil
	}
	report(fmt.Sprintf("%d messages were missing in the search index", missing))
	if !fix {
		return nil
	}
	err = s.write(ctx, func(t *tx) error {
		_, err := t.exec("INSERT INTO index_queue (message_id) SELECT id FROM messages ORDER BY received")
		return err
	})
	if err != nil {
		return err
	}
	return s.IndexAll(ctx)
}
