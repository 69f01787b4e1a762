package templates

// DeletionsPage is the ledger of deletions on servers.
type DeletionsPage struct {
	Shell
	Held   []HeldPanel     // accounts whose deletions wait for a person's word
	Groups []DeletionGroup // by account; empty: nothing was ever deleted on a server
	Note   string          // "The 500 latest, those that wait first."; "" when all are shown
}

// HeldPanel asks whether the deletions of an account that came out of a backup may go on.
type HeldPanel struct {
	Account Tag
	Text    string
	Release Post
}

// DeletionGroup is the part of the ledger of one account.
type DeletionGroup struct {
	Account Tag
	Summary string // "2 waiting, 14 done, 1 refused"
	NextRun string // "Next check in 4 minutes."; "" for none
	Rows    []DeletionRow
	Cancel  *Post // cancels all that still wait; nil leaves it out
}

// DeletionRow is one message whose deletion was asked for.
type DeletionRow struct {
	Subject  string
	Reason   string // "deleted here", "by the account's rule, after 30 days"
	URL      string // "" when the message is no longer here
	State    DeletionState
	Label    string // "waiting", "sending", "sent", "confirmed", "refused", "cancelled"
	When     string
	WhenFull string
	WhenISO  string
	Reply    string // the server's words when it refused
	Cancel   *Post  // nil once it is too late
}

// DeletionState is how far a deletion has come.
type DeletionState string

// The states of a deletion, in their order.
const (
	DeletionRequested DeletionState = "requested"
	DeletionSending   DeletionState = "sending"
	DeletionSent      DeletionState = "sent"
	DeletionConfirmed DeletionState = "confirmed"
	DeletionRefused   DeletionState = "refused"
	DeletionCancelled DeletionState = "cancelled"
)
