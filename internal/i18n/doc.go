// Package i18n puts Postern's own words into the reader's language, and dates into their language and time zone.
//
// The English text is the key, so that templates and handlers read as what they show:
//
//	i18n.T(ctx, "Archive")
//	i18n.T(ctx, "Enclosed in %s", subject)
//	i18n.N(ctx, n, "%d message", "%d messages")
//	i18n.Date(ctx, t, "2 January 2006")
//
// English needs no catalogue; the others are in zh_*.go, a file for each area of the portal. Keys have a type of their
// own, so that tests find each one in the sources and compare it with the catalogues, both ways. What is made where no
// reader is known yet is a [Text], or stays a Key, and is translated when it is shown.
//
// A language is added by a catalogue like that of zh.go and a line in [Languages].
package i18n
