package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"postern/internal/message"
	"postern/store"
	"postern/templates"
)

// enclosed is a message within a message: the part that holds it, and what it says.
type enclosed struct {
	outer *store.Message
	part  *message.Part // of type message/rfc822
	m     *store.Message
	raw   *store.Octets
}

// enclosedIn finds the message that stands in a part of another. The reading of the outer one has its parts, so that
// only its head has to be read anew.
func (s *Server) enclosedIn(r *http.Request, v *visitor) (*enclosed, error) {
	outer, raw, err := s.stored(r, v)
	if err != nil {
		return nil, err
	}
	part := outer.Structure.Find(chi.URLParam(r, "path"))
	if !holdsMessage(part) {
		return nil, noPage
	}
	root := part.Parts[0]
	head := root.Header(raw)
	parsed, err := message.Parse(head, head.Size())
	if err != nil {
		return nil, err
	}
	m := &store.Message{Envelope: parsed.Envelope, Structure: root, Text: message.BodyText(root, raw)}
	m.ID, m.Subject, m.Date, m.Received, m.Mailbox = outer.ID, parsed.Envelope.Subject, parsed.Envelope.Date, outer.Received, outer.Mailbox
	return &enclosed{outer, part, m, raw}, nil
}

// holdsMessage tells whether a part is a message that was read into its own parts.
func holdsMessage(part *message.Part) bool {
	if part == nil || len(part.Parts) != 1 {
		return false
	}
	switch part.Type {
	case "message/rfc822", "message/global", "message/news":
		return true
	}
	return false
}

func enclosedURL(id store.MessageID, path string) string { return messageURL(id, "enclosed/"+path) }

// enclosedMessage: GET /messages/{id}/enclosed/{path}. A message that another one encloses, as a message.
func (s *Server) enclosedMessage(w http.ResponseWriter, r *http.Request, v *visitor) error {
	e, err := s.enclosedIn(r, v)
	if err != nil {
		return err
	}
	f, err := s.frame(r.Context(), v.ID)
	if err != nil {
		return err
	}
	rd, err := s.read(r, v, e.m, e.raw)
	if err != nil {
		return err
	}
	subject, here := subjectText(f.clock.Locale, e.m.Subject), enclosedURL(e.outer.ID, e.part.Path)
	p := messagePage{reader: f.clock.Locale, MessagePage: templates.MessagePage{
		Shell: s.shellOf(r, v, f, subject), ID: formatID(e.outer.ID), Subject: subject,
		Back:   templates.Link{Text: subjectText(f.clock.Locale, e.outer.Subject), URL: messageURL(e.outer.ID, "")},
		Return: here, RawURL: messageURL(e.outer.ID, "parts/"+e.part.Path),
	}, message: e.m, own: f.domains()}
	p.head(f.clock)
	shown := map[string]bool{}
	if !rd.hasHTML || rd.asText() {
		p.Text = templates.Blocks(truncate(e.m.Text, maxText))
	} else {
		s.framed(&p, rd, v, shown)
		p.BodyURL = here + "/body" + rd.bodyQuery()
		if p.Images != nil && p.Images.URL != "" {
			p.Images.URL = here
		}
	}
	p.attachments(shown, nil, e.raw)
	p.AttachmentsZip = "" // that of the outer message has all
	p.warnings(rd, p.own)
	if err := e.raw.Err(); err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, templates.Enclosed(p.MessagePage))
}

// enclosedBody: GET /messages/{id}/enclosed/{path}/body. Its HTML, for the sandboxed frame.
func (s *Server) enclosedBody(w http.ResponseWriter, r *http.Request, v *visitor) error {
	e, err := s.enclosedIn(r, v)
	if err != nil {
		return err
	}
	rd, err := s.read(r, v, e.m, e.raw)
	if err != nil {
		return err
	}
	return s.serveBody(w, r, v, rd)
}
