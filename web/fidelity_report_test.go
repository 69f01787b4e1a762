package web

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Shares from which a mail counts as kept.
const (
	keptPlaced = 0.95
	keptLooks  = 0.95
	keptPaper  = 0.95
	keptShown  = 0.98
)

// probes is a set of pages that try one feature of HTML or CSS each. They are no mails that somebody designed, so they have
// figures, but do not count.
const probes = "html-caniemail"

// kept tells whether the layout of a mail is kept. In a window that the mail is too wide for, as much of it as of the raw
// one has to be in view, and there.
func (l likeness) kept() bool {
	if l.rawWide {
		return l.said >= keptPlaced && l.looks >= keptLooks && l.shown >= min(keptShown, l.rawShown)
	}
	return l.placed >= keptPlaced && l.looks >= keptLooks && l.paper >= keptPaper
}

func (l likeness) String() string {
	s := fmt.Sprintf("said %3.0f placed %3.0f looks %3.0f paper %3.0f shown %3.0f raw %3.0f", 100*l.said, 100*l.placed, 100*l.looks, 100*l.paper, 100*l.shown, 100*l.rawShown)
	if l.rawWide {
		s += " raw-wide"
	}
	if l.oursWide {
		s += " ours-wide"
	}
	if l.looks < 1 {
		s += ", looks: " + l.looked
	}
	if l.placed < 1 {
		s += ", place: " + l.moved
	}
	return s
}

// report writes the figures of every mail to a file, with what differs, and to another as the tables of docs/HTML-MAIL.md.
func report(t *testing.T, out string, list []laidOut, results []fidelity) {
	t.Helper()
	type sum struct{ mails, kept int }
	var figures, table strings.Builder
	sets, all := map[string]sum{}, sum{}
	for n, d := range list {
		f := results[n]
		if f.at[0].words == 0 {
			continue // nothing to see in either
		}
		for i, width := range windows {
			mark := "kept"
			if !f.at[i].kept() {
				mark = "LOST"
			}
			fmt.Fprintf(&figures, "%03d %4d %s %s/%s: %d words, %v\n", n, width, mark, d.set, d.name, f.at[i].words, f.at[i])
		}
		s := sets[d.set]
		s.mails++
		if f.kept() {
			s.kept++
		}
		sets[d.set] = s
		if d.set == probes {
			continue
		}
		all.mails++
		if f.kept() {
			all.kept++
		}
		fmt.Fprintf(&table, "| %s/%s | %s | %s | %s |\n", d.set, numberedName.ReplaceAllString(d.name, "$1"), f.at[0].cell(), f.at[1].cell(), map[bool]string{true: "kept", false: "**changed**"}[f.kept()])
	}
	for _, set := range slices.Sorted(maps.Keys(sets)) {
		t.Logf("RESULT %s: %d of %d kept", set, sets[set].kept, sets[set].mails)
	}
	t.Logf("RESULT all: %d of %d kept, %.1f %%", all.kept, all.mails, 100*float64(all.kept)/float64(max(all.mails, 1)))
	for file, text := range map[string]string{"figures.txt": figures.String(), "table.md": table.String()} {
		if err := os.WriteFile(filepath.Join(out, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if 100*all.kept < 95*all.mails {
		t.Errorf("the layout of %d mails of %d is kept, want 95 %%", all.kept, all.mails)
	}
}

// numberedName is the name of a mail that has a number and a sum.
var numberedName = regexp.MustCompile(`(\d{5})\.[0-9a-f]{32}\.eml$`)

// kept tells whether the layout is kept in every window.
func (f fidelity) kept() bool {
	for _, l := range f.at {
		if !l.kept() {
			return false
		}
	}
	return true
}

// cell is a cell of the table.
func (l likeness) cell() string {
	s := fmt.Sprintf("%.0f %.0f %.0f", 100*l.placed, 100*l.looks, 100*l.paper)
	if l.rawWide {
		s += fmt.Sprintf(", in view %.0f for %.0f", 100*l.shown, 100*l.rawShown)
	}
	return s
}
