package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"postern/internal/i18n"
	"postern/store"
	"postern/templates"
)

// The pace of an event stream.
const (
	eventPause = 200 * time.Millisecond // between two lots of events
	eventPulse = 25 * time.Second       // a line of nothing, before a proxy thinks the connection dead
)

// events: GET /events. The stream begins with how things stand and goes on with what changes, at most five times a
// second. With ?since= it also begins with the mail that came after that message: a page that was drawn earlier, or
// that nobody looked at for a while, learns what it lacks. It ends when the browser does not take it, when the session is over, and when Postern stops.
func (s *Server) events(w http.ResponseWriter, r *http.Request, v *visitor) error {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would hold it back
	if r.Method == http.MethodHead {
		return nil
	}
	st := s.hub.open(v.ID)
	if st == nil {
		return &pageError{code: http.StatusTooManyRequests, title: "Too many pages are open"}
	}
	defer s.hub.end(st)
	out := eventWriter{w: w, control: http.NewResponseController(w), patience: s.patience}
	ctx := r.Context()
	if err := s.sendAll(ctx, &out, v.ID, sinceOf(r)); err != nil {
		return err
	}
	pulse := time.NewTicker(eventPulse)
	defer pulse.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case _, open := <-st.wake:
			if !open {
				return nil
			}
			if over, err := s.sessionOver(ctx, v); over || err != nil {
				return s.streamEnd(ctx, err)
			}
			if err := s.sendNews(ctx, &out, v.ID, s.hub.take(st)); err != nil {
				return s.streamEnd(ctx, err)
			}
			pause(ctx, eventPause)
		case <-pulse.C:
			if over, err := s.sessionOver(ctx, v); over || err != nil {
				return s.streamEnd(ctx, err)
			}
			out.comment("still here")
			if err := out.flush(); err != nil {
				return s.streamEnd(ctx, err)
			}
		}
	}
}

// sinceOf is the message after which mail is new to the page that asks: 0 when there was none, -1 when it does not care.
func sinceOf(r *http.Request) store.MessageID {
	given := r.URL.Query().Get("since")
	if given == "0" {
		return 0
	}
	since, err := parseID[store.MessageID](given)
	if err != nil {
		return -1
	}
	return since
}

// streamEnd tells the end of a stream from a failure: a browser that went or does not read is none.
func (s *Server) streamEnd(ctx context.Context, err error) error {
	if err != nil {
		s.log.DebugContext(ctx, "an event stream ended", "err", err)
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// sessionOver tells whether the session of a stream was ended meanwhile.
func (s *Server) sessionOver(ctx context.Context, v *visitor) (bool, error) {
	row, err := s.store.Session(ctx, v.row.ID)
	if err != nil {
		return true, missing(err, noPage)
	}
	return s.sessions.over(row), nil
}

// sendAll sends how things stand, and what came after the message since (-1: nothing).
func (s *Server) sendAll(ctx context.Context, out *eventWriter, user store.UserID, since store.MessageID) error {
	f, err := s.frame(ctx, user)
	if err != nil {
		return err
	}
	out.event("counts", s.countsEvent(f))
	for _, a := range f.accounts {
		out.event("sync", s.syncEvent(f, a))
		if p, working := s.hub.Progress(a.ID); working {
			out.event("progress", progressEvent(f.clock.Locale, a.ID, p))
		}
	}
	if since >= 0 {
		head, err := s.store.Messages(ctx, user, store.View{Mailbox: store.Inbox, Limit: pageSize})
		if err != nil {
			return err
		}
		out.mail(f.clock.Locale, arrivals(head.Messages, since))
	}
	return out.flush()
}

// arrivals counts the messages at the head of a list that came after one.
func arrivals(head []store.Summary, since store.MessageID) map[store.AccountID]int {
	n := map[store.AccountID]int{}
	for _, m := range head {
		if m.ID > since && m.Unread {
			n[m.Account]++
		}
	}
	return n
}

// sendNews sends what has happened.
func (s *Server) sendNews(ctx context.Context, out *eventWriter, user store.UserID, n news) error {
	if n.counts || len(n.synced) > 0 {
		f, err := s.frame(ctx, user)
		if err != nil {
			return err
		}
		out.event("counts", s.countsEvent(f))
		for _, a := range f.accounts {
			if n.synced[a.ID] {
				out.event("sync", s.syncEvent(f, a))
			}
		}
	}
	for _, id := range ordered(n.progress) {
		if p, working := s.hub.Progress(id); working {
			out.event("progress", progressEvent(i18n.From(ctx), id, p))
		}
	}
	out.mail(i18n.From(ctx), n.mail)
	return out.flush()
}

func ordered[V any](m map[store.AccountID]V) []store.AccountID {
	ids := make([]store.AccountID, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (s *Server) countsEvent(f *frame) templates.CountsEvent {
	e := templates.CountsEvent{Mailboxes: f.mailboxCounts(), Accounts: map[string]string{}}
	e.Unread = e.Mailboxes["inbox"]
	for _, a := range f.accounts {
		e.Accounts[formatID(a.ID)] = count(f.unread(store.Inbox, a.ID))
	}
	return e
}

func (s *Server) syncEvent(f *frame, a store.Account) templates.SyncEvent {
	state, text := f.state(s.hub, a)
	return templates.SyncEvent{
		Account: formatID(a.ID), State: state, Text: text, Label: f.clock.T("%s: %s", a.Name, text), NextRun: f.nextRun(a),
		Server: number(a.ServerCount), Here: number(f.here(a.ID)), Waiting: orNone(f.clock.Locale, count(f.waiting[a.ID])),
		Last: formatID(f.syncs[a.ID].ID),
	}
}

// orNone lets a script replace a number by nothing: it leaves alone what it is given no text for.
func orNone(reader i18n.Locale, s string) string {
	if s == "" {
		return reader.T("none")
	}
	return s
}

func progressEvent(reader i18n.Locale, id store.AccountID, p Progress) templates.ProgressEvent {
	e := templates.ProgressEvent{Account: formatID(id), Phase: p.Phase, Done: p.Done, Total: p.Total, Text: p.text(reader)}
	if p.Total > 0 {
		e.Percent = min(100, p.Done*100/p.Total)
	}
	return e
}

// eventWriter gathers events and writes them in one go, within a deadline: a browser that does not read is dropped.
type eventWriter struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	patience time.Duration
	buf      bytes.Buffer
	err      error
}

func (e *eventWriter) event(name string, data any) {
	body, err := json.Marshal(data)
	if err != nil {
		e.err = err
		return
	}
	fmt.Fprintf(&e.buf, "event: %s\ndata: %s\n\n", name, body)
}

// mail tells how many messages came, by account.
func (e *eventWriter) mail(reader i18n.Locale, n map[store.AccountID]int) {
	for _, id := range ordered(n) {
		e.event("mail", templates.MailEvent{Account: formatID(id), New: n[id], Text: reader.N(n[id], "%d new message", "%d new messages")})
	}
}

func (e *eventWriter) comment(text string) { fmt.Fprintf(&e.buf, ": %s\n\n", text) }

func (e *eventWriter) flush() error {
	if e.err != nil || e.buf.Len() == 0 {
		return e.err
	}
	// Where a deadline cannot be set (a recorder in a test), the write cannot hang either.
	_ = e.control.SetWriteDeadline(time.Now().Add(e.patience))
	if _, err := e.buf.WriteTo(e.w); err != nil {
		return err
	}
	return e.control.Flush()
}
