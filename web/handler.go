package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"postern/internal/i18n"
	"postern/internal/seal"
	"postern/store"
	"postern/templates"
)

// handlerFunc answers a request or returns why it could not. It has written nothing when it returns an error, or has
// begun to stream.
type handlerFunc func(w http.ResponseWriter, r *http.Request) error

// visitorFunc is a handlerFunc for people who are signed in.
type visitorFunc func(w http.ResponseWriter, r *http.Request, v *visitor) error

// pageError is an error whose sentences are meant for the person at the browser.
type pageError struct {
	code  int
	title i18n.Key
	text  i18n.Key
	args  []any // of text
	err   error // for the log; may be nil
	alone bool  // there is no page to go on to
}

// Error gives what the log shows.
func (e *pageError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("%d %s", e.code, e.title)
	}
	return fmt.Sprintf("%d %s: %v", e.code, e.title, e.err)
}

// Unwrap returns the cause.
func (e *pageError) Unwrap() error { return e.err }

// noPage is the answer for addresses that lead nowhere.
var noPage = &pageError{code: http.StatusNotFound, title: "There is no such page", text: "The address may be mistyped, or what it named is gone."}

// noMessage is the answer for messages that do not exist, or not for this user.
var noMessage = &pageError{code: http.StatusNotFound, title: "This message is not here any more.", text: "It may have been removed for good, or the link is an old one."}

// noAccount is the same for accounts.
var noAccount = &pageError{code: http.StatusNotFound, title: "There is no such account", text: "It may have been removed."}

// noLabel is the same for labels.
var noLabel = &pageError{code: http.StatusNotFound, title: "There is no such label", text: "It may have been renamed or removed."}

// missing puts a page of one's own in the place of store.ErrNotFound.
func missing(err error, page *pageError) error {
	if errors.Is(err, store.ErrNotFound) {
		return page
	}
	return err
}

// requestKey is the context key of a request's number.
type requestKey struct{}

// handle makes an http.Handler of h. It is the only place that logs errors and renders them.
func (s *Server) handle(h handlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ww, ok := w.(middleware.WrapResponseWriter)
		if !ok {
			ww = middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		}
		if err := s.guarded(h, ww, r); err != nil {
			s.fail(ww, r, err)
		}
	}
}

// guarded runs h and turns a panic into an error.
func (s *Server) guarded(h handlerFunc, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			panic(p)
		default:
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return h(w, r)
}

// fail answers with an error.
func (s *Server) fail(w middleware.WrapResponseWriter, r *http.Request, err error) {
	if v, known := s.current(r); known == nil && v != nil {
		r = r.WithContext(v.ownLocale(r.Context())) // what failed may have been before that
	}
	ctx := r.Context()
	id, _ := ctx.Value(requestKey{}).(string)
	log := s.log.With("request", id, "method", r.Method, "path", r.URL.Path)
	page, known := pageOf(err)
	switch {
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		log.DebugContext(ctx, "the browser went away", "err", err)
	case known:
		log.DebugContext(ctx, "request refused", "err", err)
	default:
		log.ErrorContext(ctx, "request failed", "err", err)
	}
	if w.Status() != 0 {
		panic(http.ErrAbortHandler) // the answer has begun: cut it short, so that nobody takes it for a whole one
	}
	detail := ""
	if !known {
		detail = i18n.T(ctx, "%s, request %s. The log has the details.", strings.TrimSpace("Postern "+s.version), id)
	}
	if asksData(r) {
		s.answerJSON(w, page.code, map[string]string{"error": i18n.T(ctx, page.title)})
		return
	}
	s.renderError(w, r, page, detail)
}

// pageOf returns what the browser is told of err; unknown errors give nothing away.
func pageOf(err error) (page *pageError, known bool) {
	if errors.As(err, &page) {
		return page, page.code < 500
	}
	if errors.Is(err, store.ErrNotFound) {
		return noMessage, true
	}
	if errors.Is(err, seal.ErrBusy) {
		return &pageError{code: http.StatusTooManyRequests, title: "Postern is busy", text: "Many people sign in at this moment. Try again in a minute."}, true
	}
	if errors.Is(err, store.ErrDamaged) {
		return &pageError{code: http.StatusInternalServerError, title: "The stored copy of this message is damaged", text: damagedAdvice}, false
	}
	if errors.Is(err, store.ErrIndexDamaged) {
		return &pageError{code: http.StatusInternalServerError, title: "The search index is damaged", text: "Lists and messages do without it. It is built again when Postern next starts, or by “postern check --fix”, which also tells whether anything else is damaged."}, false
	}
	return &pageError{code: http.StatusInternalServerError, title: "Something went wrong", text: "Postern could not do this. Nothing was lost; try again."}, false
}

// renderError shows an error within the portal's frame to who is signed in, and alone to who is not, or when the frame
// cannot be had either.
func (s *Server) renderError(w http.ResponseWriter, r *http.Request, page *pageError, detail string) {
	w.Header().Del("Content-Disposition")
	setPolicy(w, pagePolicy)
	title := i18n.T(r.Context(), page.title)
	p := templates.ErrorPage{
		Status: strconv.Itoa(page.code),
		Title:  title,
		Text:   i18n.T(r.Context(), page.text, page.args...),
		Detail: detail,
		Head:   templates.Head{Title: title},
	}
	if !page.alone {
		p.Link = &templates.Link{Text: i18n.T(r.Context(), "To the inbox"), URL: "/mail/inbox"}
	}
	if v, err := s.current(r); err == nil && v != nil && page.code < 500 {
		if shell, err := s.shell(r, v, title); err == nil {
			p.Shell = &shell
		}
	}
	if err := s.render(w, r, page.code, templates.Error(p)); err != nil {
		s.log.ErrorContext(r.Context(), "the error page failed too", "err", err)
		http.Error(w, string(page.title), page.code)
	}
}

// render draws a page into memory first, so that one that fails never leaves half of itself with status 200.
func (s *Server) render(w http.ResponseWriter, r *http.Request, code int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(templates.WithBase(r.Context(), s.address.path), &b); err != nil {
		return fmt.Errorf("render: %w", err)
	}
	writePage(w, r, code, &b)
	return nil
}

// answerJSON answers a script.
func (s *Server) answerJSON(w http.ResponseWriter, code int, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		s.log.Error("answer as JSON", "err", err)
		code, data = http.StatusInternalServerError, []byte("{}")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(data) // as in render
}

// redirect sends the browser on, by GET, to a path within the portal.
func (s *Server) redirect(w http.ResponseWriter, path string) {
	w.Header().Set("Location", s.address.path+path)
	w.WriteHeader(http.StatusSeeOther)
}

// fromScript tells whether our own script asks, which puts the answer into a page it has.
func fromScript(r *http.Request) bool { return r.Header.Get("X-Requested-With") == "fetch" }

// asksData tells that a script asks and wants no page.
func asksData(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.HasPrefix(accept, "application/json") || strings.HasPrefix(accept, "text/event-stream")
}

// numbered gives each request a number, for the log and for error pages.
func numbered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, rand.Text()[:10])))
	})
}

// pathID reads a number from the path; what is none names nothing.
func pathID[ID ~int64](r *http.Request, name string) (ID, error) {
	return parseID[ID](chi.URLParam(r, name))
}

func parseID[ID ~int64](s string) (ID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return 0, store.ErrNotFound
	}
	return ID(n), nil
}

func formatID[ID ~int64](id ID) string { return strconv.FormatInt(int64(id), 10) }
