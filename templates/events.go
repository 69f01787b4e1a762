package templates

// The server-sent events of /events. The name of each stands in its comment; its data is the struct as JSON. A page
// listens only while it is seen, so the server begins each stream with how things stand: the counts, and the progress
// and state of every account whose session is running.

// ProgressEvent ("progress") tells how far a session has come. Pages draw it into the account's progress bar.
type ProgressEvent struct {
	Account string `json:"account"` // id
	Phase   string `json:"phase"`   // connecting, listing, retrieving, deleting
	Done    int    `json:"done"`    // messages
	Total   int    `json:"total"`   // 0: not known yet
	Percent int    `json:"percent"`
	Text    string `json:"text"` // "1,240 of 8,310 · 96 MB · 3 min left"
}

// SyncEvent ("sync") tells that a session began or ended.
type SyncEvent struct {
	Account string       `json:"account"` // id
	State   AccountState `json:"state"`
	Text    string       `json:"text"`    // the last result's sentence
	Label   string       `json:"label"`   // the same after the account's name
	NextRun string       `json:"next"`    // "in 4 minutes"; "" when none is planned
	Server  string       `json:"server"`  // messages on the server: "8,310"; "" when not known
	Here    string       `json:"here"`    // messages here
	Waiting string       `json:"waiting"` // deletions waiting; "" for none
	Last    string       `json:"last"`    // id of the last session that has ended
}

// MailEvent ("mail") tells that mail arrived in the inbox. Lists offer to show it and do not move by themselves.
type MailEvent struct {
	Account string `json:"account"` // id
	New     int    `json:"new"`
	Text    string `json:"text"` // "3 new messages"
}

// CountsEvent ("counts") carries the counters of the side bar, ready to be shown; "" shows none.
type CountsEvent struct {
	Unread    string            `json:"unread"`    // for the title
	Mailboxes map[string]string `json:"mailboxes"` // by NavItem.Key
	Accounts  map[string]string `json:"accounts"`  // by account id
}
