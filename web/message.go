package web

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"postern/internal/i18n"
	"postern/internal/message"
	"postern/internal/query"
	"postern/store"
	"postern/templates"
)

// message: GET /messages/{id}. It shows and changes nothing: the page itself posts that it was read. A message of a
// conversation is shown among the others, unless it is asked for alone.
func (s *Server) message(w http.ResponseWriter, r *http.Request, v *visitor) error {
	id, err := pathID[store.MessageID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	m, err := s.store.Message(ctx, v.ID, id)
	if err != nil {
		return err
	}
	f, err := s.frame(ctx, v.ID)
	if err != nil {
		return err
	}
	from, err := s.cameFrom(r, v, m.Summary)
	if err != nil {
		return err
	}
	if t, err := s.talkOf(r, v, f, m, from); err != nil {
		return err
	} else if t != nil {
		return s.conversation(w, r, v, t)
	}
	p, err := s.messagePage(r, v, f, m, from)
	if err != nil {
		return err
	}
	p.Shell = s.readingShell(r, v, f, p.Subject)
	p.Search = searchBox(from)
	if p.NewerURL, p.OlderURL, err = s.neighbours(r, v, m.ID, from); err != nil {
		return err
	}
	if p.Beside, err = s.beside(r, v, f, from, m.Summary); err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, templates.Message(p.MessagePage))
}

// readingShell is what surrounds a message. What ails an account is said where mail is listed; who reads is not told of
// it again and again.
func (s *Server) readingShell(r *http.Request, v *visitor, f *frame, title string) templates.Shell {
	shell := s.shellOf(r, v, f, title)
	shell.Banners = slices.DeleteFunc(shell.Banners, func(b templates.Banner) bool { return b.Account != "" })
	return shell
}

// messagePage is a message as it is shown, but for what surrounds it.
func (s *Server) messagePage(r *http.Request, v *visitor, f *frame, m *store.Message, from list) (*messagePage, error) {
	p := &messagePage{reader: f.clock.Locale, MessagePage: templates.MessagePage{
		ID:          formatID(m.ID),
		Mailbox:     m.Mailbox.String(),
		MailboxName: f.clock.T(mailboxName(m.Mailbox)),
		Back:        backTo(f, from, m.ID),
		Return:      messagePath(m.Summary, from),
		ReturnList:  from.path(),
		Subject:     subjectText(f.clock.Locale, m.Subject),
		Starred:     m.Starred,
		Unread:      m.Unread,
		Account:     f.tag(m.Account),
		Labels:      f.labelTags(m.Labels),
		SourceURL:   messageURL(m.ID, "source"),
		RawURL:      messageURL(m.ID, "raw"),
		PrintURL:    messageURL(m.ID, "print"),
		Free:        f.canFree(m.Summary),
	}, message: m, own: f.domains()}
	for _, d := range m.Defects {
		if d != message.SeveralFrom { // a warning says it
			p.Defects = append(p.Defects, f.clock.Read(d))
		}
	}
	p.head(f.clock)
	if offersLeaving(m) {
		p.LeaveURL = messageURL(m.ID, "unsubscribe")
	}
	if m.Partial {
		p.SourceURL, p.RawURL, p.PrintURL = "", "", ""
	} else if err := s.content(r.Context(), p, r, v, from.search); err != nil {
		return nil, err
	}
	var err error
	p.Server, err = s.serverState(r.Context(), v, f, m, p.Return)
	return p, err
}

// messageURL is the address of a message or of what hangs below it.
func messageURL(id store.MessageID, below string) string {
	path := "/messages/" + formatID(id)
	if below != "" {
		path += "/" + below
	}
	return path
}

// messagePage is a templates.MessagePage in the making.
type messagePage struct {
	templates.MessagePage
	reader    i18n.Locale
	message   *store.Message
	own       []string // domains of the reader's own addresses
	disguised int      // links that name another host
	trueHosts []string // that they lead to, some of them
}

// head fills in who wrote to whom, and when.
func (p *messagePage) head(c clock) {
	e := p.message.Envelope
	p.From, p.To, p.Cc, p.Bcc = people(c.Locale, e.From), people(c.Locale, e.To), people(c.Locale, e.Cc), people(c.Locale, e.Bcc)
	if !slices.Equal(e.From, e.ReplyTo) {
		p.ReplyTo = people(c.Locale, e.ReplyTo)
	}
	sent := p.message.Date
	if sent.IsZero() {
		sent = p.message.Received
	}
	p.Date, p.DateISO = c.full(sent), iso(sent)
}

// maxPeople bounds how many recipients a page lists; the source has them all.
const maxPeople = 200

func people(reader i18n.Locale, list []message.Address) []templates.Person {
	var out []templates.Person
	for _, a := range list[:min(len(list), maxPeople)] {
		q := templates.Person{Name: strings.TrimSpace(oneLine(a.Name)), Address: addressText(a.Address)}
		if bare := oneLine(a.Address); bare != "" && !strings.ContainsAny(bare, " \"()") {
			q.URL = "/mail/all?q=" + url.QueryEscape(bare)
		}
		out = append(out, q)
	}
	if more := len(list) - maxPeople; more > 0 {
		out = append(out, templates.Person{Address: reader.T("and %d more", more)})
	}
	return out
}

// cameFrom is the list that a message was opened from.
func (s *Server) cameFrom(r *http.Request, v *visitor, m store.Summary) (list, error) {
	from, ok := listAt(r.URL.Query().Get("list"))
	if err := s.resolve(r.Context(), v.ID, &from); errors.Is(err, store.ErrNotFound) {
		ok = false // the label has another name now, or is gone
	} else if err != nil {
		return from, err
	}
	if !ok {
		from, _ = listOf(m.Mailbox.String(), nil)
	}
	return from, nil
}

// backTo is the way back to a list, to the row of a message.
func backTo(f *frame, from list, id store.MessageID) templates.Link {
	return templates.Link{Text: from.heading(f.clock.Locale), URL: from.path() + "#m" + formatID(id)}
}

// neighbours are the addresses of what stands beside a message in a list; "": there is none.
func (s *Server) neighbours(r *http.Request, v *visitor, id store.MessageID, from list) (newer, older string, err error) {
	view := from.first().view(s.clock(r.Context()).now)
	view.Threads = !v.Preferences.Apart
	before, after, err := s.store.Neighbours(r.Context(), v.ID, view, id)
	at := func(id store.MessageID) string {
		if id == 0 {
			return ""
		}
		return messagePath(store.Summary{ID: id, Mailbox: from.box.mailbox}, from)
	}
	return at(before), at(after), err
}

// maxText bounds the text on a message's page, in octets.
const maxText = 1 << 20

// content fills in the text or the frame for the HTML, and the attachments. search is what the message was found by; "":
// nothing was searched for.
func (s *Server) content(ctx context.Context, p *messagePage, r *http.Request, v *visitor, search string) error {
	m := p.message
	raw, err := s.store.Octets(ctx, v.ID, m.ID)
	if err != nil {
		return err
	}
	err = s.fill(ctx, p, r, v, raw, search)
	if damage := raw.Err(); errors.Is(damage, store.ErrDamaged) {
		s.log.ErrorContext(ctx, "a stored message cannot be read back", "message", m.ID, "err", damage)
		p.damaged(raw)
		return nil
	} else if err == nil {
		err = damage
	}
	return err
}

// fill does that with the octets of the message.
func (s *Server) fill(ctx context.Context, p *messagePage, r *http.Request, v *visitor, raw *store.Octets, search string) error {
	m := p.message
	p.brought(raw)
	rd, err := s.read(r, v, m, raw)
	if err != nil {
		return err
	}
	p.marked(rd)
	asText := !rd.hasHTML || rd.asText()
	if rd.hasHTML {
		p.ViewURL = messageURL(m.ID, "view")
	}
	shown := map[string]bool{} // images that the HTML shows itself
	if asText {
		text := truncate(m.Text, maxText)
		p.Text = rd.blocks(text)
		if len(text) < len(m.Text) {
			p.TextNote = p.reader.T("Cut after %s; the whole text is in the source.", octets(maxText))
		}
	} else {
		s.framed(p, rd, v, shown)
	}
	found, err := s.foundIn(ctx, v, query.Parse(search, s.now()), m)
	if err != nil {
		return err
	}
	p.attachments(shown, found, raw)
	return s.warn(ctx, p, rd, v)
}

// framed fills in what there is to say of the frame: what it holds back, and which parts it shows.
func (s *Server) framed(p *messagePage, rd *reading, v *visitor, shown map[string]bool) {
	rd.folds(p.reader)
	images, whole := s.inliner(v, rd), true
	result := s.clean(v, rd, func(id string) string {
		part := images.shows(id)
		if part == nil {
			return ""
		}
		shown[part.Path] = true
		if whole = whole && part.Size <= maxInPage; !whole {
			return "" // the page need not wait for large images
		}
		return images.url(id)
	})
	if whole && !images.linked && rd.raw.Err() == nil {
		s.cleaned.put(rd.cleanedFor(v), result, s.now())
	}
	p.BodyURL = messageURL(rd.m.ID, "body") + rd.bodyQuery()
	switch l := lookOf(result, rd.dark()); l {
	case lookPaper, lookInverted:
		p.Paper, p.Inverted = true, l == lookInverted
		p.DarkURL = withQuery(withoutQuery(p.Return, "dark"), "dark", "1")
		if p.Inverted {
			p.DarkURL = withoutQuery(p.Return, "dark")
		}
	}
	s.held(p, v, rd, result.Remote, result.Trackers)
	p.disguised, p.trueHosts = result.Disguised, result.TrueHosts
}

// warn fills in the warnings.
func (s *Server) warn(ctx context.Context, p *messagePage, rd *reading, v *visitor) error {
	p.warnings(rd, p.own)
	return s.firstContact(ctx, p, rd, v)
}

// queryFields are the values of a path's query, for a form that comes back to it.
func queryFields(path string) (fields []templates.Field) {
	_, query, _ := strings.Cut(path, "?")
	values, _ := url.ParseQuery(query)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fields = append(fields, templates.Field{Name: name, Value: values.Get(name)})
	}
	return fields
}

// withoutQuery takes a value off a path.
func withoutQuery(path, name string) string {
	bare, query, ok := strings.Cut(path, "?")
	values, err := url.ParseQuery(query)
	if !ok || err != nil {
		return bare
	}
	values.Del(name)
	if len(values) == 0 {
		return bare
	}
	return bare + "?" + values.Encode()
}

// withQuery adds a value to a path.
func withQuery(path, name, value string) string {
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return path + sep + name + "=" + url.QueryEscape(value)
}

// maxThumbs bounds the thumbnails of one page.
const maxThumbs = 30

// attachments lists the parts to download, without the images that stand in the text already. found are those in which
// a search found something.
func (p *messagePage) attachments(shown, found map[string]bool, raw io.ReaderAt) {
	id := p.message.ID
	for _, part := range p.message.Structure.Attachments() {
		if part.Inline && shown[part.Path] {
			continue
		}
		a := templates.Attachment{
			Name: oneLine(part.Name()), Type: oneLine(part.Type), Size: octets(part.Size).In(p.reader),
			URL: messageURL(id, "parts/"+part.Path), Icon: fileIcon(part.Type), Found: found[part.Path],
		}
		switch kind, _, _ := strings.Cut(part.MediaType(), "/"); {
		case kind == "image" && len(p.Attachments) < maxThumbs:
			real := rasterType(partHead(part, raw))
			if a.Opens = real != ""; a.Opens && real != "image/avif" && part.Size <= maxThumbSource {
				a.Thumbnail = a.URL + "/thumbnail"
			}
		case part.MediaType() == "text/plain", part.MediaType() == "application/pdf":
			a.Opens = true
		}
		if holdsMessage(part) {
			a.Message = enclosedURL(id, part.Path)
		}
		p.Attachments = append(p.Attachments, a)
	}
	if len(p.Attachments) > 1 {
		p.AttachmentsZip = messageURL(id, "attachments.zip")
	}
}

// fileIcon is the icon for a media type.
func fileIcon(mediaType string) string {
	kind, sub, _ := strings.Cut(mediaType, "/")
	switch {
	case kind == "image":
		return "file-image"
	case mediaType == "text/calendar":
		return "calendar"
	case kind == "text":
		return "file-text"
	case kind == "message":
		return "mail"
	case strings.Contains(sub, "zip"), strings.Contains(sub, "compress"), strings.Contains(sub, "tar"):
		return "file-archive"
	}
	return "file"
}

// serverState says what is to become or became of the copy on the server; nil: it simply is there, or never was.
func (s *Server) serverState(ctx context.Context, v *visitor, f *frame, m *store.Message, back string) (*templates.ServerState, error) {
	if m.Partial && (m.Server == store.ServerPresent || m.Server == store.ServerGone) {
		return s.partialState(ctx, v, f, m, back)
	}
	host := f.clock.T("its server")
	a, known := f.all[m.Account]
	if known {
		host = oneLine(a.Host)
	}
	if m.Server == store.ServerGone {
		return &templates.ServerState{Tone: templates.ToneInfo, Text: f.clock.T("No longer on %s, without Postern's doing. Your copy here stays.", host)}, nil
	}
	ledger, err := s.store.DeletionsOf(ctx, v.ID, m.ID)
	if err != nil || len(ledger) == 0 {
		return nil, err
	}
	return deletionState(f, a, host, ledger[0], back), nil
}

func deletionState(f *frame, a store.Account, host string, d store.Deletion, back string) *templates.ServerState {
	switch d.State {
	case store.Requested:
		text := f.clock.T("Will be deleted on %s with the next check.", host)
		if next := f.nextRun(a); next != "" && next != f.clock.T("now") {
			text = f.clock.T("Will be deleted on %s with the next check, %s.", host, next)
		}
		if d.Reason == store.Unfetched {
			text = sentences(f.clock.Locale, text, i18n.Say("It was never fetched: only the header is here."))
		} else if d.Reason != store.DeletedHere {
			text = sentences(f.clock.Locale, text, i18n.Say("Your copy here stays."))
		}
		return &templates.ServerState{Tone: templates.ToneWarn, Text: text, Buttons: []templates.Post{cancelButton(f.clock.Locale, d.ID, back)}}
	case store.Sending:
		return &templates.ServerState{Tone: templates.ToneInfo, Text: f.clock.T("Is being deleted on %s.", host)}
	case store.Sent:
		return &templates.ServerState{Tone: templates.ToneInfo, Text: f.clock.T("Deleted on %s; the next check makes sure of it.", host)}
	case store.Confirmed:
		return &templates.ServerState{Text: f.clock.T("Deleted on %s %s.", host, since(f.clock, d.Changed))}
	case store.Refused:
		return &templates.ServerState{Tone: templates.ToneBad, Text: f.clock.T("%s did not delete it. It is still there.", host), Reply: f.clock.Read(oneLine(d.Reply))}
	}
	return nil
}

// since writes a day within a sentence: "today at 14:02", "on 3 November 2026".
func since(c clock, t time.Time) string {
	if c.now.Sub(t) < 24*time.Hour && c.now.Day() == c.In(t).Day() {
		return c.T("today at %s", c.brief(t))
	}
	return c.T("on %s", c.Date(t, "2 January 2006"))
}

// cancelButton takes a deletion back.
func cancelButton(reader i18n.Locale, id store.DeletionID, back string) templates.Post {
	return templates.Post{
		Label:  reader.T("Cancel deletion"),
		Help:   reader.T("The message stays on its server, and here where it is."),
		URL:    "/deletions/" + formatID(id) + "/cancel",
		Fields: []templates.Field{{Name: "return", Value: back}},
	}
}
