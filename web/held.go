package web

import (
	"net/http"

	"postern/internal/i18n"
	"postern/store"
	"postern/templates"
)

// An account that came out of a backup is held: what the ledger and the rules of that time say may not be what its
// owner wanted later, and what is deleted on a server does not come back. Nothing goes until a person has looked.

// heldPanel asks whether an account's deletions may go on.
func heldPanel(f *frame, a store.Account) templates.HeldPanel {
	reader := f.clock
	p := templates.HeldPanel{
		Account: templates.Tag{Name: a.Name, Colour: a.Colour, URL: accountURL(a.ID, "")},
		Text:    reader.T("This account came out of a backup. Nothing is deleted on %s until you have looked at what waits.", a.Host),
		Release: templates.Post{Label: reader.T("Let deletions go on"), URL: "/deletions/release", Fields: []templates.Field{{Name: "account", Value: formatID(a.ID)}}, Danger: true},
	}
	if n := f.waiting[a.ID]; n > 0 {
		p.Text = reader.N(n, "This account came out of a backup. Nothing is deleted on %[2]s until you have looked at what waits: %[1]d deletion below. Cancel those that you do not want any more.",
			"This account came out of a backup. Nothing is deleted on %[2]s until you have looked at what waits: %[1]d deletions below. Cancel those that you do not want any more.", a.Host)
	}
	if a.Policy == store.DeleteAfterDays || a.Policy == store.DeleteAfterDownload {
		p.Text = sentences(reader.Locale, p.Text, i18n.Say("Its rule then was: %s.", policyText(a.Settings)))
	}
	return p
}

// heldBanner speaks of it on every page; nil: the account is not held.
func heldBanner(reader i18n.Locale, a store.Account) *templates.Banner {
	if !a.Held {
		return nil
	}
	return &templates.Banner{Tone: templates.ToneWarn, Text: reader.T("%s came out of a backup: its deletions wait for you.", a.Name), Link: &templates.Link{Text: reader.T("Look at them"), URL: "/deletions"}}
}

// releaseDeletions: POST /deletions/release. Field account.
func (s *Server) releaseDeletions(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	id, err := parseID[store.AccountID](r.PostForm.Get("account"))
	if err == nil {
		err = s.store.Release(r.Context(), v.ID, id)
	}
	if err != nil {
		return missing(err, noAccount)
	}
	return s.cancelled(w, r, v, toast{Text: i18n.T(r.Context(), "Deletions go on with the next check.")})
}
