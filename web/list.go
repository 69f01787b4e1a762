package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"postern/internal/i18n"
	"postern/internal/query"
	"postern/store"
)

// box is a list of mail that has a place in the side bar.
type box struct {
	key     string
	name    string   // of a label
	title   i18n.Key // of all others
	icon    string
	mailbox store.Mailbox // 0: all mail but Trash and Junk
	starred bool
	label   bool
}

// boxes are the lists in their order. Search box and actions name them by their keys.
var boxes = []box{
	{key: "inbox", title: "Inbox", icon: "inbox", mailbox: store.Inbox},
	{key: "starred", title: "Starred", icon: "star", starred: true},
	{key: "archive", title: "Archive", icon: "archive", mailbox: store.Archive},
	{key: "junk", title: "Junk", icon: "junk", mailbox: store.Junk},
	{key: "trash", title: "Trash", icon: "trash", mailbox: store.Trash},
	{key: "all", title: "All mail", icon: "all"},
}

// labelKey begins the key of a label's list, which goes on with the label's name.
const labelKey = "label/"

func boxNamed(key string) (box, bool) {
	if name, ok := strings.CutPrefix(key, labelKey); ok && name != "" {
		return box{key: key, name: name, icon: "label", label: true}, true
	}
	for _, b := range boxes {
		if b.key == key {
			return b, true
		}
	}
	return box{}, false
}

// mailboxName is the name of a mailbox as people see it.
func mailboxName(m store.Mailbox) i18n.Key {
	b, _ := boxNamed(m.String())
	return b.title
}

// called is what a box is called.
func (b box) called(reader i18n.Locale) string {
	if b.label {
		return b.name
	}
	return reader.T(b.title)
}

// list is a list of mail as its address names it: /mail/inbox?q=tax&account=3&cursor=…
type list struct {
	box     box
	search  string
	account store.AccountID // 0: all
	label   store.LabelID   // of a label's list, once resolve has found it
	cursor  string
	newer   bool
	before  int // messages on the pages before this one; only shown, and 0 when not known
}

// listOf reads a list from the key of its box and the query of its address. Values that make no sense are left out.
func listOf(key string, values url.Values) (list, bool) {
	b, ok := boxNamed(key)
	if !ok {
		return list{}, false
	}
	l := list{box: b, search: strings.TrimSpace(values.Get("q")), cursor: values.Get("cursor"), newer: values.Get("dir") == "newer"}
	l.account, _ = parseID[store.AccountID](values.Get("account"))
	if n, err := strconv.Atoi(values.Get("at")); err == nil && n > 0 && l.cursor != "" {
		l.before = n
	}
	return l, true
}

// listAt reads a list from its path, as a message's page is given it; anything else is no list.
func listAt(path string) (list, bool) {
	u, err := url.Parse(localPath(path, ""))
	if err != nil {
		return list{}, false
	}
	key, ok := strings.CutPrefix(u.Path, "/mail/")
	if !ok {
		return list{}, false
	}
	return listOf(key, u.Query())
}

// path is the address of the list, from the portal's root.
func (l list) path() string {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("q", l.search)
	if l.account != 0 {
		set("account", formatID(l.account))
	}
	set("cursor", l.cursor)
	if l.cursor != "" {
		if l.newer {
			set("dir", "newer")
		}
		if l.before > 0 {
			set("at", strconv.Itoa(l.before))
		}
	}
	u := url.URL{Path: "/mail/" + l.box.key, RawQuery: v.Encode()}
	return u.String()
}

// resolve finds the label of a label's list. Returns [store.ErrNotFound] if there is none of that name.
func (s *Server) resolve(ctx context.Context, user store.UserID, l *list) error {
	if !l.box.label {
		return nil
	}
	label, err := s.store.LabelNamed(ctx, user, l.box.name)
	if err == nil {
		*l = l.of(label)
	}
	return err
}

// view is what the store is asked for.
func (l list) view(now time.Time) store.View {
	v := store.View{Mailbox: l.box.mailbox, Starred: l.box.starred, Label: l.label, Account: l.account, Cursor: l.cursor, Newer: l.newer}
	if l.search != "" {
		v.Query = query.Parse(l.search, now)
	}
	return v
}

// first is the beginning of the same list.
func (l list) first() list {
	l.cursor, l.newer, l.before = "", false, 0
	return l
}

// heading is the list's name.
func (l list) heading(reader i18n.Locale) string {
	if l.search != "" {
		return reader.T("Search results")
	}
	return l.box.called(reader)
}

// currentList is the address of the list that a request asks for, without its place in it; "": it asks for none.
func currentList(r *http.Request) string {
	key, ok := strings.CutPrefix(r.URL.Path, "/mail/")
	if !ok {
		return ""
	}
	l, _ := listOf(key, r.URL.Query())
	return l.first().path()
}
