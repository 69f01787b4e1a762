package web

import (
	"net/http"

	"postern/internal/i18n"
	"postern/store"
	"postern/templates"
)

// checkNowButton is offered on the lists that new mail comes to; nil on others, and without an account to check.
func checkNowButton(f *frame, l list) *templates.CheckNow {
	if l.search != "" || l.box.mailbox != store.Inbox && l.box.key != "all" {
		return nil
	}
	if len(toCheck(f, l.account)) == 0 {
		return nil
	}
	c := &templates.CheckNow{URL: "/accounts/sync"}
	if l.account != 0 {
		c.Fields = []templates.Field{{Name: "account", Value: formatID(l.account)}}
	}
	return c
}

// toCheck are the accounts that a check of one account, or of all (0), is about. An account that was paused is checked
// only when it is asked for by itself: its server has refused the password, and some lock out who goes on.
func toCheck(f *frame, only store.AccountID) []store.Account {
	var due []store.Account
	for _, a := range f.accounts {
		if a.ID == only || only == 0 && !a.Paused {
			due = append(due, a)
		}
	}
	return due
}

// checkNow: POST /accounts/sync. All accounts, or the one that the field account names.
func (s *Server) checkNow(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	var only store.AccountID
	if given := r.PostForm.Get("account"); given != "" {
		var err error
		if only, err = parseID[store.AccountID](given); err != nil {
			return noAccount
		}
	}
	f, err := s.frame(r.Context(), v.ID)
	if err != nil {
		return err
	}
	due := toCheck(f, only)
	if only != 0 && len(due) == 0 {
		return noAccount
	}
	for _, a := range due {
		if err := s.store.CheckNow(r.Context(), v.ID, a.ID); err != nil {
			return missing(err, noAccount)
		}
	}
	s.worker.Wake()
	if err := v.say(w, r, toast{Text: checking(f.clock.Locale, due)}); err != nil {
		return err
	}
	s.redirect(w, localPath(r.PostForm.Get("return"), "/mail/inbox"))
	return nil
}

// checking says which accounts are being checked.
func checking(reader i18n.Locale, due []store.Account) string {
	switch len(due) {
	case 0:
		return reader.T("There is no account to check.")
	case 1:
		return reader.T("Checking %s.", due[0].Name)
	}
	return reader.T("Checking %d accounts.", len(due))
}
