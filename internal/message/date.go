package message

import (
	"strconv"
	"strings"
	"time"
)

// parseDate reads a date of RFC 5322 §3.3 and whatever else mailers write: asctime, ISO 8601,
// American order, missing zones, names of zones, AM and PM, full names of months, years of two
// digits. ok is false when there is no day, month and year to be found.
func parseDate(raw string) (t time.Time, ok bool) {
	raw = clip(raw, 200)
	if t, ok := standardDate(raw); ok {
		return t, true
	}
	return anyDate(raw)
}

func anyDate(raw string) (time.Time, bool) {
	d := dateReader{hour: -1, day: -1, month: -1, year: -1}
	// Words in comments come last: only a zone is taken from them, when nothing else names one.
	dateWords(raw, false, d.word)
	if strings.IndexByte(raw, '(') >= 0 {
		dateWords(raw, true, func(w string) {
			if !d.hasZone {
				d.zoneWord(w)
			}
		})
	}
	return d.time()
}

// standardDate reads a date in the form that nearly all mail has it in, as anyDate does, in a tenth of the time.
func standardDate(s string) (time.Time, bool) {
	s, _, _ = strings.Cut(s, "(")
	s = strings.TrimSpace(s)
	if day, rest, ok := strings.Cut(s, ", "); ok && len(day) == 3 && strings.Contains("Mon Tue Wed Thu Fri Sat Sun", day) {
		s = rest
	}
	t, err := time.ParseInLocation("2 Jan 2006 15:04:05 -0700", s, time.UTC)
	if err != nil || strings.ContainsAny(s, ".,") || t.Year() < 1900 || t.UTC().Year() > 9999 {
		return time.Time{}, false
	}
	_, east := t.Zone()
	return t, east > -24*3600 && east < 24*3600
}

// dateReader takes in the words of a date in any order.
type dateReader struct {
	day, month, year  int
	hour, minute, sec int
	nano              int
	afternoon         int // 1 AM, 2 PM
	zone              int // seconds east
	hasZone, numeric  bool
}

// dateWords cuts at blanks and commas, and calls f for the words in comments, or for all others.
func dateWords(s string, inComments bool, f func(string)) {
	depth := 0
	start := -1
	end := func(i int) {
		if start >= 0 && inComments == (depth > 0) {
			f(s[start:i])
		}
		start = -1
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '(':
			end(i)
			depth++
		case c == ')':
			end(i)
			depth = max(depth-1, 0)
		case c <= ' ' || c == ',' || c == ';' || c == '"' || c == '<' || c == '>':
			end(i)
		case start < 0:
			start = i
		}
	}
	end(len(s))
}

func (d *dateReader) word(w string) {
	switch {
	case w == "":
	case isDigit(w[0]) && isClock(w):
		d.clock(w)
	case isDigit(w[0]):
		d.number(w)
	case (w[0] == '+' || w[0] == '-') && len(w) > 1 && isDigit(w[1]):
		d.offset(w)
	default:
		d.name(w)
	}
}

// isClock tells a time from a date in figures with a time behind it.
func isClock(w string) bool {
	i := strings.IndexByte(w, ':')
	return i > 0 && !strings.ContainsAny(w[:i], "-/")
}

// clock reads "10:28:3", "10:28:03.123", "10:28:03Z", "10:28PM", "10:28:03+0200".
func (d *dateReader) clock(w string) {
	i := 0
	for i < len(w) && (isDigit(w[i]) || w[i] == ':' || w[i] == '.') {
		i++
	}
	hour, rest, timed := strings.Cut(w[:i], ":")
	if d.hour >= 0 || !timed {
		return
	}
	minute, secs, exact := strings.Cut(rest, ":")
	if exact {
		secs = secs[strings.LastIndexByte(secs, ':')+1:]
		whole, frac, _ := strings.Cut(secs, ".")
		if d.sec = atoi(whole); len(frac) > 0 {
			d.nano = atoi((frac + "000000000")[:9])
		}
	} else {
		minute, _, _ = strings.Cut(minute, ".")
	}
	d.hour, d.minute = atoi(hour), atoi(minute)
	if rest := w[i:]; rest != "" {
		d.word(rest)
	}
}

// number reads a day, a year, or a date in figures.
func (d *dateReader) number(w string) {
	i := 0
	for i < len(w) && isDigit(w[i]) {
		i++
	}
	n, rest := atoi(w[:i]), w[i:]
	switch {
	case rest != "" && (rest[0] == '-' || rest[0] == '/' || rest[0] == '.') && len(rest) > 1:
		d.figures(w, rest[0])
		return
	case i == 8 && d.day < 0 && d.year < 0 && rest == "":
		d.year, d.month, d.day = n/10000, n/100%100, n%100
		return
	case i >= 4 && i <= 5 && d.year < 0 || i >= 2 && d.day >= 0 && d.year < 0:
		d.year = fullYear(n)
	case d.day < 0 && n >= 1 && n <= 31:
		d.day = n
	case d.day >= 0 && d.year < 0:
		d.year = fullYear(n)
	}
	if rest != "" && !isOrdinal(rest) {
		d.word(rest)
	}
}

// figures reads "2026-04-29", "29-Apr-2026", "4/29/2026", "29.4.2026", each perhaps with a time.
func (d *dateReader) figures(w string, sep byte) {
	date, clock, timed := strings.Cut(w, "T")
	f := strings.Split(date, string(sep))
	if len(f) < 3 || d.year >= 0 || d.day >= 0 {
		return
	}
	a, b, c := atoi(f[0]), atoi(f[1]), atoi(f[2])
	month := monthNumber(f[1])
	switch {
	case month > 0:
		d.day, d.month, d.year = a, month, fullYear(c)
	case len(f[0]) == 4:
		d.year, d.month, d.day = a, b, c
	case sep == '/' && a <= 12:
		d.month, d.day, d.year = a, b, fullYear(c)
	default:
		d.day, d.month, d.year = a, b, fullYear(c)
	}
	if timed {
		d.word(clock)
	}
}

// offset reads "+0200", "-600", "+02:00", "+2".
func (d *dateReader) offset(w string) {
	if d.numeric {
		return
	}
	digits := strings.ReplaceAll(w[1:], ":", "")
	for i := range digits {
		if !isDigit(digits[i]) {
			digits = digits[:i]
			break
		}
	}
	n := atoi(digits)
	h, m := n/100, n%100
	if len(digits) <= 2 {
		h, m = n, 0
	}
	if h > 23 || m > 59 || len(digits) > 4 {
		h, m = 0, 0 // no place is that far from Greenwich
	}
	d.zone = h*3600 + m*60
	if w[0] == '-' {
		d.zone = -d.zone
	}
	d.hasZone, d.numeric = true, true
}

// name reads months, zones, AM and PM. Names of weekdays are passed over.
func (d *dateReader) name(w string) {
	switch half := strings.Trim(w, "."); {
	case strings.EqualFold(half, "AM"), strings.EqualFold(half, "A.M"):
		d.afternoon = 1
		return
	case strings.EqualFold(half, "PM"), strings.EqualFold(half, "P.M"):
		d.afternoon = 2
		return
	}
	if m := monthNumber(w); m > 0 && d.month < 0 {
		d.month = m
		if i := strings.IndexAny(w, "-/"); i >= 0 { // Apr-29
			d.word(w[i+1:])
		}
		return
	}
	d.zoneWord(w)
}

// zoneWord reads "EST", "GMT+0200", "UTC-5", "Z".
func (d *dateReader) zoneWord(w string) {
	base, sign := w, strings.IndexAny(w, "+-")
	if sign > 0 {
		base = w[:sign]
	}
	var upper [8]byte
	east, ok := zoneNames[string(toUpper(upper[:0], base))]
	if ok && !d.numeric {
		d.zone, d.hasZone = east, true
	}
	if sign >= 0 && sign+1 < len(w) && isDigit(w[sign+1]) && (ok || sign == 0) {
		d.offset(w[sign:])
	}
}

func (d *dateReader) time() (time.Time, bool) {
	if d.day < 1 || d.day > 31 || d.month < 1 || d.month > 12 || d.year < 1900 || d.year > 9999 {
		return time.Time{}, false
	}
	hour := max(d.hour, 0)
	switch {
	case d.afternoon == 2 && hour < 12:
		hour += 12
	case d.afternoon == 1 && hour == 12:
		hour = 0
	}
	if hour > 24 || d.minute > 59 || d.sec > 60 {
		return time.Time{}, false
	}
	zone := time.UTC
	if d.zone != 0 {
		zone = time.FixedZone("", d.zone)
	}
	t := time.Date(d.year, time.Month(d.month), d.day, hour, d.minute, d.sec, d.nano, zone)
	return t, t.UTC().Year() <= 9999 // beyond which no form of a date can be written
}

// fullYear expands years of two and three digits (RFC 5322 §4.3). QUIRK: "0102" is the three digits
// of a mailer that counts from 1900, filled up to four.
func fullYear(n int) int {
	switch {
	case n < 50:
		return n + 2000
	case n < 200:
		return n + 1900
	}
	return n
}

func monthNumber(w string) int {
	if len(w) < 3 {
		return 0
	}
	for i := 0; i < len(monthNames); i += 3 {
		if strings.EqualFold(w[:3], monthNames[i:i+3]) {
			return i/3 + 1
		}
	}
	return 0
}

const monthNames = "janfebmaraprmayjunjulaugsepoctnovdec"

// toUpper appends a short name in upper case to dst; a longer one is none that is known.
func toUpper(dst []byte, name string) []byte {
	for i := 0; i < min(len(name), 8); i++ {
		c := name[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

func isOrdinal(s string) bool {
	switch strings.ToLower(s) {
	case "st", "nd", "rd", "th":
		return true
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// atoi is strconv.Atoi for digits; -1 for anything else.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || len(s) > 9 {
		return -1
	}
	return n
}

// zoneNames are the names whose meaning is agreed on in mail, in seconds east of Greenwich: those
// of RFC 5322 §4.3 and the ones most seen. Military letters other than Z count as UTC there.
var zoneNames = map[string]int{
	"GMT": 0, "UT": 0, "UTC": 0, "Z": 0, "WET": 0,
	"EDT": -4 * 3600, "EST": -5 * 3600, "EST5EDT": -5 * 3600, "CDT": -5 * 3600, "CST": -6 * 3600,
	"CST6CDT": -6 * 3600, "MDT": -6 * 3600, "MST": -7 * 3600, "MST7MDT": -7 * 3600,
	"PDT": -7 * 3600, "PST": -8 * 3600, "PST8PDT": -8 * 3600, "AKDT": -8 * 3600,
	"AKST": -9 * 3600, "HST": -10 * 3600, "AST": -4 * 3600, "ADT": -3 * 3600,
	"NST": -3*3600 - 1800, "NDT": -2*3600 - 1800, "BRT": -3 * 3600, "ART": -3 * 3600,
	"BST": 3600, "IST": 5*3600 + 1800, "CET": 3600, "MET": 3600, "MEZ": 3600, "CEST": 2 * 3600,
	"MEST": 2 * 3600, "MESZ": 2 * 3600, "WEST": 3600, "EET": 2 * 3600, "EEST": 3 * 3600,
	"SAST": 2 * 3600, "MSK": 3 * 3600, "MSD": 4 * 3600, "PKT": 5 * 3600, "HKT": 8 * 3600,
	"SGT": 8 * 3600, "AWST": 8 * 3600, "JST": 9 * 3600, "KST": 9 * 3600, "AEST": 10 * 3600,
	"AEDT": 11 * 3600, "ACST": 9*3600 + 1800, "ACDT": 10*3600 + 1800, "NZST": 12 * 3600,
	"NZDT": 13 * 3600,
}
