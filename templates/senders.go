package templates

// SendersPage lists what was decided about senders.
type SendersPage struct {
	Shell
	Rows []SenderRow
}

// SenderRow is one rule.
type SenderRow struct {
	Sender string   // "lina@example.net", "everyone at example.net"
	Says   []string // "remote images are loaded", "shown as text"
	Since  string   // "3 Nov"
	Revoke Post
}
