package store

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// A filter rules out what its message has not, most of the time, and never what it has.
func TestLinkFilters(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	passed, asked := 0, 0
	for n := range 400 {
		links := make([]uint64, n)
		for i := range links {
			links[i] = r.Uint64()
		}
		bits := packLinks(append(links, links...))
		if !hasLinks(bits, linkOctets(links...)) {
			t.Fatalf("a filter of %d links has not all of them", n)
		}
		for range 20 {
			asked++
			if hasLinks(bits, linkOctets(r.Uint64())) {
				passed++
			}
		}
	}
	if passed*33 > asked {
		t.Errorf("%d of %d links that are not there are let pass", passed, asked)
	}
	many := make([]uint64, 100_000)
	for i := range many {
		many[i] = r.Uint64()
	}
	if packLinks(many) != nil {
		t.Error("a filter without bounds")
	}
}

// SQLite asks the same filters. What has none may have everything.
func TestLinkFiltersInSQL(t *testing.T) {
	s, err := Open(context.Background(), t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	bits := packLinks([]uint64{1 << 40, 2 << 40, 3 << 40})
	for _, c := range []struct {
		bits, links []byte
		want        bool
	}{
		{bits, linkOctets(1<<40, 3<<40), true},
		{bits, linkOctets(1<<40, 12345678901), false},
		{nil, linkOctets(12345678901), true},
	} {
		got, err := one(context.Background(), s.index.read, func(row scanner) (may bool, err error) {
			return may, row.Scan(&may)
		}, "SELECT may_have(?, ?)", c.bits, c.links)
		if err != nil || got != c.want {
			t.Errorf("may_have(%x, %x) is %v, %v", c.bits, c.links, got, err)
		}
	}
}

func linkOctets(links ...uint64) (octets []byte) {
	for _, link := range links {
		octets = binary.LittleEndian.AppendUint64(octets, link)
	}
	return octets
}
