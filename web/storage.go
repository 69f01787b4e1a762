package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"postern/internal/i18n"
	"postern/store"
	"postern/templates"
)

// How many messages the list of a server shows, at first and when more are wanted.
const (
	fewOnServer  = 100
	manyOnServer = maxSelected / 2
)

// storage: GET /storage?account=3&order=oldest&show=more
func (s *Server) storage(w http.ResponseWriter, r *http.Request, v *visitor) error {
	ctx := r.Context()
	f, err := s.frame(ctx, v.ID)
	if err != nil {
		return err
	}
	drops, err := s.store.Maildrops(ctx, v.ID)
	if err != nil {
		return err
	}
	p := templates.StoragePage{Shell: s.shellOf(r, v, f, f.clock.T("Storage"))}
	if p.Totals, err = s.storageTotals(f.clock.Locale, v, drops); err != nil {
		return err
	}
	shown, err := chosenMaildrop(r.URL.Query(), drops)
	if err != nil {
		return err
	}
	for _, d := range drops {
		a := f.all[d.Account]
		p.Accounts = append(p.Accounts, templates.StorageAccount{
			Account: templates.Tag{Name: a.Name, Colour: a.Colour, URL: storageList{account: a.ID}.path()}, Current: d.Account == shown.Account,
			Messages: number(d.Messages), LeavingMessages: messagesLeaving(f.clock.Locale, d),
			Octets: octets(d.Octets).In(f.clock.Locale), LeavingOctets: octetsLeaving(f.clock.Locale, d), Gone: number(d.Gone), Policy: policyText(a.Settings).In(f.clock.Locale),
		})
	}
	if shown.Account != 0 {
		values := r.URL.Query()
		l := storageList{account: shown.Account, oldest: values.Get("order") == "oldest", more: values.Get("show") == "more"}
		if p.List, err = s.storageList(ctx, v, f, l, shown); err != nil {
			return err
		}
	}
	return s.render(w, r, http.StatusOK, templates.Storage(p))
}

// canFree tells whether a message may be removed from its server to free space there.
func (f *frame) canFree(m store.Summary) bool {
	a, known := f.all[m.Account]
	return known && !a.Removed && !m.Partial && a.Policy != store.Keep && m.Server == store.ServerPresent
}

// storageTotals are the figures over all accounts. What Postern itself takes is for owners: it tells how much mail
// others have.
func (s *Server) storageTotals(reader i18n.Locale, v *visitor, drops []store.Maildrop) ([]templates.StorageTotal, error) {
	var all store.Maildrop
	for _, d := range drops {
		all.Messages, all.Octets, all.Gone = all.Messages+d.Messages, all.Octets+d.Octets, all.Gone+d.Gone
		all.Leaving, all.Freed = all.Leaving+d.Leaving, all.Freed+d.Freed
	}
	totals := []templates.StorageTotal{
		{Name: reader.T("On servers"), Value: messages(all.Messages).In(reader), Leaving: messagesLeaving(reader, all)},
		{Name: reader.T("Size there"), Value: octets(all.Octets).In(reader), Leaving: octetsLeaving(reader, all)},
		{Name: reader.T("Only here"), Value: messages(all.Gone).In(reader)},
	}
	if !v.Owner {
		return totals, nil
	}
	size, err := s.store.Size()
	return append(totals, templates.StorageTotal{Name: reader.T("Postern's own files"), Value: octets(size).In(reader)}), err
}

// messagesLeaving says how many of the messages on a server will be deleted there: "3 of them leaving", or nothing.
func messagesLeaving(reader i18n.Locale, d store.Maildrop) string {
	if d.Leaving == 0 {
		return ""
	}
	return reader.T("%d of them leaving", d.Leaving)
}

// octetsLeaving says how much of what lies on a server will be freed: "2.1 MB of it leaving", or nothing.
func octetsLeaving(reader i18n.Locale, d store.Maildrop) string {
	if d.Leaving == 0 {
		return ""
	}
	return reader.T("%s of it leaving", octets(d.Freed))
}

// chosenMaildrop is the one whose list is shown: the one the address names, else the fullest. None: the zero Maildrop.
func chosenMaildrop(values url.Values, drops []store.Maildrop) (shown store.Maildrop, err error) {
	named := values.Get("account")
	for i, d := range drops {
		if formatID(d.Account) == named {
			return d, nil
		}
		if i == 0 || d.Octets > shown.Octets {
			shown = d
		}
	}
	if named != "" {
		return shown, noAccount
	}
	return shown, nil
}

// storageList is the list of what lies on one server, as its address names it.
type storageList struct {
	account store.AccountID
	oldest  bool
	more    bool
}

// path is the address of the list, from the portal's root.
func (l storageList) path() string {
	v := url.Values{"account": {formatID(l.account)}}
	if l.oldest {
		v.Set("order", "oldest")
	}
	if l.more {
		v.Set("show", "more")
	}
	return "/storage?" + v.Encode()
}

// storageRules are the groups of messages that can be removed from a server at once. Trash and Junk take space too.
var storageRules = []struct {
	name  i18n.Key
	query string
}{
	{"older than a month", "in:anywhere older_than:1m"},
	{"older than half a year", "in:anywhere older_than:6m"},
	{"older than a year", "in:anywhere older_than:1y"},
	{"older than three years", "in:anywhere older_than:3y"},
	{"larger than 1 MB", "in:anywhere larger:1M"},
	{"larger than 10 MB", "in:anywhere larger:10M"},
	{"in Trash or Junk", "in:trash OR in:junk"},
}

// searchInWords is a search as people are told of it: that of a rule by the rule's name.
func searchInWords(reader i18n.Locale, search string) string {
	for _, rule := range storageRules {
		if rule.query == search {
			return reader.T(rule.name)
		}
	}
	return search
}

func (s *Server) storageList(ctx context.Context, v *visitor, f *frame, l storageList, d store.Maildrop) (*templates.StorageList, error) {
	bound, err := s.store.LastArrival(ctx, v.ID) // before the list: what comes later is in neither
	if err != nil {
		return nil, err
	}
	limit := fewOnServer
	if l.more {
		limit = manyOnServer
	}
	found, err := s.store.OnServer(ctx, v.ID, l.account, l.oldest, limit)
	if err != nil {
		return nil, err
	}
	a := f.all[l.account]
	p := &templates.StorageList{
		Account: templates.Tag{Name: a.Name, Colour: a.Colour}, Host: oneLine(a.Host), About: aboutServer(f, a),
		Oldest: l.oldest, BiggestURL: storageList{account: l.account}.path(), OldestURL: storageList{account: l.account, oldest: true}.path(),
		Range: l.rangeOf(f.clock.Locale, len(found), limit, d.Messages-f.waiting[a.ID]), Return: l.path(), EditURL: accountURL(a.ID, "edit"),
		Fields: []templates.Field{{Name: "account", Value: formatID(a.ID)}, {Name: "bound", Value: formatID(bound)}},
	}
	if a.Policy == store.Keep {
		p.Keep = f.clock.T("This account keeps everything on its server: nothing is ever deleted there, so nothing can be removed from here either.")
	}
	if len(found) == limit && !l.more {
		p.MoreURL = storageList{account: l.account, oldest: l.oldest, more: true}.path()
	}
	for _, rule := range storageRules {
		p.Rules = append(p.Rules, templates.Rule{Name: f.clock.T(rule.name), Query: rule.query})
	}
	for _, m := range found {
		where := mailboxName(m.Mailbox)
		if m.Partial {
			where = "not fetched"
		}
		p.Rows = append(p.Rows, templates.StorageRow{
			ID: formatID(m.ID), URL: messageURL(m.ID, ""), From: senderText(f.clock.Locale, m.From), Subject: subjectText(f.clock.Locale, m.Subject), Size: octets(m.Size).In(f.clock.Locale), Octets: strconv.FormatInt(m.Size, 10),
			Date: f.clock.brief(m.Received), DateFull: f.clock.full(m.Received), DateISO: iso(m.Received), Mailbox: f.clock.T(where),
		})
	}
	return p, nil
}

// aboutServer says what the server itself last told, and what is to leave it.
func aboutServer(f *frame, a store.Account) string {
	if _, checked := f.syncs[a.ID]; !checked {
		return f.clock.T("Not checked yet.")
	}
	text := f.clock.T("After the last check it held %s, %s.", messages(a.ServerCount), octets(a.ServerOctets))
	if n := f.waiting[a.ID]; n > 0 {
		text = sentences(f.clock.Locale, text, i18n.Count(n, "%d message leaves it with the next check.", "%d messages leave it with the next check."))
	}
	return text
}

// rangeOf says which part of the messages there is shown.
func (l storageList) rangeOf(reader i18n.Locale, shown, limit, all int) string {
	switch {
	case shown < limit:
		return messages(shown).In(reader)
	case l.oldest:
		return reader.T("The %d oldest of %d", shown, max(all, shown))
	}
	return reader.T("The %d biggest of %d", shown, max(all, shown))
}
