package browsertest

import (
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const form = `<!doctype html><html lang="en"><title>Form</title>
<style>
	body { background: #fff; height: 1500px }
	@media (prefers-color-scheme: dark) { body { background: #000; color: #fff } }
</style>
<form method="post" action="/submit">
	<label for="n">Account name</label><input id="n" name="name" value="old">
	<label>Password <input type="password" name="password"></label>
	<label for="s">Security</label><select id="s" name="security"><option>TLS</option><option>STARTTLS</option></select>
	<fieldset><legend>On the server</legend>
		<label><input type="radio" name="policy" value="delete" checked> Delete</label>
		<label><input type="radio" name="policy" value="keep"> Keep</label></fieldset>
	<label><input type="checkbox" name="first"> Select</label>
	<label><input type="checkbox" name="second"> Select</label>
	<p id="js">no scripts</p><script>document.getElementById("js").textContent = "scripts"</script>
	<div style="height: 1000px"></div>
	<button>Save account</button>
</form>`

func serve(t *testing.T) string {
	mux := http.NewServeMux()
	page := func(path, html string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, html)
		})
	}
	page("GET /form", form)
	page("GET /favicon.ico", "")
	page("GET /covered", `<button style="width:9em;height:3em">Delete</button><div style="position:fixed;inset:0">`)
	page("GET /late", `<p>early</p><script>setTimeout(() => {
		document.body.innerHTML = '<button disabled onclick="this.remove()">Undo</button>late';
		setTimeout(() => document.querySelector("button").disabled = false, 150) }, 150)</script>`)
	page("GET /restless", `<label>Name <input></label><button onclick="this.textContent += 1">Save</button><script>
		const n = Number(location.search.slice(1));
		if (n < 60) setTimeout(() => location.replace("?" + (n + 1)), n % 7)</script>`)
	page("GET /bad", `<meta http-equiv="Content-Security-Policy" content="img-src 'none'">
		<img src="/picture"><script>console.error("said", 7); throw new Error("thrown")</script>`)
	page("GET /dialog", `<button onclick="document.title = confirm('sure?')">Ask</button>`)
	page("GET /remote", `<link rel="icon" href="data:,"><img src="http://tracker.example/pixel"><img src="http://192.0.2.1/pixel"><img src="http://named.test/pixel">`)
	page("GET /frame", `<h1>Outside</h1><iframe title="Message body" sandbox src="/inside"></iframe>`)
	page("GET /inside", `<p>Inside</p><script>document.write("ran")</script>`)
	page("GET /keys", `<p id="k">none</p><script>addEventListener("keydown", e => document.getElementById("k").textContent += " " + e.key)</script>`)
	mux.HandleFunc("POST /submit", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(100 * time.Millisecond) // a step after the click must not see the old page
		r.ParseForm()
		http.SetCookie(w, &http.Cookie{Name: "who", Value: "me", Path: "/"})
		fmt.Fprintf(w, "<h1>Saved</h1><p id=got>%s", r.PostForm.Encode())
	})
	mux.HandleFunc("GET /who", func(w http.ResponseWriter, r *http.Request) {
		c, _ := r.Cookie("who")
		fmt.Fprintf(w, "<h1>%v</h1>", c)
	})
	mux.HandleFunc("GET /pixel", func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "named.test" {
			t.Errorf("request for %s", r.Host)
		}
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestBrowser shares one browser, which takes a second to start.
func TestBrowser(t *testing.T) {
	url := serve(t)
	b := New(t, "named.test "+strings.TrimPrefix(url, "http://"))

	t.Run("form", func(t *testing.T) {
		p := b.Page(t, 800, 600, false)
		if status := p.Goto(url + "/form"); status != 200 {
			t.Errorf("status %d", status)
		}
		p.Fill("Account name", "Zoë's 邮箱")
		p.Fill("Password", "secret")
		p.Fill("Password", "")
		p.Select("Security", "STARTTLS")
		p.Check("Keep")
		p.Check("Keep")
		p.ClickNth("checkbox", "Select", 1)
		if n := p.Count("checkbox", "Select"); n != 2 {
			t.Errorf("%d check boxes", n)
		}
		if !p.Checked("Keep") || p.Checked("Delete") || p.Value("Security") != "STARTTLS" {
			t.Error("the form does not hold what was chosen")
		}
		p.Click("button", "Save account")
		want := "name=Zo%C3%AB%27s+%E9%82%AE%E7%AE%B1&password=&policy=keep&second=on&security=STARTTLS"
		if got := p.Text("#got"); got != want {
			t.Errorf("posted %s\nwant   %s", got, want)
		}
		if p.URL() != url+"/submit" || !strings.Contains(p.HTML(), "<h1>Saved</h1>") {
			t.Errorf("at %s: %s", p.URL(), p.HTML())
		}
		if c := p.Console(); len(c) != 0 {
			t.Errorf("console: %q", c)
		}
		other := b.Page(t, 390, 800, false)
		other.Goto(url + "/who")
		other.WaitText("who=me", time.Second)
	})
	t.Run("no scripts", func(t *testing.T) {
		p := b.Page(t, 800, 600, false)
		p.Goto(url + "/form")
		p.WaitText("scripts", time.Second)
		p.WaitNoText("no scripts", time.Second)
		p.DisableScripts()
		p.Goto(url + "/form")
		p.WaitText("no scripts", time.Second)
		p.Check("Keep")
		p.Select("Security", "STARTTLS")
		p.Click("button", "Save account")
		p.WaitText("security=STARTTLS", time.Second)
	})
	t.Run("late", func(t *testing.T) {
		p := b.Page(t, 800, 600, false)
		p.Goto(url + "/late")
		p.Click("button", "Undo")
		p.WaitText("late", time.Second)
		if p.Count("button", "Undo") != 0 {
			t.Error("the click did not reach the button")
		}
	})
	t.Run("restless", func(t *testing.T) {
		p := b.Page(t, 800, 600, false)
		p.Goto(url + "/restless")
		for range 20 {
			if n := p.Count("button", "Save"); n != 1 {
				t.Errorf("%d buttons", n)
			}
			p.Value("Name")
		}
		p.Click("button", "Save")
		p.WaitText("Save1", time.Second)
	})
	t.Run("complaints", func(t *testing.T) {
		p := b.Page(t, 800, 600, false)
		p.Goto(url + "/bad")
		all := strings.Join(p.Console(), "\n")
		for _, want := range []string{"Content Security Policy", `console.error: "said" 7`, "thrown"} {
			if !strings.Contains(all, want) {
				t.Errorf("console has no %q:\n%s", want, all)
			}
		}
	})
	t.Run("dialog", func(t *testing.T) {
		p := b.Page(t, 800, 600, false)
		p.Goto(url + "/dialog")
		p.Click("button", "Ask")
		if got := p.Eval("document.title"); got != `"true"` {
			t.Errorf("title %s", got)
		}
		if c := p.Console(); !slices.Equal(c, []string{"dialog: sure?"}) {
			t.Errorf("console %q", c)
		}
	})
	t.Run("network", func(t *testing.T) {
		p := b.Page(t, 800, 600, false)
		p.Goto(url + "/remote")
		want := []string{url + "/remote", "http://tracker.example/pixel", "http://192.0.2.1/pixel", "http://named.test/pixel"}
		if got := p.Requests(); !slices.Equal(got, want) {
			t.Errorf("requests %q", got)
		}
		if c := p.Console(); len(c) != 2 || !strings.Contains(c[0], "ERR_NAME_NOT_RESOLVED") || !strings.Contains(c[1], "ERR_NAME_NOT_RESOLVED") {
			t.Errorf("console %q", c)
		}
	})
	t.Run("frame", func(t *testing.T) {
		p := b.Page(t, 800, 600, false)
		p.Goto(url + "/frame")
		if got := p.FrameText("Message body"); got != "Inside" {
			t.Errorf("frame text %q", got)
		}
		if got := p.FrameHTML("Message body"); !strings.Contains(got, "<p>Inside</p>") {
			t.Errorf("frame HTML %q", got)
		}
		if c := p.Console(); len(c) != 1 || !strings.Contains(c[0], "sandboxed") {
			t.Errorf("console %q", c)
		}
	})
	t.Run("keys", func(t *testing.T) {
		p := b.Page(t, 800, 600, false)
		p.Goto(url + "/keys")
		for _, key := range []string{"j", "Escape", "#", "Enter"} {
			p.Press(key)
		}
		if got := p.Text("#k"); got != "none j Escape # Enter" {
			t.Errorf("keys %q", got)
		}
	})
	t.Run("screenshot", func(t *testing.T) {
		for _, dark := range []bool{false, true} {
			p := b.Page(t, 390, 700, dark)
			p.Goto(url + "/form")
			file := filepath.Join(t.TempDir(), "shots", "form.png")
			p.Screenshot(file)
			shot := decode(t, file)
			if size := shot.Bounds().Size(); size.X != 390 || size.Y < 1500 {
				t.Errorf("size %v", size)
			}
			if r, _, _, _ := shot.At(380, 1400).RGBA(); (r == 0) != dark {
				t.Errorf("dark %t, red %d", dark, r)
			}
		}
	})
	t.Run("failures", func(t *testing.T) {
		p := b.Page(t, 800, 600, false)
		p.Goto(url + "/covered")
		fake := &failing{TB: t}
		p.tb, p.limit = fake, 300*time.Millisecond
		fake.run(func() { p.WaitText("nowhere", 100*time.Millisecond) })
		fake.run(func() { p.Click("button", "Delete") })
		p.tb, p.limit = t, stepTimeout
		for i, want := range []string{"the page shows:\nDelete", "covered by <div"} {
			if i >= len(fake.said) || !strings.Contains(fake.said[i], want) {
				t.Errorf("no failure with %q: %q", want, fake.said)
			}
		}
	})
}

func decode(t *testing.T, file string) image.Image {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// failing is a test that notes its failures.
type failing struct {
	testing.TB
	said []string
}

func (f *failing) Fatalf(format string, args ...any) {
	f.said = append(f.said, fmt.Sprintf(format, args...))
	panic(f)
}

func (f *failing) run(step func()) {
	defer func() {
		if r := recover(); r != nil && r != any(f) {
			panic(r)
		}
	}()
	step()
}
