package web

import (
	"cmp"
	"context"
	"net/http"
	"sync"
	"time"

	"postern/internal/i18n"
	"postern/templates"
)

// localized puts the reader's language into the context of a request: what the portal was told to speak, else what the
// browser asks for. A person's own settings follow once it is known who they are.
func (s *Server) localized(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l := i18n.Locale{Language: s.language}
		if l.Language == nil {
			l.Language = i18n.Accepted(r.Header.Get("Accept-Language"))
		}
		next.ServeHTTP(w, r.WithContext(i18n.With(r.Context(), l)))
	})
}

// ownLocale is ctx with the language and the time zone that a visitor chose, else the zone that their browser told.
func (v *visitor) ownLocale(ctx context.Context) context.Context {
	l := i18n.From(ctx)
	if own := i18n.Named(v.Preferences.Language); own != nil {
		l.Language = own
	}
	if zone, ok := zoneNamed(cmp.Or(v.Preferences.Zone, v.data.Zone)); ok {
		l.Zone = zone
	}
	return i18n.With(ctx, l)
}

// zones remembers what was read of the time zone database.
var zones sync.Map // of *time.Location by name

// zoneNamed returns a time zone by its IANA name.
func zoneNamed(name string) (*time.Location, bool) {
	if name == "" || name == "Local" || len(name) > 64 {
		return nil, false
	}
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), true
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, false
	}
	zones.Store(name, zone)
	return zone, true
}

// browserZone is the time zone that a browser tells with a form, in the field zone; "": none that is known.
func browserZone(r *http.Request) string {
	name := field(r, "zone")
	if _, ok := zoneNamed(name); !ok {
		return ""
	}
	return name
}

// languageForm shows what a visitor chose.
func (s *Server) languageForm(ctx context.Context, v *visitor) templates.LanguageForm {
	f := templates.LanguageForm{
		Language: v.Preferences.Language, Zone: v.Preferences.Zone,
		Languages: []templates.Option{{Label: i18n.T(ctx, "As the browser")}},
	}
	for _, l := range i18n.Languages {
		f.Languages = append(f.Languages, templates.Option{Value: l.Tag, Label: l.Name, Lang: l.Tag})
	}
	c := s.clock(ctx)
	f.Now = c.full(c.now)
	return f
}

// changeLanguage: POST /settings/language. Fields language and zone; empty ones follow the browser.
func (s *Server) changeLanguage(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	p := v.Preferences
	p.Language, p.Zone = field(r, "language"), field(r, "zone")
	if p.Language != "" && i18n.Named(p.Language) == nil {
		return &pageError{code: http.StatusUnprocessableEntity, title: "There is no such language", text: "Choose one of those on the page."}
	}
	if _, ok := zoneNamed(p.Zone); p.Zone != "" && !ok {
		errs := fieldErrors{}
		errs.add("zone", "This is not the name of a time zone, like Asia/Shanghai or Europe/Berlin.")
		return s.showSettings(w, r, v, http.StatusUnprocessableEntity, errs)
	}
	if err := s.store.SetPreferences(r.Context(), v.ID, p); err != nil {
		return err
	}
	v.Preferences = p
	said := i18n.Locale{Language: i18n.Accepted(r.Header.Get("Accept-Language"))} // in the new language
	if own := i18n.Named(p.Language); own != nil {
		said.Language = own
	} else if s.language != nil {
		said.Language = s.language
	}
	if err := v.say(w, r, toast{Text: said.T("Saved.")}); err != nil {
		return err
	}
	s.redirect(w, "/settings")
	return nil
}

// changeZone: POST /settings/zone. Field zone: what the browser's is by now. A page's script sends it when it is another
// than at the sign-in.
func (s *Server) changeZone(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	if name := browserZone(r); name != "" {
		v.data.Zone = name
		if err := v.save(w, r); err != nil {
			return err
		}
	}
	s.redirect(w, "/settings")
	return nil
}
