package web

import (
	"context"
	"net/http"
	"time"

	"postern/internal/i18n"
	"postern/internal/seal"
	"postern/store"
	"postern/templates"
)

// probeTime is how long a trial of a connection may take.
const probeTime = 20 * time.Second

// testAccount: POST /accounts/test. Nothing is stored. A script gets the result alone, a browser without script the
// form with the result in it.
func (s *Server) testAccount(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	var before *store.Account
	if id, err := parseID[store.AccountID](r.PostForm.Get("account")); err == nil {
		a, err := s.store.Account(r.Context(), v.ID, id)
		if err != nil {
			return missing(err, noAccount)
		}
		before = &a
	}
	form := readAccountForm(r)
	var found *finding
	if before == nil {
		found = s.complete(r.Context(), v, &form)
	}
	s.drafts.fill(v, &form, before)
	settings, errs := form.settings(before, nil)
	found.complain(errs)
	fragment := fromScript(r)
	p := form.page(r.Context(), before)
	p.Finding = found.panel(r.Context())
	if len(errs) > 0 {
		if fragment {
			result := faults(r.Context(), errs)
			if kept := keptTrust(r.Context(), form, settings, errs); kept != nil {
				result.Facts, result.Trust = append(result.Facts, kept.Facts...), kept.Trust
			}
			return s.render(w, r, http.StatusOK, templates.TestPanel(result))
		}
		p.Test = keptTrust(r.Context(), form, settings, errs)
		return s.refuseAccount(w, r, v, form, before, p, errs)
	}
	result, err := s.probe(r.Context(), v, before, settings, form.password)
	if err != nil {
		return err
	}
	if fragment {
		return s.render(w, r, http.StatusOK, templates.TestPanel(result))
	}
	p.Test = result
	switch {
	case result.OK:
		s.drafts.keep(v, form, before, &p)
	case !form.password.IsZero():
		p.Errors = fieldErrors{"password": i18n.Say("Type the password once more: it is not sent back.")}.in(r.Context())
	}
	return s.showAccountForm(w, r, v, http.StatusOK, p)
}

// faults lists what is wrong with a form in the place of a test's result.
func faults(ctx context.Context, errs fieldErrors) *templates.TestResult {
	labels := []struct {
		field string
		label i18n.Key
	}{
		{"email", "E-mail address"}, {"name", "Account name"}, {"host", "Server"}, {"security", "Security"}, {"port", "Port"},
		{"username", "User name"}, {"password", "Password"}, {"pin", "Certificate"}, {"policy", "On the server"}, {"days", "Delete after"},
		{"interval_minutes", "Check every"}, {"read_after_days", "Arrives as read"},
	}
	result := &templates.TestResult{Summary: i18n.T(ctx, "The form is not complete yet.")}
	for _, l := range labels {
		if sentence, said := errs[l.field]; said {
			result.Facts = append(result.Facts, templates.Fact{Name: i18n.T(ctx, l.label), Value: sentence.In(i18n.From(ctx)), Tone: templates.ToneBad})
		}
	}
	return result
}

// probe tries a connection, with the stored password where none was typed.
func (s *Server) probe(ctx context.Context, v *visitor, before *store.Account, settings store.Settings, password seal.Secret) (*templates.TestResult, error) {
	if password.IsZero() {
		var err error
		if password, err = s.store.AccountPassword(ctx, v.ID, before.ID); err != nil {
			return nil, err
		}
	}
	leave, ok := s.probes.take(v.ID)
	if !ok {
		return &templates.TestResult{Summary: i18n.T(ctx, "Many connections are being tested at this moment."), Advice: i18n.T(ctx, "Try again in a minute.")}, nil
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	found := s.prober.Probe(ctx, v.User, settings, password)
	reader := i18n.From(ctx)
	result := &templates.TestResult{OK: found.OK, Summary: reader.Read(oneLine(found.Summary)), Advice: reader.Read(oneLine(found.Advice))}
	switch {
	case !found.Refused.IsZero():
		if result.Trust = offerTrust(settings, found.Refused, false); result.Trust != nil {
			result.Advice = reader.T("No password was sent, and none will be before you decide.")
		}
	case before == nil || before.Pin != settings.Pin:
		result.Trust = offerTrust(settings, settings.Pin, true) // it is not saved yet
	}
	for _, fact := range found.Facts {
		result.Facts = append(result.Facts, templates.Fact{Name: reader.Read(fact.Name), Value: reader.Read(oneLine(fact.Value)), Tone: fact.Tone})
	}
	return result, nil
}
