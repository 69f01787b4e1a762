package templates

import (
	"slices"
	"testing"
)

// TestBriefs: what is serious is never folded away, and each is said once.
func TestBriefs(t *testing.T) {
	forged, program := Warning{Tone: ToneBad, Brief: "forged"}, Warning{Tone: ToneBad, Brief: "program"}
	link := Warning{Tone: ToneWarn, Brief: "link"}
	answers, first := Warning{Tone: ToneWarn, Brief: "answers", Folds: true}, Warning{Tone: ToneInfo, Brief: "first", Folds: true}
	for _, tt := range []struct{ list, want []string }{
		{[]string{"forged", "program", "program", "link", "answers", "first"}, []string{"forged", "program", "link"}},
		{[]string{"answers", "first"}, []string{"answers"}},
		{[]string{"forged"}, []string{"forged"}},
	} {
		var list []Warning
		for _, name := range tt.list {
			list = append(list, map[string]Warning{"forged": forged, "program": program, "link": link, "answers": answers, "first": first}[name])
		}
		if got := briefs(list); !slices.Equal(got, tt.want) {
			t.Errorf("%v: %v, want %v", tt.list, got, tt.want)
		}
	}
}
