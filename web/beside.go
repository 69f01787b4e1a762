package web

import (
	"net/http"

	"postern/store"
	"postern/templates"
)

// beside is the page of the list that a message was opened from, to stand beside it; nil: the reader wants none.
func (s *Server) beside(r *http.Request, v *visitor, f *frame, from list, m store.Summary) (*templates.Beside, error) {
	if !v.Preferences.Beside {
		return nil, nil
	}
	view := from.view(f.clock.now)
	view.Limit, view.Threads = pageSize, !v.Preferences.Apart
	page, err := s.store.Messages(r.Context(), v.ID, view)
	if err != nil {
		return nil, err
	}
	b := &templates.Beside{
		Heading: from.heading(f.clock.Locale), URL: from.path(), Range: rangeOf(f.clock.Locale, from, page),
		Rows: f.rows(r.Context(), from, view.Query, page.Messages), Pager: pagerOf(from, page),
	}
	whole := view.Threads && from.search == ""
	if whole {
		b.Range = conversationRange(r.Context(), from, page)
	}
	for _, o := range page.Messages {
		if o.ID == m.ID || whole && o.Thread == m.Thread {
			b.Current = formatID(o.ID)
		}
	}
	return b, nil
}
