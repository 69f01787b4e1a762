package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"postern/internal/i18n"
	"postern/internal/seal"
	"postern/store"
	"postern/templates"
)

// owner makes a handler for those who manage users. For all others there is no such page.
func (s *Server) owner(h visitorFunc) http.HandlerFunc {
	return s.visitor(func(w http.ResponseWriter, r *http.Request, v *visitor) error {
		if !v.Owner {
			return noPage
		}
		return h(w, r, v)
	})
}

// users: GET /settings/users
func (s *Server) users(w http.ResponseWriter, r *http.Request, v *visitor) error {
	return s.showUsers(w, r, v, http.StatusOK, templates.UsersPage{})
}

func (s *Server) showUsers(w http.ResponseWriter, r *http.Request, v *visitor, code int, p templates.UsersPage) error {
	var err error
	if p.Shell, err = s.shell(r, v, i18n.T(r.Context(), "People")); err != nil {
		return err
	}
	all, err := s.store.Users(r.Context())
	if err != nil {
		return err
	}
	p.Action, p.Hint = "/settings/users", i18n.T(r.Context(), passwordRule)
	for _, u := range all {
		user := templates.PortalUser{Name: u.Name, Current: u.ID == v.ID, Facts: s.userFacts(r.Context(), u)}
		if !user.Current {
			user.RemoveURL = "/settings/users/" + formatID(u.ID) + "/remove"
		}
		p.Users = append(p.Users, user)
	}
	return s.render(w, r, code, templates.Users(p))
}

func (s *Server) userFacts(ctx context.Context, u store.User) string {
	var facts []string
	if u.Owner {
		facts = append(facts, i18n.T(ctx, "owner"))
	}
	if u.TOTP {
		facts = append(facts, i18n.T(ctx, "two-step sign-in"))
	}
	return strings.Join(append(facts, i18n.T(ctx, "since %s", s.clock(ctx).brief(u.Created))), i18n.T(ctx, ", "))
}

// addUser: POST /settings/users. Fields name, password, repeat, owner and current.
func (s *Server) addUser(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	ctx := r.Context()
	p := templates.UsersPage{Name: field(r, "name"), Owner: r.PostForm.Get(i18n.T(ctx, "owner")) == "1"}
	password := seal.NewSecret(r.PostForm.Get("password"))
	errs := fieldErrors{}
	errs.userName("name", p.Name)
	errs.newPassword(p.Name, password, seal.NewSecret(r.PostForm.Get("repeat")))
	if err := s.checkCurrent(r, v, errs, "current"); err != nil {
		return err
	}
	if len(errs) == 0 {
		hash, err := seal.HashPasswordContext(ctx, password)
		if err != nil {
			return err
		}
		switch _, err = s.store.AddUser(ctx, p.Name, hash, p.Owner); {
		case errors.Is(err, store.ErrNameTaken):
			errs.add("name", "Somebody has this name already.")
		case err != nil:
			return err
		}
	}
	if len(errs) > 0 {
		p.Errors = errs.in(ctx)
		return s.showUsers(w, r, v, http.StatusUnprocessableEntity, p)
	}
	s.log.InfoContext(ctx, "a user was added", "user", p.Name, "owner", p.Owner, "by", v.Name)
	if err := v.say(w, r, toast{Text: i18n.T(ctx, "%s can sign in now.", p.Name)}); err != nil {
		return err
	}
	s.redirect(w, "/settings/users")
	return nil
}

// removable reads the user that a path names. Nobody removes themselves: so there is always an owner.
func (s *Server) removable(r *http.Request, v *visitor) (store.User, error) {
	id, err := pathID[store.UserID](r, "user")
	if err == nil && id == v.ID {
		err = store.ErrNotFound
	}
	var u store.User
	if err == nil {
		u, err = s.store.User(r.Context(), id)
	}
	return u, missing(err, noPage)
}

// askRemoveUser: GET /settings/users/{user}/remove
func (s *Server) askRemoveUser(w http.ResponseWriter, r *http.Request, v *visitor) error {
	u, err := s.removable(r, v)
	if err != nil {
		return err
	}
	return s.showRemoveUser(w, r, v, http.StatusOK, u, nil)
}

func (s *Server) showRemoveUser(w http.ResponseWriter, r *http.Request, v *visitor, code int, u store.User, errs fieldErrors) error {
	shell, err := s.shell(r, v, i18n.T(r.Context(), "Remove %s", u.Name))
	if err != nil {
		return err
	}
	return s.render(w, r, code, templates.RemoveUser(templates.RemoveUserPage{
		Shell: shell, Name: u.Name, Action: "/settings/users/" + formatID(u.ID) + "/remove", CancelURL: "/settings/users", Errors: errs.in(r.Context()),
	}))
}

// removeUser: POST /settings/users/{user}/remove. Field current.
func (s *Server) removeUser(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	u, err := s.removable(r, v)
	if err != nil {
		return err
	}
	errs := fieldErrors{}
	if err := s.checkCurrent(r, v, errs, "current"); err != nil {
		return err
	}
	if len(errs) > 0 {
		return s.showRemoveUser(w, r, v, http.StatusUnprocessableEntity, u, errs)
	}
	accounts, err := s.store.Accounts(r.Context(), u.ID)
	if err != nil {
		return err
	}
	err = s.store.RemoveUser(r.Context(), u.ID)
	if errors.Is(err, store.ErrQuitting) {
		errs.add("current", deletingNow)
		return s.showRemoveUser(w, r, v, http.StatusConflict, u, errs)
	}
	if err != nil {
		return missing(err, noPage)
	}
	for _, a := range accounts {
		s.worker.Stop(a.ID)
	}
	s.log.InfoContext(r.Context(), "a user was removed", "user", u.Name, "by", v.Name)
	if err := v.say(w, r, toast{Text: i18n.T(r.Context(), "%s was removed, with all their mail here.", u.Name)}); err != nil {
		return err
	}
	s.redirect(w, "/settings/users")
	return nil
}
