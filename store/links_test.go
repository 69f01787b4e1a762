package store

import (
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
		if !hasLinks(bits, links) {
			t.Fatalf("a filter of %d links has not all of them", n)
		}
		for range 20 {
			asked++
			if hasLinks(bits, []uint64{r.Uint64()}) {
				passed++
			}
		}
	}
	if passed*8 > asked {
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
