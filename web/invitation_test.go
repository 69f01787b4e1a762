package web

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/internal/i18n"
	"postern/internal/message"
)

// TestInvitation: what has a zone is told in the reader's, days and times without one as they are.
func TestInvitation(t *testing.T) {
	zone := func(name string) *time.Location {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	start := time.Date(2026, 3, 10, 14, 0, 0, 0, zone("Europe/Berlin"))
	day := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	meeting := message.Invitation{Kind: "Invitation", Title: "Plan", Start: start, End: start.Add(90 * time.Minute), Exact: true, When: "10 Mar 2026, 14:00–15:30 (Europe/Berlin)"}
	reply := meeting
	reply.Kind, reply.Answer, reply.Attendees = "Reply to an invitation", "declined", []string{"Bob"}
	for _, c := range []struct {
		name string
		in   message.Invitation
		want []string
	}{
		{"in another zone", meeting, []string{"Invitation Plan", "When: 10 Mar 2026, 21:00–22:30", "Sender's time: 10 Mar 2026, 14:00–15:30 (Europe/Berlin)"}},
		{"a reply", reply, []string{"Reply to an invitation Plan", "When: 10 Mar 2026, 21:00–22:30", "Sender's time: 10 Mar 2026, 14:00–15:30 (Europe/Berlin)", "To: Bob", "Answer: declined"}},
		{"without a zone", message.Invitation{Kind: "Cancelled", Start: day.Add(14 * time.Hour)}, []string{"Cancelled ", "When: 10 Mar 2026, 14:00"}},
		{"days", message.Invitation{Kind: "Event", Start: day, End: day.AddDate(0, 0, 3), AllDay: true, Repeats: true, Repeat: message.Repeat{Unit: "week", Every: 2, Days: []time.Weekday{2, 5}, Count: 10}},
			[]string{"Event ", "When: 10 Mar 2026 – 12 Mar 2026", "Repeats: every 2 weeks: Tuesday, Friday; 10 times"}},
		{"a year of days", message.Invitation{Kind: "Event", Start: day, AllDay: true, Repeats: true, Repeat: message.Repeat{Unit: "year", Every: 1, Until: day.AddDate(4, 0, 0)}},
			[]string{"Event ", "When: 10 Mar 2026", "Repeats: every year; until 10 Mar 2030"}},
		{"nobody knows how often", message.Invitation{Kind: "Event", Title: "x", Repeats: true}, []string{"Event x", "Repeats: yes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			card := invitation(i18n.Locale{Zone: zone("Asia/Shanghai")}, c.in)
			got := []string{card.Kind + " " + card.Title}
			for _, r := range card.Rows {
				got = append(got, r.Label+": "+r.Text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if card := invitation(i18n.Locale{Language: i18n.Chinese, Zone: zone("Asia/Shanghai")}, meeting); card.Rows[0].Text != "2026年3月10日 21:00–22:30" || card.Rows[1].Text != "2026年3月10日 14:00–15:30 (Europe/Berlin)" {
		t.Errorf("in Chinese: %+v", card)
	}
}
