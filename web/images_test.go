package web

import (
	"context"
	"encoding/base64"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"postern/internal/dialer"
	"postern/internal/remoteimage"
)

// imageHost is a server somewhere that notes who asks it for what.
type imageHost struct {
	mu    sync.Mutex
	asked []string
	last  http.Header
}

func (h *imageHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked, h.last = append(h.asked, r.URL.Path), r.Header.Clone()
	switch r.URL.Path {
	case "/page.png":
		_, _ = w.Write([]byte("<script>alert(1)</script>"))
	case "/gone.png":
		w.WriteHeader(http.StatusNotFound)
	default:
		w.Header().Set("Content-Type", "text/html")
		data, _ := base64.StdEncoding.DecodeString(png)
		_, _ = w.Write(data)
	}
}

func (h *imageHost) requests() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.asked, " ")
}

// newImageHost starts one and lets the portal's image proxy reach it, and it alone.
func newImageHost(t *testing.T, p *portal) (*imageHost, string) {
	t.Helper()
	h := &imageHost{}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	p.server.images = remoteimage.New((&net.Dialer{}).DialContext, rasterType)
	t.Cleanup(p.server.images.Close)
	return h, srv.URL
}

// designed is a mail with remote images, authenticated or not by the provider of its account.
func designed(host, results string) string {
	html := `<p>Hello</p><img src="` + host + `/a.png" width=20 height=20><img src="` + host + `/b.png" width=20 height=20>` +
		`<img src="` + host + `/o.gif" width=1 height=1><img src="https://www.google-analytics.com/collect?v=1">`
	return mail("Offers "+results, html, "Content-Type: text/html; charset=utf-8", "Authentication-Results: "+results)
}

const proved = "mx7.example.com; dmarc=pass header.from=example.net"

var proxied = regexp.MustCompile(`src="(/images/[^"]+)"`)

func TestLoadOnce(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	host, url := newImageHost(t, p)
	id := p.deliver(p.ann, work, designed(url, "none"))[0]
	ann := p.as(p.ann)
	path := messageURL(id, "")

	a := ann.get(path).want(t, 200).has(t, "Held back: 2 images, 2 trackers from 2 hosts.", "Load images").hasNot(t, "/images/", "Always for", url)
	ann.get(path+"/body").want(t, 200).hasNot(t, "/images/", url)
	a = ann.get(path+"?images=once").want(t, 200).has(t, `src="`+path+`/body?images=once"`, "2 images are loaded through Postern. Held back: 2 trackers from 2 hosts.").hasNot(t, "Load images")
	if host.requests() != "" {
		t.Errorf("the message page asked for %s", host.requests())
	}
	a = ann.get(path+"/body?images=once").want(t, 200).hasNot(t, url, "google-analytics")
	if csp := a.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "img-src data: http://"+ann.host+"/images/;") || !strings.Contains(csp, "sandbox allow-popups allow-popups-to-escape-sandbox;") {
		t.Errorf("policy %q", csp)
	}
	links := proxied.FindAllStringSubmatch(a.body, -1)
	if len(links) != 2 {
		t.Fatalf("%d images: %s", len(links), a.body)
	}
	// The frame has no cookies.
	img := p.browser().get(links[0][1]).want(t, 200)
	if img.Header.Get("Content-Type") != "image/png" || img.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" || img.Header.Get("Content-Security-Policy") != filePolicy {
		t.Errorf("served as %v", img.Header)
	}
	if host.requests() != "/a.png" || host.last.Get("Cookie") != "" || host.last.Get("Referer") != "" {
		t.Errorf("the host saw %s, %v", host.requests(), host.last)
	}
	p.browser().get(links[0][1]).want(t, 200)
	if host.requests() != "/a.png" {
		t.Error("the image was fetched twice")
	}

	// A link from elsewhere does not load them.
	ann.header.Set("Sec-Fetch-Site", "cross-site")
	ann.get(path+"?images=once").has(t, "Held back").hasNot(t, "images=once\"")
	ann.get(path+"/body?images=once").hasNot(t, "/images/")
}

// TestImagesInVain: of images that did not come, the strip says how many and why, and offers to try again.
func TestImagesInVain(t *testing.T) {
	p := newPortal(t)
	host, url := newImageHost(t, p)
	html := `<img src="` + url + `/a.png" width=20><img src="` + url + `/gone.png" width=20><img src="` + url + `/page.png" width=20>`
	id := p.deliver(p.ann, p.addAccount(p.ann, "work"), mail("Pictures", html, "Content-Type: text/html; charset=utf-8"))[0]
	ann := p.as(p.ann)
	path := messageURL(id, "")
	load := func(query string) {
		for _, link := range proxied.FindAllStringSubmatch(ann.get(path+"/body"+query).want(t, 200).body, -1) {
			p.browser().get(link[1])
		}
	}

	ann.get(path+"?images=once").has(t, "3 images are loaded through Postern.", "Show which images did not load").hasNot(t, "Try again")
	load("?images=once")
	ann.get(path+"?images=once").has(t, "2 of 3 images could not be loaded (not found, not an image).", "Try again", `name="again" value="1"`).hasNot(t, "Show which images did not load")
	ann.get(path).has(t, "Held back: 3 images").hasNot(t, "could not be loaded")
	ann.get(path+"?images=once&again=1").has(t, "3 images are loaded through Postern.").hasNot(t, "could not be loaded")
	before := host.requests()
	load("?images=once")
	if got := strings.TrimPrefix(host.requests(), before); strings.Contains(got, "a.png") || !strings.Contains(got, "gone.png") {
		t.Errorf("tried again: %s, want those alone that did not come", got)
	}
	bob := p.as(p.bob)
	bob.get(path+"?images=once").want(t, 404)
}

// TestImageLinks: the proxy takes only what it has signed, for as long as it said, and while the message is there.
func TestImageLinks(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	host, url := newImageHost(t, p)
	id := p.deliver(p.ann, work, designed(url, "none"))[0]
	until := p.clock.Now().Add(imageLinkTime).Unix()
	link := func(l imageLink) string { return p.server.imagePath(l) }
	good := link(imageLink{p.ann.ID, id, until, url + "/a.png"})
	b := p.browser()
	b.get(good).want(t, 200)
	b.do("HEAD", good, nil).want(t, 200)
	for name, path := range map[string]string{
		"cut": good[:len(good)-2], "empty": "/images/", "short": "/images/AAAA", "padding": good + "=", "not base64": "/images/" + strings.Repeat("!", 40),
		"another's message": link(imageLink{p.bob.ID, id, until, url + "/a.png"}),
		"no message":        link(imageLink{p.ann.ID, 999, until, url + "/a.png"}),
		"too late":          link(imageLink{p.ann.ID, id, p.clock.Now().Unix() - 1, url + "/a.png"}),
		"a page":            link(imageLink{p.ann.ID, id, until, url + "/page.png"}),
		"a file":            link(imageLink{p.ann.ID, id, until, "file:///etc/passwd"}),
	} {
		b.get(path).want(t, 404)
		_ = name
	}
	raw, _ := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(good, "/images/"))
	for i := range raw {
		changed := append([]byte(nil), raw...)
		changed[i] ^= 1
		b.get("/images/"+base64.RawURLEncoding.EncodeToString(changed)).want(t, 404)
	}
	if host.requests() != "/a.png /page.png" {
		t.Errorf("the host was asked for %s", host.requests())
	}
}

// TestImagesReachNothingInside: the proxy as it is connects to no address of this machine or of a private network.
func TestImagesReachNothingInside(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	h := &imageHost{}
	srv := httptest.NewServer(h)
	defer srv.Close()
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(srv.URL, "http://"))
	id := p.deliver(p.ann, work, mail("x", "<p>x", "Content-Type: text/html"))[0]
	until := p.clock.Now().Add(imageLinkTime).Unix()
	for _, url := range []string{
		srv.URL + "/a.png", "http://localhost:" + port + "/a.png", "http://127.0.0.1/a.png", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://0.0.0.0/", "http://0x7f000001/",
		"http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://100.64.0.1/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://192.168.0.1/",
	} {
		p.browser().get(p.server.imagePath(imageLink{p.ann.ID, id, until, url})).want(t, 404)
	}
	if h.requests() != "" {
		t.Errorf("a server on this machine was asked for %s", h.requests())
	}
}

// TestImagesAreNotLedInside: a host outside that sends the portal on to an address inside is not followed.
func TestImagesAreNotLedInside(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	inside := &imageHost{}
	inner := httptest.NewServer(inside)
	defer inner.Close()
	led := 0
	outer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		led++
		http.Redirect(w, r, inner.URL+"/a.png", http.StatusFound)
	}))
	defer outer.Close()
	_, port, _ := net.SplitHostPort(inner.Listener.Addr().String())
	n, _ := strconv.Atoi(port)
	guard := &dialer.Dialer{Ports: []int{n}} // so that it is the address which is refused
	p.server.images.Close()
	p.server.images = remoteimage.New(func(ctx context.Context, network, addr string) (net.Conn, error) {
		if addr == "pictures.example:80" { // what stands for the world outside
			return net.Dial(network, outer.Listener.Addr().String())
		}
		return guard.DialContext(ctx, network, addr)
	}, rasterType)
	t.Cleanup(p.server.images.Close)
	id := p.deliver(p.ann, work, mail("x", "<p>x", "Content-Type: text/html"))[0]
	p.browser().get(p.server.imagePath(imageLink{p.ann.ID, id, p.clock.Now().Add(imageLinkTime).Unix(), "http://pictures.example/a.png"})).want(t, 404)
	if led == 0 || inside.requests() != "" {
		t.Errorf("led on %d times; inside was asked for %q", led, inside.requests())
	}
}

// TestSenderRules: rules are made on messages, count only for what is proved, and are taken back.
func TestSenderRules(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	_, url := newImageHost(t, p)
	ids := p.deliver(p.ann, work, designed(url, proved), designed(url, "mx7.example.com; dmarc=fail header.from=example.net"), designed(url, "mx.evil.example; dmarc=pass header.from=example.net"))
	ann := p.as(p.ann)
	good, forged, claimed := messageURL(ids[0], ""), messageURL(ids[1], ""), messageURL(ids[2], "")

	ann.get(good).has(t, "Always for lina@example.net", "Always for example.net", "Held back: 2 images")
	for _, path := range []string{forged, claimed} {
		ann.get(path).has(t, "Held back: 2 images").hasNot(t, "Always for")
	}
	for _, rule := range []string{"lina@example.net", "@example.net"} {
		ann.post("/settings/senders", "sender", rule, "action", "load", "return", good).leads(t, good)
		ann.get(good).has(t, "2 images are loaded through Postern.", "Stop loading them", `value="`+rule+`"`)
		if n := len(proxied.FindAllString(ann.get(good+"/body").body, -1)); n != 2 {
			t.Errorf("%s: %d images", rule, n)
		}
		for _, path := range []string{forged, claimed} {
			ann.get(path).has(t, "does not confirm that this message is from there")
			ann.get(path+"/body").hasNot(t, "/images/")
		}
		ann.get("/settings/senders").want(t, 200).has(t, "example.net", "remote images are loaded", "Revoke")
		p.as(p.bob).get("/settings/senders").hasNot(t, "example.net")
		p.as(p.bob).post("/settings/senders", "sender", rule, "action", "revoke").want(t, 404)
		ann.post("/settings/senders", "sender", rule, "action", "revoke").leads(t, "/settings/senders")
		ann.get(good).has(t, "Held back: 2 images")
	}
	ann.get("/settings/senders").has(t, "No rules yet")
	for _, bad := range []string{"", "nobody", "a@", "a b@c.example", "a@b\r\nc", strings.Repeat("a", 400) + "@b.example"} {
		ann.post("/settings/senders", "sender", bad, "action", "load").want(t, 422)
	}
	ann.post("/settings/senders", "sender", "a@b.example", "action", "nonsense").want(t, 422)
}

// TestView: the choice between text and HTML is remembered for the sender.
func TestView(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	ids := p.deliver(p.ann, work, newsletter, designed("http://x.example", "none"), mail("Nobody", "<p>x", "Content-Type: text/html", "From: y@example.org"))
	ann := p.as(p.ann)
	first, second := messageURL(ids[0], ""), messageURL(ids[1], "")
	ann.get(second).has(t, "<iframe")
	ann.post(first+"/view", "view", "text", "return", first).leads(t, first)
	ann.get(first).hasNot(t, "<iframe")
	ann.get(second).hasNot(t, "<iframe").has(t, "Hello")
	ann.get(second+"?view=html").has(t, "<iframe")
	ann.get("/settings/senders").has(t, "lina@example.net", "shown as text")
	ann.post(first+"/view", "view", "html", "return", first).leads(t, first)
	ann.get(second).has(t, "<iframe")
	ann.post(first+"/view", "view", "nonsense").want(t, 422)
	several := messageURL(ids[2], "")
	ann.post(several+"/view", "view", "text", "return", several).leads(t, several+"?view=text")
	ann.get(several+"?view=text").hasNot(t, "<iframe")
}
