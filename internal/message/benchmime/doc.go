// Package benchmime measures Postern's MIME reader beside others, in a module of its own so that
// Postern's has no dependency on them: make bench-mime.
package benchmime
