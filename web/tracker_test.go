package web

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// tracker is the server that hostile mail wants to reach. It notes connections, whether or not anything is sent on
// them, and requests.
type tracker struct {
	addr        string
	mu          sync.Mutex
	connections int
	silent      map[net.Conn]bool // nothing was sent yet
	requests    []trackerRequest
}

type trackerRequest struct {
	host, path, referer, cookie, dest string
}

// newTracker listens on a loopback address that nothing else uses, so that it can be told in the browser's own log.
func newTracker(t *testing.T) *tracker {
	t.Helper()
	l, err := net.Listen("tcp", trackerAddress+":0")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatalf("no listener on %s: %v", trackerAddress, err)
	}
	if err != nil {
		t.Skipf("no listener on %s: %v", trackerAddress, err)
	}
	tr := &tracker{addr: l.Addr().String(), silent: map[net.Conn]bool{}}
	srv := &http.Server{Handler: tr, ReadHeaderTimeout: time.Minute, ConnState: tr.state}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return tr
}

const trackerAddress = "127.9.9.9"

func (tr *tracker) state(c net.Conn, s http.ConnState) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	switch s {
	case http.StateNew:
		tr.connections++
		tr.silent[c] = true
	case http.StateActive:
		delete(tr.silent, c)
	}
}

// ServeHTTP answers with what is asked for, so that it can do its harm: a script, a style sheet, a page.
func (tr *tracker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	dest := "part"
	if r.Header.Get("Upgrade-Insecure-Requests") != "" { // servers without TLS are told no Sec-Fetch-Dest
		dest = "document"
	}
	tr.mu.Lock()
	tr.requests = append(tr.requests, trackerRequest{r.Host, r.URL.Path, r.Referer(), r.Header.Get("Cookie"), dest})
	tr.mu.Unlock()
	w.Header().Set("Access-Control-Allow-Origin", "*")
	switch ext := path.Ext(r.URL.Path); {
	case dest == "part" && ext == ".js":
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, "alert(__pwned=1)")
	case dest == "part" && ext == ".css":
		w.Header().Set("Content-Type", "text/css")
	default:
		w.Header().Set("Content-Type", "text/html")
		// A page that was opened says what it can know of the one before. It brings its icon, as the browser would ask for
		// one, which is no doing of the mail.
		fmt.Fprint(w, `<!doctype html><link rel="icon" href="data:,"><script>if (opener || document.referrer) fetch("/leak")</script>`)
	}
}

// seen is how much was noted so far.
func (tr *tracker) seen() (requests, silent int) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return len(tr.requests), len(tr.silent)
}

// since returns what was asked after the first n requests.
func (tr *tracker) since(n int) []trackerRequest {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return slices.Clone(tr.requests[n:])
}

// vector is the name of the vector whose host was asked, in lower case; "" when it is another host.
func (r trackerRequest) vector() string {
	name, _ := strings.CutSuffix(r.host, "."+trackerHost)
	if name == r.host {
		return ""
	}
	return name
}
