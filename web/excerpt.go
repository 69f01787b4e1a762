package web

import (
	"context"

	"postern/internal/i18n"
	"postern/internal/query"
	"postern/store"
	"postern/templates"
)

// excerpts shows in the rows of a search where it found their messages, instead of how these begin.
func (s *Server) excerpts(ctx context.Context, v *visitor, q query.Query, page store.Page, rows []templates.Row) error {
	found, err := s.store.Excerpts(ctx, v.ID, q, page.Messages)
	if err != nil {
		return err
	}
	for i, m := range page.Messages {
		e, ok := found[m.ID]
		if !ok {
			continue
		}
		field := query.Body
		if e.File != "" {
			field = query.Attached
			rows[i].Found = i18n.T(ctx, "found in %s", oneLine(e.File))
		}
		rows[i].Snippet = hits(q, oneLine(e.Text), field)
	}
	return nil
}

// foundIn tells in which attachments of a message a search finds what it looks for.
func (s *Server) foundIn(ctx context.Context, v *visitor, q query.Query, m *store.Message) (map[string]bool, error) {
	if q.Root == nil || m.Attachments == 0 {
		return nil, nil
	}
	texts, err := s.store.AttachmentTexts(ctx, v.ID, m.ID)
	if err != nil {
		return nil, err
	}
	parts := map[string]bool{}
	for _, a := range texts {
		_, parts[a.Part] = q.First(a.Text, query.Attached)
	}
	return parts, nil
}
