package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzForms posts any octets to any form, and asks any page with any query: the answer is never a failure of ours, and
// what is typed never becomes markup.
func FuzzForms(f *testing.F) {
	w := newWorld(f)
	var posts, gets []string
	w.eachRoute(func(method, pattern string) {
		switch {
		case pattern == "/events", pattern == "/logout", strings.HasPrefix(pattern, "/login"), strings.Contains(pattern, "remove"), pattern == "/settings/password", strings.HasPrefix(pattern, "/settings/totp"), strings.HasPrefix(pattern, "/settings/users"):
			// Slow on purpose (argon2id), or the end of the world.
		case method == "POST":
			posts = append(posts, w.path(pattern))
		default:
			gets = append(gets, w.path(pattern))
		}
	})
	for i, seed := range []string{
		"action=delete&id=1&return=/mail/inbox", "all=1&mailbox=all&q=%22&bound=9&action=star", "name=%00%ff&colour=99", "email=a@b&host=<i>x&port=0&security=tls",
		"account=1&password=x", "token=%f0%28%8c", "theme=\"><script>", "q=from:(((&after=x&page=-1", "id=1;id=2&=&&", "sender=*@x&action=always", "%zz",
	} {
		f.Add(uint8(i), seed)
	}
	browser := w.as(w.ann)
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		var r *http.Request
		if all := len(posts) + len(gets); int(which)%all < len(posts) {
			r = httptest.NewRequest("POST", "http://"+browser.host+posts[int(which)%all], strings.NewReader(text))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		} else {
			r = httptest.NewRequest("GET", "http://"+browser.host+gets[int(which)%all-len(posts)], nil)
			r.URL.RawQuery = text
			if _, err := url.ParseQuery(text); err != nil {
				r.URL.RawQuery = url.Values{"q": {text}, "account": {text}, "before": {text}}.Encode()
			}
		}
		for _, c := range browser.cookies {
			r.AddCookie(c)
		}
		rec := httptest.NewRecorder()
		w.server.Handler().ServeHTTP(rec, r)
		if rec.Code >= 500 {
			t.Errorf("%s %s with %q: %d\n%s", r.Method, r.URL, text, rec.Code, w.log)
		}
		if strings.Contains(rec.Header().Get("Content-Type"), "html") && strings.Contains(strings.ToLower(rec.Body.String()), "<script>") {
			t.Errorf("%s %s with %q: it became a script", r.Method, r.URL, text)
		}
		if to := rec.Header().Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`)) {
			t.Errorf("%s %s with %q leads to %q", r.Method, r.URL, text, to)
		}
	})
}
