package web

import (
	"errors"
	"net/http"
	"strings"

	"postern/internal/i18n"
	"postern/store"
	"postern/templates"
)

// maxLedger is how many rows of the ledger one page shows.
const maxLedger = 500

// deletions: GET /deletions
func (s *Server) deletions(w http.ResponseWriter, r *http.Request, v *visitor) error {
	f, err := s.frame(r.Context(), v.ID)
	if err != nil {
		return err
	}
	ledger, err := s.store.Deletions(r.Context(), v.ID, maxLedger)
	if err != nil {
		return err
	}
	p := templates.DeletionsPage{Shell: s.shellOf(r, v, f, f.clock.T("Deletions"))}
	for _, a := range f.accounts {
		if a.Held {
			p.Held = append(p.Held, heldPanel(f, a))
		}
	}
	for _, rows := range byAccount(ledger) {
		p.Groups = append(p.Groups, deletionGroup(f, rows))
	}
	if len(ledger) == maxLedger {
		p.Note = f.clock.T("The %d latest, those that wait first.", maxLedger)
	}
	return s.render(w, r, http.StatusOK, templates.Deletions(p))
}

// byAccount cuts the ledger into accounts, in the order of their first rows.
func byAccount(ledger []store.Deletion) [][]store.Deletion {
	var groups [][]store.Deletion
	at := map[store.AccountID]int{}
	for _, d := range ledger {
		i, ok := at[d.Account]
		if !ok {
			i = len(groups)
			at[d.Account] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], d)
	}
	return groups
}

func deletionGroup(f *frame, rows []store.Deletion) templates.DeletionGroup {
	a := f.all[rows[0].Account]
	g := templates.DeletionGroup{Account: templates.Tag{Name: a.Name, Colour: a.Colour, URL: "/accounts/" + formatID(a.ID)}}
	if a.Removed {
		g.Account.URL = ""
	}
	waiting, tally := 0, map[store.DeletionState]int{}
	for _, d := range rows {
		tally[d.State]++
		if d.State == store.Requested {
			waiting++
		}
		g.Rows = append(g.Rows, deletionRow(f, d))
	}
	g.Summary = deletionSummary(f.clock.Locale, tally)
	if next := f.nextRun(a); next != "" && !a.Removed && !a.Held {
		g.NextRun = f.clock.T("Next check %s.", next)
	}
	if waiting > 1 {
		g.Cancel = &templates.Post{Label: f.clock.T("Cancel %d waiting", waiting), URL: "/deletions/cancel",
			Fields: []templates.Field{{Name: "account", Value: formatID(a.ID)}}}
	}
	return g
}

// deletionSummary counts the states: "2 waiting, 14 done, 1 refused."
func deletionSummary(reader i18n.Locale, tally map[store.DeletionState]int) string {
	var parts []string
	add := func(n int, what i18n.Key) {
		if n > 0 {
			parts = append(parts, reader.T(what, n))
		}
	}
	add(tally[store.Requested], "%d waiting")
	add(tally[store.Sending]+tally[store.Sent], "%d under way")
	add(tally[store.Confirmed], "%d done")
	add(tally[store.Refused], "%d refused")
	add(tally[store.Cancelled], "%d cancelled")
	return reader.T("%s.", strings.Join(parts, reader.T(", ")))
}

// deletionLabels say how far a deletion has come.
var deletionLabels = map[store.DeletionState]struct {
	state templates.DeletionState
	label i18n.Key
}{
	store.Requested: {templates.DeletionRequested, "waiting"},
	store.Sending:   {templates.DeletionSending, "sending"},
	store.Sent:      {templates.DeletionSent, "sent"},
	store.Confirmed: {templates.DeletionConfirmed, "confirmed"},
	store.Refused:   {templates.DeletionRefused, "refused"},
	store.Cancelled: {templates.DeletionCancelled, "cancelled"},
}

func deletionRow(f *frame, d store.Deletion) templates.DeletionRow {
	row := templates.DeletionRow{
		Subject: subjectText(f.clock.Locale, d.Subject), State: deletionLabels[d.State].state, Label: f.clock.T(deletionLabels[d.State].label),
		When: f.clock.brief(d.Changed), WhenFull: f.clock.full(d.Changed), WhenISO: iso(d.Changed), Reply: f.clock.Read(oneLine(d.Reply)),
	}
	if d.Message != 0 {
		row.URL = messageURL(d.Message, "")
	}
	reasons := []string{reasonText(f.all[d.Account], d.Reason).In(f.clock.Locale)}
	if d.AskedBy != "" {
		reasons = append(reasons, f.clock.T("asked for by %s", oneLine(d.AskedBy)))
	}
	if d.Attempts > 1 {
		reasons = append(reasons, f.clock.T("tried %d times", d.Attempts))
	}
	if requested := f.clock.brief(d.Requested); d.State != store.Requested && requested != row.When {
		reasons = append(reasons, f.clock.T("asked for %s", requested))
	}
	row.Reason = strings.Join(reasons, f.clock.T(", "))
	if d.State == store.Requested {
		button := cancelButton(f.clock.Locale, d.ID, "/deletions")
		row.Cancel = &button
	}
	return row
}

// reasonText says why a deletion was asked for. How many days a rule had then is known as long as the rule stands.
func reasonText(a store.Account, why store.Reason) i18n.Text {
	switch why {
	case store.AfterDays:
		if a.Policy == store.DeleteAfterDays {
			return i18n.Count(a.PolicyDays, "by the account's rule, after %d day", "by the account's rule, after %d days")
		}
		return i18n.Say("by the account's rule, after some days")
	case store.AfterDownload:
		return i18n.Say("by the account's rule, after download")
	case store.FreeSpace:
		return i18n.Say("removed to free space, kept here")
	case store.Unfetched:
		return i18n.Say("deleted unread: it was never fetched")
	}
	return i18n.Say("deleted here")
}

// cancelDeletion: POST /deletions/{id}/cancel
func (s *Server) cancelDeletion(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	id, err := pathID[store.DeletionID](r, "id")
	if err != nil {
		return missing(err, noPage)
	}
	t := toast{Text: i18n.T(r.Context(), "Cancelled: the message stays on its server.")}
	err = s.store.CancelDeletion(r.Context(), v.ID, id)
	switch {
	case errors.Is(err, store.ErrTooLate):
		t.Text = i18n.T(r.Context(), "Too late: the deletion is already on its way; your copy stays here.")
	case err != nil:
		return missing(err, &pageError{code: http.StatusNotFound, title: "There is no such deletion", text: "It may have ended already."})
	}
	return s.cancelled(w, r, v, t)
}

// cancelDeletions: POST /deletions/cancel. All that still wait of one account.
func (s *Server) cancelDeletions(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	id, err := parseID[store.AccountID](r.PostForm.Get("account"))
	if err == nil {
		_, err = s.store.Account(r.Context(), v.ID, id)
	}
	if err != nil {
		return missing(err, noAccount)
	}
	open, err := s.store.OpenDeletions(r.Context(), v.ID, id)
	if err != nil {
		return err
	}
	stopped, late := 0, 0
	for _, d := range open {
		err := s.store.CancelDeletion(r.Context(), v.ID, d.ID)
		switch {
		case errors.Is(err, store.ErrTooLate):
			late++
		case err == nil:
			stopped++
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
	}
	reader := i18n.From(r.Context())
	t := toast{Text: reader.N(stopped, "%d deletion was cancelled.", "%d deletions were cancelled.")}
	if late > 0 {
		t.Text = sentences(reader, t.Text, tooLate(late))
	}
	return s.cancelled(w, r, v, t)
}

// cancelled tells on the page that asked what became of deletions.
func (s *Server) cancelled(w http.ResponseWriter, r *http.Request, v *visitor, t toast) error {
	s.hub.countsChanged(v.ID)
	if err := v.say(w, r, t); err != nil {
		return err
	}
	s.redirect(w, localPath(r.PostForm.Get("return"), "/deletions"))
	return nil
}
