package templates

// Card is an invitation or a contact that a message brings.
type Card struct {
	Icon  string
	Kind  string // "Invitation", "Contact"
	Title string
	Rows  []CardRow
}

// CardRow is one line of a card.
type CardRow struct{ Label, Text string }
