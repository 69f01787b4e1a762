package web

import (
	"strings"
	"sync"
	"time"

	"postern/internal/seal"
	"postern/store"
	"postern/templates"
)

// Bounds of passwords that wait for their form to be saved.
const (
	draftLife = 10 * time.Minute
	maxDrafts = 1000
)

// drafts are the passwords of forms that came back to be looked at again. A password is never written into a page, and
// nobody shall have to type it twice because of that. Each is good for the session and the page that it was typed in, and
// for the server that it was typed for. They live in memory, and are gone after a restart.
type drafts struct {
	now func() time.Time

	mu   sync.Mutex
	open map[string]draft // by the hash of what the page holds
}

type draft struct {
	bound    string
	password seal.Secret
	expires  time.Time
}

func newDrafts(now func() time.Time) *drafts { return &drafts{now: now, open: map[string]draft{}} }

// boundTo is what a draft is good for: whoever changes any of it types the password again.
func (f accountForm) boundTo(v *visitor, before *store.Account) string {
	account := ""
	if before != nil {
		account = formatID(before.ID)
	}
	return strings.Join([]string{string(v.row.ID), account, f.host, f.port, f.security, f.username, f.pin}, "\n")
}

// keep remembers the password of a form that is shown again.
func (d *drafts) keep(v *visitor, form accountForm, before *store.Account, p *templates.AccountFormPage) {
	if form.password.IsZero() {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	for key, old := range d.open {
		if now.After(old.expires) || len(d.open) >= maxDrafts {
			delete(d.open, key)
		}
	}
	p.Draft = newID()
	d.open[string(hashID(p.Draft))] = draft{form.boundTo(v, before), form.password, now.Add(draftLife)}
}

// fill gives a form without a password the one that was kept for it.
func (d *drafts) fill(v *visitor, form *accountForm, before *store.Account) {
	if form.draft == "" || !form.password.IsZero() {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	kept, ok := d.open[string(hashID(form.draft))]
	if ok && kept.bound == form.boundTo(v, before) && !d.now().After(kept.expires) {
		form.password = kept.password
	}
}

// done forgets the password of a form that was saved.
func (d *drafts) done(form accountForm) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.open, string(hashID(form.draft)))
}

// needsPassword tells whether the faults of a form are such that the password is typed again: it is wrong itself, or the
// server that it was typed for is. One that was found is shown to be looked at, and stays.
func (e fieldErrors) needsPassword(form accountForm) bool {
	for _, name := range []string{"password", "host", "port", "security", "username", "pin"} {
		if _, wrong := e[name]; wrong && (name != "host" || !form.found) {
			return true
		}
	}
	return false
}
