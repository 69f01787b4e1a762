package query

import (
	"time"

	"postern/internal/i18n"
)

// Query is what Parse made of a search.
type Query struct {
	// Root is the tree; nil finds everything.
	Root Node
	// Hints are about what could not be read as meant, and what was done about it.
	Hints []Hint
	// Source is the text that was parsed.
	Source string
}

// Hint is a sentence or two about a piece of a search.
type Hint struct {
	Text  i18n.Text
	Near  string // what was probably meant: "from:", "is:unread"; "" where nothing comes to mind
	Meant string // the whole search with that in place of the piece
}

// Question asks whether Near was meant; zero where nothing comes to mind.
func (h Hint) Question() i18n.Text {
	if h.Near == "" {
		return i18n.Text{}
	}
	return i18n.Say("Did you mean %s?", quoted(h.Near))
}

// String is all of it in English.
func (h Hint) String() string {
	if h.Near == "" {
		return h.Text.String()
	}
	return h.Text.String() + " " + h.Question().String()
}

// Node is a part of the tree: And, Or, Not, Text, Mailbox, Label, Account, ID, Is,
// Date, Size or Nothing.
type Node interface{ node() }

// And holds when all its parts do. It has at least two.
type And []Node

// Or holds when one of its parts does. It has at least two.
type Or []Node

// Not holds when Node does not.
type Not struct{ Node Node }

// Nothing holds for no message: it stands for a filter that could not be read,
// so that a mistake never widens a search. It is never inside a Not.
type Nothing struct {
	Source string // the filter: "before:yesterdy"; "" when the whole search has nothing to find
}

// Field is a part of a message that Text looks at.
type Field int

// Fields. Any is all of them. Recipient is To, Cc and Bcc; List the mailing list's
// identifier; Filename the names of attachments, Attached the text in them. Head is
// what a list shows of people and subject: Subject, From, Recipient and List.
const (
	Any Field = iota
	Subject
	From
	Recipient
	Body
	Filename
	Attached
	List
	Cc
	Bcc
	Head
)

// Parts are the fields that f is made of, those first in which a match is likely;
// f itself when it is not made of others.
func (f Field) Parts() []Field {
	switch f {
	case Any:
		return []Field{Body, Subject, From, Recipient, Filename, Attached, List}
	case Head:
		return []Field{Subject, From, Recipient, List}
	}
	return []Field{f}
}

// Text holds when Field contains the units of Raw one after another: typed
// without quotes Raw has no blanks, but may still be several units ("2026/0042",
// "中文信件"). Words gives the index terms, Match the truth.
type Text struct {
	Field  Field
	Raw    string
	Phrase bool // typed in quotes
	Prefix bool // the last word may go on
}

// Mailbox holds for messages in one mailbox. Name is "inbox", "archive",
// "junk", "trash", "all" (every mailbox but junk and trash) or "anywhere".
type Mailbox struct{ Name string }

// Label holds for messages with this label, by its name as typed.
type Label struct{ Name string }

// ID holds for messages with this Message-ID, without angle brackets.
type ID struct{ MessageID string }

// Account holds for messages of this account, by name or address as typed.
type Account struct{ Name string }

// Is holds for messages in a state.
type Is struct{ Flag Flag }

// Flag is a state of a message here or on its server.
type Flag int

// Flags. The last four are what is known of the copy on the server: its
// deletion is wanted, it vanished without our doing, it was deleted by us, it
// is there.
const (
	Unread Flag = iota
	Read
	Starred
	Unstarred
	HasAttachment
	PendingDelete
	Gone
	Deleted
	Present
)

// Date holds for messages received before Time, or else at Time or later.
type Date struct {
	Before bool
	Time   time.Time
	Ago    string // "7d" when typed relative to now, else ""
}

// Size holds for messages of more than Octets octets (Larger), or else fewer.
type Size struct {
	Larger bool
	Octets int64
}

func (And) node()     {}
func (Or) node()      {}
func (Not) node()     {}
func (Nothing) node() {}
func (Text) node()    {}
func (Mailbox) node() {}
func (Label) node()   {}
func (Account) node() {}
func (ID) node()      {}
func (Is) node()      {}
func (Date) node()    {}
func (Size) node()    {}

// period returns the time that an And of two dates stands for, as on: makes it.
func (a And) period() (from, to time.Time, ok bool) {
	if len(a) != 2 {
		return
	}
	after, ok1 := a[0].(Date)
	before, ok2 := a[1].(Date)
	ok = ok1 && ok2 && !after.Before && before.Before && after.Ago == "" && before.Ago == ""
	return after.Time, before.Time, ok
}
