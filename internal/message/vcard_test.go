package message

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestContacts(t *testing.T) {
	got := readContacts(strings.Join([]string{
		"BEGIN:VCARD", "VERSION:4.0", "FN:Ann Lee\\, PhD", "N:Lee;Ann;;;", "ORG:Example;Sales",
		"TITLE:Head of", "  things", "item1.EMAIL;TYPE=work:ann@example.com", "EMAIL:ann@example.com", "EMAIL:ann@example.org",
		"TEL;TYPE=\"cell,voice\";VALUE=uri:tel:+49-30-123", "ADR;TYPE=home:;;Main St 1;Berlin;;10115;Germany",
		"URL:https://example.com/ann", "BDAY:1980-02-29", "NOTE:first\\nsecond", "PHOTO:data:image/png;base64,AAAA", "END:VCARD",
		"BEGIN:VCARD", "VERSION:2.1", "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg;=", ";Dr.",
		"TEL;WORK;VOICE:123", "END:VCARD",
		"BEGIN:VCARD", "END:VCARD", "FN:nobody",
	}, "\n"))
	want := []Contact{
		{Name: "Ann Lee, PhD", Organization: "Example, Sales", Role: "Head of things", Emails: []string{"ann@example.com", "ann@example.org"},
			Phones: []string{"+49-30-123"}, Addresses: []string{"Main St 1, Berlin, 10115, Germany"}, Links: []string{"https://example.com/ann"},
			Birthday: []string{"1980-02-29"}, Note: "first second"},
		{Name: "Dr. Jörg Müller", Phones: []string{"123"}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestInvitation(t *testing.T) {
	const event = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VTIMEZONE\nDTSTART:19700101T000000\nEND:VTIMEZONE\nBEGIN:VEVENT\n" +
		"SUMMARY:Plan\\, part 2\nDTSTART;TZID=Europe/Berlin:20260310T140000\nDTEND;TZID=Europe/Berlin:20260310T150000\nLOCATION:Room 1\n" +
		"ORGANIZER;CN=\"Lee: Ann\":mailto:ann@example.com\nATTENDEE;CN=Bob:mailto:bob@example.net\nATTENDEE;PARTSTAT=\n ACCEPTED:MAILTO:eve@example.org\n" +
		"RRULE:FREQ=DAILY\nBEGIN:VALARM\nSUMMARY:ring\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n"
	raw := "Subject: x\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/calendar; method=REQUEST\n\n" + event +
		"--x\nContent-Type: application/octet-stream; name=invite.ics\n\n" + event + "--x\nContent-Type: text/x-vcard\n\nBEGIN:VCARD\nFN:Ann\nEND:VCARD\n--x--\n"
	m := parse(t, []byte(raw))
	berlin, _ := calendarZone("/citadel.org/20210210_1/Europe/Berlin")
	want := Cards{
		Invitations: []Invitation{{Kind: "Invitation", Title: "Plan, part 2", When: "10 Mar 2026, 14:00–15:00 (Europe/Berlin)", Where: "Room 1",
			Organizer: "Lee: Ann", Attendees: []string{"Bob", "eve@example.org"}, Repeats: true, Repeat: Repeat{Unit: "day", Every: 1},
			Start: time.Date(2026, 3, 10, 14, 0, 0, 0, berlin), End: time.Date(2026, 3, 10, 15, 0, 0, 0, berlin), Exact: true}},
		Contacts: []Contact{{Name: "Ann"}},
	}
	if d := cmp.Diff(want, ReadCards(m.Root, strings.NewReader(raw))); d != "" {
		t.Error(d)
	}
	if m.Report != "Invitation: Plan, part 2, 10 Mar 2026, 14:00–15:00 (Europe/Berlin), Room 1, from Lee: Ann, every day." {
		t.Error(m.Report)
	}
}

// TestLongCards: what nobody could read is cut.
func TestLongCards(t *testing.T) {
	long := strings.Repeat("好", 10_000)
	raw := "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:" + long +
		"\nLOCATION:" + long + "\nORGANIZER:" + long + "\nDTSTART;TZID=" + long + ":20260310T140000\nEND:VEVENT\nEND:VCALENDAR\n" +
		"--x\nContent-Type: text/vcard\n\nBEGIN:VCARD\nFN:" + long + "\nEMAIL:" + long + "\nORG:" + long + "\nPHOTO:" + strings.Repeat("x", 300_000) + "\nEND:VCARD\n"
	c := ReadCards(parse(t, []byte(raw)).Root, strings.NewReader(raw))
	if len(c.Invitations) != 1 || len(c.Contacts) != 1 {
		t.Fatalf("%d invitations, %d contacts", len(c.Invitations), len(c.Contacts))
	}
	v, p := c.Invitations[0], c.Contacts[0]
	for _, s := range []string{v.Title, v.Where, v.Organizer, v.When, p.Name, p.Organization, p.Emails[0]} {
		if s == "" || len(s) > maxCardLine+100 {
			t.Errorf("%d octets: %.60s", len(s), s)
		}
	}
}

func FuzzCards(f *testing.F) {
	f.Add("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY;X=\"a:b\":c\nEND:VEVENT\nBEGIN:VCARD\nFN;QUOTED-PRINTABLE:=41=\n\nEND:VCARD\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range readContacts(text) {
			if strings.ContainsAny(c.Name+c.Note+c.Organization+strings.Join(c.Emails, ""), "\n\r") {
				t.Errorf("%+q", c)
			}
		}
		readInvitation(text)
	})
}
