package templates

import "strconv"

// Beside is the list that a message was opened from, shown beside it in a wide window.
type Beside struct {
	Heading string // "Inbox"
	URL     string // of the list alone
	Range   string // "1–50 of 8,310"
	Rows    []Row
	Current string // id of the row that is open; "" when the list does not show it
	Pager   Pager
}

// besideClass is the class of a page that has a list beside its message.
func besideClass(b *Beside) string {
	if b == nil {
		return ""
	}
	return " split"
}

// pressed is the value of aria-pressed.
func pressed(on bool) string { return strconv.FormatBool(on) }
