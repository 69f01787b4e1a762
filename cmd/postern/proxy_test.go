package main_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/internal/servertest"
)

// client is a browser without a screen, which trusts ca and follows nothing.
func client(t *testing.T, ca string) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}
	return &http.Client{Jar: jar, Transport: transport, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// certificates makes a certificate for localhost in dir and returns the paths of it, its key and its authority.
func certificates(t *testing.T, dir string) (cert, key, ca string) {
	t.Helper()
	if err := servertest.WriteCertificates(dir); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, servertest.CertFile), filepath.Join(dir, servertest.KeyFile), filepath.Join(dir, servertest.CAFile)
}

func freePort(t *testing.T) string {
	t.Helper()
	addr, err := servertest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return servertest.Port(addr)
}

// block is an example of a document, by its language.
func block(t *testing.T, document, language string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", document))
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "```"+language+"\n")
	code, _, ended := strings.Cut(after, "```")
	if !found || !ended {
		t.Fatalf("%s has no example in %s", document, language)
	}
	return code
}

// TestBehindNginx runs the example of docs/PROXY.md: TLS at nginx, the portal below a path.
func TestBehindNginx(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		nginx = "/usr/sbin/nginx"
	}
	if _, err := os.Stat(nginx); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("nginx is not installed")
		}
		t.Skip("nginx is not installed")
	}
	dir := t.TempDir()
	cert, key, ca := certificates(t, dir)
	port := freePort(t)
	base := "https://localhost:" + port + "/mail"
	writeFile(t, filepath.Join(dir, "owner"), "a good long password\n")
	command(t, dir, "user", "add", "anna", "--password-file", "owner")
	direct := freePort(t)
	p := start(t, dir, nil, "serve", "--base-url", base, "--trusted-proxies", "127.0.0.1/32", "--hsts", "--listen", "127.0.0.1:"+direct)
	conf := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/nginx.pid; error_log stderr;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s/a; proxy_temp_path %[1]s/b; fastcgi_temp_path %[1]s/c; uwsgi_temp_path %[1]s/d; scgi_temp_path %[1]s/e;
	server {
		listen 127.0.0.1:%[2]s ssl;
		ssl_certificate %[3]s;
		ssl_certificate_key %[4]s;
		%[5]s
	}
}
`, dir, port, cert, key, strings.ReplaceAll(block(t, "PROXY.md", "nginx"), "8110", direct))
	writeFile(t, filepath.Join(dir, "nginx.conf"), conf)
	proxy := exec.Command(nginx, "-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-e", "stderr")
	proxy.Stderr = p.output
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { proxy.Process.Kill(); proxy.Wait() })
	c := client(t, ca)
	waitFor(t, "nginx", func() bool {
		res, err := c.Get(base + "/login")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})

	res, err := c.PostForm(base+"/login", url.Values{"name": {"anna"}, "password": {"a good long password"}, "next": {"/storage"}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || to != "/mail/storage" {
		t.Fatalf("signing in: %s, to %q", res.Status, to)
	}
	if k := res.Cookies()[0]; k.Name != "__Host-postern" || !k.Secure || !k.HttpOnly || k.Path != "/" || k.SameSite != http.SameSiteLaxMode {
		t.Errorf("the cookie is %v", k)
	}
	if got := res.Header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
		t.Errorf("HSTS: %q", got)
	}
	for path, code := range map[string]int{"/mail/inbox": 200, "/settings": 200, "/storage": 200, "/accounts/999": 404} {
		res, err := c.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != code {
			t.Errorf("%s: %s, want %d", path, res.Status, code)
		}
	}
	// Somebody who invents who they are is still known by where they come from.
	forged, _ := http.NewRequest("POST", base+"/login", strings.NewReader("name=anna&password=wrong"))
	forged.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	forged.Header.Set("X-Forwarded-For", "198.51.100.7")
	cross := forged.Clone(context.Background())
	cross.Body, cross.Header = http.NoBody, http.Header{"Origin": {"https://evil.example"}}
	for r, want := range map[*http.Request]int{forged: http.StatusUnprocessableEntity, cross: http.StatusForbidden} {
		res, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%v: %s, want %d", r.Header, res.Status, want)
		}
	}
	other, _ := http.NewRequest("GET", base+"/login", nil)
	other.Host = "evil.example"
	if res, err := c.Do(other); err != nil || res.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("another host: %v, %v", res, err)
	}
	// Events come at once, not when a buffer is full.
	stream, err := c.Get(base + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	if line, err := bufio.NewReader(stream.Body).ReadString('\n'); err != nil || line != "event: counts\n" {
		t.Errorf("the event stream begins with %q, %v", line, err)
	}
}

// TestOwnTLS: the portal's own certificate, and a new one while it serves.
func TestOwnTLS(t *testing.T) {
	dir, renewed := t.TempDir(), t.TempDir()
	cert, key, ca := certificates(t, dir)
	newCert, newKey, newCA := certificates(t, renewed)
	port := freePort(t)
	start(t, dir, nil, "serve", "--tls-cert", cert, "--tls-key", key, "--hsts", "--listen", "127.0.0.1:"+port)
	get := func(ca string) (*http.Response, error) {
		res, err := client(t, ca).Get("https://localhost:" + port + "/readyz")
		if err == nil {
			res.Body.Close()
		}
		return res, err
	}
	res, err := get(ca)
	if err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Strict-Transport-Security") == "" {
		t.Fatalf("readyz: %v, %v", res, err)
	}
	if out := command(t, dir, "healthcheck", "--listen", "127.0.0.1:"+port, "--tls-cert", cert); !strings.Contains(out, "ok") {
		t.Errorf("healthcheck: %s", out)
	}
	if out, err := tryCommand(t, dir, nil, "healthcheck", "--listen", "127.0.0.1:"+port, "--tls-cert", newCert); err == nil || !strings.Contains(out, "another certificate") {
		t.Errorf("healthcheck with another certificate: %v, %s", err, out)
	}
	replace := func(path, by string) {
		t.Helper()
		text, err := os.ReadFile(by)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, path, string(text))
	}
	replace(cert, newCert) // and the key not yet
	time.Sleep(1200 * time.Millisecond)
	if _, err := get(ca); err != nil {
		t.Errorf("in the middle of being renewed: %v", err)
	}
	replace(key, newKey)
	waitFor(t, "the new certificate", func() bool { _, err := get(newCA); return err == nil })

	for _, bad := range [][]string{{"--tls-cert", cert}, {"--tls-key", key}, {"--pprof", "0.0.0.0:6060"}, {"--pprof", "6060"}} {
		out, err := tryCommand(t, dir, nil, append([]string{"serve", "--data-dir", "other", "--listen", "127.0.0.1:0"}, bad...)...)
		if err == nil || !strings.Contains(out, "go together") && !strings.Contains(out, "loopback") {
			t.Errorf("%q: %v, %s", bad, err, out)
		}
	}
}

// TestPprofIsForThisMachine: off unless asked for, and only asked by its address.
func TestPprofIsForThisMachine(t *testing.T) {
	port := freePort(t)
	p := start(t, t.TempDir(), nil, "serve", "--pprof", "127.0.0.1:"+port)
	ask := func(address, host string) int {
		t.Helper()
		r, _ := http.NewRequest("GET", address+"/debug/pprof/", nil)
		if host != "" {
			r.Host = host
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	if code := ask("http://127.0.0.1:"+port, ""); code != http.StatusOK {
		t.Errorf("by its address: %d", code)
	}
	if code := ask("http://127.0.0.1:"+port, "evil.example"); code != http.StatusMisdirectedRequest {
		t.Errorf("by another name: %d", code)
	}
	if code := ask(p.base, ""); code != http.StatusNotFound {
		t.Errorf("at the portal: %d", code)
	}
}
