package templates

import (
	"slices"

	"postern/internal/i18n"
)

// LabelsPage is where labels are made, named, coloured and removed.
type LabelsPage struct {
	Shell
	Rows  []LabelRow
	Name  string // typed for a new one that was refused
	Error string // a sentence; "" for none
}

// LabelRow is one label with its form.
type LabelRow struct {
	ID       string
	Name     string
	Colour   int // 0 to 9
	URL      string
	Messages string // "1,248 messages"
}

// NavLabel is one label in the side bar.
type NavLabel struct {
	Key     string // names its counter in a CountsEvent
	Name    string
	Colour  int // 0 to 9
	URL     string
	Count   string // unread; "" for none
	Current bool
}

// colourNames are the names of the colours 0 to 9.
var colourNames = []i18n.Key{"Blue", "Orange", "Violet", "Green", "Magenta", "Gold", "Teal", "Red", "Grey", "Brown"}

// labelled tells whether a label is among those of a message.
func labelled(tags []Tag, name string) bool {
	return slices.ContainsFunc(tags, func(t Tag) bool { return t.Name == name })
}
