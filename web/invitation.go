package web

import (
	"slices"
	"strings"
	"time"

	"postern/internal/i18n"
	"postern/internal/message"
	"postern/templates"
)

// invitationKinds are the kinds of [message.Invitation].
var invitationKinds = map[string]i18n.Key{
	"Invitation": "Invitation", "Cancelled": "Cancelled", "Reply to an invitation": "Reply to an invitation",
	"Another time is proposed": "Another time is proposed", "Event": "Event",
}

// invitation shows an event: when it is in the reader's zone, and, where that is another, when it is in the sender's.
func invitation(reader i18n.Locale, v message.Invitation) templates.Card {
	sent := ""
	if own := reader.In(v.Start); v.Exact && own.Format(time.DateTime) != v.Start.Format(time.DateTime) {
		sender := reader
		sender.Zone = v.Start.Location()
		sent = span(sender, v) + strings.TrimPrefix(v.When, v.Span(time.Time.Format)) // with the zone's name
	}
	repeats := ""
	if v.Repeats {
		repeats = repetition(reader, v.Repeat)
	}
	attendees := v.Attendees
	if v.More > 0 {
		attendees = append(slices.Clip(attendees), reader.T("and %d more", v.More))
	}
	return templates.Card{
		Icon: "calendar", Kind: reader.T(invitationKinds[v.Kind]), Title: oneLine(v.Title),
		Rows: rows(reader, row{"When", eventTime(reader, v)}, row{"Sender's time", sent}, row{"Repeats", repeats}, row{"Where", v.Where},
			row{"From", v.Organizer}, row{"To", reader.List(attendees)}, row{"Answer", reader.T(answers[v.Answer])}),
	}
}

// answers are those to an invitation.
var answers = map[string]i18n.Key{
	"accepted": "accepted", "declined": "declined", "tentative": "perhaps", "delegated": "somebody else is sent",
}

// eventLayouts are those of [message.Invitation.Span].
var eventLayouts = map[string]i18n.Key{
	message.DayLayout: message.DayLayout, message.TimeLayout: message.TimeLayout, message.ClockLayout: message.ClockLayout,
}

// eventTime is when an event is. A time without a zone, and a day, are not moved into the reader's.
func eventTime(reader i18n.Locale, v message.Invitation) string {
	if !v.Exact {
		reader.Zone = v.Start.Location()
	}
	return span(reader, v)
}

func span(reader i18n.Locale, v message.Invitation) string {
	return v.Span(func(t time.Time, layout string) string { return reader.Date(t, eventLayouts[layout]) })
}

// everyOne and everyFew are how often an event comes again, by the unit of [message.Repeat].
var (
	everyOne = map[string]i18n.Key{"day": "every day", "week": "every week", "month": "every month", "year": "every year"}
	everyFew = map[string]i18n.Key{
		"day": "every %d days", "week": "every %d weeks", "month": "every %d months", "year": "every %d years",
	}
)

// repetition says how often an event comes again.
func repetition(reader i18n.Locale, r message.Repeat) string {
	if r.Unit == "" {
		return reader.T("yes")
	}
	out := reader.T(everyOne[r.Unit])
	if r.Every > 1 {
		out = reader.T(everyFew[r.Unit], r.Every)
	}
	days := make([]string, len(r.Days))
	for i, d := range r.Days {
		days[i] = reader.T(weekdays[d])
	}
	if len(days) > 0 {
		out = reader.T("%s: %s", out, reader.List(days))
	}
	switch {
	case r.Count > 0:
		out += reader.T("; ") + reader.N(r.Count, "%d time", "%d times")
	case !r.Until.IsZero():
		reader.Zone = time.UTC
		out += reader.T("; ") + reader.T("until %s", reader.Date(r.Until, "2 Jan 2006"))
	}
	return out
}

var weekdays = [...]i18n.Key{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
