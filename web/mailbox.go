package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"postern/internal/i18n"
	"postern/internal/query"
	"postern/store"
	"postern/templates"
)

// pageSize is how many messages a page of a list holds.
const pageSize = 50

// mailbox: GET /mail/{box} and /mail/label/{label}, whose name may hold slashes
func (s *Server) mailbox(w http.ResponseWriter, r *http.Request, v *visitor) error {
	l, ok := listOf(strings.TrimPrefix(r.URL.Path, "/mail/"), r.URL.Query())
	if !ok {
		return noPage
	}
	ctx := r.Context()
	if err := s.resolve(ctx, v.ID, &l); err != nil {
		return missing(err, noLabel)
	}
	f, err := s.frame(ctx, v.ID)
	if err != nil {
		return err
	}
	if _, mine := f.all[l.account]; l.account != 0 && !mine {
		return noAccount
	}
	view := l.view(f.clock.now)
	view.Limit, view.Threads = pageSize, !v.Preferences.Apart
	counting := r.URL.Query().Get("count") == "all"
	if counting {
		view.Count = store.CountAll
	}
	bound, err := s.store.LastArrival(ctx, v.ID) // before the list: what comes later is in neither
	if err != nil {
		return err
	}
	page, err := s.store.Messages(ctx, v.ID, view)
	if err != nil {
		return err
	}
	if page.More && page.Older == "" && l.before > 0 { // the last page knows
		page.Total, page.More = l.before+len(page.Messages), false
	}
	if counting && fromScript(r) {
		return s.render(w, r, http.StatusOK, templates.Counted(rangeOf(f.clock.Locale, l, page), wholeOf(f.clock.Locale, l, page)))
	}
	p := s.mailboxPage(r, v, f, l, view.Query, page)
	if page.More && page.Total < store.CountLimit && !counting {
		p.CountURL = l.path() + "&count=all"
	}
	if err := s.elsewhere(ctx, v, f, l, view.Query, p); err != nil {
		return err
	}
	if err := s.excerpts(ctx, v, view.Query, page, p.Rows); err != nil {
		return err
	}
	p.actions(f.clock.Locale, l, page, bound)
	if p.Live {
		p.Since = formatID(bound)
	}
	return s.render(w, r, http.StatusOK, templates.Mailbox(p.MailboxPage))
}

// mailboxPage is a templates.MailboxPage in the making.
type mailboxPage struct{ templates.MailboxPage }

func (s *Server) mailboxPage(r *http.Request, v *visitor, f *frame, l list, q query.Query, page store.Page) *mailboxPage {
	p := &mailboxPage{templates.MailboxPage{
		Shell:   s.shellOf(r, v, f, l.heading(f.clock.Locale)),
		Mailbox: l.box.key,
		Heading: l.heading(f.clock.Locale),
		Chips:   q.Chips(),
		Return:  l.path(),
		Live:    l.box.mailbox == store.Inbox && l.search == "" && l.cursor == "",
		Pager:   pagerOf(l, page),
		Range:   rangeOf(f.clock.Locale, l, page),
		Whole:   !v.Preferences.Apart && l.search == "",
	}}
	for _, h := range q.Hints {
		p.Hints = append(p.Hints, hintBanner(f.clock.Locale, l, h))
	}
	if page.Cut {
		p.Hints = append(p.Hints, hintBanner(f.clock.Locale, l, query.Hint{Text: i18n.Say("This search took long and stopped here: older messages were not looked at yet. Older searches on; another word makes it quicker.")}))
	}
	if p.Live {
		p.Count = templates.ListCount{Key: "inbox", Unread: count(f.unread(store.Inbox, l.account))}
		if l.account != 0 {
			p.Count.Key = "account-" + formatID(l.account)
		}
	}
	if p.Whole && len(page.Messages) > 0 {
		p.Range = conversationRange(r.Context(), l, page)
	}
	p.Search = searchBox(l)
	p.Save = f.saving(l)
	if a, ok := f.all[l.account]; ok {
		all := l.first()
		all.account = 0
		p.Account = &templates.Tag{Name: a.Name, Colour: a.Colour, URL: all.path()}
	}
	p.Hints = append(p.Hints, f.unknownNames(l, q)...)
	p.Rows = f.rows(r.Context(), l, q, page.Messages)
	p.Downloads = downloadsOf(r.Context(), l)
	p.CheckNow = checkNowButton(f, l)
	for _, a := range f.accounts {
		if progress, working := s.hub.Progress(a.ID); working && (l.account == 0 || l.account == a.ID) {
			p.Syncs = append(p.Syncs, progressOf(f.clock.Locale, a, progress))
		}
	}
	if l.box.mailbox == store.Trash && l.search == "" {
		p.Note = sentences(f.clock.Locale, f.clock.T("Restore puts a message back where it was, and cancels its deletion on the server unless that has begun."), trashNote(v.Preferences.DaysInTrash()))
	}
	if len(p.Rows) == 0 {
		p.Empty = s.emptyList(f, l)
		p.FirstSync = l.search == "" && f.here(0) == 0 && len(p.Syncs) > 0
	}
	return p
}

// hintBanner shows a hint, with a link to the search that was meant.
func hintBanner(reader i18n.Locale, l list, h query.Hint) templates.Banner {
	b := templates.Banner{Tone: templates.ToneWarn, Text: h.Text.In(reader)}
	if h.Meant != "" {
		meant := l.first()
		meant.search = h.Meant
		b.Link = &templates.Link{Text: h.Question().In(reader), URL: meant.path()}
	}
	return b
}

// actions adds what can be done to the whole list, with its arrival bound.
func (p *mailboxPage) actions(reader i18n.Locale, l list, page store.Page, bound store.MessageID) {
	var filter []templates.Field
	if l.account != 0 {
		filter = []templates.Field{{Name: "account", Value: formatID(l.account)}}
	}
	if l.box.mailbox == store.Trash && l.search == "" && len(p.Rows) > 0 {
		label := reader.T("Empty Trash")
		if l.account != 0 {
			label = reader.T("Empty Trash of this account")
		}
		p.EmptyBin = &templates.EmptyBin{Label: label, Bound: formatID(bound), Return: l.first().path(), Fields: filter}
	}
	if len(p.Rows) == 0 || len(p.Rows) == 1 && p.Pager == (templates.Pager{}) {
		return // the box of the row selects it
	}
	p.SelectAll = &templates.SelectAll{Text: wholeOf(reader, l, page), Query: l.search, Bound: formatID(bound), Fields: filter}
}

// wholeOf offers to select all messages of a list or search.
func wholeOf(reader i18n.Locale, l list, page store.Page) string {
	switch {
	case page.More && l.search != "":
		return reader.T("Select all messages in this search")
	case page.More:
		return reader.T("Select all messages in this list")
	case l.search != "":
		return reader.T("Select all %d messages in this search", page.Total)
	}
	return reader.T("Select all %d messages in this list", page.Total)
}

// searchBox looks through all mail, or through Junk or Trash where the person is there already.
func searchBox(l list) templates.SearchBox {
	b := templates.SearchBox{Query: l.search, URL: "/mail/all"}
	if l.box.mailbox == store.Junk || l.box.mailbox == store.Trash {
		b.URL = "/mail/" + l.box.key
	}
	if l.account != 0 {
		b.Fields = []templates.Field{{Name: "account", Value: formatID(l.account)}}
	}
	return b
}

func pagerOf(l list, page store.Page) (p templates.Pager) {
	if page.Newer != "" {
		newer := l
		newer.cursor, newer.newer, newer.before = page.Newer, true, max(0, l.before-pageSize)
		p.NewerURL = newer.path()
	}
	if page.Older != "" {
		older := l
		older.cursor, older.newer, older.before = page.Older, false, 0
		if l.cursor == "" || l.before > 0 || l.newer && page.Newer == "" {
			older.before = l.before + len(page.Messages)
		}
		p.OlderURL = older.path()
	}
	return p
}

// rangeOf says which messages a page shows: "1–50 of 8,310".
func rangeOf(reader i18n.Locale, l list, page store.Page) string {
	total := i18n.Say("%d", page.Total)
	if page.More {
		total = i18n.Say("more than %d", max(page.Total, l.before+len(page.Messages)))
	}
	switch {
	case len(page.Messages) == 0:
		return ""
	case page.Total == len(page.Messages) && !page.More:
		return messages(page.Total).In(reader)
	case l.before > 0 || page.Newer == "":
		return reader.T("%d–%d of %s", l.before+1, l.before+len(page.Messages), total)
	case page.Total == 1:
		return messages(1).In(reader)
	}
	return reader.T("%s messages", total)
}

// rows are the messages or conversations of a list.
func (f *frame) rows(ctx context.Context, l list, q query.Query, messages []store.Summary) (rows []templates.Row) {
	for _, m := range messages {
		row := rowOf(f, l, q, m)
		if m.Conversation != nil {
			converse(ctx, f, &row, l, q, m.Conversation)
		}
		rows = append(rows, row)
	}
	return rows
}

// rowOf is one message of a list.
func rowOf(f *frame, l list, q query.Query, m store.Summary) templates.Row {
	row := templates.Row{
		ID:          formatID(m.ID),
		URL:         readingAt(m, l),
		From:        hits(q, senderText(f.clock.Locale, m.From), query.From),
		FromTitle:   senderTitle(f.clock.Locale, m.From),
		Subject:     hits(q, subjectText(f.clock.Locale, m.Subject), query.Subject),
		Snippet:     hits(q, oneLine(m.Snippet), query.Body),
		Date:        f.clock.brief(m.Received),
		DateFull:    f.clock.full(m.Received),
		DateISO:     iso(m.Received),
		Account:     f.rowTag(m.Account),
		Unread:      m.Unread,
		Starred:     m.Starred,
		Attachments: count(m.Attachments),
		Server:      serverMark(f.clock.Locale, m.Server),
		Labels:      f.rowLabels(l, m.Labels),
	}
	if m.Partial {
		row.Server, row.Fetch = partialMark(f.clock.Locale, m), m.Server == store.ServerPresent
	}
	if l.box.mailbox == 0 {
		row.Mailbox = f.clock.T(mailboxName(m.Mailbox))
	}
	return row
}

// rowLabels are the labels of a row, but for the one whose list it stands in.
func (f *frame) rowLabels(l list, ids []store.LabelID) []templates.Tag {
	return slices.DeleteFunc(f.labelTags(ids), func(t templates.Tag) bool { return l.box.label && t.Name == l.box.name })
}

// messagePath is the address of a message opened from a list. The beginning of its own mailbox needs no mention.
func messagePath(m store.Summary, l list) string {
	path := "/messages/" + formatID(m.ID)
	if l.path() == "/mail/"+m.Mailbox.String() {
		return path
	}
	return path + "?list=" + url.QueryEscape(l.path())
}

// serverMark says what became of a message's copy on its server, unless it simply is there.
func serverMark(reader i18n.Locale, state store.ServerState) *templates.Mark {
	switch state {
	case store.ServerPending:
		return &templates.Mark{Tone: templates.ToneWarn, Text: reader.T("pending"), Help: reader.T("Will be deleted on its server with one of the next checks.")}
	case store.ServerDeleted:
		return &templates.Mark{Text: reader.T("deleted on server"), Help: reader.T("Deleted on its server; this is the only copy.")}
	case store.ServerGone:
		return &templates.Mark{Tone: templates.ToneInfo, Text: reader.T("only here"), Help: reader.T("Its server does not list it any more, without Postern's doing.")}
	}
	return nil
}

// emptyList says why there is nothing to see, and where to go.
func (s *Server) emptyList(f *frame, l list) *templates.Empty {
	reader := f.clock
	switch {
	case l.search != "" && l.box.key == "all":
		return &templates.Empty{Icon: "search", Heading: reader.T("Nothing found"), Text: reader.T("No message fits this search.")}
	case l.search != "":
		return &templates.Empty{Icon: "search", Heading: reader.T("Nothing found"), Text: reader.T("No message in %s fits this search.", l.box.called(reader.Locale)),
			Links: []templates.Link{{Text: reader.T("Search all mail"), URL: "/mail/all?q=" + url.QueryEscape(l.search)}}}
	case len(f.accounts) == 0 && f.here(0) == 0:
		return &templates.Empty{Icon: "accounts", Heading: reader.T("No account yet"), Text: reader.T("Add a POP3 account, and its mail appears here."),
			Links: []templates.Link{{Text: reader.T("Add an account"), URL: "/accounts/new"}}}
	case f.here(0) == 0 && len(f.syncs) < len(f.accounts):
		return &templates.Empty{Icon: "sync", Waits: true, Heading: reader.T("Mail is on its way"), Text: reader.T("The first check has begun. The newest messages appear first.")}
	}
	texts := map[string]i18n.Key{
		"inbox":   "No mail in the inbox.",
		"starred": "Mark a message with a star, and it is found here.",
		"archive": "What you archive is kept here.",
		"junk":    "No junk.",
		"trash":   "Trash is empty.",
		"all":     "There is no mail yet.",
	}
	if l.box.label {
		texts[l.box.key] = "No message has this label, apart from those in Trash and Junk."
	}
	return &templates.Empty{Icon: l.box.icon, Heading: reader.T("Nothing here"), Text: reader.T(texts[l.box.key])}
}

// elsewhere says of a search that leaves Trash and Junk out, because it names no mailbox, that there is more in them: where
// it found nothing, and where it asks for what was deleted, which is there for the most part.
func (s *Server) elsewhere(ctx context.Context, v *visitor, f *frame, l list, q query.Query, p *mailboxPage) error {
	none := len(p.Rows) == 0
	if l.search == "" || l.box.key != "all" || l.cursor != "" || q.NamesMailbox() || !none && !q.AsksDeleted() {
		return nil
	}
	more, err := s.inTrashOrJunk(ctx, v, l, q)
	if err != nil {
		return err
	}
	everywhere := l
	everywhere.search = "in:anywhere " + l.search
	link := templates.Link{Text: f.clock.T("Search Trash and Junk too"), URL: everywhere.path()}
	switch {
	case none && more:
		p.Empty.Text = f.clock.T("No message fits this search. Trash and Junk were left out.")
		p.Empty.Links = []templates.Link{link}
	case none:
		p.Empty.Text = f.clock.T("No message fits this search, not even in Trash or Junk.")
	case more:
		p.Hints = append(p.Hints, templates.Banner{Tone: templates.ToneInfo, Text: f.clock.T("There is more in Trash or Junk, which were left out."), Link: &link})
	}
	return nil
}

// inTrashOrJunk tells whether a search would find something there.
func (s *Server) inTrashOrJunk(ctx context.Context, v *visitor, l list, q query.Query) (bool, error) {
	for _, mailbox := range []store.Mailbox{store.Trash, store.Junk} {
		page, err := s.store.Messages(ctx, v.ID, store.View{Mailbox: mailbox, Account: l.account, Query: q, Limit: 1, Count: store.CountNone})
		if found := len(page.Messages) > 0 || page.Cut; err != nil || found {
			return found, err
		}
	}
	return false, nil
}

// progressOf is a session under way as a bar.
func progressOf(reader i18n.Locale, a store.Account, p Progress) templates.Progress {
	return templates.Progress{Account: formatID(a.ID), Name: a.Name, Colour: a.Colour, Text: p.text(reader), Done: p.Done, Total: p.Total}
}

// text says how far a session has come: "1,240 of 8,310 · 96 MB · 3 min left".
func (p Progress) text(reader i18n.Locale) string {
	switch p.Phase {
	case "connecting":
		return reader.T("Connecting…")
	case "listing":
		return reader.T("Reading the list of messages…")
	}
	if p.Total <= 0 {
		return reader.T("Working…")
	}
	text := reader.T("%d of %d", p.Done, p.Total)
	if p.Phase == "deleting" {
		return reader.T("Deleting on the server: %s", text)
	}
	if p.Octets > 0 {
		text += " · " + octets(p.Octets).In(reader)
	}
	if p.Left >= 0 && p.Done < p.Total {
		text += " · " + reader.T("%s left", duration(p.Left.Round(time.Second)))
	}
	return text
}
