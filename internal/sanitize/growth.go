package sanitize

// growth is an upper bound on the nodes html.Parse makes of a stream of tags.
// The parser keeps a list of formatting elements that were left open and makes
// them again in each block that follows; what a tag may cost is therefore one
// node and one for each entry of that list since the last table cell began.
type growth struct {
	total  int
	open   []*element // formatting elements thought to be open, innermost last
	scopes []scope    // open tables and cells
}

// scope is an open table, or a cell or caption and where its formatting began.
type scope struct {
	table bool
	from  int
}

// misnested is the most an end tag out of order can cost: the adoption agency
// runs eight times and copies up to three elements and the block each time.
const misnested = 32

// reset forgets all but the memory.
func (g *growth) reset() { *g = growth{open: g.open[:0], scopes: g.scopes[:0]} }

func (g *growth) from() int {
	if n := len(g.scopes); n > 0 {
		return g.scopes[n-1].from
	}
	return 0
}

// node counts a text, which may be cut in two, or an element.
func (g *growth) node() { g.total += 2 + len(g.open) - g.from() }

func (g *growth) start(name []byte, e *element) {
	switch {
	case string(name) == "table":
		if g.inTable() { // ends the table it stands in directly
			break
		}
		g.scopes = append(g.scopes, scope{table: true, from: len(g.open)})
	case e.traits&marker != 0:
		g.leaveCell()
		if g.inTable() {
			g.scopes = append(g.scopes, scope{from: len(g.open)})
		}
	case e.in != "" && e.traits&tableLike != 0:
		g.leaveCell()
	}
	g.node()
	g.total++ // a row and its group may be implied
	if e.traits&formatting == 0 {
		return
	}
	if !reopened(name, e) {
		g.end(name, e)
	}
	g.open = append(g.open, e)
}

func (g *growth) end(name []byte, e *element) {
	switch {
	case string(name) == "table":
		g.leaveCell()
		if g.inTable() {
			g.scopes = g.scopes[:len(g.scopes)-1]
		}
	case e.in != "" && e.traits&special != 0:
		g.leaveCell()
	case e.traits&formatting != 0:
		g.close(e)
	case string(name) == "p" || string(name) == "br":
		g.node() // makes an empty one when none is open
	}
}

// close ends the innermost formatting element of that kind in this scope.
func (g *growth) close(e *element) {
	for i := len(g.open) - 1; i >= g.from(); i-- {
		if g.open[i] != e {
			continue
		}
		if i != len(g.open)-1 {
			g.total += misnested
		}
		g.open = append(g.open[:i], g.open[i+1:]...)
		g.total += misnested / 16
		return
	}
}

func (g *growth) inTable() bool {
	return len(g.scopes) > 0 && g.scopes[len(g.scopes)-1].table
}

// leaveCell ends an open cell or caption; the parser forgets the formatting
// left open in it.
func (g *growth) leaveCell() {
	n := len(g.scopes)
	if n == 0 || g.scopes[n-1].table {
		return
	}
	g.open = g.open[:g.scopes[n-1].from]
	g.scopes = g.scopes[:n-1]
}
