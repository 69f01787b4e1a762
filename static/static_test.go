package static

import (
	"compress/gzip"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, method, path, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	if encoding != "" {
		r.Header.Set("Accept-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPathCarriesTheHash(t *testing.T) {
	got := Path("postern.css")
	if !regexp.MustCompile(`^/static/postern\.[0-9a-f]{12}\.css$`).MatchString(got) {
		t.Errorf("Path gave %q", got)
	}
	if hashed("a.css", []byte("x")) == hashed("a.css", []byte("y")) {
		t.Error("another content kept the name")
	}
}

func TestServe(t *testing.T) {
	for name, typ := range map[string]string{
		"postern.css": "text/css; charset=utf-8", "postern.js": "text/javascript; charset=utf-8", "icons.svg": "image/svg+xml", "mark.svg": "image/svg+xml",
	} {
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		plain := get(t, "GET", Path(name), "")
		if plain.StatusCode != http.StatusOK || plain.Header.Get("Content-Type") != typ || body(t, plain.Body) != string(want) {
			t.Errorf("%s: %d, %s", name, plain.StatusCode, plain.Header.Get("Content-Type"))
		}
		if c := plain.Header.Get("Cache-Control"); !strings.Contains(c, "immutable") || !strings.Contains(c, "max-age=31536000") {
			t.Errorf("%s: Cache-Control %q", name, c)
		}
		packed := get(t, "GET", Path(name), "br, gzip;q=0.8")
		if packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("Vary") != "Accept-Encoding" {
			t.Fatalf("%s: %v", name, packed.Header)
		}
		z, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatal(err)
		}
		if body(t, z) != string(want) {
			t.Errorf("%s: unpacked, it is another file", name)
		}
	}
}

func TestFavicon(t *testing.T) {
	for query, want := range map[string]string{"": "", "n=0": "", "n=-4": "", "n=x": "", "n=7": ">7</text>", "n=12": ">12</text>", "n=1248": ">99</text>"} {
		w := httptest.NewRecorder()
		Favicon(w, httptest.NewRequest("GET", "/favicon.svg?"+query, nil))
		var any struct{}
		if err := xml.Unmarshal(w.Body.Bytes(), &any); err != nil {
			t.Errorf("%q: %v", query, err)
		}
		if got := w.Body.String(); !strings.Contains(got, want) || (want == "") == strings.Contains(got, "<text") {
			t.Errorf("%q: %s", query, got)
		}
	}
}

func TestHeadAndRefusals(t *testing.T) {
	head := get(t, "HEAD", Path("postern.js"), "")
	if head.StatusCode != http.StatusOK || head.ContentLength <= 0 || body(t, head.Body) != "" {
		t.Errorf("HEAD: %d, length %d", head.StatusCode, head.ContentLength)
	}
	for _, path := range []string{"/static/", "/static/postern.css", "/static/postern.000000000000.css", "/static/static.go", "/static/../static.go", Path("none.css")} {
		if r := get(t, "GET", path, ""); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	if r := get(t, "POST", Path("postern.css"), ""); r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", r.StatusCode)
	}
}

func TestAcceptsGzip(t *testing.T) {
	for field, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "deflate, gzip": true, "gzip;q=0": false, "gzip; q=0.5": true, "gzip;q=0.0": false, "gzip;q=x": false, "x-gzip-like": false,
	} {
		if got := AcceptsGzip(field); got != want {
			t.Errorf("%q: %v", field, got)
		}
	}
}

// The weight that every first visit pays.
func TestWeight(t *testing.T) {
	const limit = 25 << 10
	if n := len(byName["postern.css"].gzipped) + len(byName["postern.js"].gzipped); n > limit {
		t.Errorf("style and script weigh %d octets packed, more than %d", n, limit)
	}
}

// Nothing comes from elsewhere, and pages work without what the policy refuses.
func TestNothingFromElsewhere(t *testing.T) {
	for _, name := range []string{"postern.css", "postern.js"} {
		if m := regexp.MustCompile(`https?://|@import|url\(|\beval\(|new Function|\.style\b`).FindString(string(byName[name].plain)); m != "" {
			t.Errorf("%s holds %q", name, m)
		}
	}
}

func TestDrawingsAreWellFormed(t *testing.T) {
	for _, name := range []string{"icons.svg", "mark.svg"} {
		ids := map[string]bool{}
		d := xml.NewDecoder(strings.NewReader(string(byName[name].plain)))
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			start, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			for _, a := range start.Attr {
				if a.Name.Local == "id" {
					if ids[a.Value] {
						t.Errorf("%s: two shapes are called %q", name, a.Value)
					}
					ids[a.Value] = true
				}
			}
		}
	}
	for _, notice := range []string{"ISC License", "Lucide Icons and Contributors", "Cole Bemis"} {
		if !strings.Contains(string(byName["icons.svg"].plain), notice) {
			t.Errorf("the sprite went without the notice %q", notice)
		}
	}
}
