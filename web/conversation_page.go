package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"postern/internal/i18n"
	"postern/store"
	"postern/templates"
)

// maxUnfolded bounds how many messages of a conversation are unfolded at once: each has to be read and made inert.
const maxUnfolded = 25

// talk is a conversation as a page is asked for it.
type talk struct {
	frame  *frame
	from   list
	opened *store.Message // the one that the address names
	all    []store.Summary
	total  int
}

// talkOf finds the conversation to show a message in; nil: it stands alone, or is wanted alone.
func (s *Server) talkOf(r *http.Request, v *visitor, f *frame, m *store.Message, from list) (*talk, error) {
	if v.Preferences.Apart || r.URL.Query().Get("alone") == "1" {
		return nil, nil
	}
	all, total, err := s.store.Conversation(r.Context(), v.ID, m.ID)
	if err != nil || total < 2 || !slices.ContainsFunc(all, func(o store.Summary) bool { return o.ID == m.ID }) {
		return nil, err
	}
	return &talk{frame: f, from: from, opened: m, all: all, total: total}, nil
}

// unfolds tells which messages are not folded: the one that was asked for and those not read yet, or "all", or "none".
func (t *talk) unfolds(which string) map[store.MessageID]bool {
	if which == "none" {
		return nil
	}
	open := map[store.MessageID]bool{t.opened.ID: true}
	for _, m := range t.all {
		if (which == "all" || m.Unread) && len(open) < maxUnfolded {
			open[m.ID] = true
		}
	}
	return open
}

// conversation answers with a conversation, or with one message of it, unfolded, for the script that puts it in its place.
func (s *Server) conversation(w http.ResponseWriter, r *http.Request, v *visitor, t *talk) error {
	ctx := r.Context()
	q := r.URL.Query()
	if q.Get("part") == "1" {
		at := slices.IndexFunc(t.all, func(m store.Summary) bool { return m.ID == t.opened.ID })
		part, err := s.conversationPart(r, v, t, at, true)
		if err != nil {
			return err
		}
		return s.render(w, r, http.StatusOK, templates.ConversationPart(part, s.shellOf(r, v, t.frame, "").Labels))
	}
	newest := t.all[len(t.all)-1]
	subject := subjectText(t.frame.clock.Locale, t.opened.Subject)
	p := templates.ConversationPage{
		Shell:      s.readingShell(r, v, t.frame, subject),
		ID:         formatID(newest.ID),
		Mailbox:    newest.Mailbox.String(),
		Subject:    subject,
		Count:      i18n.N(ctx, t.total, "%d message", "%d messages"),
		Back:       s.backToConversation(t),
		Return:     messagePath(t.opened.Summary, t.from),
		ReturnList: t.from.path(),
	}
	p.Search = searchBox(t.from)
	if more := t.total - len(t.all); more > 0 {
		p.Note = i18n.N(ctx, len(t.all), "Only the newest message is shown.", "Only the newest %d messages are shown.")
	}
	open := t.unfolds(q.Get("unfold"))
	p.UnfoldURL, p.FoldURL = withQuery(p.Return, "unfold", "all"), withQuery(p.Return, "unfold", "none")
	var labels []store.LabelID
	for i, m := range t.all {
		labels = append(labels, m.Labels...)
		p.Starred = p.Starred || m.Starred
		if m.Mailbox == store.Inbox {
			p.Mailbox = m.Mailbox.String() // archiving the others changes nothing
		}
		part, err := s.conversationPart(r, v, t, i, open[m.ID])
		if err != nil {
			return err
		}
		p.Messages = append(p.Messages, part)
	}
	slices.Sort(labels)
	p.Labels = t.frame.labelTags(slices.Compact(labels))
	var err error
	if p.NewerURL, p.OlderURL, err = s.neighbours(r, v, t.opened.ID, t.from); err != nil {
		return err
	}
	if p.Beside, err = s.beside(r, v, t.frame, t.from, t.opened.Summary); err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, templates.Conversation(p))
}

// backToConversation is the way back to the list, to the row of the conversation where the list shows conversations.
func (s *Server) backToConversation(t *talk) templates.Link {
	if t.from.search != "" {
		return backTo(t.frame, t.from, t.opened.ID)
	}
	for _, m := range slices.Backward(t.all) {
		if t.from.box.mailbox == 0 || m.Mailbox == t.from.box.mailbox {
			return backTo(t.frame, t.from, m.ID)
		}
	}
	return backTo(t.frame, t.from, t.opened.ID)
}

// conversationPart is a message of a conversation, at its place in it.
func (s *Server) conversationPart(r *http.Request, v *visitor, t *talk, at int, open bool) (templates.ConversationMessage, error) {
	m := t.all[at]
	path := messagePath(m, t.from)
	beside := t.all[max(at-1, 0)]
	if at+1 < len(t.all) {
		beside = t.all[at+1]
	}
	here := "#m" + formatID(m.ID)
	p := templates.ConversationMessage{
		ID: formatID(m.ID), From: senderText(t.frame.clock.Locale, m.From), Snippet: oneLine(m.Snippet),
		Date: t.frame.clock.brief(m.Received), DateFull: t.frame.clock.full(m.Received), DateISO: iso(m.Received),
		Unread: m.Unread, Starred: m.Starred,
		URL:      path + here,
		AloneURL: withQuery(path, "alone", "1"),
		Next:     messagePath(beside, t.from) + "#m" + formatID(beside.ID),
	}
	if !open {
		return p, nil
	}
	whole, asked := t.opened, r
	if m.ID != whole.ID {
		// What the address asks for, such as images, is meant for the message that it names.
		asked = r.Clone(r.Context())
		asked.URL.RawQuery = url.Values{"list": {r.URL.Query().Get("list")}}.Encode()
		var err error
		if whole, err = s.store.Message(r.Context(), v.ID, m.ID); err != nil {
			return p, err
		}
	}
	page, err := s.messagePage(asked, v, t.frame, whole, t.from)
	if err != nil {
		return p, err
	}
	p.Open = &page.MessagePage
	if page.BodyURL != "" {
		pictures := len(whole.Structure.Attachments()) - len(page.Attachments) // those that the HTML shows itself
		p.Wide = linesOf(whole.Text, wideLine) + pictures*pictureLines
		p.Narrow = linesOf(whole.Text, narrowLine) + pictures*pictureLines
	}
	return p, nil
}

// What a message takes on the screen, about: the Latin characters in a line of it, in a wide window and on a phone, and
// the lines beside a picture.
const (
	wideLine     = 90
	narrowLine   = 42
	pictureLines = 8
)

// linesOf guesses how many lines of a width a text takes on the screen, without what it quotes at its end.
func linesOf(text string, lineWidth int) (n int) {
	for line := range strings.SplitSeq(strings.TrimSpace(withoutQuote(text)), "\n") {
		width := (utf8.RuneCountInString(line) + len(line)) / 2 // a Chinese character is three octets, and as wide as two letters
		n += 1 + width/lineWidth
	}
	return n
}

// withoutQuote is a text without the lines that are quoted at its end.
func withoutQuote(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\r\n\t "), "\n")
	end := len(lines)
	for end > 0 && (strings.HasPrefix(lines[end-1], ">") || strings.TrimSpace(lines[end-1]) == "") {
		end--
	}
	if end == 0 {
		return text
	}
	return strings.Join(lines[:end], "\n")
}
