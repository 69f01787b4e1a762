package web

import (
	"postern/internal/i18n"
	"postern/store"
	"postern/templates"
)

// damagedAdvice is what can be done about octets that are not the ones that were stored.
const damagedAdvice i18n.Key = "Something has changed it on the disk. Whoever runs Postern should look after the disk, stop Postern and run “postern check --fix”: it lists every message that is damaged, and has those fetched again that are still on their server. A backup may have the others."

// damaged makes of a page the most that can be shown of a message whose octets are damaged: the text that was read of it
// when it came.
func (p *messagePage) damaged(raw *store.Octets) {
	p.Attachments = nil
	p.attachments(nil, nil, raw)
	p.BodyURL, p.ViewURL, p.DarkURL, p.Images, p.Cards = "", "", "", nil, nil
	p.Text = templates.Blocks(truncate(p.message.Text, maxText))
	p.Warnings = []templates.Warning{{Tone: templates.ToneBad, Text: p.reader.T("The stored copy of this message is damaged. This is the text that was read of it when it came; its attachments may be lost.") +
		" " + p.reader.T(damagedAdvice)}}
}
