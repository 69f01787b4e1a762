package templates

import (
	"strconv"
	"strings"

	"postern/internal/i18n"
)

// key is one line of the help on keys.
type key struct {
	Keys []string
	Does i18n.Key
}

// keys is what postern.js listens to; its own table must say the same.
var keys = []key{
	{[]string{"j", "k"}, "Next and previous message"},
	{[]string{"o", "Enter"}, "Open the message"},
	{[]string{"u"}, "Back to the list"},
	{[]string{"n", "p"}, "Next and previous message of the conversation"},
	{[]string{";", ":"}, "Unfold and fold the conversation"},
	{[]string{"x"}, "Select the message"},
	{[]string{"*"}, "Then a, n, r, u, s, t: select all, none, read, unread, starred, without star"},
	{[]string{"e"}, "Archive"},
	{[]string{"#"}, "Delete"},
	{[]string{"!"}, "Junk"},
	{[]string{"s"}, "Star"},
	{[]string{"l"}, "Label"},
	{[]string{"I", "U"}, "Read, unread (with Shift)"},
	{[]string{"z"}, "Undo"},
	{[]string{"g"}, "Then i, s, e, j, t, a: go to inbox, starred, archive, junk, Trash, all mail"},
	{[]string{"g"}, "Then n, p: next and previous page of the list"},
	{[]string{"/"}, "Search"},
	{[]string{"?"}, "This help"},
}

// title is the document's title: "(12) Inbox · Postern".
func title(h Head, unread string) string {
	t := "Postern"
	if h.Title != "" {
		t = h.Title + " · Postern"
	}
	if unread != "" {
		t = "(" + unread + ") " + t
	}
	return t
}

// favicon is the address of the mark with the number of unread messages on it.
func favicon(unread string) string { return "/favicon.svg?n=" + strings.ReplaceAll(unread, ",", "") }

// colour is the class of an account's colour.
func colour(n int) string {
	if n < 0 {
		n = -n
	}
	return "c" + strconv.Itoa(n%10)
}

func searchURL(b SearchBox) string {
	if b.URL == "" {
		return "/mail/all"
	}
	return b.URL
}

func toneIcon(t Tone) string {
	switch t {
	case ToneOK:
		return "ok"
	case ToneWarn:
		return "warn"
	case ToneBad:
		return "bad"
	}
	return "info"
}

// messageClass makes the page fill the window when mail's HTML is shown: the frame scrolls, the page does not.
func messageClass(p MessagePage) string {
	if p.BodyURL != "" {
		return "fill"
	}
	return ""
}

// frameClass gives mail that was made for light paper a frame of it. All other follows the page's colours.
func frameClass(p MessagePage) string {
	switch {
	case p.Inverted:
		return "body inverted"
	case p.Paper:
		return "body paper"
	}
	return "body"
}

func quoteClass(depth int) string { return "q" + strconv.Itoa(min(depth, 3)) }

func fileIcon(name string) string {
	if name == "" {
		return "file"
	}
	return name
}

func deletionTone(s DeletionState) Tone {
	switch s {
	case DeletionConfirmed:
		return ToneOK
	case DeletionRefused:
		return ToneBad
	case DeletionCancelled:
		return ""
	case DeletionRequested:
		return ToneWarn
	}
	return ToneInfo
}
