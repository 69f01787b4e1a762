package web

import (
	"maps"
	"slices"

	"postern/internal/i18n"
	"postern/internal/query"
	"postern/store"
	"postern/templates"
)

// unknownNames tells of labels and accounts that a search names and that there are not, with a way to the search that was
// probably meant.
func (f *frame) unknownNames(l list, q query.Query) (banners []templates.Banner) {
	for _, part := range store.UnknownNames(q, slices.Collect(maps.Values(f.all)), f.labels) {
		var h query.Hint
		var all templates.Link
		switch n := part.(type) {
		case query.Label:
			var names []string
			for _, label := range f.labels {
				names = append(names, label.Name)
			}
			h = q.Unknown(n, i18n.Say("There is no label “%s”.", oneLine(n.Name)), names)
			all = templates.Link{Text: f.clock.T("Labels"), URL: "/labels"}
		case query.Account:
			var names []string
			for _, a := range f.accounts {
				names = append(names, a.Name)
			}
			h = q.Unknown(n, i18n.Say("There is no account “%s”.", oneLine(n.Name)), names)
			all = templates.Link{Text: f.clock.T("Accounts"), URL: "/accounts"}
		}
		b := hintBanner(f.clock.Locale, l, h)
		if b.Link == nil {
			b.Link = &all
		}
		banners = append(banners, b)
	}
	return banners
}
