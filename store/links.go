package store

import (
	"context"
	"slices"

	"postern/internal/query"
)

// A phrase is found among the messages that have all of its words, and nearly all of these
// may have them elsewhere. To look into the text of each takes long; so the index keeps of
// each message which words follow one another, as a Bloom filter: it rules out nine of ten
// that do not have the phrase, and none that has it. Messages with very long texts have none:
// they are compared.
const linksSchema = `CREATE TABLE links (message_id INTEGER PRIMARY KEY, bits BLOB NOT NULL) STRICT;`

// How a filter is made; what is stored depends on it.
const (
	bitsPerLink  = 5
	bitsSet      = 3 // for each link
	maxLinkOctet = 4096
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

// hasLinks tells whether a filter may be of a message that has all of some links.
func hasLinks(bits []byte, links []uint64) bool {
	for _, link := range links {
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
func linksOf(parts []query.Node) (links []uint64) {
	for _, part := range parts {
		if t, ok := part.(query.Text); ok {
			links = append(links, t.Links()...)
		}
	}
	return links
}

// linked returns those of some hits that may have all of some links; nil: any may, for there
// are no links.
func (s *Store) linked(ctx context.Context, hits []hit, links []uint64) (may map[MessageID]bool, err error) {
	if len(links) == 0 {
		return nil, nil
	}
	list, err := idList(hits)
	if err != nil {
		return nil, err
	}
	may = make(map[MessageID]bool, len(hits))
	for _, h := range hits {
		may[h.id] = true
	}
	_, err = collect(ctx, s.index.read, func(row scanner) (struct{}, error) {
		var id MessageID
		var bits []byte
		err := row.Scan(&id, &bits)
		if err == nil && !hasLinks(bits, links) {
			delete(may, id)
		}
		return struct{}{}, err
	}, "SELECT l.message_id, l.bits FROM json_each(?) j CROSS JOIN links l ON l.message_id = j.value", list)
	return may, err
}
