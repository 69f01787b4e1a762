package web

import (
	"io"
	"strings"

	"postern/internal/i18n"
	"postern/internal/message"
	"postern/templates"
)

// brought adds what the message brings besides its text, and what is to be said of it in a line.
func (p *messagePage) brought(raw io.ReaderAt) {
	m := p.message
	p.Cards = cards(p.reader, m.Structure, raw)
	if m.Report != "" && (len(p.Cards) == 0 || p.Cards[0].Icon != "calendar") { // the card says it better
		p.Notes = append(p.Notes, templates.Banner{Tone: templates.ToneInfo, Text: p.reader.Read(oneLine(m.Report))})
	}
	if b := protection(p.reader, m.Structure, raw); b != nil {
		p.Notes = append(p.Notes, *b)
	}
}

// cards shows the invitations and contacts that a message brings.
func cards(reader i18n.Locale, root *message.Part, raw io.ReaderAt) (list []templates.Card) {
	found := message.ReadCards(root, raw)
	for _, v := range found.Invitations {
		list = append(list, invitation(reader, v))
	}
	for _, v := range found.Contacts {
		c := templates.Card{Icon: "user", Kind: reader.T("Contact"), Title: oneLine(v.Name)}
		c.Rows = rows(reader, row{"Organization", v.Organization}, row{"Role", v.Role}, row{"E-mail", reader.List(v.Emails)},
			row{"Telephone", reader.List(v.Phones)}, row{"Address", strings.Join(v.Addresses, reader.T("; "))}, row{"Web", reader.List(v.Links)},
			row{"Birthday", reader.List(v.Birthday)}, row{"Note", v.Note})
		list = append(list, c)
	}
	return list
}

// row is one line of a card.
type row struct {
	label i18n.Key
	text  string
}

// rows makes lines of those that have a text.
func rows(reader i18n.Locale, list ...row) (out []templates.CardRow) {
	for _, r := range list {
		if text := oneLine(r.text); text != "" {
			out = append(out, templates.CardRow{Label: reader.T(r.label), Text: text})
		}
	}
	return out
}

// protection says how the content is wrapped; nil: not at all.
func protection(reader i18n.Locale, root *message.Part, raw io.ReaderAt) *templates.Banner {
	switch root.Protection(raw) {
	case message.Signed:
		return &templates.Banner{Tone: templates.ToneInfo, Text: reader.T("This message is signed. Postern does not verify signatures.")}
	case message.Encrypted:
		return &templates.Banner{Tone: templates.ToneInfo, Text: reader.T("This message is encrypted. Postern has no keys: open the attachment or the .eml with a program that has them.")}
	}
	return nil
}
