package web

import (
	"net/http"

	"postern/store"
	"postern/templates"
)

// An account that came out of a backup is held: what the ledger and the rules of that time say may not be what its
// owner wanted later, and what is deleted on a server does not come back. Nothing goes until a person has looked.

// heldPanel asks whether an account's deletions may go on.
func heldPanel(f *frame, a store.Account) templates.HeldPanel {
	p := templates.HeldPanel{
		Account: templates.Tag{Name: a.Name, Colour: a.Colour, URL: accountURL(a.ID, "")},
		Text:    "This account came out of a backup. Nothing is deleted on " + a.Host + " until you have looked at what waits",
		Release: templates.Post{Label: "Let deletions go on", URL: "/deletions/release", Fields: []templates.Field{{Name: "account", Value: formatID(a.ID)}}, Danger: true},
	}
	if n := f.waiting[a.ID]; n > 0 {
		p.Text += ": " + plural(n, "deletion", "deletions") + " below. Cancel those that you do not want any more."
	} else {
		p.Text += "."
	}
	if a.Policy == store.DeleteAfterDays || a.Policy == store.DeleteAfterDownload {
		p.Text += " Its rule then was: " + policyText(a.Settings) + "."
	}
	return p
}

// heldBanner speaks of it on every page; nil: the account is not held.
func heldBanner(a store.Account) *templates.Banner {
	if !a.Held {
		return nil
	}
	return &templates.Banner{Tone: templates.ToneWarn, Text: a.Name + " came out of a backup: its deletions wait for you.", Link: &templates.Link{Text: "Look at them", URL: "/deletions"}}
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
	return s.cancelled(w, r, v, toast{Text: "Deletions go on with the next check."})
}
