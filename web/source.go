package web

import (
	"io"
	"net/http"
	"strings"

	"postern/internal/i18n"
	"postern/templates"
)

// maxSource is how much of a message its source page shows.
const maxSource = 1 << 20

// source: GET /messages/{id}/source
func (s *Server) source(w http.ResponseWriter, r *http.Request, v *visitor) error {
	m, raw, err := s.stored(r, v)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(io.NewSectionReader(raw, 0, min(raw.Size(), maxSource)))
	if err != nil {
		return err
	}
	reader := i18n.From(r.Context())
	shell, err := s.shell(r, v, reader.T("Source"))
	if err != nil {
		return err
	}
	p := templates.SourcePage{
		Shell: shell, Subject: subjectText(reader, m.Subject), Source: visible(text), RawURL: messageURL(m.ID, "raw"),
		Back: templates.Link{Text: reader.T("the message"), URL: messageURL(m.ID, "")},
	}
	if raw.Size() > maxSource {
		p.Note = reader.T("The first %s of %s.", octets(maxSource), octets(raw.Size()))
	}
	return s.render(w, r, http.StatusOK, templates.Source(p))
}

// visible writes raw octets as text: what is not UTF-8 and what is invisible gets a sign in its place.
func visible(raw []byte) string {
	text := strings.ReplaceAll(strings.ToValidUTF8(string(raw), "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ':
			return 0x2400 + r // control pictures
		case r == 0x7f:
			return 0x2421
		case misleads(r):
			return 0xFFFD
		}
		return r
	}, text)
}
