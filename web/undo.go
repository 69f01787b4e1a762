package web

import (
	"context"
	"errors"
	"net/http"

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
	t := toast{Text: "Undone: " + messages(done.Count) + " as before."}
	switch {
	case passed && r.PostForm.Get("last") == "1":
		t.Text = "There is nothing to undo. Older actions are in the settings, under History."
	case passed:
		t.Text = "This can no longer be undone. What was deleted is in Trash."
	case r.PostForm.Get("token") == "":
		t.Text = "Undone, “" + pastText(done.Deed) + "”: " + messages(done.Count) + " as before."
	}
	if done.TooLate > 0 {
		t.Text += " " + tooLate(done.TooLate)
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

// pastText is what was done to messages: "moved to Trash".
func pastText(what string) string {
	d, _ := deedNamed(what)
	return d.done
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
	p := templates.HistoryPage{Shell: s.shellOf(r, v, f, "History")}
	for _, a := range past {
		entry := templates.HistoryEntry{
			Text: messages(a.Count) + " " + pastText(a.Deed), When: f.clock.ago(a.At), WhenFull: f.clock.full(a.At), WhenISO: iso(a.At),
			Undo: templates.Post{Label: "Undo", URL: "/undo", Fields: []templates.Field{{Name: "entry", Value: a.ID}, {Name: "return", Value: "/settings/history"}}},
		}
		if a.Subject != "" {
			entry.Subject, entry.URL = subjectText(a.Subject), messageURL(a.Message, "")
		}
		if a.Count > 1 {
			entry.More = "and " + number(a.Count-1) + " more"
		}
		p.Entries = append(p.Entries, entry)
	}
	return s.render(w, r, http.StatusOK, templates.History(p))
}
