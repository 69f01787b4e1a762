package message

import (
	"io"
	"slices"
	"strings"
)

// Contact is a vCard (RFC 6350, and the 2.1 and 3.0 before it), for reading.
type Contact struct {
	Name                                       string
	Organization, Role                         string
	Emails, Phones, Addresses, Links, Birthday []string
	Note                                       string
}

// Limits of a vCard: what is listed of a kind, how many cards of a file, and the octets of a line of a card.
const (
	maxContactValues = 20
	maxContacts      = 20
	maxCardLine      = 500
)

// cardLine makes a line of a card out of what a sender wrote.
func cardLine(s string) string { return oneLine(clip(s, maxCardLine)) }

// readContacts reads the cards of a file.
func readContacts(text string) []Contact {
	var all []Contact
	var names []string // of the card, if it has no formatted one
	var c *Contact
	end := func() {
		if c == nil {
			return
		}
		if c.Name == "" {
			c.Name = strings.Join(names, " ")
		}
		if c.Name != "" || len(c.Emails) > 0 || c.Organization != "" {
			all = append(all, *c)
		}
		c = nil
	}
	for _, line := range vcardLines(text) {
		name, v := vcardProperty(line)
		switch {
		case name == "BEGIN":
			c, names = &Contact{}, nil
			continue
		case c == nil:
			continue
		case name == "END":
			if end(); len(all) == maxContacts {
				return all
			}
			continue
		}
		add := func(list *[]string, s string) {
			if s = cardLine(s); s != "" && len(*list) < maxContactValues && !slices.Contains(*list, s) {
				*list = append(*list, s)
			}
		}
		switch name {
		case "FN":
			c.Name = cardLine(v.value)
		case "N": // family; given; more given; before; behind
			f := append(strings.Split(v.value, ";"), "", "", "", "", "")
			for _, s := range []string{f[3], f[1], f[2], f[0], f[4]} {
				add(&names, s)
			}
		case "ORG":
			c.Organization = cardLine(strings.ReplaceAll(strings.Trim(v.value, ";"), ";", ", "))
		case "TITLE", "ROLE":
			c.Role = firstNonEmpty(c.Role, cardLine(v.value))
		case "EMAIL":
			add(&c.Emails, v.value)
		case "TEL":
			add(&c.Phones, strings.TrimPrefix(v.value, "tel:"))
		case "ADR":
			add(&c.Addresses, strings.Join(strings.FieldsFunc(v.value, func(r rune) bool { return r == ';' }), ", "))
		case "URL":
			add(&c.Links, v.value)
		case "BDAY":
			add(&c.Birthday, v.value)
		case "NOTE":
			c.Note = oneLine(clip(v.value, 1000))
		}
	}
	end() // cut short, by a large picture for one
	return all
}

// vcardLines unfolds, also the lines that end in "=" of quoted-printable in vCard 2.1.
func vcardLines(text string) []string {
	var out []string
	var open strings.Builder // a property in quoted-printable that goes on
	for _, line := range calendarLines(text) {
		part, goesOn := strings.CutSuffix(line, "=")
		if open.Len() == 0 && !(goesOn && isQPProperty(line)) {
			out = append(out, line)
			continue
		}
		open.WriteString(part)
		if !goesOn {
			out = append(out, open.String())
			open.Reset()
		}
	}
	return append(out, open.String())
}

func isQPProperty(line string) bool {
	head, _, _ := strings.Cut(line, ":")
	return strings.Contains(strings.ToUpper(head), "QUOTED-PRINTABLE")
}

// vcardProperty reads "item1.EMAIL;TYPE=work:ann@example.com".
func vcardProperty(line string) (name string, v calendarValue) {
	if isQPProperty(line) {
		head, value, _ := strings.Cut(line, ":")
		var d qpDecoder
		octets := d.flush(d.decode(nil, []byte(value)))
		_, v = calendarProperty(head + ":")
		line = head + ":" + strings.ReplaceAll(decodeCharset(v.params["CHARSET"], octets), "\n", " ")
	}
	name, v = calendarProperty(line)
	if _, rest, grouped := strings.Cut(name, "."); grouped {
		name = rest
	}
	return name, v
}

// Cards are the events and contacts that a message brings, to be shown as such.
type Cards struct {
	Invitations []Invitation
	Contacts    []Contact
}

// cardOctets is how much of a calendar or contact file is read, allCardOctets how much of all that a message brings.
const (
	cardOctets    = 256 << 10
	allCardOctets = 1 << 20
)

// ReadCards reads the calendar objects and vCards among the parts of a message, not those of
// enclosed ones. The same event is often there twice, in the text and as a file.
func ReadCards(root *Part, raw io.ReaderAt) (c Cards) {
	raw = layered(raw)
	left := int64(allCardOctets)
	text := func(p *Part) string {
		t := p.Text(raw, min(cardOctets, left))
		left -= min(int64(len(t)), left)
		return t
	}
	root.walk(func(p *Part) bool {
		switch kind := p.MediaType(); {
		case isMessage(p.Type) && p != root:
			return false
		case kind == "text/calendar" || kind == "application/ics":
			v, ok := readInvitation(text(p))
			same := func(o Invitation) bool { return o.Title == v.Title && o.When == v.When && o.Kind == v.Kind }
			if ok && len(c.Invitations) < maxContacts && !slices.ContainsFunc(c.Invitations, same) {
				c.Invitations = append(c.Invitations, v)
			}
		case kind == "text/vcard" || kind == "text/x-vcard" || kind == "text/directory":
			cards := readContacts(text(p))
			c.Contacts = append(c.Contacts, cards[:min(len(cards), maxContacts-len(c.Contacts))]...)
		}
		return true
	})
	return c
}
