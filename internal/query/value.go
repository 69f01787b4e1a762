package query

import (
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"postern/internal/i18n"
)

const (
	wantsDate i18n.Key = "2026-01-31, 2026-01, 2026 or 7d, 2w, 3m, 1y"
	wantsSize i18n.Key = "10M, 500k or a number of octets"
)

func dateBefore(p *parser, value string) Node { return p.date(true, value) }
func dateAfter(p *parser, value string) Node  { return p.date(false, value) }

// date reads a day, month, year or a time ago. A period counts from its start.
func (p *parser) date(before bool, value string) Node {
	if t, unit, ok := ago(value, p.now); ok {
		return Date{Before: before, Time: t, Ago: unit}
	}
	if from, _, ok := period(value, p.now); ok {
		return Date{Before: before, Time: from}
	}
	return nil
}

// dateOn reads a period as its two ends.
func dateOn(p *parser, value string) Node {
	from, to, ok := period(value, p.now)
	if !ok {
		return nil
	}
	return And{Date{Time: from}, Date{Before: true, Time: to}}
}

// ago reads "7d", "2w", "3m" or "1y" before now, and returns it in this spelling.
func ago(value string, now time.Time) (t time.Time, spelling string, ok bool) {
	value = strings.ToLower(norm.NFKC.String(value))
	if value == "" {
		return
	}
	now = now.Truncate(time.Second)
	n, ok := number(value[:len(value)-1], 9999)
	if !ok {
		return
	}
	switch value[len(value)-1] {
	case 'd':
		t = now.AddDate(0, 0, -n)
	case 'w':
		t = now.AddDate(0, 0, -7*n)
	case 'm':
		t = now.AddDate(0, -n, 0)
	case 'y':
		t = now.AddDate(-n, 0, 0)
	default:
		return t, "", false
	}
	return t, value, true
}

// datePunctuation brings the ways to write a date to "2026-1-31".
var datePunctuation = strings.NewReplacer("/", "-", ".", "-", "年", "-", "月", "-", "日", "", "号", "", "號", "")

// period reads a day, a month or a year, from its start to the start of the
// next one, in now's location.
func period(value string, now time.Time) (from, to time.Time, ok bool) {
	value = strings.ToLower(norm.NFKC.String(value))
	year, month, day := now.Date()
	date := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, now.Location()) }
	switch value {
	case "today", "今天":
		return date(year, month, day), date(year, month, day+1), true
	case "yesterday", "昨天":
		return date(year, month, day-1), date(year, month, day), true
	}
	parts := strings.Split(strings.TrimSuffix(datePunctuation.Replace(value), "-"), "-")
	if len(parts) > 3 || len(parts[0]) != 4 {
		return
	}
	var n [3]int
	for i, limit := range []int{9999, 12, 31}[:len(parts)] {
		if n[i], ok = number(parts[i], limit); !ok || n[i] == 0 {
			return from, to, false
		}
	}
	y, m, d := n[0], time.Month(n[1]), n[2]
	switch len(parts) {
	case 1:
		return date(y, 1, 1), date(y+1, 1, 1), true
	case 2:
		return date(y, m, 1), date(y, m+1, 1), true
	}
	if time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Day() != d { // 31 April
		return from, to, false
	}
	return date(y, m, d), date(y, m, d+1), true
}

// number reads decimal digits up to limit.
func number(s string, limit int) (int, bool) {
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n = 10*n + int(c-'0'); n > limit {
			return 0, false
		}
	}
	return n, s != ""
}

func sizeLarger(_ *parser, value string) Node {
	if n, ok := octets(value); ok {
		return Size{Larger: true, Octets: n}
	}
	return nil
}

func sizeSmaller(_ *parser, value string) Node {
	if n, ok := octets(value); ok {
		return Size{Octets: n}
	}
	return nil
}

// messageID reads a Message-ID with its angle brackets or without.
func messageID(_ *parser, value string) Node {
	id := strings.TrimSuffix(strings.TrimPrefix(value, "<"), ">")
	if id == "" || strings.ContainsFunc(id, isBlank) {
		return nil
	}
	return ID{id}
}

// octets reads a size: a number, with k, M or G for powers of 1024.
func octets(value string) (int64, bool) {
	value = strings.ToLower(norm.NFKC.String(value))
	digits := strings.TrimRight(value, "bikmg")
	factor := 1.0
	switch value[len(digits):] {
	case "", "b":
	case "k", "kb", "kib":
		factor = 1 << 10
	case "m", "mb", "mib":
		factor = 1 << 20
	case "g", "gb", "gib":
		factor = 1 << 30
	default:
		return 0, false
	}
	if strings.Trim(digits, "0123456789.") != "" { // no signs, exponents, "inf"
		return 0, false
	}
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || n*factor > 1<<50 {
		return 0, false
	}
	return int64(math.Round(n * factor)), true
}
