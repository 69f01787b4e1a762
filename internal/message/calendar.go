package message

import (
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
	Kind       string // "Invitation", "Cancelled", "Reply to an invitation", "Another time is proposed", "Event"
	Title      string
	Start, End time.Time // in the event's zone; End may be zero. Of days, End is the one after the last
	AllDay     bool
	Exact      bool   // Start is a moment; else it is meant in the zone of whoever reads it
	When       string // as the sender wrote it: "10 Mar 2026, 14:00–15:00 (Europe/Berlin)"
	Where      string
	Organizer  string   // a name, or else an address
	Attendees  []string // the same, the first of them
	More       int      // attendees besides these
	Answer     string   // of a reply: "accepted", "declined", "tentative", "delegated"
	Repeats    bool
	Repeat     Repeat // how, if Repeats
}

// maxAttendees bounds those that are listed.
const maxAttendees = 20

// readInvitation reads a calendar object. ok is false when it says neither what nor when.
func readInvitation(text string) (v Invitation, ok bool) {
	top, event, attendees := calendarEvent(text)
	start := calendarTime(event["DTSTART"])
	end := calendarEnd(start, event)
	v = Invitation{
		Kind:      "Event",
		Title:     cardLine(event["SUMMARY"].value),
		Start:     start.Time,
		End:       end.Time,
		AllDay:    start.day && start.ok,
		Exact:     start.exact && start.ok,
		Where:     cardLine(event["LOCATION"].value),
		Organizer: calendarPerson(event["ORGANIZER"]),
		Repeats:   event["RRULE"].value != "",
	}
	v.When = v.Span(time.Time.Format)
	switch zone := event["DTSTART"].params["TZID"]; {
	case v.AllDay || !start.ok:
	case zone != "":
		v.When += " (" + cardLine(zone) + ")"
	case start.exact:
		v.When += " (UTC)"
	}
	if v.Repeats {
		v.Repeat = readRepeat(event["RRULE"].value)
	}
	switch method := strings.ToUpper(top["METHOD"].value); {
	case method == "CANCEL", strings.EqualFold(event["STATUS"].value, "CANCELLED"):
		v.Kind = "Cancelled"
	case method == "REQUEST":
		v.Kind = "Invitation"
	case method == "REPLY":
		v.Kind = "Reply to an invitation"
		if len(attendees) > 0 {
			v.Answer = answers[strings.ToUpper(attendees[0].params["PARTSTAT"])]
		}
	case method == "COUNTER":
		v.Kind = "Another time is proposed"
	}
	for _, a := range attendees[:min(len(attendees), maxAttendees)] {
		v.Attendees = append(v.Attendees, calendarPerson(a))
	}
	v.More = len(attendees) - len(v.Attendees)
	return v, v.Title != "" || v.When != ""
}

// answers are what an attendee may say (RFC 5545 §3.2.12).
var answers = map[string]string{"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative", "DELEGATED": "delegated"}

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
		out += ", " + v.Repeat.String()
	}
	if v.Answer != "" {
		out += ". " + v.Attendees[0] + " answers: " + v.Answer
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

func calendarPerson(v calendarValue) string {
	if cn := v.params["CN"]; cn != "" {
		return cardLine(cn)
	}
	if len(v.value) > 7 && strings.EqualFold(v.value[:7], "mailto:") {
		return cardLine(v.value[7:])
	}
	return cardLine(v.value)
}
