package templates

// Head is what the document itself needs.
type Head struct {
	Title string // of this page, without the product's name
	Theme string // "light" or "dark" where the person chose one; "" follows the system

	Beside  bool   // the person wants the list beside a message, where there is room
	Apart   bool   // the person wants each message by itself, not in its conversation
	Compact bool   // the person wants low rows in lists
	Zone    string // the browser's time zone as far as it told, where times follow it; "": they do not
	NoKeys  bool   // the person wants single keys to do nothing
}

// Shell is what surrounds every page of a person who is signed in.
type Shell struct {
	Head
	User      string // the signed-in user's name
	Unread    string // unread messages in the inbox, for the title: "12"; "" for none
	Mailboxes []NavItem
	Labels    []NavLabel
	Searches  []NavItem // saved ones; their Key is not used
	Accounts  []NavAccount
	Pages     []NavItem // the portal's own pages: accounts, deletions, settings
	Search    SearchBox
	Banners   []Banner
	Toast     *Toast // what the last action did, with its Undo; nil for none
}

// NavItem is one entry of the side bar.
type NavItem struct {
	Key     string // names the entry in a CountsEvent: "inbox", "deletions"
	Name    string
	Icon    string // a name of the sprite: inbox, star, archive, junk, trash, all, accounts, deletions, settings
	URL     string
	Count   string // of unread messages: "12"; "" shows none
	Waiting bool   // Count is of deletions that wait
	Current bool
}

// NavAccount is one account in the side bar.
type NavAccount struct {
	ID        string
	Name      string
	Colour    int          // 0 to 9, a class c0 … c9
	URL       string       // the mailbox filtered to this account
	StatusURL string       // the account's own page
	State     AccountState // shown as a dot unless StateOK
	StateText string       // "Checked 2 minutes ago", "Wrong password"
	Count     string       // unread; "" for none
	Current   bool
}

// AccountState says how an account fares.
type AccountState string

// The states of an account, as classes and as values of SyncEvent.State.
const (
	StateOK      AccountState = "ok"
	StateWorking AccountState = "working" // a session is running
	StateFailing AccountState = "failing" // the last session failed; it is tried again
	StatePaused  AccountState = "paused"  // not tried until the person acts
)

// SearchBox is the box at the top of each page. It sends q, and the fields, with GET.
type SearchBox struct {
	Query  string
	URL    string  // where to search: "/mail/all"; "" = "/mail/all"
	Fields []Field // kept beside q, such as account
}

// Field is one name and value of a form, hidden.
type Field struct {
	Name  string
	Value string
}

// Link is a way to another page.
type Link struct {
	Text string
	URL  string
}

// Post is a form of one button that changes something.
type Post struct {
	Label  string // the button's accessible name
	URL    string
	Fields []Field
	Help   string // what it does, on hover
	Danger bool   // shown as something that cannot be taken back
}

// Tone colours a remark.
type Tone string

// The tones of banners, facts and marks.
const (
	ToneInfo Tone = "info"
	ToneOK   Tone = "ok"
	ToneWarn Tone = "warn"
	ToneBad  Tone = "bad"
)

// Banner is a remark across the top of a page, such as an account that fails.
type Banner struct {
	Tone    Tone
	Text    string
	Link    *Link  // what to do about it
	Account string // id of the account it speaks of: it goes when that account is well again; "" = it stays
}

// Toast tells what the last action did.
type Toast struct {
	Text    string // "3 messages moved to Trash."
	Token   string // for POST /undo; "" shows no Undo
	Return  string // path to come back to after Undo
	Account string // id of the one that is being checked: what comes of it takes the text's place; "" for none
	After   string // id of its last session before that
}

// Tag names an account in its colour.
type Tag struct {
	Name   string
	Colour int // 0 to 9
	URL    string
}
