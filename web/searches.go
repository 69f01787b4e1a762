package web

import (
	"net/http"

	"postern/internal/i18n"
)

// noteSearch: POST /searches/recent. The script of the search box says what was searched for: a page that is looked at
// changes nothing.
func (s *Server) noteSearch(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	if err := s.store.NoteSearch(r.Context(), v.ID, field(r, "q")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// forgetSearches: POST /searches/forget
func (s *Server) forgetSearches(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := s.store.ForgetSearches(r.Context(), v.ID); err != nil {
		return err
	}
	if err := v.say(w, r, toast{Text: i18n.T(r.Context(), "Your recent searches are forgotten.")}); err != nil {
		return err
	}
	s.redirect(w, "/settings")
	return nil
}
