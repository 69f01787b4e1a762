package message

import (
	"testing"
	"unicode/utf8"
)

func TestDeliveryReports(t *testing.T) {
	const mta = "Reporting-MTA: dns; mx.example.net\n\n"
	for in, want := range map[string]string{
		mta + "Final-Recipient: rfc822; bob@example.net\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such\n user.\n":                                                                             "Delivery to bob@example.net failed: 550 no such user.",
		mta + "Final-Recipient: rfc822;bob@example.net\nAction: delayed\nStatus: 4.0.0\nWill-Retry-Until: Fri, 6 Mar 2026\n":                                                                                      "Delivery to bob@example.net is delayed and is tried until Fri, 6 Mar 2026: 4.0.0.",
		mta + "Final-Recipient: rfc822; bob@example.net\nAction: delivered\n":                                                                                                                                     "The message was delivered to bob@example.net.",
		mta + "Final-Recipient: rfc822; bob@example.net\nAction: Failed (bounced)\n\nFinal-Recipient: rfc822; <jane@example.net>\nAction: failed\n\nFinal-Recipient: rfc822; ok@example.net\nAction: delivered\n": "Delivery to bob@example.net, jane@example.net failed.",
		mta: "",
		"":  "",
	} {
		if got := deliveryReport(fieldGroups(in)); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestReceiptsAndComplaints(t *testing.T) {
	receiptText := "Final-Recipient: rfc822; bob@example.net\nDisposition: manual-action/MDN-sent-manually; displayed/error\n"
	if got, want := receipt(fieldGroups(receiptText)), "bob@example.net opened the message."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := complaint(fieldGroups("Feedback-Type: abuse\nOriginal-Rcpt-To: <bob@example.net>\n")), "A recipient, bob@example.net, reported a message: abuse."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestInvitations(t *testing.T) {
	event := func(method, lines string) string {
		return "BEGIN:VCALENDAR\nMETHOD:" + method + "\nBEGIN:VTIMEZONE\nDTSTART:19700101T000000\nEND:VTIMEZONE\nBEGIN:VEVENT\n" + lines + "BEGIN:VALARM\nSUMMARY:no\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n"
	}
	for in, want := range map[string]string{
		event("REQUEST", "SUMMARY:Plan\\, long\n  er\nDTSTART:20260310T140000Z\nDTEND:20260310T150000Z\n"):                                                              "Invitation: Plan, long er, 10 Mar 2026, 14:00–15:00 (UTC).",
		event("CANCEL", "SUMMARY:Trip\nDTSTART;VALUE=DATE:20260310\nDTEND;VALUE=DATE:20260313\nLOCATION:Köln\n"):                                                        "Cancelled: Trip, 10 Mar 2026 – 12 Mar 2026, Köln.",
		event("PUBLISH", "SUMMARY:Gym\nDTSTART;TZID=\"Europe/Berlin\":20260310T230000\nDTEND;TZID=x:20260311T010000\nRRULE:x\n"):                                        "Event: Gym, 10 Mar 2026, 23:00 – 11 Mar 2026, 01:00 (Europe/Berlin), repeatedly.",
		event("REQUEST", "SUMMARY:Sprint\nDTSTART;TZID=W. Europe Standard Time:20260310T140000\nDURATION:PT1H30M\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR;COUNT=10\n"): "Invitation: Sprint, 10 Mar 2026, 14:00–15:30 (W. Europe Standard Time), every 2 weeks on Tuesday, Friday, 10 times.",
		event("REQUEST", "SUMMARY:Fair\nDTSTART;VALUE=DATE:20260310\nDURATION:P3D\nRRULE:FREQ=YEARLY;UNTIL=20300401\n"):                                                 "Invitation: Fair, 10 Mar 2026 – 12 Mar 2026, every year, until 1 Apr 2030.",
		event("REQUEST", "SUMMARY:Birthday\nDTSTART;VALUE=DATE:20260310\n"):                                                                                             "Invitation: Birthday, 10 Mar 2026.",
		event("REQUEST", "SUMMARY:Plan\nSTATUS:CANCELLED\nDTSTART:20260310T140000\nDURATION:-PT1H\n"):                                                                   "Cancelled: Plan, 10 Mar 2026, 14:00.",
		event("REPLY", "SUMMARY:Plan\nATTENDEE;CN=Bob;PARTSTAT=DECLINED:mailto:bob@example.net\n"):                                                                      "Reply to an invitation: Plan. Bob answers: declined.",
		event("REPLY", "SUMMARY:Plan\nORGANIZER;CN=\"Lee: Ann\":mailto:ann@example.com\n"):                                                                              "Reply to an invitation: Plan, from Lee: Ann.",
		"BEGIN:VCALENDAR\nEND:VCALENDAR\n": "",
		"nothing":                          "",
	} {
		if got := invitationSentence(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func FuzzReports(f *testing.F) {
	f.Add("A: b\n\nFinal-Recipient: rfc822; c\nAction: failed\n d")
	f.Add("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY;X=\":\":y\nDTSTART:20260310\nEND:VEVENT")
	f.Fuzz(func(t *testing.T, s string) {
		s = validText(s)
		groups := fieldGroups(s)
		for _, got := range []string{deliveryReport(groups), receipt(groups), complaint(groups), invitationSentence(s)} {
			if !utf8.ValidString(got) {
				t.Fatalf("%q gives %q", s, got)
			}
		}
	})
}

func invitationSentence(text string) string {
	if v, ok := readInvitation(text); ok {
		return v.sentence()
	}
	return ""
}
