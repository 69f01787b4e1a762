package web

import (
	"net/http"

	"postern/internal/i18n"
)

// changeReading: POST /settings/reading. A box that is not ticked is not sent.
func (s *Server) changeReading(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	p := v.Preferences
	p.NoKeys = r.PostForm.Get("keys") != "1"
	p.Apart = r.PostForm.Get("conversations") != "1"
	p.Compact = r.PostForm.Get("compact") == "1"
	if err := s.store.SetPreferences(r.Context(), v.ID, p); err != nil {
		return err
	}
	if err := v.say(w, r, toast{Text: i18n.T(r.Context(), "Saved.")}); err != nil {
		return err
	}
	s.redirect(w, "/settings")
	return nil
}
