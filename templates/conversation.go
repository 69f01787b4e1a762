package templates

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"postern/internal/i18n"
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
	UnfoldURL  string // the same page with nothing folded
	FoldURL    string // and with everything folded
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
	Wide     int          // about how many lines its HTML takes in a wide window, for the height of its frame
	Narrow   int          // and on a phone
}

// stretch is some messages of a conversation, one after the other. Those that are behind a line stay there until they are
// asked for.
type stretch struct {
	messages []ConversationMessage
	behind   bool
}

// manyFolded is how many folded messages in a row are too many to begin a conversation with.
const manyFolded = 4

// stretches puts the middle of each long row of folded messages behind a line: what a page has above the message that one
// came to read is then never more than fits on a phone.
func stretches(all []ConversationMessage) (list []stretch) {
	for len(all) > 0 {
		folded := slices.IndexFunc(all, func(m ConversationMessage) bool { return m.Open != nil })
		if folded < 0 {
			folded = len(all)
		}
		if folded > manyFolded {
			list = append(list, stretch{messages: all[:1]}, stretch{all[1 : folded-1], true})
			all = all[folded-1:]
			folded = 1
		}
		end := min(folded+1, len(all))
		list = append(list, stretch{messages: all[:end]})
		all = all[end:]
	}
	return list
}

// recipients names those a message went to, in one line.
func recipients(ctx context.Context, p MessagePage) string {
	var names []string
	for _, q := range slices.Concat(p.To, p.Cc) {
		names = append(names, cmp.Or(q.Name, q.Address))
	}
	return i18n.List(ctx, names)
}

// frameHeights are the heights in rem that postern.css has for frames, as classes wide-6 and narrow-6 for 6 rem. What is
// higher than the last is as high as fits a window.
var frameHeights = []int{5, 7, 9, 11, 14, 17, 21, 26, 32, 40}

// frameHeight is the class of a frame that is about as high as its lines: a frame without scripts and origin tells
// nobody how high it is.
func frameHeight(m ConversationMessage) string {
	class := ""
	for _, window := range []struct {
		name  string
		lines int
	}{{"wide", m.Wide}, {"narrow", m.Narrow}} {
		height := 2 + window.lines*8/5 // a line of 1.6 rem, and the margins of the document
		if i, _ := slices.BinarySearch(frameHeights, height); i < len(frameHeights) {
			class += " " + window.name + "-" + strconv.Itoa(frameHeights[i])
		}
	}
	return strings.TrimSpace(class)
}
