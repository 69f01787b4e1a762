package web

import (
	"context"
	"strings"

	"postern/internal/i18n"
	"postern/internal/query"
	"postern/store"
	"postern/templates"
)

// converse makes a list's row one of a whole conversation.
func converse(ctx context.Context, f *frame, row *templates.Row, l list, q query.Query, c *store.Conversation) {
	row.Count, row.Messages = number(c.Count), c.Count
	row.CountText = i18n.N(ctx, c.Count, "%d message", "%d messages")
	row.From = hits(q, correspondents(f.clock.Locale, c.People), query.From)
	var titles []string
	for _, p := range c.People {
		titles = append(titles, senderTitle(f.clock.Locale, p.Address))
	}
	row.FromTitle = strings.Join(titles, "\n")
	row.Unread, row.Starred, row.Attachments = c.Unread > 0, c.Starred, count(c.Attachments)
	row.Labels = f.rowLabels(l, c.Labels)
}

// correspondents names who wrote in a conversation, shortly where there are several: the first and the last of them.
func correspondents(reader i18n.Locale, people []store.Correspondent) string {
	if len(people) == 1 {
		return senderText(reader, people[0].Address)
	}
	var names []string
	for i, p := range people {
		if len(people) > 4 && i > 0 && i < len(people)-2 {
			if i == 1 {
				names = append(names, "…")
			}
			continue
		}
		names = append(names, shortName(senderText(reader, p.Address)))
	}
	return reader.List(names)
}

// shortName is the first name of a person who is called by several, as far as one can tell.
func shortName(name string) string {
	first, rest, _ := strings.Cut(name, " ")
	if rest == "" || len(first) < 3 || strings.ContainsAny(first, ".,@\"") {
		return name
	}
	return first
}

// conversationRange says which rows a page shows. How many conversations a list has is known once its end is seen;
// before, its messages are what is counted.
func conversationRange(ctx context.Context, l list, page store.Page) string {
	all := i18n.N(ctx, page.Total, "%d message", "%d messages")
	seen := l.before + len(page.Messages)
	switch {
	case page.Newer == "" && page.Older == "" && seen == page.Total:
		return all // each stands alone
	case page.Newer == "" && page.Older == "":
		return i18n.N(ctx, seen, "%d conversation", "%d conversations")
	case page.Newer != "" && l.before == 0:
		return all // where the page stands is not known
	case page.Older == "":
		return i18n.T(ctx, "%d–%d of %d conversations", l.before+1, seen, seen)
	}
	return i18n.T(ctx, "Conversations %d–%d · %s", l.before+1, seen, all)
}

// readingAt is the address of a message as a row of a list opens it. A conversation opens at its top: above the first
// unread message all is folded. What a search found may stand far below others.
func readingAt(m store.Summary, l list) string {
	if l.search == "" {
		return messagePath(m, l)
	}
	return messagePath(m, l) + "#m" + formatID(m.ID)
}
