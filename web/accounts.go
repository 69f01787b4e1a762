package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"postern/store"
	"postern/templates"
)

// recentSyncs is how many past sessions an account's page shows.
const recentSyncs = 20

// accounts: GET /accounts
func (s *Server) accounts(w http.ResponseWriter, r *http.Request, v *visitor) error {
	f, err := s.frame(r.Context(), v.ID)
	if err != nil {
		return err
	}
	p := templates.AccountsPage{Shell: s.shellOf(r, v, f, "Accounts"), NewURL: "/accounts/new"}
	for _, a := range f.accounts {
		p.Accounts = append(p.Accounts, s.accountSummary(f, a))
	}
	return s.render(w, r, http.StatusOK, templates.Accounts(p))
}

func (s *Server) accountSummary(f *frame, a store.Account) templates.AccountSummary {
	path := accountURL(a.ID, "")
	sum := templates.AccountSummary{
		ID: formatID(a.ID), Name: a.Name, Address: a.Email, Colour: a.Colour, URL: path, SyncURL: path + "/sync",
		Counts: number(f.here(a.ID)) + " here, " + number(a.ServerCount) + " on the server", Policy: policyText(a.Settings),
		Progress: s.progress(a),
	}
	sum.State, sum.StateText = f.state(s.hub, a)
	return sum
}

func accountURL(id store.AccountID, below string) string {
	path := "/accounts/" + formatID(id)
	if below != "" {
		path += "/" + below
	}
	return path
}

// progress is the bar of an account whose session runs; nil: none does.
func (s *Server) progress(a store.Account) *templates.Progress {
	p, working := s.hub.Progress(a.ID)
	if !working {
		return nil
	}
	bar := progressOf(a, p)
	return &bar
}

// account: GET /accounts/{id}
func (s *Server) account(w http.ResponseWriter, r *http.Request, v *visitor) error {
	a, err := s.accountOf(r, v)
	if err != nil {
		return err
	}
	f, err := s.frame(r.Context(), v.ID)
	if err != nil {
		return err
	}
	syncs, err := s.store.Syncs(r.Context(), v.ID, a.ID, recentSyncs)
	if err != nil {
		return err
	}
	p := templates.AccountPage{
		Shell: s.shellOf(r, v, f, a.Name), ID: formatID(a.ID), Name: a.Name, Address: a.Email, Colour: a.Colour,
		NextRun: f.nextRun(a), NextRunISO: iso(a.NextCheck),
		Here: number(f.here(a.ID)), Waiting: count(f.waiting[a.ID]), Partial: count(f.partial[a.ID]),
		Facts: accountFacts(a.Settings), Progress: s.progress(a), Advice: advice(a),
		MailURL: "/mail/all?account=" + formatID(a.ID), SyncURL: accountURL(a.ID, "sync"), StopURL: accountURL(a.ID, "stop"),
		EditURL: accountURL(a.ID, "edit"), RemoveURL: accountURL(a.ID, "remove"), HistoryURL: accountURL(a.ID, "sessions"),
	}
	p.State, p.LastResult = f.state(s.hub, a)
	if len(syncs) > 0 {
		p.Server = number(a.ServerCount)
	}
	p.Banners = slices.DeleteFunc(p.Banners, func(b templates.Banner) bool { return b.Account == p.ID }) // the page says it itself
	for _, sync := range syncs {
		p.Sessions = append(p.Sessions, syncRow(f.clock, sync))
	}
	return s.render(w, r, http.StatusOK, templates.Account(p))
}

// accountOf reads the account that a path names. One that was removed is there only as a name on its mail.
func (s *Server) accountOf(r *http.Request, v *visitor) (store.Account, error) {
	id, err := pathID[store.AccountID](r, "id")
	if err != nil {
		return store.Account{}, noAccount
	}
	a, err := s.store.Account(r.Context(), v.ID, id)
	if err == nil && a.Removed {
		err = noAccount
	}
	return a, missing(err, noAccount)
}

// advice says what to do about an account that needs a person.
func advice(a store.Account) string {
	switch {
	case a.Paused && a.AuthFailures > 0:
		return "Edit the account and type its password again. Some providers want an app password, or POP3 switched on in their settings first."
	case a.Paused:
		return "Look at the account's settings, test the connection, and check again."
	case a.Failures > 0:
		return "It is tried again by itself. Nothing is lost meanwhile."
	}
	return ""
}

// accountFacts are an account's settings as people read them.
func accountFacts(v store.Settings) []templates.Fact {
	facts := []templates.Fact{
		{Name: "Server", Value: v.Host + ", port " + strconv.Itoa(v.Port)},
		{Name: "Security", Value: securityText(v.Security)},
		{Name: "User name", Value: v.Username},
		{Name: "On the server", Value: policyText(v)},
		{Name: "Checked", Value: "Only when asked"},
	}
	if v.Security == store.Plain {
		facts[1].Tone = templates.ToneWarn
	}
	if v.Interval > 0 {
		facts[4].Value = everyText(v.Interval)
		if v.Adaptive {
			facts[4].Value += ", more often while mail comes"
		}
	}
	if v.MaxSize > 0 {
		facts = append(facts, templates.Fact{Name: "Left on the server", Value: "Mail larger than " + octets(v.MaxSize) + ", until asked for"})
	}
	if v.ReadAfterDays > 0 {
		facts = append(facts, templates.Fact{Name: "Arrives as read", Value: "Mail older than " + plural(v.ReadAfterDays, "day", "days")})
	}
	return facts
}

func everyText(interval time.Duration) string {
	if minutes := int(interval.Minutes()); minutes != 1 {
		return "Every " + number(minutes) + " minutes"
	}
	return "Every minute"
}

func securityText(v store.Security) string {
	switch v {
	case store.TLS:
		return "TLS"
	case store.STARTTLS:
		return "STARTTLS, required"
	}
	return "None: password and mail travel in the clear"
}

func policyText(v store.Settings) string {
	switch v.Policy {
	case store.Keep:
		return "Nothing is deleted"
	case store.DeleteAfterDays:
		return "Deleted after " + plural(v.PolicyDays, "day", "days")
	case store.DeleteAfterDownload:
		return "Deleted after download"
	}
	return "Deleted when deleted here"
}

// syncAccount: POST /accounts/{id}/sync
func (s *Server) syncAccount(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	a, err := s.accountOf(r, v)
	if err != nil {
		return err
	}
	if err := s.store.CheckNow(r.Context(), v.ID, a.ID); err != nil {
		return missing(err, noAccount)
	}
	s.worker.Wake()
	s.redirect(w, localPath(r.PostForm.Get("return"), accountURL(a.ID, "")))
	return nil
}

// stopAccount: POST /accounts/{id}/stop
func (s *Server) stopAccount(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	a, err := s.accountOf(r, v)
	if err != nil {
		return err
	}
	t := toast{Text: "Stopped. What was fetched is kept."}
	if !s.worker.Stop(a.ID) {
		t.Text = "No check was running."
	}
	if err := v.say(w, r, t); err != nil {
		return err
	}
	s.redirect(w, localPath(r.PostForm.Get("return"), accountURL(a.ID, "")))
	return nil
}

// askRemoveAccount: GET /accounts/{id}/remove
func (s *Server) askRemoveAccount(w http.ResponseWriter, r *http.Request, v *visitor) error {
	a, err := s.accountOf(r, v)
	if err != nil {
		return err
	}
	return s.showRemoval(w, r, v, a, http.StatusOK, "")
}

func (s *Server) showRemoval(w http.ResponseWriter, r *http.Request, v *visitor, a store.Account, code int, trouble string) error {
	f, err := s.frame(r.Context(), v.ID)
	if err != nil {
		return err
	}
	p := templates.RemoveAccountPage{
		Shell: s.shellOf(r, v, f, "Remove "+a.Name), Name: a.Name, Address: a.Email, Colour: a.Colour,
		Action: accountURL(a.ID, "remove"), CancelURL: accountURL(a.ID, ""), Error: trouble,
		Here: messages(f.here(a.ID)) + " of this account are stored here.",
	}
	if f.here(a.ID) == 1 {
		p.Here = "1 message of this account is stored here."
	}
	if n := f.waiting[a.ID]; n > 0 {
		p.Waiting = plural(n, "deletion that waits", "deletions that wait") + " for the server will be cancelled."
	}
	return s.render(w, r, code, templates.RemoveAccount(p))
}

// removeAccount: POST /accounts/{id}/remove
func (s *Server) removeAccount(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	a, err := s.accountOf(r, v)
	if err != nil {
		return err
	}
	mail := r.PostForm.Get("mail")
	if mail != "keep" && mail != "delete" {
		return s.showRemoval(w, r, v, a, http.StatusUnprocessableEntity, "Choose what becomes of the mail stored here.")
	}
	s.worker.Stop(a.ID)
	if err := s.store.RemoveAccount(r.Context(), v.ID, a.ID, mail == "keep"); err != nil {
		return missing(err, noAccount)
	}
	s.hub.countsChanged(v.ID)
	text := a.Name + " was removed. Its mail stays here."
	if mail == "delete" {
		text = a.Name + " was removed, and its mail with it."
	}
	if err := v.say(w, r, toast{Text: text}); err != nil {
		return err
	}
	s.redirect(w, "/accounts")
	return nil
}
