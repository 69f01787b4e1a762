package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"postern/internal/i18n"
	"postern/store"
	"postern/templates"
)

// maxSyncs is how many sessions the history of an account shows.
const maxSyncs = 200

// syncs: GET /accounts/{id}/sessions
func (s *Server) syncs(w http.ResponseWriter, r *http.Request, v *visitor) error {
	a, err := s.accountOf(r, v)
	if err != nil {
		return err
	}
	f, err := s.frame(r.Context(), v.ID)
	if err != nil {
		return err
	}
	syncs, err := s.store.Syncs(r.Context(), v.ID, a.ID, maxSyncs)
	if err != nil {
		return err
	}
	p := templates.SyncsPage{
		Shell: s.shellOf(r, v, f, f.clock.T("Sessions of %s", a.Name)), Name: a.Name, Colour: a.Colour,
		Back: templates.Link{Text: a.Name, URL: accountURL(a.ID, "")},
	}
	for _, sync := range syncs {
		p.Sessions = append(p.Sessions, syncRow(f.clock, sync))
	}
	if len(syncs) == maxSyncs {
		p.Note = f.clock.T("The last %d sessions; older ones are not kept.", maxSyncs)
	}
	return s.render(w, r, http.StatusOK, templates.Syncs(p))
}

// noSync is the answer for sessions that do not exist, or not for this user.
var noSync = &pageError{code: http.StatusNotFound, title: "There is no such session", text: "The records of old sessions are not kept."}

// syncOf reads the session that a path names, and its account.
func (s *Server) syncOf(r *http.Request, v *visitor) (store.Account, store.Sync, error) {
	a, err := s.accountOf(r, v)
	if err != nil {
		return a, store.Sync{}, err
	}
	id, err := pathID[store.SyncID](r, "n")
	if err != nil {
		return a, store.Sync{}, noSync
	}
	sync, err := s.store.Sync(r.Context(), v.ID, a.ID, id)
	return a, sync, missing(err, noSync)
}

// sync: GET /accounts/{id}/sessions/{n}
func (s *Server) sync(w http.ResponseWriter, r *http.Request, v *visitor) error {
	a, sync, err := s.syncOf(r, v)
	if err != nil {
		return err
	}
	f, err := s.frame(r.Context(), v.ID)
	if err != nil {
		return err
	}
	row := syncRow(f.clock, sync)
	p := templates.SyncPage{
		Shell: s.shellOf(r, v, f, f.clock.T("Session of %s", a.Name)), Name: a.Name, Colour: a.Colour,
		Back: templates.Link{Text: f.clock.T("Sessions of %s", a.Name), URL: accountURL(a.ID, "sessions")},
		When: row.WhenFull, WhenISO: row.WhenISO, Tone: row.Tone, Result: row.Result,
		Figures: []templates.Fact{
			{Name: f.clock.T("Fetched"), Value: row.Retrieved}, {Name: f.clock.T("Deleted there"), Value: row.Deleted}, {Name: f.clock.T("Gone there"), Value: row.Gone},
			{Name: f.clock.T("Skipped"), Value: row.Skipped}, {Name: f.clock.T("Size"), Value: row.Octets}, {Name: f.clock.T("Took"), Value: row.Took},
		},
		Transcript: visible([]byte(sync.Transcript)), DownloadURL: syncURL(sync) + "/transcript",
	}
	for _, remark := range sync.Remarks {
		p.Remarks = append(p.Remarks, f.clock.Read(oneLine(remark)))
	}
	return s.render(w, r, http.StatusOK, templates.Sync(p))
}

// syncURL is the address of one session.
func syncURL(v store.Sync) string { return accountURL(v.Account, "sessions/"+formatID(v.ID)) }

// syncRow is one past session.
func syncRow(c clock, v store.Sync) templates.SyncSession {
	row := templates.SyncSession{
		When: c.brief(v.Started), WhenFull: c.full(v.Started), WhenISO: iso(v.Started),
		Took: duration(v.Ended.Sub(v.Started)).In(c.Locale), Retrieved: number(v.Retrieved), Deleted: number(v.Deleted),
		Gone: number(v.Gone), Skipped: number(v.Skipped),
		Octets: octets(v.Octets).In(c.Locale), Result: sentence(c.Locale, v.Sentence, c.T("Checked.")), URL: syncURL(v),
	}
	if n := len(v.Remarks); n > 0 {
		row.Remarks = c.N(n, "%d remark", "%d remarks")
	}
	switch {
	case !v.OK:
		row.Tone = templates.ToneBad
	case v.Skipped > 0:
		row.Tone = templates.ToneWarn
	}
	return row
}

// transcript: GET /accounts/{id}/sessions/{n}/transcript. One session as a file, for a report.
func (s *Server) transcript(w http.ResponseWriter, r *http.Request, v *visitor) error {
	a, sync, err := s.syncOf(r, v)
	if err != nil {
		return err
	}
	text := s.syncReport(a, sync)
	setPolicy(w, filePolicy)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", disposition("attachment", "postern-session-"+formatID(sync.ID)+".txt"))
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write([]byte(text)) // the browser went away: nobody is left to tell
	return nil
}

// syncReport is a session as text: what somebody who helps has to know, and no secret.
func (s *Server) syncReport(a store.Account, v store.Sync) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-9s %s\n", name+":", oneLine(fmt.Sprintf(format, args...)))
	}
	line("Postern", "%s", strings.TrimSpace(s.version))
	line("Server", "%s, port %d, %s", a.Host, a.Port, securityText(a.Security))
	line("Started", "%s", v.Started.UTC().Format(time.RFC3339))
	line("Took", "%s", duration(v.Ended.Sub(v.Started)))
	line("Result", "%s", sentence(i18n.Locale{}, v.Sentence, "Checked."))
	line("Counts", "%d fetched (%d octets), %d deleted there, %d gone there, %d skipped", v.Retrieved, v.Octets, v.Deleted, v.Gone, v.Skipped)
	for _, remark := range v.Remarks {
		line("Remark", "%s", remark)
	}
	b.WriteString("\n" + visible([]byte(v.Transcript)) + "\n")
	return b.String()
}
