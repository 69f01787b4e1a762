package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"postern/internal/i18n"
	"postern/internal/seal"
	"postern/store"
	"postern/templates"
)

// verifyTime is how long a sign-in may wait for others that are being checked.
const verifyTime = 30 * time.Second

// loginForm: GET /login
func (s *Server) loginForm(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("next"), "")
	hasOwner, err := s.hasOwner(r.Context())
	if err != nil {
		return err
	}
	if !hasOwner {
		s.redirect(w, "/setup")
		return nil
	}
	v, err := s.current(r)
	if err != nil {
		return err
	}
	if v != nil {
		s.redirect(w, localPath(next, "/mail/inbox"))
		return nil
	}
	p := loginPage(r.Context(), next)
	p.Notice = s.notice.In(i18n.From(r.Context()))
	if r.URL.Query().Has("out") {
		p.Notice = i18n.T(r.Context(), "You are signed out.")
	}
	return s.render(w, r, http.StatusOK, templates.Login(p))
}

func loginPage(ctx context.Context, next string) templates.LoginPage {
	return templates.LoginPage{Head: templates.Head{Title: i18n.T(ctx, "Sign in")}, Action: "/login", Next: next}
}

// login: POST /login
func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	p := loginPage(r.Context(), localPath(r.PostForm.Get("next"), ""))
	p.Name = truncate(field(r, "name"), 200)
	who, net := strings.ToLower(p.Name), network(clientAddress(r, s.trusted))
	if wait := s.throttle.attempt(who, net); wait > 0 {
		return s.tooManyAttempts(w, r, wait, p)
	}
	user, ok, err := s.verify(r.Context(), p.Name, seal.NewSecret(r.PostForm.Get("password")))
	if err != nil {
		return err
	}
	if !ok {
		// A name that nobody has may be a password in the wrong box.
		s.log.InfoContext(r.Context(), "sign-in refused", "user", user.Name, "network", net)
		p.Error = i18n.T(r.Context(), "This name and password do not fit together.")
		return s.render(w, r, http.StatusUnprocessableEntity, templates.Login(p))
	}
	s.throttle.succeeded(who, net)
	if user.TOTP {
		return s.askCode(w, r, http.StatusOK, s.tickets.issue(user), p.Next, "")
	}
	if _, err := s.signIn(w, r, user, sessionData{Address: s.addressText(r), Zone: browserZone(r)}); err != nil {
		return err
	}
	s.redirect(w, localPath(p.Next, "/mail/inbox"))
	return nil
}

// tooManyAttempts shows the sign-in page to who has to wait.
func (s *Server) tooManyAttempts(w http.ResponseWriter, r *http.Request, wait time.Duration, p templates.LoginPage) error {
	seconds := int(wait/time.Second) + 1
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	p.Error = i18n.N(r.Context(), seconds, "There were too many attempts. Wait %d second, then try again.", "There were too many attempts. Wait %d seconds, then try again.")
	return s.render(w, r, http.StatusTooManyRequests, templates.Login(p))
}

// verify tells whether a name and a password fit. A name that does not exist takes as long as one that does.
func (s *Server) verify(ctx context.Context, name string, password seal.Secret) (user store.User, ok bool, err error) {
	user, err = s.store.UserNamed(ctx, name)
	known := err == nil
	hash := user.Password
	switch {
	case errors.Is(err, store.ErrNotFound):
		hash = seal.NobodysHash
	case err != nil:
		return user, false, err
	}
	waiting, cancel := context.WithTimeout(ctx, verifyTime)
	defer cancel()
	ok, rehash, err := seal.VerifyPassword(waiting, hash, password)
	switch {
	case errors.Is(err, seal.ErrPasswordTooLong):
		return user, false, nil
	case errors.Is(err, context.DeadlineExceeded):
		return user, false, fmt.Errorf("%w: %w", seal.ErrBusy, err)
	case err != nil:
		return user, false, err
	}
	if ok && known && rehash {
		s.rehash(ctx, user, password)
	}
	return user, ok && known, nil
}

// rehash replaces a verifier of older costs. It can wait for the next sign-in, so that its failure is only logged.
func (s *Server) rehash(ctx context.Context, user store.User, password seal.Secret) {
	hash, err := seal.HashPasswordContext(ctx, password)
	if err == nil {
		err = s.store.Rehash(ctx, user.ID, user.Password, hash)
	}
	if err != nil {
		s.log.WarnContext(ctx, "the password hash was not renewed", "user", user.Name, "err", err)
	}
}

// logout: POST /logout
func (s *Server) logout(w http.ResponseWriter, r *http.Request) error {
	v, err := s.current(r)
	if err != nil {
		return err
	}
	if v != nil {
		v.session.Options.MaxAge = -1
		if err := v.session.Save(r, w); err != nil {
			return err
		}
	}
	w.Header().Set("Clear-Site-Data", clearSiteData)
	s.redirect(w, "/login?out=1")
	return nil
}
