package web

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"postern/internal/i18n"
	"postern/internal/seal"
	"postern/internal/totp"
	"postern/store"
	"postern/templates"
)

// askCode: the password was right, now the second factor is asked for.
func (s *Server) askCode(w http.ResponseWriter, r *http.Request, code int, ticket, next, fault string) error {
	return s.render(w, r, code, templates.Code(templates.CodePage{
		Head: templates.Head{Title: i18n.T(r.Context(), "Sign in")}, Action: "/login/code", Ticket: ticket, Next: next, Error: fault,
	}))
}

// loginCode: POST /login/code. Fields ticket, code and next.
func (s *Server) loginCode(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	ctx, ticket, next := r.Context(), r.PostForm.Get("ticket"), localPath(r.PostForm.Get("next"), "")
	before, ok := s.tickets.try(ticket)
	if !ok {
		p := loginPage(ctx, next)
		p.Error = i18n.T(ctx, "That took too long, or there were too many attempts. Sign in once more.")
		return s.render(w, r, http.StatusUnprocessableEntity, templates.Login(p))
	}
	user, err := s.store.User(ctx, before.ID)
	if errors.Is(err, store.ErrNotFound) || err == nil && (user.Password != before.Password || !user.TOTP) {
		s.tickets.done(ticket) // what was checked does not hold any more
		s.redirect(w, "/login")
		return nil
	}
	if err != nil {
		return err
	}
	key := formatID(user.ID)
	if wait := s.codes.attempt(key, ""); wait > 0 {
		s.tickets.done(ticket)
		return s.tooManyAttempts(w, r, wait, loginPage(ctx, next))
	}
	if ok, err = s.checkCode(ctx, user.ID, r.PostForm.Get("code")); err != nil {
		return err
	}
	if !ok {
		s.log.WarnContext(ctx, "the password was right and the second factor was not", "user", user.Name, "network", network(clientAddress(r, s.trusted)))
		return s.askCode(w, r, http.StatusUnprocessableEntity, ticket, next, i18n.T(ctx, "This code does not fit, or was used before. Wait for the next one."))
	}
	s.codes.succeeded(key, "")
	s.tickets.done(ticket)
	if _, err := s.signIn(w, r, user, sessionData{Address: s.addressText(r), Zone: browserZone(r)}); err != nil {
		return err
	}
	s.redirect(w, localPath(next, "/mail/inbox"))
	return nil
}

// checkCode tells whether a code of the app or a recovery code is the user's, and uses it up.
func (s *Server) checkCode(ctx context.Context, user store.UserID, code string) (bool, error) {
	factor, err := s.store.SecondFactor(ctx, user)
	if err != nil {
		return false, err
	}
	if step, ok := totp.Match(factor.Secret.Reveal(), code, s.now()); ok {
		return used(s.store.UseStep(ctx, user, step))
	}
	if hash, ok := totp.RecoveryHash(code); ok {
		return used(s.store.UseRecoveryCode(ctx, user, hash))
	}
	return false, nil
}

// used is whether a code could be used up.
func used(err error) (bool, error) {
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// secondStepPanel is what the settings say of it.
func (s *Server) secondStepPanel(ctx context.Context, v *visitor) (templates.SecondFactorPanel, error) {
	p := templates.SecondFactorPanel{On: v.TOTP, URL: "/settings/totp", Text: i18n.T(ctx, "Off. With it, a stolen password alone lets nobody in.")}
	if !v.TOTP {
		return p, nil
	}
	factor, err := s.store.SecondFactor(ctx, v.ID)
	p.Text = sentences(i18n.From(ctx), i18n.T(ctx, "On."), codesLeft(factor.Codes))
	return p, err
}

func codesLeft(n int) i18n.Text {
	return i18n.Count(n, "%d recovery code is left.", "%d recovery codes are left.")
}

// secondFactor: GET /settings/totp
func (s *Server) secondFactor(w http.ResponseWriter, r *http.Request, v *visitor) error {
	return s.showSecondFactor(w, r, v, http.StatusOK, totp.NewSecret(), nil)
}

// showSecondFactor shows the forms. The secret is kept nowhere until its code proves that it was scanned.
func (s *Server) showSecondFactor(w http.ResponseWriter, r *http.Request, v *visitor, code int, secret string, errs fieldErrors) error {
	shell, err := s.shell(r, v, i18n.T(r.Context(), "Two-step sign-in"))
	if err != nil {
		return err
	}
	p := templates.SecondFactorPage{
		Shell: shell, On: v.TOTP, Action: "/settings/totp", CodesURL: "/settings/totp/codes", RemoveURL: "/settings/totp/remove", BackURL: "/settings", Errors: errs.in(r.Context()),
	}
	if v.TOTP {
		factor, err := s.store.SecondFactor(r.Context(), v.ID)
		if err != nil {
			return err
		}
		p.Left = codesLeft(factor.Codes).In(i18n.From(r.Context()))
	} else {
		png, err := totp.QR(totp.URL(secret, v.Name), 240)
		if err != nil {
			return err
		}
		p.Secret, p.QR = secret, "data:image/png;base64,"+base64.StdEncoding.EncodeToString(png)
	}
	return s.render(w, r, code, templates.SecondFactor(p))
}

// setSecondFactor: POST /settings/totp. Fields secret, code and current.
func (s *Server) setSecondFactor(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	secret := field(r, "secret")
	if v.TOTP || !totp.ValidSecret(secret) {
		s.redirect(w, "/settings/totp")
		return nil
	}
	errs := fieldErrors{}
	step, ok := totp.Match(secret, r.PostForm.Get("code"), s.now())
	if !ok {
		errs.add("code", "This is not the code that the app shows now. Check the phone's clock.")
	}
	if err := s.checkCurrent(r, v, errs, "current"); err != nil {
		return err
	}
	if len(errs) > 0 {
		return s.showSecondFactor(w, r, v, http.StatusUnprocessableEntity, secret, errs)
	}
	codes, hashes := totp.NewRecoveryCodes()
	fresh, err := s.signIn(w, r, v.User, v.data)
	if err != nil {
		return err
	}
	if err := s.store.SetSecondFactor(r.Context(), v.ID, seal.NewSecret(secret), step, hashes, fresh.row.ID); err != nil {
		return err
	}
	s.log.InfoContext(r.Context(), "two-step sign-in was turned on", "user", v.Name)
	return s.showCodes(w, r, fresh, codes)
}

// showCodes shows recovery codes, this once.
func (s *Server) showCodes(w http.ResponseWriter, r *http.Request, v *visitor, codes []string) error {
	shell, err := s.shell(r, v, i18n.T(r.Context(), "Recovery codes"))
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, templates.RecoveryCodes(templates.RecoveryCodesPage{Shell: shell, Codes: codes, BackURL: "/settings"}))
}

// newCodes: POST /settings/totp/codes. Field current.
func (s *Server) newCodes(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	if !v.TOTP {
		s.redirect(w, "/settings/totp")
		return nil
	}
	errs := fieldErrors{}
	if err := s.checkCurrent(r, v, errs, "codes"); err != nil {
		return err
	}
	if len(errs) > 0 {
		return s.showSecondFactor(w, r, v, http.StatusUnprocessableEntity, "", errs)
	}
	codes, hashes := totp.NewRecoveryCodes()
	if err := s.store.SetRecoveryCodes(r.Context(), v.ID, hashes); err != nil {
		return err
	}
	return s.showCodes(w, r, v, codes)
}

// removeSecondFactor: POST /settings/totp/remove. Field current.
func (s *Server) removeSecondFactor(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	if !v.TOTP {
		s.redirect(w, "/settings/totp")
		return nil
	}
	errs := fieldErrors{}
	if err := s.checkCurrent(r, v, errs, "remove"); err != nil {
		return err
	}
	if len(errs) > 0 {
		return s.showSecondFactor(w, r, v, http.StatusUnprocessableEntity, "", errs)
	}
	data := v.data
	data.Toast = &toast{Text: i18n.T(r.Context(), "Two-step sign-in is off. All other browsers are signed out.")}
	fresh, err := s.signIn(w, r, v.User, data)
	if err != nil {
		return err
	}
	if err := s.store.RemoveSecondFactor(r.Context(), v.ID, fresh.row.ID); err != nil {
		return err
	}
	s.log.InfoContext(r.Context(), "two-step sign-in was turned off", "user", v.Name)
	s.redirect(w, "/settings")
	return nil
}

// checkCurrent asks for the visitor's own password, field current, before what a stolen session must not do. What is
// wrong is said at the field name.
func (s *Server) checkCurrent(r *http.Request, v *visitor, errs fieldErrors, name string) error {
	who := strings.ToLower(v.Name)
	if wait := s.throttle.attempt(who, ""); wait > 0 {
		errs.add(name, "There were too many attempts. Wait a little, then try again.")
		return nil
	}
	_, ok, err := s.verify(r.Context(), v.Name, seal.NewSecret(r.PostForm.Get("current")))
	switch {
	case err != nil:
		return err
	case ok:
		s.throttle.succeeded(who, "")
	default:
		errs.add(name, "This is not your current password.")
	}
	return nil
}
