package store

import (
	"context"
	"fmt"
)

// mergeStep is how many pages of an FTS5 table one transaction merges.
const mergeStep = 250

// mergeIndex brings the words of tables that are in many segments together in one. A search
// looks into each segment for each of its words, and what FTS5 merges by itself while mail
// comes is no more than keeps their number within bounds.
func (s *Store) mergeIndex(ctx context.Context) error {
	type words struct {
		table string
		full  bool // hardly anything is added any more
	}
	tables, err := collect(ctx, s.index.read, func(row scanner) (w words, err error) {
		var id int64
		err = row.Scan(&id, &w.full)
		w.table = shardTable(id)
		return w, err
	}, "SELECT id, count >= ? FROM shards ORDER BY id", shardSize)
	if err != nil {
		return err
	}
	users, err := collect(ctx, s.index.read, scanValue[UserID], "SELECT DISTINCT user_id FROM shards")
	if err != nil {
		return err
	}
	for _, user := range users {
		tables = append(tables, words{table: headTable(user)})
	}
	for _, w := range tables {
		more, err := s.scattered(ctx, w.table, w.full)
		for more && err == nil {
			more, err = s.mergeSome(ctx, w.table)
		}
		if err != nil {
			return s.damaged(ctx, fmt.Errorf("%s: %w", w.table, err))
		}
	}
	return nil
}

// scattered tells whether a table is worth merging: the largest of its segments has not nine
// tenths of its pages, or, as long as it grows, half of them. To write all of it anew for
// less would cost more than it brings.
func (s *Store) scattered(ctx context.Context, table string, full bool) (bool, error) {
	var largest, all int
	err := s.index.read.QueryRowContext(ctx, fmt.Sprintf(
		"SELECT coalesce(max(n), 0), coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM %s_idx GROUP BY segid)", table)).Scan(&largest, &all)
	if full {
		return 10*largest < 9*all, err
	}
	return 2*largest < all, err
}

// mergeSome merges a part of a table, and tells whether there may be more to merge.
func (s *Store) mergeSome(ctx context.Context, table string) (more bool, err error) {
	err = s.index.write.do(ctx, func(t *tx) error {
		var before, after int64
		if err := t.row("SELECT total_changes()", nil, &before); err != nil {
			return err
		}
		// A negative number means all segments, into one.
		if _, err := t.exec(fmt.Sprintf("INSERT INTO %s (%[1]s, rank) VALUES ('merge', ?)", table), -mergeStep); err != nil {
			return err
		}
		if err := t.row("SELECT total_changes()", nil, &after); err != nil {
			return err
		}
		more = after-before >= 2 // as FTS5's documentation says
		return nil
	})
	return more, err
}
