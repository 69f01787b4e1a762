package templates

// ErrorPage says that something went wrong, and what to do.
type ErrorPage struct {
	Shell  *Shell // nil for someone who is not signed in
	Head   Head   // used when Shell is nil
	Status string // "404"
	Title  string // "There is no such page"
	Text   string
	Detail string // for a bug report: a request's number
	Link   *Link
}

// ConfirmPage asks before something that cannot be undone, or that touches much. Confirm posts Fields to Action.
type ConfirmPage struct {
	Shell
	Heading   string // "Empty Trash?"
	Sentence  string // "1,248 messages will be removed for good."
	Details   []string
	Action    string
	Fields    []Field
	Confirm   string // the button's name: "Remove 1,248 messages"
	CancelURL string
	Danger    bool
}
