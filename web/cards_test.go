package web

import (
	"slices"
	"testing"
	"time"

	"postern/internal/i18n"
	"postern/internal/message"
)

// TestCards: an invitation and a contact are shown as such, and protection is said.
func TestCards(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	ids := p.deliver(p.ann, work,
		mail("Plan", "--b\r\n\r\nHello\r\n--b\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n"+
			"SUMMARY:Lunch <now>\r\nDTSTART:20260310T140000Z\r\nLOCATION:Room 1\r\nORGANIZER:mailto:ann@example.com\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"+
			"--b\r\nContent-Type: text/vcard\r\n\r\nBEGIN:VCARD\r\nFN:Eve Roe\r\nEMAIL:eve@example.org\r\nEND:VCARD\r\n--b--\r\n", `Content-Type: multipart/mixed; boundary="b"`),
		mail("Secret", "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b--\r\n", `Content-Type: multipart/encrypted; boundary="b"`))
	ann := p.as(p.ann)
	ann.get(messageURL(ids[0], "")).want(t, 200).has(t, `Invitation: <span dir="auto">Lunch &lt;now&gt;</span>`, "10 Mar 2026, 14:00", "Room 1", "ann@example.com",
		`Contact: <span dir="auto">Eve Roe</span>`, "eve@example.org").hasNot(t, "Invitation: Lunch", "is encrypted")
	ann.get(messageURL(ids[1], "")).want(t, 200).has(t, "This message is encrypted.")
}

// TestCardsInChinese: what stands one after the other has the signs of the reader's language between.
func TestCardsInChinese(t *testing.T) {
	reader := i18n.Locale{Language: i18n.Chinese}
	meeting := message.Invitation{Attendees: []string{"林小雨", "王建国"}, More: 3, Repeats: true,
		Repeat: message.Repeat{Unit: "week", Every: 2, Days: []time.Weekday{time.Monday, time.Friday}, Count: 5}}
	var texts []string
	for _, row := range invitation(reader, meeting).Rows {
		texts = append(texts, row.Text)
	}
	for _, want := range []string{"林小雨、王建国、另有 3 人", "每 2 周：星期一、星期五；5 次"} {
		if !slices.Contains(texts, want) {
			t.Errorf("%q is not among %q", want, texts)
		}
	}
}
