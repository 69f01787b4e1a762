package message

import (
	"io"
	"strings"
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

func deliverySentence(action, to, reason, until string) string {
	switch action {
	case "failed":
		return sentence("Delivery to "+to+" failed", reason)
	case "delayed":
		if until != "" {
			to += " is delayed and is tried until " + until
		} else {
			to += " is delayed"
		}
		return sentence("Delivery to "+to, reason)
	case "delivered":
		return "The message was delivered to " + to + "."
	case "relayed":
		return "The message was passed on for " + to + "; there will be no further report."
	}
	return "The message to " + to + " was passed on to several recipients."
}

// sentence joins a statement and its reason.
func sentence(statement, reason string) string {
	if reason = strings.TrimRight(reason, ". "); reason != "" {
		statement += ": " + reason
	}
	return statement + "."
}

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
			return who + " opened the message."
		case "deleted":
			return who + " deleted the message."
		}
		return who + " confirms: " + what + "."
	}
	return ""
}

// complaint says that a recipient reported a message.
func complaint(groups []map[string]string) string {
	for _, g := range groups {
		if kind := g["feedback-type"]; kind != "" {
			if who := typedValue(g["original-rcpt-to"]); who != "" {
				return "A recipient, " + strings.Trim(who, "<>") + ", reported a message: " + kind + "."
			}
			return "A recipient reported a message: " + kind + "."
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
	return strings.Join(names[:3], ", ") + " and others"
}
