package web

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"postern/internal/i18n"
	"postern/store"
	"postern/templates"
)

// frame is what the store knows for what surrounds each page.
type frame struct {
	accounts []store.Account // without those that were removed
	all      map[store.AccountID]store.Account
	labels   []store.Label
	searches []store.SavedSearch
	counts   []store.Count
	syncs    map[store.AccountID]store.Sync
	waiting  map[store.AccountID]int
	partial  map[store.AccountID]int // messages of which only the header is here
	clock    clock
}

// frame asks the store for it.
func (s *Server) frame(ctx context.Context, user store.UserID) (*frame, error) {
	f := &frame{all: map[store.AccountID]store.Account{}, clock: s.clock(ctx)}
	accounts, err := s.store.Accounts(ctx, user)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		f.all[a.ID] = a
		if !a.Removed {
			f.accounts = append(f.accounts, a)
		}
	}
	if f.labels, err = s.store.Labels(ctx, user); err != nil {
		return nil, err
	}
	if f.searches, err = s.store.SavedSearches(ctx, user); err != nil {
		return nil, err
	}
	if f.counts, err = s.store.Counts(ctx, user); err != nil {
		return nil, err
	}
	if f.syncs, err = s.store.LastSyncs(ctx, user); err != nil {
		return nil, err
	}
	if f.waiting, err = s.store.WaitingDeletions(ctx, user); err != nil {
		return nil, err
	}
	f.partial, err = s.store.Partial(ctx, user)
	return f, err
}

// unread counts unread mail; account 0 is all of them.
func (f *frame) unread(m store.Mailbox, account store.AccountID) (n int) {
	for _, c := range f.counts {
		if c.Mailbox == m && (account == 0 || c.Account == account) {
			n += c.Unread
		}
	}
	return n
}

// here counts the messages of an account; account 0 is all of them.
func (f *frame) here(account store.AccountID) (n int) {
	for _, c := range f.counts {
		if account == 0 || c.Account == account {
			n += c.Total
		}
	}
	if account != 0 {
		n -= f.partial[account] // their headers alone are here
	}
	return n
}

// domains are those of the user's own addresses.
func (f *frame) domains() (list []string) {
	for _, a := range f.accounts {
		if d := domainOf(a.Email); d != "" {
			list = append(list, d)
		}
	}
	return list
}

func (f *frame) allWaiting() (n int) {
	for _, w := range f.waiting {
		n += w
	}
	return n
}

// tag names a message's account; imported mail has none.
func (f *frame) tag(id store.AccountID) *templates.Tag {
	a, ok := f.all[id]
	if !ok {
		return nil
	}
	return &templates.Tag{Name: a.Name, Colour: a.Colour, URL: list{box: boxes[0], account: id}.path()}
}

// rowTag is tag for a row of a list: with a single account there is nothing to tell apart.
func (f *frame) rowTag(id store.AccountID) *templates.Tag {
	if len(f.all) < 2 {
		return nil
	}
	return f.tag(id)
}

// state tells how an account fares, and in a sentence.
func (f *frame) state(hub *Hub, a store.Account) (templates.AccountState, string) {
	sync, any := f.syncs[a.ID]
	_, working := hub.Progress(a.ID)
	switch {
	case working:
		return templates.StateWorking, f.clock.T("Checking now.")
	case a.Paused:
		return templates.StatePaused, sentence(f.clock.Locale, sync.Sentence, f.clock.T("Not checked until you change its settings."))
	case a.Failures > 0:
		return templates.StateFailing, sentences(f.clock.Locale, sentence(f.clock.Locale, sync.Sentence, f.clock.T("The last check failed.")), i18n.Say("Last tried %s.", f.clock.ago(sync.Ended)))
	case !any:
		return templates.StateOK, f.clock.T("Not checked yet.")
	}
	return templates.StateOK, sentences(f.clock.Locale, sentence(f.clock.Locale, sync.Sentence, f.clock.T("Checked.")), i18n.Say("Checked %s.", f.clock.ago(sync.Ended)))
}

// sentence is what the worker said, with its full stop and for the reader, or other.
func sentence(reader i18n.Locale, s, other string) string {
	if s = strings.TrimSpace(oneLine(s)); s == "" {
		return other
	}
	if !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return reader.Read(s)
}

// nextRun says when an account is checked next; "" for never by itself.
func (f *frame) nextRun(a store.Account) string {
	if a.Paused || f.clock.onlyAsked(a) {
		return ""
	}
	return f.clock.until(a.NextCheck)
}

// onlyAsked tells whether an account is checked when somebody asks for it, and has not been asked for.
func (c clock) onlyAsked(a store.Account) bool {
	return a.Interval == 0 && a.NextCheck.After(c.now.AddDate(1, 0, 0))
}

// mailboxCounts are the counters of the side bar by their keys.
func (f *frame) mailboxCounts() map[string]string {
	counts := map[string]string{
		"inbox":     count(f.unread(store.Inbox, 0)),
		"junk":      count(f.unread(store.Junk, 0)),
		"deletions": count(f.allWaiting()),
	}
	for _, l := range f.labels {
		counts[labelCount(l)] = count(l.Unread)
	}
	return counts
}

// shell is what surrounds a page; its toast is shown once.
func (s *Server) shell(r *http.Request, v *visitor, title string) (templates.Shell, error) {
	f, err := s.frame(r.Context(), v.ID)
	if err != nil {
		return templates.Shell{}, err
	}
	return s.shellOf(r, v, f, title), nil
}

func (s *Server) shellOf(r *http.Request, v *visitor, f *frame, title string) templates.Shell {
	path := r.URL.Path
	counts := f.mailboxCounts()
	shell := templates.Shell{
		Head:   templates.Head{Title: title, Theme: v.data.Theme, NoKeys: v.Preferences.NoKeys, Compact: v.Preferences.Compact, Beside: v.Preferences.Beside, Apart: v.Preferences.Apart, Zone: toldZone(v)},
		User:   v.Name,
		Unread: counts["inbox"],
	}
	for _, b := range boxes {
		shell.Mailboxes = append(shell.Mailboxes, templates.NavItem{
			Key: b.key, Name: f.clock.T(b.title), Icon: b.icon, URL: "/mail/" + b.key, Count: counts[b.key],
			Current: path == "/mail/"+b.key && r.URL.Query().Get("account") == "",
		})
	}
	for _, l := range f.labels {
		key := labelCount(l)
		shell.Labels = append(shell.Labels, templates.NavLabel{
			Key: key, Name: l.Name, Colour: l.Colour, URL: labelList(l).path(), Count: counts[key],
			Current: strings.EqualFold(path, "/mail/"+labelKey+l.Name),
		})
	}
	shell.Searches = f.navSearches(currentList(r))
	if s.store.DiskTrouble() != nil {
		shell.Banners = append(shell.Banners, templates.Banner{Tone: templates.ToneBad, Text: f.clock.T(diskTrouble)})
	}
	for _, a := range f.accounts {
		shell.Accounts = append(shell.Accounts, s.navAccount(r, f, a))
		for _, b := range []*templates.Banner{s.banner(f, a), heldBanner(f.clock.Locale, a)} {
			if b != nil {
				shell.Banners = append(shell.Banners, *b)
			}
		}
	}
	for _, p := range []templates.NavItem{
		{Key: "accounts", Name: f.clock.T("Accounts"), Icon: "accounts", URL: "/accounts"},
		{Key: "deletions", Name: f.clock.T("Deletions"), Icon: "deletions", URL: "/deletions", Count: counts["deletions"], Waiting: true},
		{Key: "labels", Name: f.clock.T("Labels"), Icon: "label", URL: "/labels"},
		{Key: "storage", Name: f.clock.T("Storage"), Icon: "server", URL: "/storage"},
		{Key: "history", Name: f.clock.T("History"), Icon: "history", URL: "/settings/history"},
		{Key: "settings", Name: f.clock.T("Settings"), Icon: "settings", URL: "/settings"},
	} {
		p.Current = path == p.URL || strings.HasPrefix(path, p.URL+"/") && path != "/settings/history"
		shell.Pages = append(shell.Pages, p)
	}
	shell.Toast = s.takeToast(r, v)
	return shell
}

func (s *Server) navAccount(r *http.Request, f *frame, a store.Account) templates.NavAccount {
	id := formatID(a.ID)
	state, text := f.state(s.hub, a)
	return templates.NavAccount{
		ID: id, Name: a.Name, Colour: a.Colour, URL: list{box: boxes[0], account: a.ID}.path(), StatusURL: "/accounts/" + id,
		State: state, StateText: text, Count: count(f.unread(store.Inbox, a.ID)),
		Current: strings.HasPrefix(r.URL.Path, "/mail/") && r.URL.Query().Get("account") == id,
	}
}

// diskTrouble is said while nothing can be stored. What the system says of it is in the log.
const diskTrouble i18n.Key = "Postern cannot write to its disk: it is full, read-only or broken. All mail here can be read; new mail waits on the servers, and nothing is deleted there."

// banner speaks of an account that needs a person, and of one whose last check failed. Checks that a person stopped, or
// that ended with Postern, are no failures.
func (s *Server) banner(f *frame, a store.Account) *templates.Banner {
	state, text := f.state(s.hub, a)
	if state != templates.StatePaused && state != templates.StateFailing {
		return nil
	}
	tone := templates.ToneWarn
	if state == templates.StatePaused {
		tone = templates.ToneBad
	}
	return &templates.Banner{Tone: tone, Text: f.clock.T("%s: %s", a.Name, text), Account: formatID(a.ID), Link: &templates.Link{Text: f.clock.T("Show"), URL: "/accounts/" + formatID(a.ID)}}
}

// takeToast returns what the last action left to say and forgets it.
func (s *Server) takeToast(r *http.Request, v *visitor) *templates.Toast {
	t := v.data.Toast
	if t == nil || r.Method != http.MethodGet {
		return nil
	}
	v.data.Toast = nil
	if err := v.save(nil, r); err != nil {
		s.log.WarnContext(r.Context(), "a toast was not forgotten", "err", err)
	}
	back := localPath(t.Return, "/mail/inbox")
	return &templates.Toast{Text: t.Text, Token: t.Undo, Return: back, Account: t.Account, After: t.After}
}

// toldZone is the time zone that times follow, and that the browser may say to have changed; "": the visitor chose one.
func toldZone(v *visitor) string {
	if v.Preferences.Zone != "" {
		return ""
	}
	return cmp.Or(v.data.Zone, "unknown")
}
