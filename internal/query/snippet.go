package query

import (
	"strings"
	"unicode/utf8"
)

// Snippet cuts a line of about limit characters out of text, around the first
// place that q looks for, or from the beginning when there is none; "…" stands
// where text was left out. The spans are those Highlight gives for the line.
func (q Query) Snippet(text string, limit int, fields ...Field) (string, []Span) {
	start := 0
	if hit, ok := q.First(text, fields...); ok {
		start = back(text, hit.Start, min(limit/3, maxLead))
	}
	line, complete := oneLine(text[start:], limit)
	if start > 0 && line != "" {
		line = "…" + line
	}
	if !complete {
		line += "…"
	}
	return line, q.Highlight(line, fields...)
}

// maxLead is how far into a line its hit begins at most: lines are cut short on small
// screens.
const maxLead = 12

// back goes n columns back from pos, of which ideographs and their like take two, then forward to the beginning of a word
// if there is one before pos.
func back(text string, pos, n int) int {
	start := pos
	for ; start > 0 && n > 0; n-- {
		r, size := utf8.DecodeLastRuneInString(text[:start])
		if start -= size; fold(r).class == character {
			n--
		}
	}
	if before, _ := utf8.DecodeLastRuneInString(text[:start]); start > 0 && !isBlank(before) {
		if i := strings.IndexFunc(text[start:pos], isBlank); i >= 0 {
			return start + i
		}
	}
	return start
}

// oneLine takes about limit characters of text, runs of blanks as one blank, and
// tells whether that was all. It does not part a character from its marks.
func oneLine(text string, limit int) (line string, complete bool) {
	var b strings.Builder
	blank, n := false, 0
	for i, r := range text {
		switch {
		case isBlank(r):
			blank = b.Len() > 0
			continue
		case n >= limit && fold(r).class != ignored:
			return b.String(), strings.TrimFunc(text[i:], isBlank) == ""
		case blank:
			b.WriteByte(' ')
			n++
		}
		blank = false
		b.WriteRune(r)
		n++
	}
	return b.String(), true
}
