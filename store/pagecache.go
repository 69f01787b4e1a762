package store

import (
	"fmt"
	"sync"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// What a connection keeps of each file's pages, in octets.
const (
	writerPages = 4 << 20
	readerPages = 1 << 20
)

// pageSize is that of both files, in octets.
const pageSize = 16 << 10

// poolPages gives SQLite, before it is first used, one piece of memory for the pages of all
// connections: two that write, and the readers of postern.db, of index.db and of what is
// attached to that. Else it asks for each page alone, which is a little more than 16 KiB with
// what SQLite notes of it, and gets 64 KiB. It is the same to everybody else: where there is
// none left, or SQLite is in use already, pages are asked for alone.
var poolPages = sync.OnceFunc(func() {
	tls := libc.NewTLS()
	defer tls.Close()
	args := libc.Xmalloc(tls, 64)
	defer libc.Xfree(tls, args)
	note := args + 32
	if sqlite3.Xsqlite3_config(tls, sqlite3.SQLITE_CONFIG_PCACHE_HDRSZ, libc.VaList(args, note)) != sqlite3.SQLITE_OK {
		return
	}
	slot := (pageSize + libc.AtomicLoadNInt32(note, 0) + 7) &^ 7
	slots := int32((2*writerPages + 3*readers*readerPages) / pageSize)
	pages := libc.Xmalloc(tls, libc.Tsize_t(slot*slots))
	if pages != 0 && sqlite3.Xsqlite3_config(tls, sqlite3.SQLITE_CONFIG_PAGECACHE, libc.VaList(args, pages, slot, slots)) != sqlite3.SQLITE_OK {
		libc.Xfree(tls, pages)
	}
})

// cacheSize bounds a connection's pages of a schema, "" or such as "data.".
func cacheSize(schema string, octets int) string {
	return fmt.Sprintf("PRAGMA %scache_size = -%d", schema, octets>>10)
}
