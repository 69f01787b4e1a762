package templates

import (
	"context"
	"strings"

	"github.com/a-h/templ"

	"postern/static"
)

type baseKey struct{}

// WithBase returns a context in which components prefix paths with base, the part of the portal's public address
// after the host: "" at the root of a host, "/mail" below it. A slash at its end is dropped.
func WithBase(ctx context.Context, base string) context.Context {
	return context.WithValue(ctx, baseKey{}, strings.TrimRight(base, "/"))
}

// base returns what WithBase put into ctx.
func base(ctx context.Context) string {
	b, _ := ctx.Value(baseKey{}).(string)
	return b
}

// at returns the public path of a path from the portal's root. What does not begin with a slash is returned as it is.
func at(ctx context.Context, path string) string {
	if !strings.HasPrefix(path, "/") {
		return path
	}
	return base(ctx) + path
}

// asset returns the public path of a static file, named without its hash.
func asset(ctx context.Context, name string) string {
	return at(ctx, static.Path(name))
}

// current marks what is shown, or chosen, among others.
func current(yes bool) templ.Attributes {
	if !yes {
		return nil
	}
	return templ.Attributes{"aria-current": "true"}
}
