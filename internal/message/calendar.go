package message

import (
	"strconv"
	"strings"
	"time"
)

// calendarValue is a property of iCalendar with its parameters (RFC 5545 §3.1).
type calendarValue struct {
	value  string
	params map[string]string // names in upper case
}

// Invitation is the first event of a calendar object (RFC 5545, RFC 5546), for reading.
type Invitation struct {
	Kind      string // "Invitation", "Cancelled", "Reply to an invitation", "Another time is proposed", "Event"
	Title     string
	When      string // "10 Mar 2026, 14:00–15:00 (Europe/Berlin)"
	Where     string
	Organizer string   // a name, or else an address
	Attendees []string // the same
	Repeats   bool
}

// maxAttendees bounds those that are listed; Attendees then ends in how many more there are.
const maxAttendees = 20

// readInvitation reads a calendar object. ok is false when it says neither what nor when.
func readInvitation(text string) (v Invitation, ok bool) {
	top, event, attendees := calendarEvent(text)
	v = Invitation{
		Kind:      "Event",
		Title:     strings.TrimSpace(event["SUMMARY"].value),
		When:      calendarSpan(event["DTSTART"], event["DTEND"]),
		Where:     strings.TrimSpace(event["LOCATION"].value),
		Organizer: calendarPerson(event["ORGANIZER"]),
		Repeats:   event["RRULE"].value != "",
	}
	switch strings.ToUpper(top["METHOD"].value) {
	case "REQUEST":
		v.Kind = "Invitation"
	case "CANCEL":
		v.Kind = "Cancelled"
	case "REPLY":
		v.Kind = "Reply to an invitation"
	case "COUNTER":
		v.Kind = "Another time is proposed"
	}
	for _, a := range attendees[:min(len(attendees), maxAttendees)] {
		v.Attendees = append(v.Attendees, calendarPerson(a))
	}
	if more := len(attendees) - maxAttendees; more > 0 {
		v.Attendees = append(v.Attendees, "and "+strconv.Itoa(more)+" more")
	}
	return v, v.Title != "" || v.When != ""
}

// sentence says it in one.
func (v Invitation) sentence() string {
	out := v.Kind + ": " + v.Title
	for _, s := range []string{v.When, v.Where} {
		if s != "" {
			out += ", " + s
		}
	}
	if v.Organizer != "" {
		out += ", from " + v.Organizer
	}
	if v.Repeats {
		out += ", repeatedly"
	}
	return out + "."
}

// calendarEvent reads the properties of the calendar and of its first event.
func calendarEvent(text string) (top, event map[string]calendarValue, attendees []calendarValue) {
	top, event = map[string]calendarValue{}, map[string]calendarValue{}
	depth := ""
	for _, line := range calendarLines(text) {
		name, v := calendarProperty(line)
		switch {
		case name == "BEGIN":
			depth += "/" + strings.ToUpper(v.value)
		case name == "END":
			if depth == "/VCALENDAR/VEVENT" {
				return top, event, attendees
			}
			depth = depth[:max(strings.LastIndexByte(depth, '/'), 0)]
		case depth == "/VCALENDAR":
			top[name] = v
		case depth == "/VCALENDAR/VEVENT" && name == "ATTENDEE":
			attendees = append(attendees, v)
		case depth == "/VCALENDAR/VEVENT":
			event[name] = v
		}
		if len(depth) > 500 {
			break
		}
	}
	return top, event, attendees
}

// calendarLines unfolds.
func calendarLines(text string) []string {
	text = strings.NewReplacer("\n ", "", "\n\t", "").Replace(text)
	return strings.Split(text, "\n")
}

// calendarProperty reads "NAME;PARAM=x:value".
func calendarProperty(line string) (name string, v calendarValue) {
	quoted := false
	end := strings.IndexFunc(line, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ':' && !quoted
	})
	if end < 0 {
		return "", v
	}
	head := strings.Split(line[:end], ";")
	v.params = map[string]string{}
	for _, p := range head[1:] {
		if key, value, ok := strings.Cut(p, "="); ok {
			v.params[strings.ToUpper(key)] = strings.Trim(value, `"`)
		}
	}
	v.value = calendarText.Replace(line[end+1:])
	return strings.ToUpper(strings.TrimSpace(head[0])), v
}

// calendarText undoes the escapes of RFC 5545 §3.3.11.
var calendarText = strings.NewReplacer(`\\`, `\`, `\,`, ",", `\;`, ";", `\n`, " ", `\N`, " ")

// calendarSpan writes "10 Mar 2026, 14:00–15:00 (Europe/Berlin)".
func calendarSpan(start, end calendarValue) string {
	from, day, ok := calendarTime(start.value)
	if !ok {
		return ""
	}
	out := from.Format("2 Jan 2006")
	to, _, hasEnd := calendarTime(end.value)
	if day {
		if last := to.AddDate(0, 0, -1); hasEnd && last.After(from) {
			out += " to " + last.Format("2 Jan 2006")
		}
		return out
	}
	out += ", " + from.Format("15:04")
	switch {
	case hasEnd && to.YearDay() == from.YearDay() && to.Year() == from.Year():
		out += "–" + to.Format("15:04")
	case hasEnd:
		out += " to " + to.Format("2 Jan 2006, 15:04")
	}
	switch {
	case start.params["TZID"] != "":
		out += " (" + start.params["TZID"] + ")"
	case strings.HasSuffix(start.value, "Z"):
		out += " (UTC)"
	}
	return out
}

// calendarTime reads a date or a time (RFC 5545 §3.3.4 and §3.3.5). day tells a date without time.
func calendarTime(s string) (t time.Time, day, ok bool) {
	s = strings.TrimSuffix(strings.TrimSpace(s), "Z")
	if t, err := time.Parse("20060102T150405", s); err == nil {
		return t, false, true
	}
	t, err := time.Parse("20060102", s)
	return t, true, err == nil
}

func calendarPerson(v calendarValue) string {
	if cn := v.params["CN"]; cn != "" {
		return cn
	}
	if len(v.value) > 7 && strings.EqualFold(v.value[:7], "mailto:") {
		return v.value[7:]
	}
	return v.value
}
