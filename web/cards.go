package web

import (
	"io"
	"strings"

	"postern/internal/message"
	"postern/templates"
)

// brought adds what the message brings besides its text, and what is to be said of it in a line.
func (p *messagePage) brought(raw io.ReaderAt) {
	m := p.message
	p.Cards = cards(m.Structure, raw)
	if m.Report != "" && (len(p.Cards) == 0 || p.Cards[0].Icon != "calendar") { // the card says it better
		p.Banners = append(p.Banners, templates.Banner{Tone: templates.ToneInfo, Text: oneLine(m.Report)})
	}
	if b := protection(m.Structure, raw); b != nil {
		p.Banners = append(p.Banners, *b)
	}
}

// cards shows the invitations and contacts that a message brings.
func cards(root *message.Part, raw io.ReaderAt) (list []templates.Card) {
	found := message.ReadCards(root, raw)
	for _, v := range found.Invitations {
		c := templates.Card{Icon: "calendar", Kind: v.Kind, Title: oneLine(v.Title)}
		when := v.When
		if v.Repeats {
			when += ", repeatedly"
		}
		c.Rows = rows("When", when, "Where", v.Where, "From", v.Organizer, "To", strings.Join(v.Attendees, ", "))
		list = append(list, c)
	}
	for _, v := range found.Contacts {
		c := templates.Card{Icon: "user", Kind: "Contact", Title: oneLine(v.Name)}
		c.Rows = rows("Organization", v.Organization, "Role", v.Role, "E-mail", strings.Join(v.Emails, ", "),
			"Telephone", strings.Join(v.Phones, ", "), "Address", strings.Join(v.Addresses, "; "), "Web", strings.Join(v.Links, ", "),
			"Birthday", strings.Join(v.Birthday, ", "), "Note", v.Note)
		list = append(list, c)
	}
	return list
}

// rows makes rows of labels and texts, without those that are empty.
func rows(pairs ...string) (out []templates.CardRow) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if text := oneLine(pairs[i+1]); text != "" {
			out = append(out, templates.CardRow{Label: pairs[i], Text: text})
		}
	}
	return out
}

// protection says how the content is wrapped; nil: not at all.
func protection(root *message.Part, raw io.ReaderAt) *templates.Banner {
	switch root.Protection(raw) {
	case message.Signed:
		return &templates.Banner{Tone: templates.ToneInfo, Text: "This message is signed. Postern does not verify signatures."}
	case message.Encrypted:
		return &templates.Banner{Tone: templates.ToneInfo, Text: "This message is encrypted. Postern has no keys: open the attachment or the .eml with a program that has them."}
	}
	return nil
}
