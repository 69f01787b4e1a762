// Package benchhtml measures internal/sanitize beside bluemonday on the same mails. It is a module of its own, so that
// bluemonday is no dependency of Postern's; `make bench-html` runs it.
package benchhtml
