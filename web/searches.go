package web

import (
	"errors"
	"net/http"

	"postern/internal/i18n"
	"postern/store"
	"postern/templates"
)

// noSearch is the answer for saved searches that do not exist, or not for this user.
var noSearch = &pageError{code: http.StatusNotFound, title: "There is no such search", text: "It may have been removed."}

// savedList is the list that a saved search shows.
func savedList(v store.SavedSearch) list {
	key := "all"
	if v.Mailbox != 0 {
		key = v.Mailbox.String()
	}
	b, _ := boxNamed(key)
	return list{box: b, search: v.Query, account: v.Account}
}

// navSearches are the saved searches in the side bar; here is the address of the page.
func (f *frame) navSearches(here string) (items []templates.NavItem) {
	for _, v := range f.searches {
		url := savedList(v).path()
		items = append(items, templates.NavItem{Name: oneLine(v.Name), Icon: "search", URL: url, Current: url == here})
	}
	return items
}

// saving offers to keep the search of a list, or to change the one that is kept of it.
func (f *frame) saving(l list) *templates.SaveSearch {
	if l.search == "" || l.box.starred || l.box.label {
		return nil
	}
	l = l.first()
	p := &templates.SaveSearch{URL: "/searches", Proposed: proposedName(l.search), Fields: []templates.Field{{Name: "list", Value: l.path()}}}
	for _, v := range f.searches {
		if savedList(v).path() == l.path() {
			p.URL = "/searches/" + formatID(v.ID)
			p.Name, p.RemoveURL = v.Name, p.URL+"/remove"
		}
	}
	return p
}

// maxSearchName is how many characters the name of a saved search may have.
const maxSearchName = 100

// proposedName names a search by its own words.
func proposedName(search string) string {
	if runes := []rune(oneLine(search)); len(runes) > maxSearchName {
		return string(runes[:maxSearchName])
	}
	return oneLine(search)
}

// saveSearch: POST /searches. Field list is the address of the list, as the page of results has it.
func (s *Server) saveSearch(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	l, ok := listAt(field(r, "list"))
	if !ok || l.search == "" || l.box.starred || l.box.label {
		return noPage
	}
	_, err := s.store.SaveSearch(r.Context(), v.ID, store.SavedSearch{Name: field(r, "name"), Query: l.search, Mailbox: l.box.mailbox, Account: l.account})
	if errors.Is(err, store.ErrNotFound) {
		return noAccount
	}
	return s.searchChanged(w, r, v, err, l, i18n.T(r.Context(), "The search stands in the side bar now."))
}

// changeSearch: POST /searches/{id}, with the field name.
func (s *Server) changeSearch(w http.ResponseWriter, r *http.Request, v *visitor) error {
	saved, err := s.savedSearch(r, v)
	if err == nil {
		err = readForm(r)
	}
	if err == nil {
		err = s.store.RenameSearch(r.Context(), v.ID, saved.ID, field(r, "name"))
	}
	return s.searchChanged(w, r, v, err, savedList(saved), i18n.T(r.Context(), "Renamed."))
}

// removeSearch: POST /searches/{id}/remove. It goes on showing what it finds, where it can be saved again.
func (s *Server) removeSearch(w http.ResponseWriter, r *http.Request, v *visitor) error {
	saved, err := s.savedSearch(r, v)
	if err == nil {
		err = s.store.RemoveSearch(r.Context(), v.ID, saved.ID)
	}
	return s.searchChanged(w, r, v, err, savedList(saved), i18n.T(r.Context(), "The search is no longer kept."))
}

// savedSearch is the one that a path names.
func (s *Server) savedSearch(r *http.Request, v *visitor) (store.SavedSearch, error) {
	id, err := pathID[store.SavedSearchID](r, "id")
	if err != nil {
		return store.SavedSearch{}, err
	}
	return s.store.SavedSearch(r.Context(), v.ID, id)
}

// searchChanged goes back to the results, or says why nothing was changed.
func (s *Server) searchChanged(w http.ResponseWriter, r *http.Request, v *visitor, err error, l list, said string) error {
	switch {
	case errors.Is(err, store.ErrSearchName):
		return &pageError{code: http.StatusUnprocessableEntity, title: "That cannot be the name of a search", text: "It needs a name of at most 100 characters.", err: err}
	case errors.Is(err, store.ErrManySearches):
		return &pageError{code: http.StatusUnprocessableEntity, title: "There are too many saved searches", text: "Remove one first.", err: err}
	case err != nil:
		return missing(err, noSearch)
	}
	if err := v.say(w, r, toast{Text: said}); err != nil {
		return err
	}
	s.redirect(w, l.first().path())
	return nil
}

// noteSearch: POST /searches/recent. The script of the search box says what was searched for: a page that is looked at
// changes nothing.
func (s *Server) noteSearch(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	if err := s.store.NoteSearch(r.Context(), v.ID, field(r, "q")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// forgetSearches: POST /searches/forget
func (s *Server) forgetSearches(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := s.store.ForgetSearches(r.Context(), v.ID); err != nil {
		return err
	}
	if err := v.say(w, r, toast{Text: i18n.T(r.Context(), "Your recent searches are forgotten.")}); err != nil {
		return err
	}
	s.redirect(w, "/settings")
	return nil
}
