package templates

import (
	"slices"
	"strings"
)

// Text is a line of text in pieces, some of them marked as hits of a search.
type Text []Span

// Span is one piece of text.
type Span struct {
	Text string
	URL  string // a link's target: http, https or mailto; "" for plain text
	Mark bool   // a hit of the search
}

// Plain returns s as a Text without marks.
func Plain(s string) Text { return Text{{Text: s}} }

// Marked returns s with the given byte ranges marked. Ranges must be sorted and must not overlap; those outside s are
// left out.
func Marked(s string, ranges [][2]int) Text {
	var t Text
	at := 0
	for _, r := range ranges {
		if r[0] < at || r[1] <= r[0] || r[1] > len(s) {
			continue
		}
		if r[0] > at {
			t = append(t, Span{Text: s[at:r[0]]})
		}
		t = append(t, Span{Text: s[r[0]:r[1]], Mark: true})
		at = r[1]
	}
	if at < len(s) || len(t) == 0 {
		t = append(t, Span{Text: s[at:]})
	}
	return t
}

// Marked returns t with the given ranges of its String marked, sorted and not overlapping. Links stay links.
func (t Text) Marked(ranges [][2]int) Text {
	if len(ranges) == 0 {
		return t
	}
	var out Text
	start := 0
	for _, s := range t {
		end, at := start+len(s.Text), start
		piece := func(to int, mark bool) {
			if to > at {
				out = append(out, Span{Text: s.Text[at-start : to-start], URL: s.URL, Mark: mark})
				at = to
			}
		}
		for len(ranges) > 0 && ranges[0][0] < end {
			piece(ranges[0][0], s.Mark)
			piece(min(ranges[0][1], end), true)
			if ranges[0][1] > end {
				break // it goes on in the next piece
			}
			ranges = ranges[1:]
		}
		piece(end, s.Mark)
		start = end
	}
	return out
}

// marked tells whether any of the text is a hit.
func (t Text) marked() bool { return slices.ContainsFunc(t, func(s Span) bool { return s.Mark }) }

// String returns the text without its marks.
func (t Text) String() string {
	var b strings.Builder
	for _, s := range t {
		b.WriteString(s.Text)
	}
	return b.String()
}

// TextBlock is a run of lines of a plain-text message at one depth of quoting.
type TextBlock struct {
	Quote int  // 0: the writer's own words; n: quoted n times, the marks removed
	Code  bool // a patch, a program or a table, whose letters are to be of one width
	// Signature tells the lines from "-- " on, which stand below all that somebody writes (RFC 3676 §4.3).
	Signature bool
	Text      Text
}

// passage is a run of blocks that is shown, or folded until it is wanted.
type passage struct {
	blocks []TextBlock
	folded bool
}

// longQuote is how many lines of a quote stand between a writer's own words without being folded.
const longQuote = 8

// passages folds what a text quotes at its end, and long quotes before that, unless hits of a search are in them. A text
// that does nothing but quote is shown as it is.
func passages(blocks []TextBlock) (list []passage) {
	for i := 0; i < len(blocks); {
		end, lines, found := i, 0, false
		for quoted := blocks[i].Quote > 0; end < len(blocks) && (blocks[end].Quote > 0) == quoted; end++ {
			lines += 1 + strings.Count(blocks[end].Text.String(), "\n")
			found = found || blocks[end].Text.marked()
		}
		p := passage{blocks: blocks[i:end]}
		p.folded = blocks[i].Quote > 0 && i > 0 && !found && (last(blocks[end:]) || lines > longQuote)
		list = append(list, p)
		i = end
	}
	return list
}

// last tells whether nothing but a signature follows.
func last(rest []TextBlock) bool { return len(rest) == 0 || len(rest) == 1 && rest[0].Signature }

// Bounds of what is made of one text, so that a hostile one does not become a page many times its size.
const (
	maxBlocks = 2000
	maxLinks  = 2000
)

// Blocks cuts a plain-text body into runs of equal quoting and makes its web and mail addresses links. It works in
// linear time; of a text with thousands of either, the rest is left as it is.
func Blocks(body string) []TextBlock {
	var blocks []TextBlock
	var lines []string // of the depth
	depth, room := 0, maxLinks
	add := func(b TextBlock, lines []string) {
		// Blank lines at the edges would only add to the space that stands between blocks anyway.
		if s := trimBlank(strings.Join(lines, "\n")); s != "" {
			b.Quote, b.Text = depth, links(s, &room)
			blocks = append(blocks, b)
		}
	}
	flush := func() {
		own := len(lines)
		if depth == 0 {
			own = signatureAt(lines)
		}
		for _, r := range runs(lines[:own], max(1, maxBlocks-len(blocks))) {
			add(TextBlock{Code: r.code}, r.lines)
		}
		add(TextBlock{Signature: true}, lines[own:])
		lines = nil
	}
	for line := range strings.SplitSeq(strings.TrimRight(body, "\r\n"), "\n") {
		line = strings.TrimSuffix(line, "\r")
		d, rest := 0, line
		if len(blocks) < maxBlocks {
			d, rest = quoteDepth(line)
		}
		if d != depth {
			flush()
			depth = d
		}
		lines = append(lines, rest)
	}
	flush()
	return blocks
}

// maxSignature is how many lines below its mark are still a signature, not a text with a line of two dashes in it.
const maxSignature = 20

// signatureAt finds the mark of a signature at the end of lines; len(lines) where there is none.
func signatureAt(lines []string) int {
	for i := len(lines) - 1; i >= max(0, len(lines)-1-maxSignature); i-- {
		switch line := lines[i]; {
		case line == "-- ", line == "--":
			return i
		case strings.HasPrefix(line, "-----"): // what follows a line across is somebody else's
			return len(lines)
		}
	}
	return len(lines)
}

// trimBlank drops the blank lines at both ends, and keeps how the first line with words is indented.
func trimBlank(s string) string {
	s = strings.TrimRight(s, " \t\n")
	for {
		first, rest, more := strings.Cut(s, "\n")
		if !more || strings.TrimSpace(first) != "" {
			return s
		}
		s = rest
	}
}

// maxQuote bounds how deep quotes are drawn; a line with more marks keeps the rest as text.
const maxQuote = 6

// quoteDepth counts the quote marks a line begins with and returns the line without them.
func quoteDepth(line string) (depth int, rest string) {
	rest = line
	for depth < maxQuote {
		next, ok := strings.CutPrefix(rest, ">")
		if !ok {
			break
		}
		depth++
		rest = strings.TrimPrefix(next, " ")
	}
	// "From " at the start of a line is written ">From " by mbox: one mark before From is not a quote.
	if depth == 1 && strings.HasPrefix(line, ">From ") {
		return 0, line[1:]
	}
	return depth, rest
}
