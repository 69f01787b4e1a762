package templates

// StoragePage tells what takes space on the servers and here.
type StoragePage struct {
	Shell
	Totals   []StorageTotal   // figures over all accounts
	Accounts []StorageAccount // empty: there is no account
	List     *StorageList     // of the chosen account; nil without one
}

// StorageTotal is a figure over all accounts.
type StorageTotal struct {
	Name    string // "Size there"
	Value   string // "3.4 GB"
	Leaving string // how much of it goes with the next checks: "300 MB of it leaving"
}

// StorageAccount is what one account's server holds.
type StorageAccount struct {
	Account         Tag    // its URL leads to the list of what lies there
	Current         bool   // its list is shown
	Messages        string // there and here: "8,310"
	Octets          string // of these: "1.2 GB"
	LeavingMessages string // of these, with the next check: "12 of them leaving"
	LeavingOctets   string // the same: "300 MB of it leaving"
	Gone            string // here, and there no more
	Policy          string // "Deleted when deleted here"
}

// StorageList is what lies on one account's server, the biggest or the oldest first.
type StorageList struct {
	Account    Tag
	Host       string
	About      string // "After the last check it held 8,322 messages, 1.2 GB."
	Oldest     bool   // the order; else the biggest first
	BiggestURL string
	OldestURL  string
	Rows       []StorageRow // empty: nothing lies there that is here
	Range      string       // "The 100 biggest of 8,310"
	MoreURL    string       // "" at the end
	Keep       string       // why nothing can be removed there; "" when it can
	EditURL    string       // where that can be changed
	Return     string       // path of this very page
	Rules      []Rule       // whole groups of messages to remove, counted and asked for first
	Fields     []Field      // sent with a rule: which account, and the arrival bound
}

// StorageRow is one message on a server.
type StorageRow struct {
	ID       string
	URL      string
	From     string
	Subject  string
	Size     string
	Octets   string // the same, to be added up: "41234567"
	Date     string
	DateFull string
	DateISO  string
	Mailbox  string // where it lies here
}

// Rule names a group of messages by a search.
type Rule struct {
	Name  string // "older than a year"
	Query string
}
