package unsubscribe

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// list is a server that lists are left at.
type list struct {
	*httptest.Server
	asked  []string // "METHOD path body"
	header http.Header
}

func newList(t *testing.T) (*list, *Client) {
	l := &list{}
	l.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		l.asked, l.header = append(l.asked, r.Method+" "+r.RequestURI+" "+string(body)), r.Header
		http.SetCookie(w, &http.Cookie{Name: "who", Value: "you"})
		switch r.URL.Path {
		case "/elsewhere":
			http.Redirect(w, r, "/u", http.StatusTemporaryRedirect)
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/endless":
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		}
	}))
	t.Cleanup(l.Close)
	c := New((&net.Dialer{}).DialContext)
	c.http.Transport.(*http.Transport).TLSClientConfig = l.Client().Transport.(*http.Transport).TLSClientConfig
	return l, c
}

// TestLeave: one POST with the one field, and nothing that tells who the reader is.
func TestLeave(t *testing.T) {
	l, c := newList(t)
	address := strings.Replace(l.URL, "https://", "HTTPS://me:secret@", 1) + "/u?list=7#here"
	for range 2 {
		if err := c.Leave(t.Context(), address); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.asked) != 2 || l.asked[0] != "POST /u?list=7 List-Unsubscribe=One-Click" {
		t.Errorf("asked %q", l.asked)
	}
	if l.header.Get("Content-Type") != "application/x-www-form-urlencoded" || l.header.Get("User-Agent") != userAgent {
		t.Errorf("header %v", l.header)
	}
	for _, name := range []string{"Cookie", "Referer", "Origin", "Authorization", "Accept-Language", "X-Forwarded-For"} {
		if l.header.Get(name) != "" {
			t.Errorf("the server was sent %s: %s", name, l.header.Get(name))
		}
	}
}

// TestLeaveInVain: what is not done is not said to be done, and no redirect is followed.
func TestLeaveInVain(t *testing.T) {
	l, c := newList(t)
	for path, want := range map[string]StatusError{"/elsewhere": 307, "/gone": 410} {
		var status StatusError
		if err := c.Leave(t.Context(), l.URL+path); !errors.As(err, &status) || status != want {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
	if len(l.asked) != 2 {
		t.Errorf("asked %q", l.asked)
	}
	if err := c.Leave(t.Context(), l.URL+"/endless"); err != nil {
		t.Error(err)
	}
	before := len(l.asked)
	for _, address := range []string{"", "http://127.0.0.1/u", "mailto:off@example.com", "https:///u", "javascript:alert(1)", "https://exa mple/", "file:///etc/passwd"} {
		if err := c.Leave(t.Context(), address); !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %v", address, err)
		}
	}
	refuse := New(func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no way") })
	if err := refuse.Leave(t.Context(), l.URL+"/u"); err == nil || !strings.Contains(err.Error(), "no way") {
		t.Errorf("%v", err)
	}
	if len(l.asked) != before {
		t.Errorf("asked %q", l.asked[before:])
	}
}
