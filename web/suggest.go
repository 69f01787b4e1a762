package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"postern/internal/i18n"
	"postern/internal/message"
	"postern/internal/query"
	"postern/store"
	"postern/templates"
)

// Bounds of what is suggested for a search that is being typed.
const (
	suggestTime    = 300 * time.Millisecond // for the look-ups of people and messages together
	maxSuggestions = 4                      // of each kind
	maxFilters     = 10                     // all values of an operator
	maxAsked       = 60                     // messages whose senders are looked at
)

// suggest: GET /searches/suggest?q=…&box=…&account=… How a search that is being typed may go on, and the first that it
// finds, as a fragment for the script of the search box.
func (s *Server) suggest(w http.ResponseWriter, r *http.Request, v *visitor) error {
	values := r.URL.Query()
	l, ok := listOf(values.Get("box"), values)
	if !ok || l.box.label {
		l, _ = listOf("all", values)
	}
	l.search = truncate(values.Get("q"), 1000)
	sg := suggester{reader: i18n.From(r.Context()), s: s, user: v.ID, list: l, ending: query.EndingOf(l.search)}
	panel, err := sg.panel(r.Context())
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, templates.Suggestions(panel))
}

// suggester gathers suggestions for one person.
type suggester struct {
	reader i18n.Locale
	s      *Server
	user   store.UserID
	list   list
	ending query.Ending
	typed  query.Query
}

// panel is all that is suggested. People and messages are left out where finding them takes too long.
func (sg *suggester) panel(ctx context.Context) (p templates.SuggestionsPanel, err error) {
	sg.typed = query.Parse(sg.list.search, sg.s.clock(ctx).now).AsYouType()
	limited, cancel := context.WithTimeout(ctx, suggestTime)
	defer cancel()
	for _, part := range []struct {
		name  i18n.Key
		find  func(context.Context) ([]templates.Suggestion, error)
		limit int
	}{
		{"Recent searches", sg.recent, maxSuggestions},
		{"People|who write", sg.people, maxSuggestions},
		{"Labels", sg.labels, maxSuggestions},
		{"Accounts", sg.accounts, maxSuggestions},
		{"Filters", sg.filters, maxFilters},
		{"Messages", sg.messages, maxSuggestions},
	} {
		items, err := part.find(limited)
		if err != nil && (limited.Err() == nil || ctx.Err() != nil) {
			return p, err
		}
		p.Add(i18n.T(ctx, part.name), items[:min(len(items), part.limit)])
	}
	return p, nil
}

// fill is the search with another last word.
func (sg *suggester) fill(word string) string { return sg.ending.Rest + word }

// recent are the person's last searches that hold what is typed.
func (sg *suggester) recent(ctx context.Context) (items []templates.Suggestion, err error) {
	all, err := sg.s.store.RecentSearches(ctx, sg.user)
	typed := strings.ToLower(strings.TrimSpace(sg.list.search))
	for _, q := range all {
		if low := strings.ToLower(q); low != typed && strings.Contains(low, typed) {
			items = append(items, templates.Suggestion{Icon: "restore", Text: templates.Plain(q), Fill: q})
		}
	}
	return items, err
}

// people are those whose name or address begins with what is typed, of the newest messages.
func (sg *suggester) people(ctx context.Context) (items []templates.Suggestion, err error) {
	word, operator := sg.ending.Word, sg.ending.Operator
	switch operator {
	case "":
		operator = "from"
	case "from", "to", "cc", "bcc":
	default:
		return nil, nil
	}
	words := query.Text{Field: query.From, Raw: word, Prefix: true}
	if len(words.Words()) == 0 {
		return nil, nil
	}
	page, err := sg.s.store.Messages(ctx, sg.user, store.View{Query: query.Query{Root: words}, Limit: maxAsked, Count: store.CountNone})
	seen := map[string]bool{}
	for _, m := range page.Messages {
		address := strings.ToLower(m.From.Address)
		if address == "" || seen[address] || len(query.Query{Root: words}.Highlight(m.From.Name+" "+m.From.Address)) == 0 {
			continue // it was the address for replies
		}
		seen[address] = true
		items = append(items, sg.person(m.From, operator, query.Query{Root: words}))
	}
	return items, err
}

func (sg *suggester) person(a message.Address, operator string, marks query.Query) templates.Suggestion {
	p := templates.Suggestion{Icon: "user", Fill: sg.fill(query.Filter(operator, a.Address)), Text: hits(marks, senderText(sg.reader, a), query.From)}
	if address := addressText(a.Address); address != p.Text.String() {
		p.Detail = address
	}
	return p
}

// labels are those whose name holds what is typed.
func (sg *suggester) labels(ctx context.Context) (items []templates.Suggestion, err error) {
	if sg.ending.Operator != "label" && (sg.ending.Operator != "" || sg.ending.Word == "") {
		return nil, nil
	}
	all, err := sg.s.store.Labels(ctx, sg.user)
	for _, l := range all {
		if holds(l.Name, sg.ending.Word) {
			items = append(items, templates.Suggestion{Icon: "label", Text: templates.Plain(oneLine(l.Name)), Fill: sg.fill(query.Filter("label", l.Name))})
		}
	}
	return items, err
}

// accounts are those whose name or address holds what is typed behind account:.
func (sg *suggester) accounts(ctx context.Context) (items []templates.Suggestion, err error) {
	if sg.ending.Operator != "account" {
		return nil, nil
	}
	all, err := sg.s.store.Accounts(ctx, sg.user)
	for _, a := range all {
		if holds(a.Name, sg.ending.Word) || holds(a.Email, sg.ending.Word) {
			items = append(items, templates.Suggestion{Icon: "accounts", Text: templates.Plain(oneLine(a.Name)), Detail: a.Email, Fill: sg.fill(query.Filter("account", a.Name))})
		}
	}
	return items, err
}

func holds(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// firstFilters are offered before anything is typed.
var firstFilters = []string{"from:", "subject:", "has:attachment", "is:unread"}

// filters are the operators that the last word may become.
func (sg *suggester) filters(ctx context.Context) (items []templates.Suggestion, err error) {
	list := sg.ending.Completions()
	switch {
	case sg.list.search == "":
		list = firstFilters
	case sg.ending.Operator == "" && sg.ending.Word == "":
		return nil, nil
	}
	for _, text := range list {
		items = append(items, templates.Suggestion{Icon: "search", Text: templates.Plain(text), Detail: i18n.T(ctx, filterHelp[text]), Fill: sg.fill(text)})
	}
	return items, nil
}

// filterHelp says what the operators look for.
var filterHelp = map[string]i18n.Key{
	"from:": "the sender", "to:": "those it was sent to", "cc:": "those who got a copy", "bcc:": "those who got a hidden copy",
	"subject:": "words of the subject", "body:": "words of the text", "filename:": "names of attachments", "list:": "the mailing list",
	"rfc822msgid:": "the Message-ID", "has:": "attachments", "has:attachment": "with attachments", "is:": "unread, starred, gone from the server…", "in:": "the mailbox", "label:": "the label", "account:": "the account",
	"before:": "a day, as 2026-01-31", "after:": "a day, as 2026-01-31", "on:": "a day, month or year", "older_than:": "as 7d, 3m, 1y", "newer_than:": "as 7d, 3m, 1y",
	"larger:": "as 5M", "smaller:": "as 100K",
	"is:unread": "not read yet", "is:read": "read", "is:starred": "with a star", "is:unstarred": "without a star", "is:pending-delete": "will be deleted on its server", "is:gone": "not on its server any more", "is:deleted": "deleted on its server", "is:present": "still on its server",
	"in:inbox": "the inbox", "in:archive": "Archive", "in:junk": "Junk", "in:trash": "Trash", "in:all": "all but Junk and Trash", "in:anywhere": "Junk and Trash too",
}

// messages are the newest that the search finds so far.
func (sg *suggester) messages(ctx context.Context) (items []templates.Suggestion, err error) {
	if _, nothing := sg.typed.Root.(query.Nothing); nothing || sg.typed.Root == nil {
		return nil, nil
	}
	view := sg.list.view(sg.s.clock(ctx).now)
	view.Query, view.Limit, view.Count = sg.typed, maxSuggestions, store.CountNone
	page, err := sg.s.store.Messages(ctx, sg.user, view)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	clock := sg.s.clock(ctx)
	for _, m := range page.Messages {
		items = append(items, templates.Suggestion{
			Icon: "all", Text: hits(sg.typed, subjectText(sg.reader, m.Subject), query.Subject),
			Detail: senderText(sg.reader, m.From) + " · " + clock.brief(m.Received), URL: messagePath(m, sg.list),
		})
	}
	return items, err
}
