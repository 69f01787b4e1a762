package web

import (
	"net/http"
	"strings"
)

// The content security policies. Nothing is allowed that no page needs.
var (
	// pagePolicy is for the portal's own pages: no inline script or style, frames only of the portal, no framing.
	pagePolicy = policy(
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		"img-src 'self' data:",
		"connect-src 'self'",
		"frame-src 'self'",
		"manifest-src 'self'",
		"form-action 'self'",
		"base-uri 'none'",
		"frame-ancestors 'none'",
	)
	// bodyPolicy is for the HTML of a mail. The sandbox gives it an origin of its own and no script; its links open
	// in windows that are not sandboxed. Images can only stand in the document itself, or, where remote ones are loaded,
	// come from the portal's proxy (see Server.bodyPolicy). Only the message page frames it.
	bodyPolicy = policy(
		"sandbox allow-popups allow-popups-to-escape-sandbox",
		"default-src 'none'",
		"img-src data:",
		"style-src 'unsafe-inline'",
		"form-action 'none'",
		"base-uri 'none'",
		"frame-ancestors 'self'",
	)
	// filePolicy is for octets of a mail, whatever a browser may take them for. The style is the browser's own, around
	// an image or a text that it shows.
	filePolicy = policy(
		"sandbox",
		"default-src 'none'",
		"style-src 'unsafe-inline'",
		"form-action 'none'",
		"base-uri 'none'",
		"frame-ancestors 'none'",
	)
)

// bodyPolicy is the policy for a body, with remote images through the portal's proxy or without. No other address of the
// portal is let in, so that a mail cannot ask for one.
func (s *Server) bodyPolicy(r *http.Request, images bool) string {
	origin := s.address.seenFrom(r)
	if !images || origin == "" {
		return bodyPolicy
	}
	return strings.Replace(bodyPolicy, "img-src data:", "img-src data: "+origin+s.address.path+"/images/", 1)
}

// printPolicy is the same for a body that is a page by itself.
func (s *Server) printPolicy(r *http.Request, images bool) string {
	return strings.Replace(s.bodyPolicy(r, images), "frame-ancestors 'self'", "frame-ancestors 'none'", 1)
}

func policy(directives ...string) string { return strings.Join(directives, "; ") }

// withHeaders gives every answer the headers of a private page. The handlers of mail's own octets narrow the policy
// with setPolicy, and static files replace the caching.
func (s *Server) withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", s.address.referrerPolicy(r))
		h.Set("X-DNS-Prefetch-Control", "off") // links of a mail are not looked up before they are clicked
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "private, no-store")
		if s.hsts && s.address.secure(r) {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// setPolicy replaces the policy of an answer that is not a page of the portal.
func setPolicy(w http.ResponseWriter, policy string) {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Referrer-Policy", "no-referrer")
}

// clearSiteData is sent at sign-out, so that nothing read before comes back from the browser. Cookies are not among
// it: that would sign the person out of every service on the same registrable domain.
const clearSiteData = `"cache", "storage"`
