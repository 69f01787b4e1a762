package templates

import (
	"slices"

	"github.com/a-h/templ"
)

// MessagePage is one message.
type MessagePage struct {
	Shell
	ID             string
	Mailbox        string // inbox, archive, junk, trash: decides which actions are offered
	MailboxName    string // "Inbox"
	Back           Link   // to the list it was opened from
	Beside         *Beside
	NewerURL       string // "" at the newest
	OlderURL       string
	Return         string // path to come back to after an action that keeps the message where it is
	ReturnList     string // path to go to after an action that moves it away
	Subject        string
	From           []Person
	ReplyTo        []Person // only when it differs from From
	To             []Person
	Cc             []Person
	Bcc            []Person
	Date           string // "Tuesday, 3 November 2026, 14:02"
	DateISO        string
	Account        *Tag
	Labels         []Tag
	Starred        bool
	Unread         bool
	Notes          []Banner // what it is: a delivery report, encrypted
	Server         *ServerState
	Warnings       []Warning
	Defects        []string // sentences: what was broken and how it was read
	Images         *HeldImages
	Cards          []Card
	Attachments    []Attachment
	AttachmentsZip string // "" leaves it out
	Text           []TextBlock
	MarkedSubject  Text   // the subject with its hits, when it was opened from a search
	UnmarkedURL    string // the same message without marks; "" when nothing is marked
	TextNote       string // "Cut after 4 MiB; the whole text is in the source."
	BodyURL        string // the sanitised HTML for the frame; "" shows Text
	Paper          bool   // the frame shows mail made for light paper, whatever the portal's colours are
	Inverted       bool   // it is shown dark all the same
	DarkURL        string // switches between the two; "" offers none
	PrintURL       string // "" offers none
	ViewURL        string // takes the choice between text and HTML; "" when there is only one of them
	SourceURL      string
	RawURL         string // .eml
	LeaveURL       string // asks before the list is left that it came over; "" offers none
	Free           bool   // offers to remove it from its server and to keep it here
}

// fewPeople is how many of a header field are shown at once; the others unfold.
const fewPeople = 12

// Person is someone in a header field.
type Person struct {
	Name    string // "" when only the address is known
	Address string
	URL     string // a search for the address; "" makes no link
}

// ServerState says where the message stands on its POP3 server, when there is something to say.
type ServerState struct {
	Tone    Tone
	Text    string // "Will be deleted on pop.example.com with the next check, in 4 minutes."
	Reply   string // the server's own words; "" for none
	Buttons []Post // Cancel deletion
}

// Warning is a sentence that a reader should know before believing a message.
type Warning struct {
	Tone  Tone
	Brief string // the same in a few words, for a phone
	Folds bool   // it may be folded away there, as may those behind it
	Text  string
}

// HeldImages says which remote images were not loaded. Its button sends Fields with GET;
// without a URL the strip only tells.
type HeldImages struct {
	Text   string // "Held back: 7 images, 2 trackers from 3 hosts."
	More   string // what loading them means; "" for nothing
	Again  bool   // some did not come: the button tries again
	Watch  string // id of the message whose images are being loaded; what became of them is said afterwards. "" for none
	URL    string
	Fields []Field // images=once
	Always []Post  // rules for the sender and for its domain
	Stop   *Post   // takes back the rule that has them loaded
}

// Attachment is one part to download.
type Attachment struct {
	Name string // "report.pdf"; "unnamed" when it has none
	Type string // "application/pdf"
	Size string // "1.2 MB"
	URL  string
	Icon string // sprite name: file, file-image, file-text, file-archive, calendar, mail; "" = file

	Opens     bool   // can be looked at in the browser, in a tab of its own
	Thumbnail string // address of a small picture; "" for none
	Message   string // page of the message that it is; "" when it is none
	Found     bool   // the search that led here finds what it looks for in it
}

// SourcePage is a message as it came.
type SourcePage struct {
	Shell
	Subject string
	Back    Link
	Source  string
	Note    string // "The first 1 MiB of 12 MiB."; "" for none
	RawURL  string
}

// subject is the heading.
func (p MessagePage) subject() Text {
	if p.MarkedSubject != nil {
		return p.MarkedSubject
	}
	return Plain(p.Subject)
}

// serious are the warnings that are never folded away: the first at least.
func serious(list []Warning) []Warning {
	n := slices.IndexFunc(list, func(w Warning) bool { return w.Folds })
	if n < 0 {
		return list
	}
	return list[:max(n, 1)]
}

// briefs are the serious warnings in a few words each, each once.
func briefs(list []Warning) (briefs []string) {
	for _, w := range serious(list) {
		if !slices.Contains(briefs, w.Brief) {
			briefs = append(briefs, w.Brief)
		}
	}
	return briefs
}

// watched has postern.js say what became of the images once they are loaded.
func watched(h HeldImages) templ.Attributes {
	if h.Watch == "" {
		return nil
	}
	return templ.Attributes{"data-images": h.Watch}
}

// withoutField leaves a field out.
func withoutField(fields []Field, name string) []Field {
	return slices.DeleteFunc(slices.Clone(fields), func(f Field) bool { return f.Name == name })
}
