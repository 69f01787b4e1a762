package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"postern/internal/authres"
	"postern/internal/dialer"
	"postern/internal/i18n"
	"postern/internal/unsubscribe"
	"postern/store"
	"postern/templates"
)

// How many lists are asked at once to let go of somebody.
const (
	maxLeaving  = 8
	userLeaving = 2 // for one user
)

// newLeave is the way by which lists are left: to public addresses only, over TLS at its usual port; or over web.
func newLeave(web http.RoundTripper) func(ctx context.Context, address string) error {
	if web != nil {
		return unsubscribe.Over(web).Leave
	}
	d := &dialer.Dialer{Ports: []int{443}}
	return unsubscribe.New(d.DialContext).Leave
}

// offersLeaving tells whether a message names a way to leave its list. In Junk none is offered: it would only prove that
// the address is read.
func offersLeaving(m *store.Message) bool {
	return len(m.Envelope.Unsubscribe) > 0 && m.Mailbox != store.Junk
}

// oneClick is the address that takes a reader off with one request (RFC 8058); "" where there is none.
func oneClick(m *store.Message) string {
	if !m.Envelope.OneClick {
		return ""
	}
	i := slices.IndexFunc(m.Envelope.Unsubscribe, func(u string) bool { return hostOf(u) != "" })
	if i < 0 {
		return ""
	}
	return m.Envelope.Unsubscribe[i]
}

// hostOf is the host of an https address; "" of anything else.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || !strings.EqualFold(u.Scheme, "https") {
		return ""
	}
	return u.Hostname()
}

// noList is the answer for messages that name no way to leave a list.
var noList = &pageError{code: http.StatusNotFound, title: "This message names no way to unsubscribe", text: "Look for one in its text, or move it to Junk."}

// askLeave: GET /messages/{id}/unsubscribe
func (s *Server) askLeave(w http.ResponseWriter, r *http.Request, v *visitor) error {
	m, err := s.listed(r, v)
	if err != nil {
		return err
	}
	return s.showLeave(w, r, v, m, http.StatusOK, i18n.Text{})
}

// leave: POST /messages/{id}/unsubscribe. It is the one page, beside those of an account's form, that waits for the network.
func (s *Server) leave(w http.ResponseWriter, r *http.Request, v *visitor) error {
	m, err := s.listed(r, v)
	if err != nil {
		return err
	}
	address, ctx := oneClick(m), r.Context()
	if address == "" {
		return noList
	}
	end, ok := s.leaving.take(v.ID)
	if !ok {
		return s.showLeave(w, r, v, m, http.StatusUnprocessableEntity, i18n.Say("Other lists are being asked at this moment. Try again in a minute."))
	}
	defer end()
	host := domainText(hostOf(address))
	if err := s.unsubscribe(ctx, address); err != nil {
		s.log.InfoContext(ctx, "unsubscribe", "message", m.ID, "host", host, "err", err)
		said := i18n.Say("%s could not be reached.", host)
		if status := unsubscribe.StatusError(0); errors.As(err, &status) {
			said = i18n.Say("%s did not do it: it answered %d.", host, int(status))
		}
		return s.showLeave(w, r, v, m, http.StatusUnprocessableEntity, said)
	}
	s.log.InfoContext(ctx, "unsubscribe", "message", m.ID, "host", host)
	if err := v.say(w, r, toast{Text: i18n.T(ctx, "%s was asked to take you off its list. That can take some days.", host)}); err != nil {
		return err
	}
	s.redirect(w, messageURL(m.ID, ""))
	return nil
}

// listed is the message of a path, which came over a list that can be left.
func (s *Server) listed(r *http.Request, v *visitor) (*store.Message, error) {
	id, err := pathID[store.MessageID](r, "id")
	if err != nil {
		return nil, err
	}
	m, err := s.store.Message(r.Context(), v.ID, id)
	if err == nil && !offersLeaving(m) {
		err = noList
	}
	return m, err
}

// showLeave asks before it is done, or says why it was not.
func (s *Server) showLeave(w http.ResponseWriter, r *http.Request, v *visitor, m *store.Message, code int, fault i18n.Text) error {
	ctx := r.Context()
	f, err := s.frame(ctx, v.ID)
	if err != nil {
		return err
	}
	raw, err := s.store.Octets(ctx, v.ID, m.ID)
	if err != nil {
		return err
	}
	origin, err := s.origin(ctx, v, m, raw)
	if err != nil {
		return err
	}
	if err := raw.Err(); err != nil {
		return err
	}
	reader := f.clock.Locale
	p := templates.LeavePage{
		Shell: s.shellOf(r, v, f, reader.T("Unsubscribe")), From: templates.Person{Address: reader.T("(unknown sender)")},
		Back: templates.Link{Text: subjectText(reader, m.Subject), URL: messageURL(m.ID, "")}, Fault: fault.In(reader), Doubtful: origin != authres.Passed,
	}
	if from := people(reader, m.Envelope.From[:min(len(m.Envelope.From), 1)]); len(from) > 0 {
		p.From = from[0]
	}
	click := oneClick(m)
	if click != "" {
		p.Host, p.Action = domainText(hostOf(click)), messageURL(m.ID, "unsubscribe")
	}
	for _, address := range m.Envelope.Unsubscribe {
		switch host := hostOf(address); {
		case address == click: // it takes no visitors: what a browser would see there, nobody has said
		case host != "":
			p.Ways = append(p.Ways, templates.Link{Text: reader.T("Unsubscribe from this list (%s)", domainText(host)), URL: address})
		case strings.HasPrefix(strings.ToLower(address), "mailto:"):
			to, _, _ := strings.Cut(address[len("mailto:"):], "?")
			if plain, err := url.PathUnescape(to); err == nil && plain != "" {
				p.Ways = append(p.Ways, templates.Link{Text: reader.T("Write to %s", addressText(plain)), URL: "mailto:" + address[len("mailto:"):]})
			}
		}
	}
	return s.render(w, r, code, templates.Leave(p))
}
