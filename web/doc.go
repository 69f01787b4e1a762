// Package web is the portal: routes, handlers, sessions and server-sent events over the store.
//
// A handler reads its input, asks the store once or twice, builds a view model and renders it. It returns an error
// instead of answering one; Server.handle is the only place that turns errors into pages and log lines.
//
// What protects a person, and where it stands:
//
//	cross-site requests   http.CrossOriginProtection before every route; no state changes by GET or HEAD; forms are
//	                      application/x-www-form-urlencoded or refused (server.go, form.go)
//	a stolen session      the cookie holds a random id, the row its hash; rotated at sign-in and with a new password;
//	                      idle and absolute limits (session.go)
//	guessed passwords     argon2id, the same answer and time for unknown names, delays by name and by network (login.go,
//	                      throttle.go)
//	hostile mail          templates escape; HTML goes through sanitize and is served alone under its own policy
//	                      (body.go); parts are downloads unless plain text or a raster image by content (parts.go)
//	other users           every store method takes the user; what is not theirs is not found (handler.go)
//	caches, frames        the response headers of every route (headers.go)
package web
