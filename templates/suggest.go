package templates

import "strconv"

// SuggestionsPanel is how a search that is being typed may go on.
type SuggestionsPanel struct {
	Groups []SuggestionGroup
	Count  int
}

// SuggestionGroup are suggestions of one kind.
type SuggestionGroup struct {
	Name  string // "People"
	Items []Suggestion
}

// Suggestion is one line of the panel: another text for the search box, or a message.
type Suggestion struct {
	ID     string // of its element
	Icon   string
	Text   Text
	Detail string
	Fill   string // what the search becomes; one that ends with a colon is not complete
	URL    string // a message to open instead
}

// Add adds a group, unless there is nothing in it.
func (p *SuggestionsPanel) Add(name string, items []Suggestion) {
	if len(items) == 0 {
		return
	}
	for i := range items {
		items[i].ID = "suggestion-" + strconv.Itoa(p.Count)
		p.Count++
	}
	p.Groups = append(p.Groups, SuggestionGroup{name, items})
}

func groupID(i int) string { return "suggestions-" + strconv.Itoa(i) }
