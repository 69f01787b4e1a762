package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"

	"postern/internal/authres"
	"postern/internal/i18n"
	"postern/internal/remoteimage"
	"postern/store"
	"postern/templates"
)

// senders: GET /settings/senders. What was decided about senders, each to be taken back.
func (s *Server) senders(w http.ResponseWriter, r *http.Request, v *visitor) error {
	rules, err := s.store.SenderRules(r.Context(), v.ID)
	if err != nil {
		return err
	}
	shell, err := s.shell(r, v, i18n.T(r.Context(), "Senders"))
	if err != nil {
		return err
	}
	p, c := templates.SendersPage{Shell: shell}, s.clock(r.Context())
	for _, rule := range rules {
		row := templates.SenderRow{Sender: addressText(rule.Sender), Since: c.brief(rule.Changed)}
		if domain, ok := strings.CutPrefix(rule.Sender, "@"); ok {
			row.Sender = c.T("everyone at %s", domainText(domain))
		}
		if rule.Images {
			row.Says = append(row.Says, c.T("remote images are loaded"))
		}
		switch rule.View {
		case store.ViewText:
			row.Says = append(row.Says, c.T("shown as text"))
		case store.ViewHTML:
			row.Says = append(row.Says, c.T("shown as HTML"))
		}
		row.Revoke = templates.Post{Label: c.T("Revoke"), URL: "/settings/senders", Fields: []templates.Field{
			{Name: "sender", Value: rule.Sender}, {Name: "action", Value: "revoke"}, {Name: "return", Value: "/settings/senders"},
		}}
		p.Rows = append(p.Rows, row)
	}
	return s.render(w, r, http.StatusOK, templates.Senders(p))
}

// changeSender: POST /settings/senders. Fields: sender (an address, or "@" and a domain), action (load: always load
// remote images; hold: no longer; revoke: forget all about the sender), return.
func (s *Server) changeSender(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	sender := strings.ToLower(field(r, "sender"))
	local, domain, ok := cutAddress(sender)
	if !ok || domain == "" || len(sender) > maxAddress || hasControl(sender) || strings.ContainsAny(sender, " <>,") {
		return &pageError{code: http.StatusUnprocessableEntity, title: "That is not a sender", text: "Use the buttons on a message, or on the page of senders in the settings."}
	}
	reader, who := i18n.From(r.Context()), addressText(sender)
	if local == "" {
		who = reader.T("everyone at %s", domainText(domain))
	}
	var err error
	var said string
	switch r.PostForm.Get("action") {
	case "load":
		err, said = s.store.SetSenderImages(r.Context(), v.ID, sender, true), reader.T("Remote images of %s will be loaded from now on.", who)
	case "hold":
		err, said = s.store.SetSenderImages(r.Context(), v.ID, sender, false), reader.T("Remote images of %s are held back again.", who)
	case "revoke":
		err, said = missing(s.store.RemoveSenderRule(r.Context(), v.ID, sender), noPage), reader.T("Forgotten: %s.", who)
	default:
		return &pageError{code: http.StatusUnprocessableEntity, title: "Postern does not know that action", text: "Go back and use a button of the page."}
	}
	if err != nil {
		return err
	}
	if err := v.say(w, r, toast{Text: said}); err != nil {
		return err
	}
	s.redirect(w, localPath(r.PostForm.Get("return"), "/settings/senders"))
	return nil
}

func cutAddress(address string) (local, domain string, ok bool) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return "", "", false
	}
	return address[:at], address[at+1:], true
}

// changeView: POST /messages/{id}/view. Field view (text or html): how this message is shown, and all others of its
// sender.
func (s *Server) changeView(w http.ResponseWriter, r *http.Request, v *visitor) error {
	id, err := pathID[store.MessageID](r, "id")
	if err != nil {
		return err
	}
	m, err := s.store.Message(r.Context(), v.ID, id)
	if err != nil {
		return err
	}
	if err := readForm(r); err != nil {
		return err
	}
	view, ok := map[string]store.BodyView{"text": store.ViewText, "html": store.ViewHTML}[r.PostForm.Get("view")]
	if !ok {
		return &pageError{code: http.StatusUnprocessableEntity, title: "There is no such view", text: "Choose one of those on the page."}
	}
	back := localPath(r.PostForm.Get("return"), messageURL(id, ""))
	if from := sender(m); from == "" { // nobody to remember it for
		back = withQuery(back, "view", r.PostForm.Get("view"))
	} else if err := s.store.SetSenderView(r.Context(), v.ID, from, view); err != nil {
		return err
	}
	s.redirect(w, back)
	return nil
}

// held says what the frame holds back, and offers to load it; or what became of what was loaded.
func (s *Server) held(p *messagePage, v *visitor, rd *reading, remote, trackers []string) {
	if len(remote) == 0 {
		return
	}
	images, reader := len(remote)-len(trackers), p.reader
	tracked := i18n.Count(len(trackers), "%d tracker", "%d trackers")
	from := func(urls []string) i18n.Text { return i18n.Count(hosts(urls), "%d host", "%d hosts") }
	h := &templates.HeldImages{}
	p.Images = h
	if rd.loads() {
		s.loaded(p, v, rd, remote, trackers)
		if len(trackers) > 0 {
			h.Text = sentences(reader, h.Text, i18n.Say("Held back: %s from %s.", tracked, from(trackers)))
		}
		if rd.rule.Images && rd.origin == authres.Passed {
			h.Stop = &templates.Post{Label: reader.T("Stop loading them"), URL: "/settings/senders", Fields: senderFields(p.stopFor(rd), "hold", p.Return)}
		}
		return
	}
	if images == 0 {
		h.Text = reader.T("Held back: %s from %s.", tracked, from(remote))
		return
	}
	what := i18n.Count(images, "%d image", "%d images")
	if len(trackers) > 0 {
		what = i18n.Say("%s, %s", what, tracked)
	}
	h.Text, h.More = reader.T("Held back: %s from %s.", what, from(remote)), reader.T("Loading tells the sender that you read this.")
	h.URL, h.Fields = messageURL(p.message.ID, ""), append(queryFields(p.Return), templates.Field{Name: "images", Value: "once"})
	address := sender(rd.m)
	switch {
	case address == "":
	case rd.origin != authres.Passed:
		if rd.rule.Images {
			h.More = sentences(reader, h.More, i18n.Say("You load images of this sender always, but your mail provider does not confirm that this message is from there."))
		}
	default:
		h.Always = []templates.Post{
			{Label: reader.T("Always for %s", addressText(address)), URL: "/settings/senders", Fields: senderFields(address, "load", p.Return)},
			{Label: reader.T("Always for %s", domainText(domainOf(address))), URL: "/settings/senders", Fields: senderFields(store.SenderDomain(address), "load", p.Return)},
		}
	}
}

// loaded says how many images are loaded, or of how many that was tried in vain, and why, and offers to try again.
func (s *Server) loaded(p *messagePage, v *visitor, rd *reading, remote, trackers []string) {
	shown := slices.DeleteFunc(slices.Clone(remote), func(url string) bool { return slices.Contains(trackers, url) })
	h, reader, who := p.Images, p.reader, formatID(v.ID)
	h.Watch, h.URL = formatID(p.message.ID), messageURL(p.message.ID, "")
	h.Fields = append(queryFields(withoutQuery(withoutQuery(p.Return, "images"), "again")), templates.Field{Name: "again", Value: "1"})
	if rd.once {
		h.Fields = append(h.Fields, templates.Field{Name: "images", Value: "once"})
	}
	if rd.asked.Get("again") == "1" {
		s.images.Forget(who, shown)
	}
	var reasons []i18n.Key
	n := 0
	for _, url := range shown[:min(len(shown), maxRemote)] {
		if err := s.images.Failure(who, url); err != nil {
			n++
			if why := imageFailure(err); !slices.Contains(reasons, why) {
				reasons = append(reasons, why)
			}
		}
	}
	if h.Again = n > 0; !h.Again {
		h.Text = reader.N(len(shown), "%d image is loaded through Postern.", "%d images are loaded through Postern.")
		return
	}
	var why []string
	for _, r := range reasons {
		why = append(why, reader.T(r))
	}
	h.Text = reader.T("%d of %d images could not be loaded (%s).", n, len(shown), reader.List(why))
	if len(shown) == 1 {
		h.Text = reader.T("The image could not be loaded (%s).", why[0])
	}
}

// imageFailure says in a word or two why an image did not come.
func imageFailure(err error) i18n.Key {
	var status remoteimage.StatusError
	var network net.Error
	switch {
	case errors.As(err, &status) && (status == http.StatusNotFound || status == http.StatusGone):
		return "not found"
	case errors.As(err, &status):
		return "refused"
	case errors.Is(err, remoteimage.ErrTooLarge):
		return "too large"
	case errors.Is(err, remoteimage.ErrNoImage):
		return "not an image"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "timed out"
	}
	return "not reached"
}

// stopFor is the sender or domain whose rule has images loaded.
func (p *messagePage) stopFor(rd *reading) string {
	if rd.rule.ByDomain {
		return store.SenderDomain(sender(rd.m))
	}
	return sender(rd.m)
}

func senderFields(sender, action, back string) []templates.Field {
	return []templates.Field{{Name: "sender", Value: sender}, {Name: "action", Value: action}, {Name: "return", Value: back}}
}

// hosts counts the hosts of URLs.
func hosts(urls []string) int {
	seen := map[string]bool{}
	for _, u := range urls {
		_, rest, _ := strings.Cut(u, "://")
		if i := strings.IndexAny(rest, "/?#"); i >= 0 {
			rest = rest[:i]
		}
		seen[strings.ToLower(rest[strings.LastIndexByte(rest, '@')+1:])] = true
	}
	return len(seen)
}
