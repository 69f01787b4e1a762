package web

import (
	"io"
	"net/http"

	"postern/store"
)

// body: GET /messages/{id}/body. The HTML of a message, alone, for the sandboxed frame of its page.
func (s *Server) body(w http.ResponseWriter, r *http.Request, v *visitor) error {
	m, octets, err := s.stored(r, v)
	if err != nil {
		return err
	}
	rd, err := s.read(r, v, m, octets)
	if err != nil {
		return err
	}
	return s.serveBody(w, r, v, rd)
}

// serveBody answers with the HTML of a reading.
func (s *Server) serveBody(w http.ResponseWriter, r *http.Request, v *visitor, rd *reading) error {
	if err := rd.raw.Err(); err != nil {
		return err
	}
	if !rd.hasHTML {
		return noPage
	}
	rd.folds(s.clock(r.Context()).Locale)
	images := s.inliner(v, rd)
	result, made := s.cleaned.take(rd.cleanedFor(v), s.now())
	if !made {
		result = s.clean(v, rd, images.url)
	}
	if err := rd.raw.Err(); err != nil {
		return err
	}
	setPolicy(w, s.bodyPolicy(r, rd.loads() || images.linked))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, bodyDocument(result, lookOf(result, rd.dark()), nil)) // the browser went away: nobody is left to tell
	return nil
}

// stored reads the message that a path names, and opens its octets.
func (s *Server) stored(r *http.Request, v *visitor) (*store.Message, *store.Octets, error) {
	id, err := pathID[store.MessageID](r, "id")
	if err != nil {
		return nil, nil, err
	}
	m, err := s.store.Message(r.Context(), v.ID, id)
	if err != nil {
		return nil, nil, err
	}
	if m.Partial {
		return nil, nil, notFetched
	}
	octets, err := s.store.Octets(r.Context(), v.ID, id)
	return m, octets, err
}
