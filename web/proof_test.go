package web

import (
	"fmt"
	"hash/fnv"
	"image"
	pngfile "image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/internal/browsertest"
)

// proof shows the vectors that are said to be live without any protection, as a page by themselves: the test that sees
// nothing of many of them would see nothing either of what gets through.
func proof(t *testing.T, list []hostile) {
	t.Helper()
	tr := newTracker(t)
	var mu sync.Mutex
	asked := map[string]string{} // requests to the portal, by the vector that made them
	bodies := map[string]string{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _, _ := strings.Cut(r.Host, ".") // vectors have names in lower case
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path == "/raw/page" {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte(bodies[id]))
			return
		}
		if r.URL.Path != "/favicon.ico" {
			asked[id] += r.Method + " " + r.URL.Path + " "
		}
	}))
	t.Cleanup(srv.Close)
	hosts := []string{"*.raw.test " + strings.TrimPrefix(srv.URL, "http://")}
	for _, name := range []string{trackerHost, "*." + trackerHost, "evil.test", "bank.test", "example.test"} {
		hosts = append(hosts, name+" "+tr.addr)
	}
	b := browsertest.New(t, hosts...)
	bodies["harmless"] = around("<p>x</p>")
	page := b.Page(t, 1000, 700, false)
	page.Goto("http://harmless.raw.test/raw/page")
	untouched := toolbarOf(t, page)
	page.Close()
	live, fired := 0, 0
	for _, v := range list {
		if !v.live || v.kind != "html" {
			continue
		}
		live++
		body := v.tracked()
		if v.overlays() {
			body = around(body)
		}
		mu.Lock()
		bodies[v.id] = body
		mu.Unlock()
		requests, _ := tr.seen()
		connections := tr.count()
		what := fires(t, b, v, untouched)
		if len(tr.since(requests)) > 0 || tr.count() > connections {
			what = append(what, "network")
		}
		mu.Lock()
		if asked[v.id] != "" {
			what = append(what, asked[v.id])
		}
		mu.Unlock()
		if len(what) > 0 {
			fired++
		} else {
			t.Logf("%s is said to be live and did nothing", v.id)
		}
	}
	t.Logf("RESULT nothing: %d of %d live vectors fire", fired, live)
	if fired*100 < live*95 {
		t.Errorf("%d of %d vectors fire, want 95 %%: the harness is blind", fired, live)
	}
}

func (tr *tracker) count() int {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.connections
}

// stop is how a step of a page that was led astray ends.
type stop struct{}

// lenient is a test in which a step may fail: the page may be gone, which is what a vector wants.
type lenient struct{ testing.TB }

func (lenient) Fatalf(string, ...any) { panic(stop{}) }
func (lenient) Helper()               {}

// fires shows a vector bare and tells what it did.
func fires(t *testing.T, b *browsertest.Browser, v hostile, untouched string) (what []string) {
	page := b.Page(lenient{t}, 1000, 700, false)
	defer page.Close()
	defer func() {
		switch r := recover(); r {
		case nil:
		case any(stop{}):
			what = append(what, "a step failed")
		default:
			panic(r)
		}
		for _, line := range page.Console() {
			if strings.HasPrefix(line, "dialog: ") {
				what = append(what, line)
			}
		}
	}()
	url := "http://" + strings.ToLower(v.id) + ".raw.test/raw/page"
	page.Goto(url)
	time.Sleep(loadTime)
	for _, act := range v.act {
		page.Act(act)
		time.Sleep(actTime2)
	}
	docs := page.InDocuments(lookScript)
	for i, d := range docs {
		pwned, at, _ := strings.Cut(d, "|")
		if pwned != "" || i == 0 && at != url {
			what = append(what, d)
		}
	}
	if v.overlays() {
		if now := toolbarOf(t, page); now != untouched {
			what = append(what, "overlay: "+now)
		}
	}
	return what
}

// overlays tells that a vector is aimed at what stands around it.
func (v *hostile) overlays() bool { return v.inline || v.mayNot("overlay") }

// around is a page such as a careless portal would put a mail into.
func around(mail string) string {
	return `<!doctype html><header><nav id="app-nav"><div id="toolbar" style="height:40px"><button id="tool" style="width:90px;height:30px">Delete</button></div></nav></header>
<main><section><table><tr><td><div>` + mail + `</div></td></tr></table></section><form id="next"><input name="next"></form><p id="end">The end</p></main>`
}

// toolbarOf says what has become of what stands around the mail: whether it is where it was, looks as it did and can be
// clicked, and is still the page's own.
func toolbarOf(t *testing.T, page *browsertest.Page) string {
	t.Helper()
	said := page.Eval(`(() => {
		const e = document.getElementById("tool"), end = document.getElementById("end"), next = document.querySelector("[name=next]");
		if (!e || !end || !next) return "gone";
		const r = e.getBoundingClientRect(), top = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2), s = getComputedStyle(e);
		return [top === e, r.left, r.top, r.width, r.height, s.visibility, s.color, s.backgroundColor, s.opacity, s.pointerEvents, s.filter,
			getComputedStyle(document.documentElement).filter, innerWidth < document.documentElement.scrollWidth, document.querySelectorAll("#toolbar").length,
			end.checkVisibility() && end.parentNode.nodeName, end.previousElementSibling.id, next.form && next.form.id].join(" ") })()`)
	file := filepath.Join(t.TempDir(), "page.png")
	page.Screenshot(file)
	shot, sum := readPNG(t, file), fnv.New64a()
	for y := range min(48, shot.Bounds().Dy()) {
		for x := range min(100, shot.Bounds().Dx()) {
			r, g, b, _ := shot.At(x, y).RGBA()
			_, _ = sum.Write([]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8)})
		}
	}
	return fmt.Sprintf("%s, picture %x", said, sum.Sum64())
}

func readPNG(t *testing.T, file string) image.Image {
	t.Helper()
	r, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	img, err := pngfile.Decode(r)
	if err != nil {
		t.Fatal(err)
	}
	return img
}
