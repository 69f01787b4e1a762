package web

import (
	"context"
	"errors"
	"net/http"

	"postern/internal/i18n"
	"postern/store"
	"postern/templates"
)

// historySize is how many actions the history shows.
const historySize = 100

// undo: POST /undo. The field token names an action as its toast does, entry as the history does; last=1 means the
// latest one.
func (s *Server) undo(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	back := localPath(r.PostForm.Get("return"), "/mail/inbox")
	done, err := s.takeBack(r.Context(), r, v)
	passed := errors.Is(err, store.ErrUndoPassed)
	if err != nil && !passed {
		return err
	}
	s.hub.countsChanged(v.ID)
	if asksData(r) {
		if passed {
			return &pageError{code: http.StatusConflict, title: "This can no longer be undone"}
		}
		s.answerJSON(w, http.StatusOK, map[string]any{"count": done.Count, "too_late": done.TooLate})
		return nil
	}
	reader := i18n.From(r.Context())
	t := toast{Text: reader.T("Undone: %s as before.", messages(done.Count))}
	d, known := deedNamed(done.Deed)
	switch {
	case passed && r.PostForm.Get("last") == "1":
		t.Text = reader.T("There is nothing to undo. Older actions are in the settings, under History.")
	case passed:
		t.Text = reader.T("This can no longer be undone. What was deleted is in Trash.")
	case known:
		t.Text = reader.T("Undone: %s.", d.past(done.Count))
	}
	if done.TooLate > 0 {
		t.Text = sentences(reader, t.Text, tooLate(done.TooLate))
	}
	if err := v.say(w, r, t); err != nil {
		return err
	}
	s.redirect(w, back)
	return nil
}

// takeBack undoes the action that a form means.
func (s *Server) takeBack(ctx context.Context, r *http.Request, v *visitor) (store.Done, error) {
	if entry := r.PostForm.Get("entry"); entry != "" {
		return s.store.UndoPast(ctx, v.ID, entry)
	}
	if r.PostForm.Get("last") == "1" {
		return s.store.UndoLast(ctx, v.ID)
	}
	return s.store.Undo(ctx, v.ID, r.PostForm.Get("token"))
}

// history: GET /settings/history
func (s *Server) history(w http.ResponseWriter, r *http.Request, v *visitor) error {
	f, err := s.frame(r.Context(), v.ID)
	if err != nil {
		return err
	}
	past, err := s.store.History(r.Context(), v.ID, historySize)
	if err != nil {
		return err
	}
	p := templates.HistoryPage{Shell: s.shellOf(r, v, f, f.clock.T("History"))}
	for _, a := range past {
		d, _ := deedNamed(a.Deed)
		entry := templates.HistoryEntry{
			Text: d.past(a.Count).In(f.clock.Locale), When: f.clock.ago(a.At), WhenFull: f.clock.full(a.At), WhenISO: iso(a.At),
			Undo: templates.Post{Label: f.clock.T("Undo"), URL: "/undo", Fields: []templates.Field{{Name: "entry", Value: a.ID}, {Name: "return", Value: "/settings/history"}}},
		}
		if a.Subject != "" {
			entry.Subject, entry.URL = subjectText(f.clock.Locale, a.Subject), messageURL(a.Message, "")
		}
		if a.Count > 1 {
			entry.More = f.clock.T("and %d more|messages", a.Count-1)
		}
		p.Entries = append(p.Entries, entry)
	}
	return s.render(w, r, http.StatusOK, templates.History(p))
}
