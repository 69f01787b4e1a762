package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"postern/internal/autoconfig"
	"postern/internal/i18n"
	"postern/store"
	"postern/templates"
)

// tableFinder knows the table of providers, and asks nobody.
type tableFinder struct{}

// errNotInTable says that an address is of no provider that is known without asking.
var errNotInTable = errors.New("only the table of providers is looked in")

// Find implements Finder.
func (tableFinder) Find(_ context.Context, _ store.User, address string) (autoconfig.Found, error) {
	found, err := autoconfig.InTable(address)
	if errors.Is(err, autoconfig.ErrNotFound) {
		err = errNotInTable
	}
	return found, err
}

// finding is what a search for an account's settings came to. A nil one stands for no search.
type finding struct {
	address string
	found   autoconfig.Found
	err     error
	busy    bool
}

// findAccount: POST /accounts/find. Nothing is stored. A script gets the result alone, a browser without script the
// form with the settings filled in.
func (s *Server) findAccount(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	form := readAccountForm(r)
	form.host, form.username = "", ""
	found := s.complete(r.Context(), v, &form)
	if fromScript(r) {
		return s.render(w, r, http.StatusOK, templates.FindingPanel(found.panel(r.Context())))
	}
	p := form.page(r.Context(), nil)
	p.Finding = found.panel(r.Context())
	if errs := (fieldErrors{}); found == nil {
		form.checkEmail(errs)
		p.Errors = errs.in(r.Context())
	} else if form.host != "" {
		s.drafts.keep(v, form, nil, &p)
	} else if !form.password.IsZero() {
		p.Errors = fieldErrors{"password": i18n.Say("Type the password once more: it is not sent back.")}.in(r.Context())
	}
	return s.showAccountForm(w, r, v, http.StatusOK, p)
}

// complete looks for the settings of a form that has an address and no server, and fills them in.
func (s *Server) complete(ctx context.Context, v *visitor, form *accountForm) *finding {
	errs := fieldErrors{}
	if form.host != "" || form.checkEmail(errs) == "" || len(errs) > 0 {
		return nil
	}
	f := s.findSettings(ctx, v, form.email)
	if f.err == nil && !f.busy {
		form.found = true
		form.host, form.port, form.security = f.found.Host, strconv.Itoa(f.found.Port), formSecurity(f.found.Security)
		if form.username == "" {
			form.username = f.found.Username
		}
	}
	return f
}

// findSettings searches, among as many others as may run at once.
func (s *Server) findSettings(ctx context.Context, v *visitor, address string) *finding {
	f := &finding{address: address}
	leave, ok := s.probes.take(v.ID)
	if !ok {
		f.busy = true
		return f
	}
	defer leave()
	f.found, f.err = s.finder.Find(ctx, v.User, address)
	return f
}

func formSecurity(v autoconfig.Security) string {
	if v == autoconfig.STARTTLS {
		return templates.SecuritySTARTTLS
	}
	return templates.SecurityTLS
}

// complain says in the form's own words that nothing was found, or that a person should look at it first.
func (f *finding) complain(errs fieldErrors) {
	if f == nil {
		return
	}
	var none *autoconfig.NoPOP3Error
	switch {
	case f.busy:
		errs["host"] = i18n.Say("Many searches run at this moment. Try again in a minute, or type the name of the POP3 server, like pop.example.com.")
	case errors.As(f.err, &none):
		errs["email"] = f.sentence()
		delete(errs, "host")
	case errors.Is(f.err, autoconfig.ErrNoAnswer):
		errs["host"] = i18n.Say("Nothing could be looked up for %s: no name server answers. Type the name of the POP3 server, like pop.example.com.", f.domain())
	case f.err != nil:
		errs["host"] = i18n.Say("No settings were found for %s. Type the name of the POP3 server, like pop.example.com.", f.domain())
	case f.found.Confirm:
		errs.add("host", "%s names this server for its mail. Nothing vouches for that but a name server: if you know it, save again.", f.domain())
	}
}

func (f *finding) domain() string {
	return oneLine(f.address[strings.LastIndexByte(f.address, '@')+1:])
}

// sentence says what was found.
func (f *finding) sentence() i18n.Text {
	var none *autoconfig.NoPOP3Error
	switch {
	case f.busy:
		return i18n.Say("Many searches run at this moment. Type the server below, or try again in a minute.")
	case errors.As(f.err, &none) && none.Provider != nil:
		return i18n.Say(none.Provider.NoPOP3)
	case errors.As(f.err, &none):
		return i18n.Say("%s says that it offers no POP3.", none.Domain)
	case errors.Is(f.err, autoconfig.ErrNoAnswer):
		return i18n.Say("Nothing could be looked up for %s: no name server answers, perhaps for want of a network. Type your provider's POP3 server below, or try again later.", f.domain())
	case errors.Is(f.err, errNotInTable):
		return i18n.Say("This Postern asks nobody for settings, and %s is none of the providers that it knows. Type the POP3 server below.", f.domain())
	case f.err != nil:
		return i18n.Say("No settings were found for %s. Ask your provider for its POP3 server, and type it below.", f.domain())
	}
	server := i18n.Say("%s, port %v", f.found.Host, f.found.Port)
	switch p := f.found.Provider; {
	case p != nil:
		return i18n.Say("%s: %s.", p.Name, server)
	case f.found.Confirm:
		return i18n.Say("%s names %s. Send your password there only if you know this server.", f.domain(), server)
	}
	return i18n.Say("%s names %s.", f.domain(), server)
}

// panel is a finding as the form shows it; nil: there was no search.
func (f *finding) panel(ctx context.Context) *templates.Finding {
	if f == nil {
		return nil
	}
	p := &templates.Finding{Tone: templates.ToneOK, Text: f.sentence().In(i18n.From(ctx))}
	switch {
	case f.busy || f.err != nil:
		p.Tone = templates.ToneWarn
		if none := (*autoconfig.NoPOP3Error)(nil); errors.As(f.err, &none) {
			p.Tone = templates.ToneBad
		}
		return p
	case f.found.Confirm:
		p.Tone = templates.ToneWarn
	}
	p.Host, p.Port, p.Username = f.found.Host, strconv.Itoa(f.found.Port), f.found.Username
	p.Security = formSecurity(f.found.Security)
	if provider := f.found.Provider; provider != nil {
		for _, hint := range []i18n.Key{provider.Enable, provider.Password} {
			if hint != "" {
				p.Hints = append(p.Hints, i18n.T(ctx, hint))
			}
		}
	}
	return p
}
