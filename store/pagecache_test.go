package store

import (
	"testing"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// TestPagesComeFromThePool: SQLite has taken the memory, and a page of ours fits into it.
func TestPagesComeFromThePool(t *testing.T) {
	s := openTest(t, t.TempDir())
	if err := s.write(t.Context(), func(t *tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	tls := libc.NewTLS()
	defer tls.Close()
	used := libc.Xmalloc(tls, 16)
	defer libc.Xfree(tls, used)
	if rc := sqlite3.Xsqlite3_status(tls, sqlite3.SQLITE_STATUS_PAGECACHE_USED, used, used+8, 0); rc != sqlite3.SQLITE_OK || libc.AtomicLoadNInt32(used, 0) == 0 {
		t.Errorf("no page in the pool (status %d)", rc)
	}
}
