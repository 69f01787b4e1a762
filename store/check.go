package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// derived are what follows from other columns, and what no session, page or command writes:
// how to find rows that are wrong, and how to mend them without risk to a message, here or on
// its server. The order matters: later ones follow from earlier ones.
var derived = []struct{ what, wrong, mend string }{
	{
		"messages in no mailbox, which belong in Archive: %d",
		"SELECT count(*) FROM messages WHERE mailbox NOT IN (1, 2, 3, 4, 9)",
		"UPDATE messages SET mailbox = 2 WHERE mailbox NOT IN (1, 2, 3, 4, 9)",
	}, {
		"unique-ids that stood for a message of another account, so that what they name has to be fetched again: %d",
		"SELECT count(*) FROM unique_ids WHERE " + foreignUID,
		"UPDATE unique_ids SET message_id = NULL, sha256 = NULL, header = NULL, content = NULL, proved = 0 WHERE " + foreignUID,
	}, {
		"unique-ids that counted as proved though they are not listed, or nothing was retrieved under them: %d",
		"SELECT count(*) FROM unique_ids WHERE " + unproved,
		"UPDATE unique_ids SET proved = 0 WHERE " + unproved,
	}, {
		"deletions in no state that there is, which are cancelled: %d",
		"SELECT count(*) FROM deletions WHERE state NOT BETWEEN 1 AND 6",
		"UPDATE deletions SET state = 6 WHERE state NOT BETWEEN 1 AND 6",
	}, {
		"open deletions of a message that their account does not have, which are cancelled: %d",
		"SELECT count(*) FROM deletions WHERE " + strayDeletion,
		"UPDATE deletions SET state = 6, reply = 'postern check: the account does not have this message.' WHERE " + strayDeletion,
	}, {
		"messages whose server mark did not follow from the rest: %d",
		"SELECT count(*) FROM messages WHERE server <> " + serverState,
		"UPDATE messages SET server = " + serverState,
	}, {
		"counters that did not follow from the rest: %d",
		`SELECT count(*) FROM (SELECT user_id, coalesce(account_id, 0) AS a, mailbox, count(*) AS n, sum(unread) AS u FROM messages GROUP BY 1, 2, 3) m
			FULL JOIN (SELECT * FROM counts WHERE total <> 0 OR unread <> 0) c ON c.user_id = m.user_id AND c.account_id = m.a AND c.mailbox = m.mailbox
			WHERE m.n IS NOT c.total OR m.u IS NOT c.unread`,
		`DELETE FROM counts;
			INSERT INTO counts SELECT user_id, coalesce(account_id, 0), mailbox, count(*), sum(unread) FROM messages GROUP BY 1, 2, 3`,
	}, {
		"places in lists of labels that did not follow from the rest: %d",
		"SELECT count(*) FROM message_labels l JOIN messages m ON m.id = l.message_id WHERE " + labelDiffers,
		`UPDATE message_labels SET (shown, received, unread) =
			(SELECT m.mailbox IN (1, 2), m.received, m.unread FROM messages m WHERE m.id = message_labels.message_id)`,
	}, {
		"labels whose counters did not follow from the rest: %d",
		"SELECT count(*) FROM labels WHERE (total, unread) IS NOT " + labelCounts,
		"UPDATE labels SET (total, unread) = " + labelCounts,
	},
}

const (
	foreignUID = `EXISTS (SELECT 1 FROM messages m WHERE m.id = unique_ids.message_id AND m.account_id IS NOT unique_ids.account_id)`
	unproved   = "proved = 1 AND (listed = 0 OR sha256 IS NULL)"

	strayDeletion = `state IN (1, 2, 3) AND (EXISTS (SELECT 1 FROM messages m WHERE m.id = deletions.message_id AND m.account_id IS NOT deletions.account_id)
		OR NOT EXISTS (SELECT 1 FROM unique_ids u WHERE u.account_id = deletions.account_id AND u.uidl = deletions.uidl))`

	labelDiffers = "(l.shown, l.received, l.unread) IS NOT (m.mailbox IN (1, 2), m.received, m.unread)"
	labelCounts  = "(SELECT count(*), coalesce(sum(l.unread), 0) FROM message_labels l WHERE l.label_id = labels.id AND l.shown = 1)"
)

// Check reads everything back and reports each finding in a sentence: what SQLite says
// of the files, octets against their SHA-256, the ledgers, what is derived against its
// source, and the search index against the text of every message. With fix it mends what is
// derived, and nobody else may use the store meanwhile; octets that are
// damaged cannot be mended, but are fetched again where a server still has them. It returns
// how many messages it read.
func (s *Store) Check(ctx context.Context, fix bool, report func(string)) (messages int, err error) {
	return s.CheckWithProgress(ctx, fix, report, func(int, int) {})
}

// CheckWithProgress is Check that tells how much of its long parts, one after the other, is
// done: reading messages back, building the search index, comparing it.
func (s *Store) CheckWithProgress(ctx context.Context, fix bool, report func(string), progress func(done, total int)) (messages int, err error) {
	if fix {
		if err := s.FinishRemovals(ctx); err != nil {
			return 0, err
		}
	}
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
	if messages, err = s.checkOctets(ctx, fix, report, progress); err != nil {
		return messages, err
	}
	if err := s.checkReadings(ctx, fix, report); err != nil {
		return messages, err
	}
	if err := s.checkDerived(ctx, fix, report); err != nil {
		return messages, err
	}
	return messages, s.checkSearch(ctx, fix, report, progress)
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

func (s *Store) checkOctets(ctx context.Context, fix bool, report func(string), progress func(done, total int)) (int, error) {
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
	for i, m := range all {
		progress(i, len(all))
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
		if errors.Is(err, ErrNotFound) {
			continue
		}
		again := false
		if errors.Is(err, ErrDamaged) && fix {
			var ferr error
			if again, ferr = s.fetchAgain(ctx, m.id); ferr != nil {
				return i, ferr
			}
		}
		switch {
		case again:
			report(fmt.Sprintf("message %d: %v; it is fetched again from its server with the next check", m.id, err))
		case err != nil:
			report(fmt.Sprintf("message %d: %v", m.id, err))
		}
	}
	return len(all), nil
}

// fetchAgain makes of a message whose octets are damaged one of which only the header is
// here and the whole is wanted, if its server still has it: its next session then retrieves
// it, and until that is done nothing takes it for stored. What it was read to be stays.
func (s *Store) fetchAgain(ctx context.Context, id MessageID) (again bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		again = false
		n, err := t.exec(`UPDATE unique_ids SET sha256 = NULL, content = NULL, proved = 0, outlined = 1 WHERE message_id = ? AND listed = 1
			AND account_id IN (SELECT id FROM accounts WHERE removed IS NULL)`, id)
		if err != nil || n == 0 {
			return err
		}
		again = true
		if _, err := cancelOf(t, id); err != nil {
			return err
		}
		// The damaged octets no longer pass for those of this hash.
		if _, err := t.exec("UPDATE octets SET sha256 = CAST('damaged ' || id AS BLOB) WHERE id = (SELECT octets_id FROM messages WHERE id = ?)", id); err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM attachment_texts WHERE message_id = ?", id); err != nil {
			return err
		}
		if _, err := t.exec("UPDATE messages SET partial = 1 WHERE id = ?", id); err != nil {
			return err
		}
		return wantWhole(t, id)
	})
	return again, err
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
		report(fmt.Sprintf(d.what, wrong))
		if !fix {
			continue
		}
		if err := s.write(ctx, func(t *tx) error { return t.w.exec(d.mend) }); err != nil {
			return err
		}
	}
	return nil
}

// checkReadings looks for messages that cannot be shown because their reading is lost or
// damaged, and reads them again from their octets.
func (s *Store) checkReadings(ctx context.Context, fix bool, report func(string)) error {
	type message struct {
		id   MessageID
		user UserID
		lost bool
	}
	var lost []message
	for after := MessageID(0); ; {
		some, err := collect(ctx, s.data.read, func(row scanner) (m message, err error) {
			var stored, text []byte
			err = row.Scan(&m.id, &m.user, &stored, &text)
			m.lost = err == nil && soundReading(stored, text) != nil
			return m, err
		}, "SELECT m.id, m.user_id, "+storedReading+", r.text FROM messages m LEFT JOIN readings r ON r.message_id = m.id WHERE m.mailbox <> 9 AND m.id > ? ORDER BY m.id LIMIT 1000", after)
		if err != nil {
			return err
		}
		if len(some) == 0 {
			break
		}
		after = some[len(some)-1].id
		lost = append(lost, slices.DeleteFunc(some, func(m message) bool { return !m.lost })...)
	}
	if len(lost) == 0 {
		return nil
	}
	report(fmt.Sprintf("messages that had lost what was read of them: %d", len(lost)))
	for i := 0; fix && i < len(lost); i++ {
		if err := s.readAgain(ctx, lost[i].user, lost[i].id); err != nil {
			report(fmt.Sprintf("message %d cannot be read again: %v", lost[i].id, err))
		}
	}
	return ctx.Err()
}
