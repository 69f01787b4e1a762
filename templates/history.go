package templates

// HistoryPage lists what a person did to messages and can still undo.
type HistoryPage struct {
	Shell
	Entries []HistoryEntry // newest first
}

// HistoryEntry is one action.
type HistoryEntry struct {
	Text     string // "3 messages moved to Trash"
	Subject  string // of the first of them; "" when it is gone
	URL      string
	More     string // "and 2 more"
	When     string // "5 minutes ago"
	WhenFull string
	WhenISO  string
	Undo     Post
}
