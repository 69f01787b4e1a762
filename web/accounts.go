package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"postern/internal/i18n"
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
	p := templates.AccountsPage{Shell: s.shellOf(r, v, f, f.clock.T("Accounts")), NewURL: "/accounts/new"}
	p.Banners = slices.DeleteFunc(p.Banners, func(b templates.Banner) bool { return b.Account != "" }) // the page says it itself
	for _, a := range f.accounts {
		p.Accounts = append(p.Accounts, s.accountSummary(f, a))
	}
	return s.render(w, r, http.StatusOK, templates.Accounts(p))
}

func (s *Server) accountSummary(f *frame, a store.Account) templates.AccountSummary {
	path := accountURL(a.ID, "")
	sum := templates.AccountSummary{
		ID: formatID(a.ID), Name: a.Name, Address: a.Email, Colour: a.Colour, URL: path, SyncURL: path + "/sync",
		Counts: f.clock.T("%d here, %d on the server", f.here(a.ID), a.ServerCount), Policy: policyText(a.Settings).In(f.clock.Locale),
		Progress: s.progress(f, a),
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
func (s *Server) progress(f *frame, a store.Account) *templates.Progress {
	p, working := s.hub.Progress(a.ID)
	if !working {
		return nil
	}
	bar := progressOf(f.clock.Locale, a, p)
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
		Facts: accountFacts(f.clock.Locale, a.Settings), Progress: s.progress(f, a), Advice: f.clock.T(advice(a)),
		MailURL: "/mail/all?account=" + formatID(a.ID), SyncURL: accountURL(a.ID, "sync"), StopURL: accountURL(a.ID, "stop"),
		EditURL: accountURL(a.ID, "edit"), RemoveURL: accountURL(a.ID, "remove"), HistoryURL: accountURL(a.ID, "sessions"),
	}
	p.State, p.LastResult = f.state(s.hub, a)
	if !a.Pin.IsZero() {
		p.ForgetURL = accountURL(a.ID, "forget-certificate")
	}
	if a.Failures > 0 {
		s.remedy(&p, a, f.clock.Locale)
	}
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

// remedy puts first on an account's page what a person can do about its trouble.
func (s *Server) remedy(p *templates.AccountPage, a store.Account, reader i18n.Locale) {
	switch a.Remedy {
	case store.TypePassword:
		p.MainText = reader.T("Enter the password again")
	case store.ReviewSettings:
		p.MainText = reader.T("Edit")
	case store.ReviewCertificate:
		// The test is done as the account is, so that the server gets nothing unless it shows what is trusted.
		p.ReviewURL, p.ReviewFields = "/accounts/test", append(accountFormOf(a).fields(), templates.Field{Name: "account", Value: formatID(a.ID)})
	}
}

// advice says what to do about an account that needs a person.
func advice(a store.Account) i18n.Key {
	switch {
	case a.Failures > 0 && a.Remedy == store.ReviewCertificate:
		return "Nothing is sent to the server before you decide. Look at the certificate that it shows now, and compare."
	case a.Paused && a.AuthFailures > 0:
		return "Edit the account and type its password again. Some providers want an app password, or POP3 switched on in their settings first."
	case a.Paused:
		return "Look at the account's settings, test the connection, and check again."
	case a.Failures > 0 && a.Interval == 0:
		return "It is tried again when you ask for a check. Nothing is lost meanwhile."
	case a.Failures > 0:
		return "It is tried again by itself. Nothing is lost meanwhile."
	}
	return ""
}

// accountFacts are an account's settings as people read them.
func accountFacts(reader i18n.Locale, v store.Settings) []templates.Fact {
	facts := []templates.Fact{
		{Name: reader.T("Server"), Value: reader.T("%s, port %v", v.Host, strconv.Itoa(v.Port))},
		{Name: reader.T("Security"), Value: reader.T(securityText(v.Security))},
		{Name: reader.T("User name"), Value: v.Username},
		{Name: reader.T("On the server"), Value: policyText(v).In(reader)},
		{Name: reader.T("Checked"), Value: reader.T("Only when asked")},
	}
	if v.Security == store.Plain {
		facts[1].Tone = templates.ToneWarn
	}
	if !v.Pin.IsZero() {
		facts = append(facts, templates.Fact{Name: reader.T("Certificate"), Value: reader.T("Trusted by you, SHA-256 %s", v.Pin)})
	}
	if v.Interval > 0 {
		facts[4].Value = everyText(v.Interval).In(reader)
		if v.Adaptive {
			facts[4].Value = reader.T("%s, more often while mail comes", everyText(v.Interval))
		}
	}
	if v.MaxSize > 0 {
		facts = append(facts, templates.Fact{Name: reader.T("Left on the server"), Value: reader.T("Mail larger than %s, until asked for", octets(v.MaxSize))})
	}
	if v.ReadAfterDays > 0 {
		facts = append(facts, templates.Fact{Name: reader.T("Arrives as read"), Value: reader.N(v.ReadAfterDays, "Mail older than %d day", "Mail older than %d days")})
	}
	return facts
}

func everyText(interval time.Duration) i18n.Text {
	if minutes := int(interval.Minutes()); minutes != 1 {
		return i18n.Say("Every %d minutes", minutes)
	}
	return i18n.Say("Every minute")
}

func securityText(v store.Security) i18n.Key {
	switch v {
	case store.TLS:
		return "TLS"
	case store.STARTTLS:
		return "STARTTLS, required"
	}
	return "None: password and mail travel in the clear"
}

func policyText(v store.Settings) i18n.Text {
	switch v.Policy {
	case store.Keep:
		return i18n.Say("Nothing is deleted")
	case store.DeleteAfterDays:
		return i18n.Count(v.PolicyDays, "Deleted after %d day", "Deleted after %d days")
	case store.DeleteAfterDownload:
		return i18n.Say("Deleted after download")
	}
	return i18n.Say("Deleted when deleted here")
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
	said, err := s.check(r.Context(), v, []store.Account{a})
	if err != nil {
		return err
	}
	if err := v.say(w, r, toast{Text: sayAll(i18n.From(r.Context()), said)}); err != nil {
		return err
	}
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
	t := toast{Text: i18n.T(r.Context(), "Stopped. What was fetched is kept.")}
	if !s.worker.Stop(a.ID) {
		t.Text = i18n.T(r.Context(), "No check was running.")
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
		Shell: s.shellOf(r, v, f, f.clock.T("Remove %s", a.Name)), Name: a.Name, Address: a.Email, Colour: a.Colour,
		Action: accountURL(a.ID, "remove"), CancelURL: accountURL(a.ID, ""), Error: trouble,
		Here: f.clock.N(f.here(a.ID), "%d message of this account is stored here.", "%d messages of this account are stored here."),
	}
	if n := f.waiting[a.ID]; n > 0 {
		p.Waiting = f.clock.N(n, "%d deletion that waits for the server will be cancelled.", "%d deletions that wait for the server will be cancelled.")
	}
	return s.render(w, r, code, templates.RemoveAccount(p))
}

// deletingNow is said when an account cannot be removed: see [store.ErrQuitting].
const deletingNow = "A server may be deleting mail at this moment. Try again in a few minutes."

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
		return s.showRemoval(w, r, v, a, http.StatusUnprocessableEntity, i18n.T(r.Context(), "Choose what becomes of the mail stored here."))
	}
	err = s.store.RemoveAccount(r.Context(), v.ID, a.ID, mail == "keep")
	if errors.Is(err, store.ErrQuitting) {
		return s.showRemoval(w, r, v, a, http.StatusConflict, i18n.T(r.Context(), deletingNow))
	}
	if err != nil {
		return missing(err, noAccount)
	}
	s.worker.Stop(a.ID)
	s.hub.countsChanged(v.ID)
	text := i18n.T(r.Context(), "%s was removed. Its mail stays here.", a.Name)
	if mail == "delete" {
		text = i18n.T(r.Context(), "%s was removed, and its mail with it.", a.Name)
	}
	if err := v.say(w, r, toast{Text: text}); err != nil {
		return err
	}
	s.redirect(w, "/accounts")
	return nil
}
