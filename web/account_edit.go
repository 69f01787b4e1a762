package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"postern/internal/i18n"
	"postern/store"
	"postern/templates"
)

// showAccountForm answers with the form.
func (s *Server) showAccountForm(w http.ResponseWriter, r *http.Request, v *visitor, code int, p templates.AccountFormPage) error {
	f, err := s.frame(r.Context(), v.ID)
	if err != nil {
		return err
	}
	p.Shell = s.shellOf(r, v, f, p.Heading)
	p.Banners = slices.DeleteFunc(p.Banners, func(b templates.Banner) bool { return b.Account != "" && b.Account == p.ID }) // its own page has it
	if p.ID == "" && len(f.accounts) == 0 {
		p.First, p.CancelURL = true, ""
	}
	return s.render(w, r, code, templates.AccountForm(p))
}

// newAccount: GET /accounts/new
func (s *Server) newAccount(w http.ResponseWriter, r *http.Request, v *visitor) error {
	return s.showAccountForm(w, r, v, http.StatusOK, blankAccountForm().page(r.Context(), nil))
}

// editAccount: GET /accounts/{id}/edit
func (s *Server) editAccount(w http.ResponseWriter, r *http.Request, v *visitor) error {
	a, err := s.accountOf(r, v)
	if err != nil {
		return err
	}
	p := accountFormOf(a).page(r.Context(), &a)
	if a.Remedy == store.TypePassword {
		p.Errors = fieldErrors{"password": i18n.Say("The server refuses the stored password: type the right one.")}.in(r.Context())
	}
	return s.showAccountForm(w, r, v, http.StatusOK, p)
}

// twice is how soon a form that adds an account is taken for the one that has just added it, sent twice.
const twice = time.Minute

// createAccount: POST /accounts
func (s *Server) createAccount(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	others, err := s.store.Accounts(r.Context(), v.ID)
	if err != nil {
		return err
	}
	form := readAccountForm(r)
	found := s.complete(r.Context(), v, &form)
	s.drafts.fill(v, &form, nil)
	settings, errs := form.settings(nil, others)
	found.complain(errs)
	if same := ofMailbox(others, settings, nil); same != nil && same.Port == settings.Port && s.now().Sub(same.Created) < twice {
		s.redirect(w, accountURL(same.ID, ""))
		return nil
	}
	if len(errs) > 0 {
		p := form.page(r.Context(), nil)
		p.Finding, p.Test = found.panel(r.Context()), keptTrust(r.Context(), form, settings, errs)
		return s.refuseAccount(w, r, v, form, nil, p, errs)
	}
	id, err := s.store.AddAccount(r.Context(), v.ID, settings, form.password)
	if errors.Is(err, store.ErrMailboxHere) {
		s.redirect(w, accountURL(id, ""))
		return nil
	}
	if err != nil {
		return err
	}
	s.drafts.done(form)
	s.worker.Wake()
	if len(others) == 0 {
		s.redirect(w, "/mail/inbox")
	} else {
		s.redirect(w, accountURL(id, ""))
	}
	return nil
}

// refuseAccount answers with the form and what is wrong with it.
func (s *Server) refuseAccount(w http.ResponseWriter, r *http.Request, v *visitor, form accountForm, before *store.Account, p templates.AccountFormPage, errs fieldErrors) error {
	switch {
	case !errs.needsPassword(form):
		s.drafts.keep(v, form, before, &p)
	case !form.password.IsZero():
		errs.add("password", "Type the password once more: it is not sent back.")
	}
	p.Errors = errs.in(r.Context())
	p.Error = i18n.N(r.Context(), len(errs), "Please look at %d field again.", "Please look at %d fields again.")
	return s.showAccountForm(w, r, v, http.StatusUnprocessableEntity, p)
}

// updateAccount: POST /accounts/{id}
func (s *Server) updateAccount(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	before, err := s.accountOf(r, v)
	if err != nil {
		return err
	}
	others, err := s.store.Accounts(r.Context(), v.ID)
	if err != nil {
		return err
	}
	form := readAccountForm(r)
	s.drafts.fill(v, &form, &before)
	settings, errs := form.settings(&before, others)
	if len(errs) > 0 {
		p := form.page(r.Context(), &before)
		p.Test = keptTrust(r.Context(), form, settings, errs)
		return s.refuseAccount(w, r, v, form, &before, p, errs)
	}
	doomed, err := s.policyWouldDelete(r.Context(), v, before, settings)
	if err != nil {
		return err
	}
	if asked, err := strconv.Atoi(r.PostForm.Get("confirm")); err == nil && doomed <= asked {
		doomed = 0 // no more than what was said: more than that is asked about anew
	}
	wanted := settings
	if doomed > 0 {
		settings.Policy, settings.PolicyDays = before.Policy, before.PolicyDays
	}
	err = s.store.UpdateAccount(r.Context(), v.ID, before.ID, settings, form.password)
	if errors.Is(err, store.ErrMailboxHere) { // added after the others were read
		return &pageError{code: http.StatusConflict, title: "This mailbox is here already", text: "Another account of yours reads it. Nothing was changed."}
	}
	if err != nil {
		return missing(err, noAccount)
	}
	s.drafts.done(form)
	s.worker.Wake()
	if doomed > 0 {
		changed := settings != before.Settings || !form.password.IsZero()
		return s.askPolicy(w, r, v, before.ID, wanted, form, doomed, changed)
	}
	said, err := s.savedText(r.Context(), v, before, wanted)
	if err != nil {
		return err
	}
	if err := v.say(w, r, toast{Text: said}); err != nil {
		return err
	}
	s.redirect(w, accountURL(before.ID, ""))
	return nil
}

// policyWouldDelete counts what a change of policy would delete on the server; 0 where the policy stays as it is.
func (s *Server) policyWouldDelete(ctx context.Context, v *visitor, before store.Account, after store.Settings) (int, error) {
	if before.Policy == after.Policy && before.PolicyDays == after.PolicyDays {
		return 0, nil
	}
	return s.store.PolicyWouldDelete(ctx, v.ID, before.ID, after.Policy, after.PolicyDays)
}

// savedText says that an account was saved, and, where mail now leaves the server after days and none does so yet, when
// it begins.
func (s *Server) savedText(ctx context.Context, v *visitor, before store.Account, after store.Settings) (string, error) {
	reader := s.clock(ctx)
	if after.Policy != store.DeleteAfterDays || before.Policy == after.Policy && before.PolicyDays == after.PolicyDays {
		return reader.T("Saved."), nil
	}
	first, err := s.store.PolicyBegins(ctx, v.ID, before.ID, after.PolicyDays)
	if err != nil || first.Before(s.now()) {
		return reader.T("Saved."), err
	}
	return reader.T("Saved. The first message leaves %s on %s, and stays here.", after.Host, reader.Date(reader.In(first), "2 January")), nil
}

// askPolicy shows what a new policy would delete, before it is saved. All else that was typed is saved already: the
// password goes into no page, and so cannot wait for the answer.
func (s *Server) askPolicy(w http.ResponseWriter, r *http.Request, v *visitor, id store.AccountID, wanted store.Settings, form accountForm, doomed int, saved bool) error {
	reader := i18n.From(r.Context())
	shell, err := s.shell(r, v, reader.T("Are you sure?"))
	if err != nil {
		return err
	}
	p := templates.ConfirmPage{
		Shell:     shell,
		Heading:   reader.N(doomed, "Delete %d message on %s?", "Delete %d messages on %s?", wanted.Host),
		Sentence:  reader.N(doomed, "%d message would be deleted from %s with the next check. It stays here.", "%d messages would be deleted from %s with the next check. They stay here.", wanted.Host),
		Action:    accountURL(id, ""),
		Fields:    append(form.fields(), templates.Field{Name: "confirm", Value: strconv.Itoa(doomed)}),
		Confirm:   reader.N(doomed, "Save, and delete %d message there", "Save, and delete %d messages there"),
		CancelURL: accountURL(id, ""),
		Danger:    true,
		Details:   []string{reader.T("The rule would be: %s. It holds for mail that comes later, too.", policyText(wanted))},
	}
	if saved {
		p.Details = append(p.Details, reader.T("Your other changes are saved already. Until you answer, the rule stays what it was."))
	}
	return s.render(w, r, http.StatusOK, templates.Confirm(p))
}
