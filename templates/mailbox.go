package templates

// MailboxPage is a list of messages: a mailbox, or what a search found.
type MailboxPage struct {
	Shell
	Mailbox   string // inbox, starred, archive, junk, trash, all, label/NAME: decides which actions are offered
	Heading   string // "Inbox", "Search results"
	Account   *Tag   // the account the list is filtered to, its URL the list without the filter; nil for all
	Chips     []string
	Hints     []Banner // about the query: "unknown word form:", with a link to what was meant
	Range     string   // "1–50 of 8,310"
	CountURL  string   // where all that a search found is counted, if it was not yet; else ""
	Rows      []Row
	Pager     Pager
	Return    string      // path of this very page, for actions to come back to
	Syncs     []Progress  // accounts that are fetching now, shown above the list
	Empty     *Empty      // shown when there are no rows
	EmptyBin  *EmptyBin   // offered in Trash when it holds something
	Note      string      // about the list: how long mail stays in Trash
	SelectAll *SelectAll  // nil when there are no rows
	Downloads []Link      // the whole list as a file, in each format
	FirstSync bool        // nothing is here yet and the first session is under way: Empty explains it
	CheckNow  *CheckNow   // offered where new mail would appear
	Save      *SaveSearch // offered with the results of a search
	Live      bool        // new mail belongs at the head of this list: a note offers to show it when it comes
	Count     ListCount   // when Live: of unread mail, shown where there is no side bar
	Whole     bool        // rows stand for whole conversations, and so do actions on them
	Since     string      // when Live: names the newest message at the time of the list, for /events to go on from
}

// ListCount is a list's number of unread messages.
type ListCount struct {
	Key    string // names it in a CountsEvent
	Unread string // "" for none
}

// CheckNow is the form that has the accounts of a list checked at once.
type CheckNow struct {
	URL    string
	Fields []Field
}

// Row is one message of a list. Its element has the id "m" and ID, so that a way back to the list may end in "#m40".
type Row struct {
	ID          string
	URL         string
	From        Text
	FromTitle   string // the full address, on hover
	Count       string // messages of the conversation that the row stands for: "3"; "" for one alone
	CountText   string // "3 messages"
	Messages    int    // the same as a number; 0 for one alone
	Subject     Text   // "(no subject)" when there is none
	Found       string // "found in invoice.pdf": what Snippet is of; "" for the message's own text
	Snippet     Text
	Date        string // "14:02", "3 Nov"
	DateFull    string // on hover
	DateISO     string // for the datetime attribute
	Account     *Tag   // nil when there is but one account
	Unread      bool
	Starred     bool
	Attachments string // "2"; "" for none
	Labels      []Tag  // without the one whose list this is
	Mailbox     string // where it lives, shown in searches over several mailboxes: "Archive"; "" to leave out
	Server      *Mark  // nil when the message simply is on the server or never was
	Fetch       bool   // only its header is here: the rest is offered
}

// Mark is a short remark on a row or a line of a table.
type Mark struct {
	Tone Tone
	Text string // "pending", "gone"
	Help string // the whole sentence, on hover: "Will be deleted on the server with the next check."
}

// Pager leads along a list; an empty URL shows the way closed.
type Pager struct {
	NewerURL string
	OlderURL string
}

// Empty is what stands where the messages would.
type Empty struct {
	Icon    string // sprite name
	Heading string // "Nothing here"
	Text    string
	Links   []Link // "Search Trash and Junk too"; the first one is shown as a button
	Waits   bool   // for a first check: its end changes what there is to say
}

// EmptyBin is the form that empties Trash; the answer is a page that asks first.
type EmptyBin struct {
	Label  string // "Empty Trash"
	Query  string
	Bound  string  // the list's arrival bound: later mail is not touched
	Fields []Field // more of what the list is filtered by, such as account
	Return string
}

// SelectAll offers to act on all the messages of a list or search, not only those on the page.
type SelectAll struct {
	Text   string // "Act on all 1,248 in this search"
	Query  string
	Bound  string
	Fields []Field
}

// SaveSearch is the form that keeps a search in the side bar, or renames or removes the one that is kept.
type SaveSearch struct {
	Name      string // of the saved search; "": it is not saved
	Proposed  string // a name for it, when it is not saved
	URL       string
	RemoveURL string // when it is saved
	Fields    []Field
}
