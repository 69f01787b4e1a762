package web

import (
	"context"
	"net/http"
	"time"

	"postern/internal/i18n"
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

// ownLocale is ctx with the language and the time zone that a visitor chose.
func (v *visitor) ownLocale(ctx context.Context) context.Context {
	l := i18n.From(ctx)
	if own := i18n.Named(v.Preferences.Language); own != nil {
		l.Language = own
	}
	for _, name := range []string{v.Preferences.Zone, v.data.Zone} {
		if zone, err := time.LoadLocation(name); err == nil && name != "" {
			l.Zone = zone
			break
		}
	}
	return i18n.With(ctx, l)
}
