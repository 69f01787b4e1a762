package web

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"

	"postern/internal/i18n"
	"postern/internal/seal"
	"postern/store"
	"postern/templates"
)

// passwordRule says so.
const passwordRule i18n.Key = "At least eight characters."

// hasOwner tells whether setup is over.
func (s *Server) hasOwner(ctx context.Context) (bool, error) {
	if s.owned.Load() {
		return true, nil
	}
	users, err := s.store.Users(ctx)
	if err != nil {
		return false, err
	}
	if len(users) > 0 {
		s.owned.Store(true)
	}
	return len(users) > 0, nil
}

// mayEnter refuses the setup page once there is an owner, and without the one-time link.
func (s *Server) mayEnter(ctx context.Context, token string) error {
	hasOwner, err := s.hasOwner(ctx)
	switch {
	case err != nil:
		return err
	case hasOwner:
		return noPage
	case s.token == "":
		return &pageError{code: http.StatusForbidden, title: "Postern has no user yet", text: "Add the first one where Postern runs, with: postern user add --admin NAME"}
	case subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) != 1:
		return &pageError{code: http.StatusForbidden, title: "Postern has no owner yet", text: "Open the one-time link that Postern printed when it started. It stands in the terminal or in the service's log, and begins with this address and /setup.", alone: true}
	}
	return nil
}

// setupForm: GET /setup
func (s *Server) setupForm(w http.ResponseWriter, r *http.Request) error {
	token := r.URL.Query().Get("token")
	if err := s.mayEnter(r.Context(), token); err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, templates.Setup(setupPage(r.Context(), token)))
}

func setupPage(ctx context.Context, token string) templates.SetupPage {
	return templates.SetupPage{Head: templates.Head{Title: i18n.T(ctx, "Welcome")}, Action: "/setup", Token: token, Hint: i18n.T(ctx, "At least eight characters. A few words are easier to remember than signs.")}
}

// setup: POST /setup
func (s *Server) setup(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	token := r.PostForm.Get("token")
	if token == "" {
		token = r.URL.Query().Get("token")
	}
	ctx := r.Context()
	if err := s.mayEnter(ctx, token); err != nil {
		return err
	}
	name, password := field(r, "name"), seal.NewSecret(r.PostForm.Get("password"))
	errs := fieldErrors{}
	errs.userName("name", name)
	errs.newPassword(name, password, seal.NewSecret(r.PostForm.Get("repeat")))
	if len(errs) > 0 {
		p := setupPage(ctx, token)
		p.Name, p.Errors = name, errs.in(ctx)
		return s.render(w, r, http.StatusUnprocessableEntity, templates.Setup(p))
	}
	hash, err := seal.HashPasswordContext(ctx, password)
	if err != nil {
		return err
	}
	id, err := s.store.AddFirstOwner(ctx, name, hash)
	if errors.Is(err, store.ErrNameTaken) {
		return noPage // somebody else was first
	}
	if err != nil {
		return err
	}
	s.owned.Store(true)
	s.log.InfoContext(ctx, "the owner was created", "user", name)
	user, err := s.store.User(ctx, id)
	if err != nil {
		return err
	}
	if _, err := s.signIn(w, r, user, sessionData{Address: s.addressText(r), Zone: browserZone(r)}); err != nil {
		return err
	}
	s.redirect(w, "/accounts/new")
	return nil
}

// userName checks the name somebody chose.
func (e fieldErrors) userName(fieldName, name string) {
	if err := CheckUserName(name); err != nil {
		e.refuse(fieldName, err)
	}
}

// newPassword checks a password somebody chose, and that it was typed the same way twice.
func (e fieldErrors) newPassword(name string, password, repeat seal.Secret) {
	switch err := CheckPassword(password); {
	case err != nil:
		e.refuse("password", err)
	case password.Reveal() == name:
		e.add("password", "The password must not be the name.")
	case !password.Equal(repeat):
		e.add("repeat", "The two passwords differ.")
	}
}
