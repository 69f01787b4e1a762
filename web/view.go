package web

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"postern/internal/i18n"
	"postern/internal/query"
	"postern/templates"
)

// number writes 8310 as "8,310".
func number(n int) string { return i18n.Number(n) }

// count is a number where nothing stands for none.
func count(n int) string {
	if n <= 0 {
		return ""
	}
	return number(n)
}

// messages writes "1 message", "8,310 messages".
func messages(n int) i18n.Text { return i18n.Count(n, "%d message", "%d messages") }

// sentences puts sentences one after the other.
func sentences(reader i18n.Locale, first string, others ...i18n.Text) string {
	for _, s := range others {
		first = reader.T("%s %s", first, s)
	}
	return first
}

// octets writes a size for people: "512 bytes", "1.2 MB".
func octets(n int64) i18n.Text {
	if n < 1000 {
		return i18n.Count(int(max(n, 0)), "%d byte", "%d bytes")
	}
	f, unit := float64(n)/1000, "kB"
	for _, next := range []string{"MB", "GB", "TB"} {
		if f < 999.5 {
			break
		}
		f, unit = f/1000, next
	}
	if f < 9.95 {
		return i18n.Verbatim(fmt.Sprintf("%.1f %s", f, unit))
	}
	return i18n.Verbatim(fmt.Sprintf("%.0f %s", f, unit))
}

// clock writes times as seen from now, for one reader.
type clock struct {
	i18n.Locale
	now time.Time // in the reader's zone
}

// clock is for the reader of ctx.
func (s *Server) clock(ctx context.Context) clock {
	l := i18n.From(ctx)
	return clock{l, l.In(s.now())}
}

// brief is for lists: "14:02", "3 Nov", "3 Nov 2024".
func (c clock) brief(t time.Time) string {
	t = c.In(t)
	switch {
	case t.Year() == c.now.Year() && t.YearDay() == c.now.YearDay():
		return c.Date(t, "15:04")
	case t.Year() == c.now.Year():
		return c.Date(t, "2 Jan")
	}
	return c.Date(t, "2 Jan 2006")
}

// full is for the place where there is room: "Tuesday, 3 November 2026, 14:02".
func (c clock) full(t time.Time) string { return c.Date(t, "Monday, 2 January 2006, 15:04") }

// iso is for the datetime attribute.
func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ago is for what was not long ago: "2 minutes ago".
func (c clock) ago(t time.Time) string {
	d := c.now.Sub(t)
	switch {
	case d < time.Minute:
		return c.T("just now")
	case d < time.Hour:
		return c.N(int(d/time.Minute), "%d minute ago", "%d minutes ago")
	case d < 24*time.Hour:
		return c.N(int(d/time.Hour), "%d hour ago", "%d hours ago")
	case d < 30*24*time.Hour:
		return c.N(int(d/(24*time.Hour)), "%d day ago", "%d days ago")
	}
	return c.T("on %s", c.Date(t, "2 January 2006"))
}

// at is for what is to come: "14:02", "4 November, 14:02".
func (c clock) at(t time.Time) string {
	if t = c.In(t); t.Year() == c.now.Year() && t.YearDay() == c.now.YearDay() {
		return c.Date(t, "15:04")
	}
	return c.Date(t, "2 January, 15:04")
}

// until is for what comes soon: "now", "in 4 minutes".
func (c clock) until(t time.Time) string {
	d := t.Sub(c.now)
	switch {
	case d <= 0:
		return c.T("now")
	case d < 90*time.Second:
		return c.T("in a minute")
	case d < time.Hour:
		return c.N(int(d.Round(time.Minute)/time.Minute), "in %d minute", "in %d minutes")
	case d < 48*time.Hour:
		return c.N(int(d.Round(time.Hour)/time.Hour), "in %d hour", "in %d hours")
	}
	return c.T("on %s", c.Date(t, "2 January"))
}

// duration writes how long something takes: "0.4 s", "3 min".
func duration(d time.Duration) i18n.Text {
	switch {
	case d < 10*time.Second:
		return i18n.Say("%s s", fmt.Sprintf("%.1f", d.Seconds()))
	case d < 90*time.Second:
		return i18n.Say("%s s", fmt.Sprintf("%.0f", d.Seconds()))
	case d < 90*time.Minute:
		return i18n.Say("%s min", fmt.Sprintf("%.0f", d.Minutes()))
	}
	return i18n.Say("%s h", fmt.Sprintf("%.1f", d.Hours()))
}

// truncate cuts s to at most n octets, never inside a character.
func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// oneLine makes a header's text safe to stand in a line of a page: no control characters, none that reorder or
// hide what stands around them, and no more marks on a letter than languages put there: piled up, they reach over the lines
// above and below. Templates escape it; this keeps a sender from forging how it reads.
func oneLine(s string) string {
	if strings.IndexFunc(s, misleads) < 0 && !strings.ContainsFunc(s, marks) {
		return s
	}
	pile := 0
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case misleads(r):
			return -1
		case !marks(r):
			pile = 0
		default:
			if pile++; pile > maxPile {
				return -1
			}
		}
		return r
	}, s)), " ")
}

// maxPile is how many marks a letter keeps. Vietnamese puts two on one, pointed Hebrew four.
const maxPile = 4

// marks tells which characters are drawn over or under the one before them. Those of Tibetan are letters.
func marks(r rune) bool {
	return r >= 0x300 && unicode.In(r, unicode.Mn, unicode.Me) && !unicode.Is(unicode.Tibetan, r)
}

// misleads tells which characters oneLine takes out: controls, marks of direction, what is invisible. The joiners that
// emoji and Indic scripts need stay.
func misleads(r rune) bool {
	switch {
	case unicode.IsControl(r):
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c:
		return true
	case r == 0x200b, r == 0x2060, r == 0xfeff, r == 0x2028, r == 0x2029, r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}

// subjectText is a subject as it is shown.
func subjectText(reader i18n.Locale, s string) string {
	if s = oneLine(s); strings.TrimSpace(s) == "" {
		return reader.T("(no subject)")
	}
	return s
}

// hits marks in s what q looks for in the given fields.
func hits(q query.Query, s string, fields ...query.Field) templates.Text {
	return templates.Marked(s, ranges(q, s, fields...))
}

// ranges are where in s stands what q looks for in the given fields.
func ranges(q query.Query, s string, fields ...query.Field) (list [][2]int) {
	for _, span := range q.Highlight(s, fields...) {
		list = append(list, [2]int{span.Start, span.End})
	}
	return list
}
