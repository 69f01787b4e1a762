package sanitize

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestSoup feeds tag soup, which random bytes hardly ever make: tags of every
// element the tables know, misnested, unclosed, in the wrong places.
func TestSoup(t *testing.T) {
	rounds := 8000
	if testing.Short() {
		rounds = 1000
	}
	for _, src := range soups(rounds) {
		checkSoup(t, src)
		if t.Failed() {
			return
		}
	}
}

// soups gives n bodies of tag soup, the same ones each time.
func soups(n int) []string {
	names := slices.Sorted(maps.Keys(elements))
	names = append(names, "html", "head", "body", "form", "select", "svg", "unknown", "noscript", "button", "object",
		"table", "table", "td", "tr", "p", "a", "b", "li", "h1", "nobr", "font", "ruby", "rt", "pre", "dd")
	attrs := []string{"", "", "", ` class="x y"`, ` href="http://h.test/"`, ` id=k`, ` style="color:red;margin:-1px"`, ` width=10`,
		` color=red size=3`, ` src="http://t.test/i.png" alt=i`, ` name=k`}
	texts := []string{"x", " ", "\n", "\ny", "<", "&amp;lt;", "\u00a0", "&#13;\n", "\x00z"}
	rnd := rand.New(rand.NewPCG(7, 7))
	pick := func(list []string) string { return list[rnd.IntN(len(list))] }
	list := make([]string, n)
	for i := range list {
		var b strings.Builder
		few := make([]string, 1+rnd.IntN(7))
		for i := range few {
			few[i] = pick(names)
		}
		for range 2 + rnd.IntN(40) {
			switch rnd.IntN(4) {
			case 0:
				b.WriteString(pick(texts))
			case 1:
				b.WriteString("</" + pick(few) + ">")
			default:
				b.WriteString("<" + pick(few) + pick(attrs) + ">")
			}
		}
		list[i] = b.String()
	}
	return list
}

func checkSoup(t *testing.T, src string) {
	t.Helper()
	s := strain(src)
	defer s.release()
	if doc, err := s.parse(); err == nil {
		n := 0
		for range doc.Descendants() {
			n++
		}
		if n > s.cost.total+4 {
			t.Errorf("%d nodes, %d foreseen: %s", n, s.cost.total, src)
		}
	}
	got := HTML(src, Options{})
	if why := inert(got.HTML, nil); why != "" {
		t.Errorf("%s\n in: %s\nout: %s", why, src, got.HTML)
	}
	if again := HTML(got.HTML, Options{}); again.HTML != got.HTML {
		t.Errorf("not a fixpoint\n in: %s\n1st: %s\n2nd: %s", src, got.HTML, again.HTML)
	}
}
