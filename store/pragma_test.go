package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"
)

// TestPragmasOfEveryConnection: pragmas belong to a connection, and a pool opens several.
func TestPragmasOfEveryConnection(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want := map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000"}
	check := func(what string, conn *sql.Conn) {
		t.Helper()
		for name, value := range want {
			var got string
			if err := conn.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&got); err != nil || got != value {
				t.Errorf("%s: %s is %s, want %s (%v)", what, name, got, value, err)
			}
		}
	}
	check("the writer", s.data.write.conn)
	for i := range s.data.read.Stats().MaxOpenConnections { // all at once, so that each is another one
		conn, err := s.data.read.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		check(fmt.Sprint("reader ", i), conn)
		if _, err := conn.ExecContext(t.Context(), "DELETE FROM meta"); err == nil {
			t.Errorf("reader %d can write", i)
		}
	}
}

// TestNeverBusy: fifty readers, and writers of two processes' kind, get in each other's way and none is turned away.
func TestNeverBusy(t *testing.T) {
	dir := t.TempDir()
	var stores []*Store
	for range 2 {
		s, err := Open(t.Context(), dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		stores = append(stores, s)
	}
	var running sync.WaitGroup
	for i := range 50 {
		running.Go(func() {
			s := stores[i%2]
			for range 10 {
				if _, err := s.Users(context.Background()); err != nil {
					t.Errorf("read: %v", err)
				}
				if i%5 == 0 {
					if err := s.Writable(context.Background()); err != nil {
						t.Errorf("write: %v", err)
					}
				}
			}
		})
	}
	running.Wait()
}
