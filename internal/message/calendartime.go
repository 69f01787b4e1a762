package message

import (
	"strconv"
	"strings"
	"time"
)

// calendarMoment is a date or a time of iCalendar (RFC 5545 §3.3.4 and §3.3.5).
type calendarMoment struct {
	time.Time      // in the zone that is named, else in UTC
	day       bool // a date without a time
	exact     bool // a moment; else it is meant in the zone of whoever reads it
	ok        bool
}

func calendarTime(v calendarValue) (m calendarMoment) {
	s, utc := strings.CutSuffix(strings.TrimSpace(v.value), "Z")
	if t, err := time.Parse("20060102", s); err == nil {
		return calendarMoment{Time: t, day: true, ok: true}
	}
	zone, known := time.UTC, utc
	if !utc {
		zone, known = calendarZone(v.params["TZID"])
	}
	t, err := time.ParseInLocation("20060102T150405", s, zone)
	return calendarMoment{Time: t, exact: known, ok: err == nil}
}

// calendarEnd is when an event ends: as it says, or as long after its start as it says.
func calendarEnd(start calendarMoment, event map[string]calendarValue) calendarMoment {
	if end := calendarTime(event["DTEND"]); end.ok && start.ok {
		if end.exact && start.exact {
			end.Time = end.In(start.Location())
		}
		return end
	}
	days, rest, ok := calendarDuration(event["DURATION"].value)
	if !ok || !start.ok {
		return calendarMoment{}
	}
	end := start
	end.Time = end.AddDate(0, 0, days).Add(rest) // days first: one may have 23 hours
	return end
}

// calendarDuration reads "P1DT2H", "PT45M", "P2W" (RFC 5545 §3.3.6). One that is negative or absurd is none.
func calendarDuration(s string) (days int, rest time.Duration, ok bool) {
	s, ok = strings.CutPrefix(strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(s)), "+"), "P")
	for n := 0; ok && s != ""; {
		switch c := s[0]; {
		case isDigit(c):
			n = min(n*10+int(c-'0'), 100_000)
		case c == 'W':
			days, n = days+7*n, 0
		case c == 'D':
			days, n = days+n, 0
		case c == 'H':
			rest, n = rest+time.Duration(n)*time.Hour, 0
		case c == 'M':
			rest, n = rest+time.Duration(n)*time.Minute, 0
		case c == 'S':
			rest, n = rest+time.Duration(n)*time.Second, 0
		case c != 'T':
			ok = false
		}
		s = s[1:]
	}
	return days, rest, ok && (days > 0 || rest > 0)
}

// calendarZone finds a zone by its name: one of the tz database, perhaps behind a prefix of the program's, or one of
// Windows.
func calendarZone(name string) (*time.Location, bool) {
	name = strings.TrimSpace(name)
	if own, ok := windowsZones[name]; ok {
		name = own
	}
	for parts := strings.Split(name, "/"); len(parts) > 0 && len(name) < 200; parts = parts[1:] {
		if parts[0] == "" || len(parts) > 3 {
			continue
		}
		if zone, err := time.LoadLocation(strings.Join(parts, "/")); err == nil && zone != time.Local {
			return zone, true
		}
	}
	return time.UTC, false
}

// windowsZones are the zones that Outlook names in its own way (CLDR, windowsZones.xml), those most lived in.
var windowsZones = map[string]string{
	"UTC": "Etc/UTC", "GMT Standard Time": "Europe/London", "Greenwich Standard Time": "Atlantic/Reykjavik",
	"W. Europe Standard Time": "Europe/Berlin", "Central Europe Standard Time": "Europe/Budapest",
	"Central European Standard Time": "Europe/Warsaw", "Romance Standard Time": "Europe/Paris",
	"E. Europe Standard Time": "Europe/Chisinau", "FLE Standard Time": "Europe/Kiev", "GTB Standard Time": "Europe/Bucharest",
	"Turkey Standard Time": "Europe/Istanbul", "Israel Standard Time": "Asia/Jerusalem", "Egypt Standard Time": "Africa/Cairo",
	"South Africa Standard Time": "Africa/Johannesburg", "Russian Standard Time": "Europe/Moscow",
	"Arab Standard Time": "Asia/Riyadh", "Arabian Standard Time": "Asia/Dubai", "Iran Standard Time": "Asia/Tehran",
	"Pakistan Standard Time": "Asia/Karachi", "India Standard Time": "Asia/Kolkata", "Bangladesh Standard Time": "Asia/Dhaka",
	"SE Asia Standard Time": "Asia/Bangkok", "China Standard Time": "Asia/Shanghai", "Taipei Standard Time": "Asia/Taipei",
	"Singapore Standard Time": "Asia/Singapore", "W. Australia Standard Time": "Australia/Perth",
	"Tokyo Standard Time": "Asia/Tokyo", "Korea Standard Time": "Asia/Seoul", "AUS Eastern Standard Time": "Australia/Sydney",
	"E. Australia Standard Time": "Australia/Brisbane", "Cen. Australia Standard Time": "Australia/Adelaide",
	"New Zealand Standard Time": "Pacific/Auckland", "Hawaiian Standard Time": "Pacific/Honolulu",
	"Alaskan Standard Time": "America/Anchorage", "Pacific Standard Time": "America/Los_Angeles",
	"US Mountain Standard Time": "America/Phoenix", "Mountain Standard Time": "America/Denver",
	"Central Standard Time": "America/Chicago", "Central Standard Time (Mexico)": "America/Mexico_City",
	"Eastern Standard Time": "America/New_York", "SA Pacific Standard Time": "America/Bogota",
	"Atlantic Standard Time": "America/Halifax", "Newfoundland Standard Time": "America/St_Johns",
	"E. South America Standard Time": "America/Sao_Paulo", "Argentina Standard Time": "America/Buenos_Aires",
	"Pacific SA Standard Time": "America/Santiago",
}

// The layouts in which [Invitation.Span] has times written.
const (
	DayLayout   = "2 Jan 2006"
	TimeLayout  = "2 Jan 2006, 15:04"
	ClockLayout = "15:04"
)

// Span writes when the event is: "10 Mar 2026, 14:00–15:00". A day's event has dates alone. write writes a time, or a
// day, by one of the layouts above; it may move what is Exact into the zone of who reads it.
func (v Invitation) Span(write func(t time.Time, layout string) string) string {
	switch {
	case v.Start.IsZero():
		return ""
	case v.AllDay:
		from := write(v.Start, DayLayout)
		if last := v.End.AddDate(0, 0, -1); last.After(v.Start) {
			return from + " – " + write(last, DayLayout)
		}
		return from
	case v.End.IsZero():
		return write(v.Start, TimeLayout)
	case write(v.Start, DayLayout) == write(v.End, DayLayout):
		return write(v.Start, TimeLayout) + "–" + write(v.End, ClockLayout)
	}
	return write(v.Start, TimeLayout) + " – " + write(v.End, TimeLayout)
}

// Repeat is how often an event comes again (RFC 5545 §3.3.10), as far as a short sentence can tell it.
type Repeat struct {
	Unit  string // "day", "week", "month", "year"; "" for what is none of these, or not at all
	Every int    // 2: every other
	Days  []time.Weekday
	Count int       // times in all; 0: no such end
	Until time.Time // the last day; zero: no such end
}

// readRepeat reads a recurrence rule.
func readRepeat(rule string) (r Repeat) {
	r.Every = 1
	for _, part := range strings.Split(strings.ToUpper(rule), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "FREQ":
			r.Unit = map[string]string{"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}[value]
		case "INTERVAL":
			r.Every = max(atoi(value), 1)
		case "COUNT":
			r.Count = max(atoi(value), 0)
		case "UNTIL":
			r.Until = calendarTime(calendarValue{value: value}).Time
		case "BYDAY":
			for _, day := range strings.Split(value, ",") {
				if i := strings.Index("SUMOTUWETHFRSA", day); i >= 0 && i%2 == 0 && len(day) == 2 && len(r.Days) < 7 {
					r.Days = append(r.Days, time.Weekday(i/2))
				}
			}
		}
	}
	return r
}

// String says it in words: "every 2 weeks on Monday and Friday, 10 times".
func (r Repeat) String() string {
	if r.Unit == "" {
		return "repeatedly"
	}
	out := "every " + r.Unit
	if r.Every > 1 {
		out = "every " + strconv.Itoa(r.Every) + " " + r.Unit + "s"
	}
	for i, day := range r.Days {
		out += [...]string{" on ", ", "}[min(i, 1)] + day.String()
	}
	switch {
	case r.Count > 0:
		out += ", " + strconv.Itoa(r.Count) + " times"
	case !r.Until.IsZero():
		out += ", until " + r.Until.Format("2 Jan 2006")
	}
	return out
}
