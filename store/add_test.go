package store

import (
	"context"
	"strings"
	"testing"
)

// What is looked up for every message that comes or is listed must not cost more with every
// message that is there, or ever was deleted.
func TestSyncReadsFewRows(t *testing.T) {
	s, err := Open(context.Background(), t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for query, by := range map[string]string{
		relinkByContent:                 "unique_ids_content (account_id=? AND content=?)",
		relinkTombstone:                 "unique_ids_hash (account_id=? AND sha256=?)",
		listUniqueIDs:                   "deletions_uidl (account_id=? AND uidl=?)",
		"SELECT count(*)" + underPolicy: "deletions_uidl (account_id=? AND uidl=?)",
		lastDeletion:                    "deletions_uidl (account_id=? AND uidl=?)",
		sameSubject:                     "messages_subject (user_id=? AND thread_subject=? AND thread_orphan>?)",
	} {
		steps, err := collect(context.Background(), s.data.read, func(row scanner) (step string, err error) {
			var id, parent, unused int
			return step, row.Scan(&id, &parent, &unused, &step)
		}, "EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(steps, "\n"), by) {
			t.Errorf("%s\nruns as %q", query, steps)
		}
	}
}
