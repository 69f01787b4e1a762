package web

import (
	"io"
	"net/http"
	"strings"

	"postern/internal/sanitize"
	"postern/templates"
)

// print: GET /messages/{id}/print. The message for paper: its head and its body, nothing of the portal around them. It
// is a document of the mail's own kind, without script and without the portal's origin.
func (s *Server) print(w http.ResponseWriter, r *http.Request, v *visitor) error {
	m, raw, err := s.stored(r, v)
	if err != nil {
		return err
	}
	rd, err := s.read(r, v, m, raw)
	if err != nil {
		return err
	}
	c := s.clock(r.Context())
	p := messagePage{reader: c.Locale, MessagePage: templates.MessagePage{Subject: subjectText(c.Locale, m.Subject)}, message: m}
	p.head(c)
	for _, part := range m.Structure.Attachments() {
		if !part.Inline {
			p.Attachments = append(p.Attachments, templates.Attachment{Name: oneLine(part.Name()), Size: octets(part.Size).In(c.Locale)})
		}
	}
	images := s.inliner(v, rd)
	result := sanitize.Result{Doctype: "<!doctype html>"}
	if rd.hasHTML && !rd.asText() {
		result = s.clean(v, rd, images.url)
	} else {
		p.Text = templates.Blocks(truncate(m.Text, maxText))
	}
	if err := raw.Err(); err != nil {
		return err
	}
	var head, text strings.Builder
	if err := templates.PrintHead(p.MessagePage).Render(r.Context(), &head); err != nil {
		return err
	}
	if err := templates.PrintText(p.Text).Render(r.Context(), &text); err != nil {
		return err
	}
	paper := sheet{lang: c.Locale.Tag(), title: p.Subject, head: head.String(), text: text.String()}
	setPolicy(w, s.printPolicy(r, rd.loads() || images.linked))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, bodyDocument(result, lookPrint, &paper)) // the browser went away: nobody is left to tell
	return nil
}
