package remoteimage

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const gif = "GIF89a\x01\x00\x01\x00\x00\x00\x00;"

func recognise(head []byte) string {
	if strings.HasPrefix(string(head), "GIF89a") {
		return "image/gif"
	}
	return ""
}

func plainDial(ctx context.Context, network, addr string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, addr)
}

func serve(t *testing.T, h http.HandlerFunc) (*Fetcher, string) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	f := New(plainDial, recognise)
	t.Cleanup(f.Close)
	return f, srv.URL
}

// TestGet: what a server is told, and what becomes of its answers.
func TestGet(t *testing.T) {
	var seen http.Header
	f, url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Clone()
		http.SetCookie(w, &http.Cookie{Name: "who", Value: "you"})
		switch r.URL.Path {
		case "/i.gif", "/again.gif":
			w.Header().Set("Content-Type", "text/html") // what it claims does not count
			w.Write([]byte(gif))
		case "/page":
			w.Header().Set("Content-Type", "image/gif")
			w.Write([]byte("<html><script>alert(1)</script>"))
		case "/svg":
			w.Write([]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"))
		case "/empty":
		case "/packed":
			w.Header().Set("Content-Encoding", "gzip")
			w.Write([]byte("\x1f\x8b"))
		case "/large":
			w.Write([]byte(gif + strings.Repeat("x", MaxSize)))
		case "/lies":
			w.Header().Set("Content-Length", "99999999999")
			w.Write([]byte(gif))
		case "/once":
			http.Redirect(w, r, "/i.gif", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/file":
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
		case "/user":
			w.Header().Set("Location", "http://user:word@"+r.Host+"/i.gif")
			w.WriteHeader(http.StatusFound)
		default:
			w.WriteHeader(http.StatusNotFound)
			w.Write([]byte(gif))
		}
	})
	get := func(path string) (Image, error) { return f.Get(t.Context(), "ann", url+path) }

	img, err := get("/i.gif")
	if err != nil || img.Type != "image/gif" || string(img.Data) != gif {
		t.Fatalf("%q %v", img, err)
	}
	for _, name := range []string{"Cookie", "Referer", "Origin", "Authorization", "Accept-Encoding", "Accept-Language", "X-Forwarded-For"} {
		if seen.Get(name) != "" {
			t.Errorf("the server was sent %s: %s", name, seen.Get(name))
		}
	}
	if seen.Get("User-Agent") != userAgent {
		t.Errorf("the server was told %q", seen.Get("User-Agent"))
	}
	if _, err := get("/once"); err != nil {
		t.Errorf("redirected: %v", err)
	}
	if seen.Get("Referer") != "" || seen.Get("Cookie") != "" {
		t.Errorf("after a redirect the server was sent %v", seen)
	}
	for path, want := range map[string]error{"/page": ErrNoImage, "/svg": ErrNoImage, "/empty": ErrNoImage, "/packed": ErrNoImage, "/large": ErrTooLarge, "/file": ErrAddress, "/user": ErrAddress, "/lies": nil, "/loop": nil, "/missing": nil} {
		_, err := get(path)
		if err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
	for _, bad := range []string{"", "file:///etc/passwd", "ftp://x/y", "//x/y", "http:///x", "javascript:1", "http://[::1", "gopher://x"} {
		if _, err := f.Get(t.Context(), "ann", bad); !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestGetOnce: the same image is fetched once for each reader, also when several ask at a time.
func TestGetOnce(t *testing.T) {
	var n atomic.Int32
	f, url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		n.Add(1)
		time.Sleep(50 * time.Millisecond)
		w.Write([]byte(gif))
	})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := f.Get(t.Context(), "ann", url+"/i.gif"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	f.Get(t.Context(), "ann", url+"/i.gif")
	if n.Load() != 1 {
		t.Errorf("fetched %d times", n.Load())
	}
	f.Get(t.Context(), "bob", url+"/i.gif")
	if n.Load() != 2 {
		t.Error("another reader got what the first one had looked at")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Get(ctx, "eve", url+"/i.gif"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestCache(t *testing.T) {
	c, now := newCache(100), time.Now()
	img := func(n int) Image { return Image{Data: make([]byte, n)} }
	for _, key := range []string{"a", "b", "c", "d"} {
		c.put(key, img(24), now)
	}
	if _, ok := c.get("a", now); !ok {
		t.Error("a is gone though there was room")
	}
	c.put("e", img(20), now)
	if _, ok := c.get("b", now); ok {
		t.Error("the one used longest ago is still there")
	}
	c.put("f", img(26), now)
	if _, ok := c.get("f", now); ok {
		t.Error("one that is a large part of all was kept")
	}
	if _, ok := c.get("e", now.Add(cacheTime+1)); ok {
		t.Error("an old one is still there")
	}
	c.put("a", img(1), now)
	if c.used > 100 || len(c.items) != c.order.Len() {
		t.Errorf("%d octets, %d items of %d", c.used, len(c.items), c.order.Len())
	}
}

// TestFailures: of each reader's, why an image did not come, until it comes, is forgotten, or has been long ago.
func TestFailures(t *testing.T) {
	var there atomic.Bool
	f, url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if !there.Load() {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Write([]byte(gif))
	})
	get := func() { f.Get(t.Context(), "ann", url) }
	get()
	var status StatusError
	if err := f.Failure("ann", url); !errors.As(err, &status) || status != http.StatusNotFound {
		t.Errorf("failure %v", err)
	}
	if err := f.Failure("bob", url); err != nil {
		t.Errorf("another reader is told %v", err)
	}
	f.Forget("ann", []string{url})
	if err := f.Failure("ann", url); err != nil {
		t.Errorf("forgotten, and still %v", err)
	}
	get()
	there.Store(true)
	get()
	if err := f.Failure("ann", url); err != nil {
		t.Errorf("it came, and still %v", err)
	}
	var all failures
	now := time.Now()
	for n := range 3 * maxFailures {
		all.put(strconv.Itoa(n), ErrNoImage, now)
		all.put("same", ErrNoImage, now)
	}
	if len(all.items) > maxFailures || len(all.order) > maxFailures {
		t.Errorf("%d remembered, in %d places", len(all.items), len(all.order))
	}
	if all.get("same", now) == nil || all.get("same", now.Add(failureTime)) != nil {
		t.Error("remembered too short or too long")
	}
}

// TestSlowHost: a host that holds all the places of one reader keeps no other waiting.
func TestSlowHost(t *testing.T) {
	release := make(chan struct{})
	var held atomic.Int32
	f, url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		held.Add(1)
		<-release
		w.Write([]byte(gif))
	})
	_, quick := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(gif)) })
	var all sync.WaitGroup
	for n := range 2 * maxAtOnce {
		all.Go(func() { f.Get(t.Context(), "ann", url+"/"+strconv.Itoa(n)) })
	}
	for held.Load() < maxOfReader {
		time.Sleep(time.Millisecond)
	}
	if _, err := f.Get(t.Context(), "bob", quick); err != nil {
		t.Errorf("another reader: %v", err)
	}
	if n := held.Load(); n > maxOfReader {
		t.Errorf("%d at once for one reader", n)
	}
	close(release)
	all.Wait()
}
