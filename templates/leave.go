package templates

// LeavePage asks before a mailing list is left.
type LeavePage struct {
	Shell
	From     Person // whose messages there will be no more of
	Back     Link   // to the message
	Fault    string // why it was not done; "" before it was tried
	Doubtful bool   // nobody vouches that the message is from whom it says
	Host     string // who is asked when Action is posted
	Action   string // "" when the list cannot be left with one click
	Ways     []Link // other ways: https: pages and mailto: addresses, as the sender names them
}
