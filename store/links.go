package store

import (
	"database/sql/driver"
	"encoding/binary"
	"slices"

	"modernc.org/sqlite"

	"postern/internal/query"
)

// A phrase is found among the messages that have all of its words, and nearly all of these
// may have them elsewhere. To look into the text of each takes long; so the index keeps of
// each message which words follow one another, as a Bloom filter: it rules out 97 of
// a hundred that do not have the phrase, and none that has it. Messages with very long texts have none:
// they are compared.
const linksSchema = `CREATE TABLE links (message_id INTEGER PRIMARY KEY, bits BLOB NOT NULL) STRICT;`

// How a filter is made; what is stored depends on it.
const (
	bitsPerLink  = 8
	bitsSet      = 5 // for each link
	maxLinkOctet = 8192
)

// packLinks makes the filter of links; nil: there are too many for one.
func packLinks(links []uint64) []byte {
	slices.Sort(links)
	links = slices.Compact(links)
	size := len(links)*bitsPerLink/8 + 1
	if size > maxLinkOctet {
		return nil
	}
	bits := make([]byte, size)
	for _, link := range links {
		for i := range bitsSet {
			n := linkBit(link, i, size)
			bits[n/8] |= 1 << (n % 8)
		}
	}
	return bits
}

// hasLinks tells whether a filter may be of a message that has all of some links, of eight octets each.
func hasLinks(bits, links []byte) bool {
	for link := range slices.Chunk(links, 8) {
		link := binary.LittleEndian.Uint64(link)
		for i := range bitsSet {
			if n := linkBit(link, i, len(bits)); bits[n/8]&(1<<(n%8)) == 0 {
				return false
			}
		}
	}
	return true
}

func linkBit(link uint64, i, size int) uint64 {
	step := link>>32 | 1
	return (link + uint64(i)*step) % uint64(8*size)
}

// linksOf are the links that each hit has for which all of parts hold.
func linksOf(parts []query.Node) (links []byte) {
	for _, part := range parts {
		if t, ok := part.(query.Text); ok {
			for _, link := range t.Links() {
				links = binary.LittleEndian.AppendUint64(links, link)
			}
		}
	}
	return links
}

// linked are the SQL terms that keep documents d to those of messages that may have the links of all hits.
func (f *filter) linked() (join, where string, args []any) {
	if len(f.links) == 0 {
		return "", "", nil
	}
	// Some are let pass in any case, so that a search that runs out of time has got somewhere.
	return " LEFT JOIN links k ON k.message_id = d.message_id", " AND (d.message_id % 128 = 0 OR may_have(k.bits, ?))", []any{f.links}
}

// may_have(bits, links) tells SQLite whether a message may have all of some links, by its filter; NULL: it has none.
func init() {
	sqlite.MustRegisterDeterministicScalarFunction("may_have", 2, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		bits, _ := args[0].([]byte)
		links, _ := args[1].([]byte)
		return len(bits) == 0 || hasLinks(bits, links), nil
	})
}
