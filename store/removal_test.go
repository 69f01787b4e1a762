package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"postern/internal/seal"
	"postern/store"
)

// crowd is a data directory with ann, who has two accounts and an import, and ben. The
// same messages are in all of these, so that octets are shared, and some await deletion.
type crowd struct {
	*household
	dir         string
	key         *seal.Key
	ben         store.UserID
	second      store.AccountID
	benMessages []store.MessageID
}

func newCrowd(t *testing.T) *crowd {
	t.Helper()
	c := &crowd{household: &household{t: t}, dir: t.TempDir(), key: seal.NewKey()}
	c.Store = openIn(t, c.dir, c.key)
	c.user = c.addUser("ben")
	c.account = c.addAccount(store.DeleteOnDelete)
	c.ben, c.benMessages = c.user, c.fill(0, 40)
	c.user = c.addUser("ann")
	c.second = c.addAccount(store.DeleteOnDelete)
	c.account = c.addAccount(store.DeleteOnDelete)
	first := c.account
	c.account = c.second
	c.fill(100, 230)
	c.account = first
	c.fill(0, 230)
	var imported []store.Incoming
	for i := range 10 {
		imported = append(imported, incoming(t, "", mail(500+i, "Imported", "zannword from a file")))
	}
	_, err := c.ImportMessages(context.Background(), c.user, imported)
	c.check(err)
	c.check(c.IndexAll(context.Background()))
	return c
}

// fill adds messages to the account, and deletes, purges and labels some of them.
func (c *crowd) fill(from, to int) (ids []store.MessageID) {
	c.t.Helper()
	who := "zannword"
	if c.ben == 0 {
		who = "bensword"
	}
	var in []store.Incoming
	for i := from; i < to; i++ {
		in = append(in, incoming(c.t, fmt.Sprint("uid-", i), mail(i, fmt.Sprint("Mail ", i), who)))
	}
	kept, err := c.AddMessages(context.Background(), c.acct(), in)
	c.check(err)
	for _, k := range kept {
		ids = append(ids, k.ID)
	}
	c.act(store.Delete, ids[:20]...)
	c.act(store.Purge, ids[:5]...)
	_, err = c.Label(context.Background(), c.user, "Work", true, ids[5:30])
	c.check(err)
	return ids
}

func (c *crowd) count(query string) int {
	c.t.Helper()
	n, err := c.Count(query)
	c.check(err)
	return n
}

// bensIsWhole looks at what must be as it was.
func (c *crowd) bensIsWhole() {
	c.t.Helper()
	for _, id := range c.benMessages[5:] {
		o, err := c.Octets(context.Background(), c.ben, id)
		if err == nil {
			err = o.Verify()
		}
		if err != nil {
			c.t.Fatalf("ben's message %d: %v", id, err)
		}
	}
	for _, found := range c.checkStore(false) {
		c.t.Errorf("check: %s", found)
	}
}

// A removal ends after any of its transactions, as by a power cut, and goes on in another
// process; until it has, check has nothing to say.
func TestRemovalGoesOn(t *testing.T) {
	defer store.SetRemovalPatience(0)()
	ctx := context.Background()
	for _, what := range []string{"user", "account"} {
		t.Run(what, func(t *testing.T) {
			c := newCrowd(t)
			if what == "user" {
				c.check(c.RemoveUser(ctx, c.user))
				if _, err := c.UserNamed(ctx, "ann"); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("the removed user is still there: %v", err)
				}
				if _, err := c.User(ctx, c.user); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("the removed user is still there: %v", err)
				}
				if err := c.AddSession(ctx, store.Session{ID: []byte("x"), User: c.user, Data: []byte{}}); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("the removed user may sign in: %v", err)
				}
				_, err := c.AddUser(ctx, "Ann", "$hash", true)
				c.check(err)
			} else {
				c.check(c.RemoveAccount(ctx, c.user, c.second, false))
			}
			select {
			case <-c.Removals():
			default:
				t.Error("nothing says that rows are left")
			}
			steps := 0
			for done := false; !done; steps++ {
				var err error
				done, err = c.RemovalStep()
				c.check(err)
				c.bensIsWhole()
				if steps%3 == 0 { // a power cut, which may take the log of the index
					next := t.TempDir()
					copyStore(t, c.dir, next)
					if steps%2 == 0 {
						os.Remove(filepath.Join(next, "index.db-wal"))
					}
					c.check(c.Close())
					c.dir = next
					c.Store = openIn(t, next, c.key)
					c.bensIsWhole()
				}
			}
			if steps < 6 {
				t.Errorf("a removal of %d steps proves nothing", steps)
			}
			c.check(c.IndexAll(ctx))
			c.check(c.Housekeep(ctx))
			c.bensIsWhole()
			c.nothingLeft(what == "user")
		})
	}
}

// nothingLeft looks into every table for rows of what was removed.
func (c *crowd) nothingLeft(wholeUser bool) {
	c.t.Helper()
	column, id := "account_id", int64(c.second)
	if wholeUser {
		column, id = "user_id", int64(c.user)
	}
	tables := 0
	for _, schema := range []string{"main", "data"} {
		for _, table := range c.tablesWith(schema, column) {
			tables++
			if n := c.count(fmt.Sprintf("SELECT count(*) FROM %s.%s WHERE %s = %d", schema, table, column, id)); n > 0 {
				c.t.Errorf("%d rows are left in %s.%s", n, schema, table)
			}
		}
	}
	if tables < 5 {
		c.t.Errorf("only %d tables have a column %s", tables, column)
	}
	messages := c.count("SELECT count(*) FROM data.messages")
	for _, table := range []string{"data.readings", "docs"} {
		if n := c.count("SELECT count(*) FROM " + table); n > messages {
			c.t.Errorf("%d rows in %s for %d messages", n, table, messages)
		}
	}
	if n := c.count("SELECT count(*) FROM data.octets o WHERE NOT EXISTS (SELECT 1 FROM data.messages m WHERE m.octets_id = o.id)"); n > 0 {
		c.t.Errorf("%d raw messages are left", n)
	}
	if n := c.count("SELECT count(*) FROM data.chunks"); n != c.count("SELECT count(*) FROM data.octets") {
		c.t.Errorf("%d chunks are left", n)
	}
	names, err := c.Names("SELECT name FROM sqlite_schema WHERE type = 'table'")
	c.check(err)
	if has := slices.Contains(names, fmt.Sprintf("head_%d", c.user)); has == wholeUser {
		c.t.Errorf("tables of the index: %q", names)
	}
	// No word of what was removed is left in the index, not even where SQL does not see it.
	c.check(c.Close())
	if file := c.indexFile(); wholeUser && strings.Contains(file, "zannword") || !strings.Contains(file, "bensword") {
		c.t.Error("words of the removed user are still in index.db")
	}
}

func (c *crowd) tablesWith(schema, column string) (tables []string) {
	c.t.Helper()
	names, err := c.Names("SELECT t.name FROM " + schema + ".sqlite_schema t, pragma_table_info(t.name, '" + schema + "') i WHERE t.type = 'table' AND i.name = '" + column + "'")
	c.check(err)
	return names
}

// indexFile is index.db without the pages that are free: SQLite leaves in these what they had.
func (c *crowd) indexFile() string {
	c.t.Helper()
	c.check(vacuum(filepath.Join(c.dir, "index.db")))
	data, err := os.ReadFile(filepath.Join(c.dir, "index.db"))
	c.check(err)
	return string(data)
}

// Mail that stays when its account goes has its deletions cancelled, however many.
func TestRemovedAccountThatKeepsItsMail(t *testing.T) {
	defer store.SetRemovalPatience(0)()
	ctx := context.Background()
	c := newCrowd(t)
	waiting, err := c.OpenDeletions(ctx, c.user, c.second)
	c.check(err)
	if len(waiting) < 15 {
		t.Fatalf("%d deletions wait", len(waiting))
	}
	before := len(c.found("zannword"))
	c.check(c.RemoveAccount(ctx, c.user, c.second, true))
	c.check(c.FinishRemovals(ctx))
	if open, err := c.OpenDeletions(ctx, c.user, c.second); err != nil || len(open) > 0 {
		t.Errorf("%d deletions wait still, %v", len(open), err)
	}
	if after := len(c.found("zannword")); after != before {
		t.Errorf("%d messages found, %d before", after, before)
	}
	c.bensIsWhole()
}

// The room of what was removed goes back to the disk, of both files.
func TestRemovedMailGivesItsRoomBack(t *testing.T) {
	ctx := context.Background()
	c := &crowd{household: newHousehold(t)}
	c.dir = c.Dir()
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 40 {
		var words strings.Builder
		for range 20_000 {
			fmt.Fprintf(&words, "%x ", r.Uint32())
		}
		c.deliver(mail(i, "Mail", words.String()))
	}
	c.check(c.IndexAll(ctx))
	before, err := c.Size()
	c.check(err)
	c.check(c.RemoveUser(ctx, c.user))
	c.check(c.FinishRemovals(ctx))
	c.check(c.IndexAll(ctx))
	c.check(c.Housekeep(ctx))
	c.check(c.Close())
	for name, most := range map[string]int64{"postern.db": 2 << 20, "index.db": 2 << 20} {
		info, err := os.Stat(filepath.Join(c.dir, name))
		c.check(err)
		if info.Size() > most {
			t.Errorf("%s has %d octets without any mail; both files had %d", name, info.Size(), before)
		}
	}
	if before < 8<<20 {
		t.Errorf("%d octets prove nothing", before)
	}
}
