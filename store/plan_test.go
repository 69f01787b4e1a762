package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// No list is sorted when it is asked for, and none reads a table from end to end: the
// cost of a page must not follow the size of the mailbox.
func TestListsAreReadFromIndexes(t *testing.T) {
	s, err := Open(context.Background(), t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, v := range map[string]View{
		"mailbox": {Mailbox: Inbox}, "all mail": {}, "starred": {Starred: true}, "label": {Label: 1},
		"mailbox of an account": {Mailbox: Inbox, Account: 1}, "all mail of an account": {Account: 1},
		"label of an account": {Label: 1, Account: 1}, "starred of an account": {Starred: true, Account: 1},
	} {
		for i := range 8 {
			v.Newer, v.Threads, v.Cursor = i&1 != 0, i&2 != 0, [...]string{"", "17.4"}[i>>2]
			name := fmt.Sprintf("%s, cursor %q, newer %v, threads %v", name, v.Cursor, v.Newer, v.Threads)
			q, args := v.listSQL(1)
			plan, err := collect(context.Background(), s.data.read, func(row scanner) (string, error) {
				var id, parent, unused int
				var step string
				return step, row.Scan(&id, &parent, &unused, &step)
			}, "EXPLAIN QUERY PLAN "+q, append(args, 51)...)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if all := strings.Join(plan, "\n"); strings.Contains(all, "TEMP B-TREE") || strings.Contains(all, "SCAN m") || strings.Contains(all, "SCAN l") {
				t.Errorf("%s:\n%s", name, all)
			}
			if all := strings.Join(plan, "\n"); v.Account != 0 && v.Label == 0 && !v.Starred && !strings.Contains(all, "messages_account") {
				t.Errorf("%s does not use the account's index:\n%s", name, all)
			}
		}
	}
}
