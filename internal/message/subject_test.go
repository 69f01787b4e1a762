package message

import "testing"

func TestBaseSubject(t *testing.T) {
	for subject, want := range map[string]struct {
		base  string
		reply bool
	}{
		"Lunch":                   {"Lunch", false},
		"Re: Lunch":               {"Lunch", true},
		"RE:Lunch":                {"Lunch", true},
		"Re[2]: Lunch":            {"Lunch", true},
		"Re [2]: Lunch":           {"Lunch", true},
		"Fwd: Lunch":              {"Lunch", false},
		"Fw: Re: Lunch (fwd)":     {"Lunch", true},
		"[list] Re: [list] Lunch": {"Lunch", true},
		"AW: WG:  two   words":    {"two words", true},
		"回复：午餐":                   {"午餐", true},
		"转发: 午餐":                  {"午餐", false},
		"Отв: обед":               {"обед", true},
		"[only this]":             {"[only this]", false},
		"Re:":                     {"", true},
		"":                        {"", false},
		"Reminder: Lunch":         {"Reminder: Lunch", false},
		"Re[one]: Lunch":          {"Re[one]: Lunch", false},
		"Re Lunch":                {"Re Lunch", false},
		"[a [b] c]":               {"[a [b] c]", false},
		"(fwd)":                   {"", false},
	} {
		base, reply := BaseSubject(subject)
		if base != want.base || reply != want.reply {
			t.Errorf("%q: %q %v, want %q %v", subject, base, reply, want.base, want.reply)
		}
	}
}

func FuzzBaseSubject(f *testing.F) {
	f.Add("Re: [x] Fwd: y (fwd)")
	f.Fuzz(func(t *testing.T, s string) {
		base, _ := BaseSubject(s)
		if again, reply := BaseSubject(base); again != base || reply {
			t.Errorf("%q: %q, again %q %v", s, base, again, reply)
		}
	})
}
