package i18n

import (
	"context"
	"regexp"
	"strings"
	"time"
)

// Locale is how a reader reads: in which language, and in which time zone. The zero value is English and the zone of
// the machine.
type Locale struct {
	Language *Language
	Zone     *time.Location
}

type localeKey struct{}

// With returns a context in which texts and dates are those of l.
func With(ctx context.Context, l Locale) context.Context {
	return context.WithValue(ctx, localeKey{}, l)
}

// From returns what With put into ctx, else the zero Locale.
func From(ctx context.Context) Locale {
	l, _ := ctx.Value(localeKey{}).(Locale)
	return l
}

// Tag is the language's, for the attribute lang.
func (l Locale) Tag() string { return l.language().Tag }

func (l Locale) language() *Language {
	if l.Language == nil {
		return English
	}
	return l.Language
}

// In returns t in the reader's zone.
func (l Locale) In(t time.Time) time.Time {
	if l.Zone == nil {
		return t.Local()
	}
	return t.In(l.Zone)
}

// Date writes t in the reader's zone. The layout is one of package time, in the order that English has; catalogues
// give that of other languages.
func (l Locale) Date(t time.Time, layout Key) string {
	t = l.In(t)
	own := l.language().text(layout)
	if own != layout.english() { // package time knows English names only
		own = strings.ReplaceAll(own, "Monday", l.language().text(weekdays[t.Weekday()]))
	}
	return t.Format(own)
}

// Date writes t for the reader of ctx.
func Date(ctx context.Context, t time.Time, layout Key) string { return From(ctx).Date(t, layout) }

var weekdays = [...]Key{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}

// verbs are the places in a text where values go.
var verbs = regexp.MustCompile(`%(\[\d+\])?[-+# 0]*\d*(\.\d+)?[a-zA-Z]`)
