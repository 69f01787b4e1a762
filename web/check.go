package web

import (
	"context"
	"net/http"
	"slices"

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
	said, err := s.check(r.Context(), v, due)
	if err != nil {
		return err
	}
	if only == 0 {
		said = append(said, paused(f.accounts)...)
	}
	if len(said) == 0 {
		said = []i18n.Text{i18n.Say("There is no account to check.")}
	}
	t := toast{Text: sayAll(f.clock.Locale, said)}
	if len(due) == 1 && len(said) == 1 {
		t.Account, t.After = formatID(due[0].ID), formatID(f.syncs[due[0].ID].ID)
	}
	if err := v.say(w, r, t); err != nil {
		return err
	}
	s.redirect(w, localPath(r.PostForm.Get("return"), "/mail/inbox"))
	return nil
}

// check has accounts checked and says which of them are now, and which wait for their server.
func (s *Server) check(ctx context.Context, v *visitor, due []store.Account) ([]i18n.Text, error) {
	var now, later []store.Account
	for _, a := range due {
		var err error
		if a.NextCheck, err = s.store.CheckNow(ctx, v.ID, a.ID); err != nil {
			return nil, missing(err, noAccount)
		}
		if a.NextCheck.After(s.now()) {
			later = append(later, a)
		} else {
			now = append(now, a)
		}
	}
	s.worker.Wake()
	return append(checking(now), s.clock(ctx).waiting(later)...), nil
}

// checking says which accounts are being checked.
func checking(now []store.Account) []i18n.Text {
	switch len(now) {
	case 0:
		return nil
	case 1:
		return []i18n.Text{i18n.Say("Checking %s.", oneLine(now[0].Name))}
	}
	return []i18n.Text{i18n.Say("Checking %d accounts.", len(now))}
}

// waiting says which accounts are checked when their servers let them log in again.
func (c clock) waiting(later []store.Account) []i18n.Text {
	if len(later) == 0 {
		return nil
	}
	first := slices.MinFunc(later, func(a, b store.Account) int { return a.NextCheck.Compare(b.NextCheck) })
	if len(later) == 1 {
		return []i18n.Text{i18n.Say("%s is checked at %s: until then its server wants no login, so soon after the last one.", oneLine(first.Name), c.at(first.NextCheck))}
	}
	return []i18n.Text{i18n.Say("%d accounts are checked later, the first at %s: until then their servers want no login, so soon after the last one.", len(later), c.at(first.NextCheck))}
}

// paused says which accounts are left out of a check of all.
func paused(accounts []store.Account) []i18n.Text {
	accounts = slices.DeleteFunc(slices.Clone(accounts), func(a store.Account) bool { return !a.Paused })
	switch len(accounts) {
	case 0:
		return nil
	case 1:
		return []i18n.Text{i18n.Say("%s is not checked: it is paused until you look at it under Accounts.", oneLine(accounts[0].Name))}
	}
	return []i18n.Text{i18n.Say("%d accounts are not checked: they are paused until you look at them under Accounts.", len(accounts))}
}

// sayAll is one sentence or more.
func sayAll(reader i18n.Locale, said []i18n.Text) string {
	return sentences(reader, said[0].In(reader), said[1:]...)
}
