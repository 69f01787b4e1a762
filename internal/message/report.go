package message

import (
	"io"
	"strings"

	"postern/internal/i18n"
)

// How much is read of a report, of all that a message holds until one says something, and about how much is kept of
// one field.
const (
	reportOctets      = 64 << 10
	allReportOctets   = 1 << 20
	reportFieldOctets = 600
)

// report sums up the first part that a machine wrote for a machine: a delivery report (RFC 3464),
// a receipt (RFC 8098), a complaint (RFC 5965) or an invitation (RFC 5546). "" if there is none.
func report(root *Part, raw io.ReaderAt) (sentence string) {
	left := int64(allReportOctets)
	text := func(p *Part) string {
		t := p.Text(raw, min(reportOctets, left))
		left -= min(int64(len(t)), left)
		return t
	}
	root.walk(func(p *Part) bool {
		if sentence != "" || isMessage(p.Type) && p != root {
			return false // what is enclosed speaks of other times
		}
		switch p.Type {
		case "message/delivery-status", "message/global-delivery-status":
			sentence = deliveryReport(fieldGroups(text(p)))
		case "message/disposition-notification", "message/global-disposition-notification":
			sentence = receipt(fieldGroups(text(p)))
		case "message/feedback-report":
			sentence = complaint(fieldGroups(text(p)))
		case "text/calendar":
			if v, ok := readInvitation(text(p)); ok {
				sentence = v.sentence()
			}
		}
		return true
	})
	return oneLine(clip(sentence, 600))
}

// fieldGroups reads groups of fields with blank lines between them: names in lower case, values
// unfolded, the first of each name.
func fieldGroups(text string) []map[string]string {
	var out []map[string]string
	var group map[string]string
	last := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\n")
		switch name, value, ok := strings.Cut(line, ":"); {
		case line == "":
			group = nil
		case group != nil && isBlank(line[0]):
			if last != "" && len(group[last]) < reportFieldOctets {
				group[last] += " " + strings.TrimSpace(line)
			}
		case ok:
			if group == nil {
				group = map[string]string{}
				out = append(out, group)
			}
			last = strings.ToLower(strings.TrimSpace(name))
			if _, twice := group[last]; twice {
				last = ""
				continue
			}
			group[last] = strings.TrimSpace(value)
		}
	}
	return out
}

// deliveryReport says what became of the message, for the recipients that fared worst.
func deliveryReport(groups []map[string]string) string {
	for _, action := range []string{"failed", "delayed", "delivered", "relayed", "expanded"} {
		var recipients []string
		reason, until := "", ""
		for _, g := range groups {
			if !strings.EqualFold(firstWord(g["action"]), action) {
				continue
			}
			recipients = append(recipients, typedValue(firstOf(g, "original-recipient", "final-recipient")))
			if reason == "" {
				reason = firstNonEmpty(typedValue(g["diagnostic-code"]), g["status"])
				until = g["will-retry-until"]
			}
		}
		if len(recipients) > 0 {
			return deliverySentence(action, nameList(recipients), reason, until)
		}
	}
	return ""
}

// deliverySentence is English, of keys that [i18n.Locale.Read] finds again, as all that is said here is.
func deliverySentence(action, to, reason, until string) string {
	reason = strings.TrimRight(reason, ". ")
	switch {
	case action == "failed" && reason == "":
		return say("Delivery to %s failed.", to)
	case action == "failed":
		return say("Delivery to %s failed: %s.", to, reason)
	case action == "delayed" && until != "" && reason == "":
		return say("Delivery to %s is delayed and is tried until %s.", to, until)
	case action == "delayed" && until != "":
		return say("Delivery to %s is delayed and is tried until %s: %s.", to, until, reason)
	case action == "delayed" && reason == "":
		return say("Delivery to %s is delayed.", to)
	case action == "delayed":
		return say("Delivery to %s is delayed: %s.", to, reason)
	case action == "delivered":
		return say("The message was delivered to %s.", to)
	case action == "relayed":
		return say("The message was passed on for %s; there will be no further report.", to)
	}
	return say("The message to %s was passed on to several recipients.", to)
}

func say(key i18n.Key, values ...any) string { return i18n.Say(key, values...).String() }

// receipt says what a recipient's mail program tells of the message.
func receipt(groups []map[string]string) string {
	for _, g := range groups {
		_, what, _ := strings.Cut(g["disposition"], ";")
		what, _, _ = strings.Cut(strings.TrimSpace(what), "/")
		who := typedValue(firstOf(g, "original-recipient", "final-recipient"))
		if what == "" || who == "" {
			continue
		}
		switch strings.ToLower(what) {
		case "displayed":
			return say("%s opened the message.", who)
		case "deleted":
			return say("%s deleted the message.", who)
		}
		return say("%s confirms: %s.", who, what)
	}
	return ""
}

// complaint says that a recipient reported a message.
func complaint(groups []map[string]string) string {
	for _, g := range groups {
		if kind := g["feedback-type"]; kind != "" {
			if who := typedValue(g["original-rcpt-to"]); who != "" {
				return say("A recipient, %s, reported a message: %s.", strings.Trim(who, "<>"), kind)
			}
			return say("A recipient reported a message: %s.", kind)
		}
	}
	return ""
}

// typedValue cuts the type off "rfc822; jane@example.com" or "smtp; 550 no such user".
func typedValue(s string) string {
	if kind, value, ok := strings.Cut(s, ";"); ok && !strings.Contains(strings.TrimSpace(kind), " ") {
		s = value
	}
	return strings.Trim(strings.TrimSpace(s), "<>")
}

func firstWord(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), " ")
	return strings.TrimRight(s, ";,.")
}

func firstOf(g map[string]string, names ...string) string {
	for _, n := range names {
		if g[n] != "" {
			return g[n]
		}
	}
	return ""
}

func firstNonEmpty(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// nameList writes "a, b and 3 others".
func nameList(names []string) string {
	if len(names) <= 3 {
		return strings.Join(names, ", ")
	}
	return say("%s and others", strings.Join(names[:3], ", "))
}
