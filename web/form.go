package web

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"postern/internal/i18n"
)

// maxForm bounds the body of a request, in octets: the ids of a long list fit.
const maxForm = 1 << 20

// limitBodies refuses requests whose body is no form of ours, before anything reads it. A page elsewhere can make a
// browser send text/plain or multipart/form-data without asking first; no form of the portal does.
func (s *Server) limitBodies(next http.Handler) http.Handler {
	return s.handle(func(w http.ResponseWriter, r *http.Request) error {
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodOptions:
			r.Body = http.NoBody
		default:
			mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
			empty := r.ContentLength == 0 && r.Header.Get("Content-Type") == ""
			if !empty && (err != nil || mediaType != "application/x-www-form-urlencoded") {
				return &pageError{code: http.StatusUnsupportedMediaType, title: "That is not a form of this portal", text: "Only forms of Postern's own pages are taken."}
			}
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

// readForm parses the posted form. Values are read with r.PostForm alone, so that a query string cannot add to them.
func readForm(r *http.Request) error {
	err := r.ParseForm()
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &pageError{code: http.StatusRequestEntityTooLarge, title: "That is too much at once", text: "The form holds more than Postern takes in one step.", err: err}
	case err != nil:
		return &pageError{code: http.StatusBadRequest, title: "The form could not be read", text: "Go back and try again.", err: err}
	}
	return nil
}

// field returns a posted value without blanks around it.
func field(r *http.Request, name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }

// fieldErrors are sentences by the name of the field they belong to.
type fieldErrors map[string]i18n.Text

// add says what is wrong with a field, unless something was said already.
func (e fieldErrors) add(name string, key i18n.Key, args ...any) {
	if _, said := e[name]; !said {
		e[name] = i18n.Say(key, args...)
	}
}

// refuse says why CheckUserName or CheckPassword refused the value of a field.
func (e fieldErrors) refuse(name string, why error) {
	var sentence i18n.Text
	if !errors.As(why, &sentence) {
		sentence = i18n.Verbatim(why.Error())
	}
	e.add(name, "%s", sentence)
}

// in returns the sentences in the language of ctx.
func (e fieldErrors) in(ctx context.Context) map[string]string {
	all := map[string]string{}
	for name, sentence := range e {
		all[name] = sentence.In(i18n.From(ctx))
	}
	return all
}

// wholeNumber reads a field of digits between low and high; an empty one is fallback.
func (e fieldErrors) wholeNumber(name, value string, low, high, fallback int, sentence i18n.Key) int {
	if value == "" {
		return fallback
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < low || n > high {
		e.add(name, sentence)
		return fallback
	}
	return n
}

// hasControl tells whether a value holds a control character, such as a line break that would end a POP3 command.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c >= 0x7f && c < 0xa0 })
}
