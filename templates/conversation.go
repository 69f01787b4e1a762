package templates

import (
	"cmp"
	"slices"
	"strings"
)

// ConversationPage is a conversation: all its messages on one page, the oldest first. Those that were read are folded.
type ConversationPage struct {
	Shell
	ID         string // of its newest message, for actions
	Mailbox    string // inbox, archive, junk, trash: decides which actions are offered
	Subject    string
	Count      string // "4 messages"
	Note       string // "Only the newest 200 are shown."; "" for none
	Labels     []Tag  // of all its messages
	Starred    bool   // one of them is
	UnfoldURL  string // the same page with nothing folded; "" when that is so
	Back       Link   // to the list it was opened from
	Beside     *Beside
	NewerURL   string // the conversation before this one in that list; "" at the newest
	OlderURL   string
	Return     string // path to come back to after an action that keeps it where it is
	ReturnList string // path to go to after an action that moves it away
	Messages   []ConversationMessage
}

// ConversationMessage is one message of a conversation. Its element has the id "m" and ID.
type ConversationMessage struct {
	ID       string
	From     string
	Snippet  string
	Date     string // "14:02", "3 Nov"
	DateFull string // on hover
	DateISO  string
	Unread   bool
	Starred  bool
	URL      string       // the page with this message unfolded
	Next     string       // path to go to after an action that moves it away: the conversation at the message beside it
	AloneURL string       // the message on a page of its own
	Open     *MessagePage // nil: it is folded
	Lines    int          // about how many lines its HTML takes, for the height of its frame
}

// recipients names those a message went to, in one line.
func recipients(p MessagePage) string {
	var names []string
	for _, q := range slices.Concat(p.To, p.Cc) {
		names = append(names, cmp.Or(q.Name, q.Address))
	}
	return strings.Join(names, ", ")
}

// frameHeight is the class of a frame that is about as high as its lines: a frame without scripts and origin tells
// nobody how high it is.
func frameHeight(lines int) string {
	for _, step := range []struct {
		lines int
		class string
	}{{4, "high-1"}, {8, "high-2"}, {14, "high-3"}, {22, "high-4"}} {
		if lines <= step.lines {
			return step.class
		}
	}
	return "high-5"
}
