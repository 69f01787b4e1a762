package interop

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"testing"

	"postern/internal/dovecottest"
	"postern/internal/servertest"
)

// startNginx starts nginx as a mail proxy before a Dovecot. It asks an HTTP server of
// the test who may log in and where the mail is.
func startNginx(t *testing.T) *server {
	program, version := installed(t, "nginx", "nginx")
	installed(t, "nginx", "libnginx-mod-mail")
	backend := dovecotWith(t, dovecottest.Options{})
	gate := httptest.NewServer(gatekeeper(backend.plain))
	t.Cleanup(gate.Close)
	l := newLab(t, "nginx")
	s := &server{
		version: version,
		plain:   l.address(), tls: l.address(),
		caFile:     l.path(servertest.CAFile),
		mechanisms: []string{"CRAM-MD5", "APOP", "PLAIN", "LOGIN", "USER"},
		deliver:    backend.deliver,
		files:      backend.files,
	}
	s.stls = s.plain
	conf := l.write("nginx.conf", fmt.Sprintf(`load_module /usr/lib/nginx/modules/ngx_mail_module.so;
daemon off;
worker_processes 1;
pid %[1]s/pid;
error_log stderr;
events { worker_connections 100; }
mail {
	server_name localhost;
	auth_http %[2]s/;
	proxy_pass_error_message on;
	pop3_auth plain apop cram-md5;
	pop3_capabilities TOP USER UIDL PIPELINING;
	ssl_certificate %[1]s/%[3]s;
	ssl_certificate_key %[1]s/%[4]s;
	server { listen %[5]s; protocol pop3; starttls on; }
	server { listen %[6]s ssl; protocol pop3; }
}
`, l.dir, gate.Listener.Addr(), servertest.CertFile, servertest.KeyFile, s.plain, s.tls))
	l.handOver()
	l.serve(exec.Command(program, "-e", "stderr", "-p", l.dir, "-c", conf), l.owner, s.plain, s.tls)
	return s
}

// gatekeeper answers nginx (ngx_mail_auth_http_module): what it forwards is checked
// here, a password or the digest of one, and the backend always gets the password.
func gatekeeper(backend string) http.HandlerFunc {
	host, port, err := net.SplitHostPort(backend)
	return func(w http.ResponseWriter, r *http.Request) {
		given := r.Header.Get("Auth-Pass")
		if plain, err := url.PathUnescape(given); err == nil {
			given = plain
		}
		want, known := expected(r.Header.Get("Auth-Method"), r.Header.Get("Auth-Salt"))
		if err != nil || !known || r.Header.Get("Auth-User") != user || given != want {
			w.Header().Set("Auth-Status", "Invalid login or password")
			return
		}
		w.Header().Set("Auth-Status", "OK")
		w.Header().Set("Auth-Server", host)
		w.Header().Set("Auth-Port", port)
		w.Header().Set("Auth-Pass", password)
	}
}

// expected is what nginx forwards in place of the right password.
func expected(method, salt string) (string, bool) {
	switch method {
	case "plain":
		return password, true
	case "apop":
		digest := md5.Sum([]byte(salt + password))
		return hex.EncodeToString(digest[:]), true
	case "cram-md5":
		mac := hmac.New(md5.New, []byte(password))
		mac.Write([]byte(salt))
		return hex.EncodeToString(mac.Sum(nil)), true
	}
	return "", false
}
