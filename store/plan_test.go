package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// listViews are lists of every kind.
var listViews = map[string]View{
	"mailbox": {Mailbox: Inbox}, "all mail": {}, "starred": {Starred: true}, "label": {Label: 1},
	"mailbox of an account": {Mailbox: Inbox, Account: 1}, "all mail of an account": {Account: 1},
	"label of an account": {Label: 1, Account: 1}, "starred of an account": {Starred: true, Account: 1},
}

// No list is sorted when it is asked for, and none reads a table from end to end: the
// cost of a page must not follow the size of the mailbox.
func TestListsAreReadFromIndexes(t *testing.T) {
	s, err := Open(context.Background(), t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, v := range listViews {
		q, args := v.headSQL(1, 7)
		if all := plan(t, s, q, args...); !strings.HasPrefix(all, "SEARCH m USING INDEX messages_thread (thread_id=?") || strings.Contains(all, "SCAN") {
			t.Errorf("%s: the newest of a conversation is looked for by\n%s", name, all)
		}
	}
	for name, v := range listViews {
		for i := range 8 {
			v.Newer, v.Threads, v.Cursor = i&1 != 0, i&2 != 0, [...]string{"", "17.4"}[i>>2]
			name := fmt.Sprintf("%s, cursor %q, newer %v, threads %v", name, v.Cursor, v.Newer, v.Threads)
			q, args := v.listSQL(1)
			all := plan(t, s, q, append(args, 51)...)
			if strings.Contains(all, "TEMP B-TREE") || strings.Contains(all, "SCAN m") || strings.Contains(all, "SCAN l") {
				t.Errorf("%s:\n%s", name, all)
			}
			if v.Account != 0 && v.Label == 0 && !v.Starred && !strings.Contains(all, "messages_account") {
				t.Errorf("%s does not use the account's index:\n%s", name, all)
			}
		}
	}
}

// Housekeeping reads what it may have to remove, and of octets all in their own order; it
// has no covering index read from end to end.
func TestHousekeepingReadsLittle(t *testing.T) {
	s, err := Open(context.Background(), t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for q, want := range map[string][2]string{
		purgedMessages: {"SCAN m USING INDEX messages_purged", "SEARCH d USING INDEX deletions_message"},
		unusedOctets:   {"SCAN o\n", "SEARCH m USING COVERING INDEX messages_octets"},
	} {
		var args []any
		if strings.Contains(q, "?") {
			args = append(args, purgeStep)
		}
		if all := plan(t, s, q, args...); !strings.Contains(all, want[0]) || !strings.Contains(all, want[1]) {
			t.Errorf("%s\n%s", q, all)
		}
	}
}

// plan is how SQLite would answer a query, a step in each line.
func plan(t *testing.T, s *Store, q string, args ...any) string {
	t.Helper()
	steps, err := collect(context.Background(), s.data.read, func(row scanner) (string, error) {
		var id, parent, unused int
		var step string
		return step, row.Scan(&id, &parent, &unused, &step)
	}, "EXPLAIN QUERY PLAN "+q, args...)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	return strings.Join(steps, "\n")
}
