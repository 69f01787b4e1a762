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
	p.Beside = r.PostForm.Get("beside") == "1"
	if err := setTrash(r, &p); err != nil {
		return err
	}
	if err := s.store.SetPreferences(r.Context(), v.ID, p); err != nil {
		return err
	}
	if err := v.say(w, r, toast{Text: i18n.T(r.Context(), "Saved.")}); err != nil {
		return err
	}
	s.redirect(w, "/settings")
	return nil
}

// toggleView: POST /settings/view. Field toggle: what to switch on or off; return.
func (s *Server) toggleView(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	p := v.Preferences
	switch r.PostForm.Get("toggle") {
	case "conversations":
		p.Apart = !p.Apart
	case "compact":
		p.Compact = !p.Compact
	case "beside":
		p.Beside = !p.Beside
	default:
		return &pageError{code: http.StatusUnprocessableEntity, title: "There is no such view", text: "Choose one of those on the page."}
	}
	if err := s.store.SetPreferences(r.Context(), v.ID, p); err != nil {
		return err
	}
	s.redirect(w, localPath(r.PostForm.Get("return"), "/mail/inbox"))
	return nil
}
