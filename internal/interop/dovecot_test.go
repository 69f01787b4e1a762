package interop

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"postern/internal/dovecottest"
)

// startDovecot starts Dovecot with all mechanisms that it has.
func startDovecot(t *testing.T) *server {
	l := newLab(t, "oauth")
	s := dovecotWith(t, dovecottest.Options{
		Mechanisms: "plain login apop cram-md5 scram-sha-1 scram-sha-256 oauthbearer xoauth2",
		Extra:      l.oauthPassdb(),
	})
	s.mechanisms = []string{"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "APOP", "PLAIN", "LOGIN", "USER", "OAUTHBEARER", "XOAUTH2"}
	s.token = token(user, time.Now().Add(time.Hour))
	return s
}

// dovecotWith starts a Dovecot, also as what is behind a proxy.
func dovecotWith(t *testing.T, opt dovecottest.Options) *server {
	opt.User, opt.Password = user, password
	d := dovecottest.Start(t, opt)
	_, version := installed(t, "dovecot", "dovecot-pop3d")
	return &server{
		version: version,
		plain:   d.Plain, stls: d.Plain, tls: d.TLS,
		caFile: d.CAFile,
		deliver: func(t *testing.T, mails []mail) {
			for _, m := range mails {
				d.Deliver(t, m.raw)
			}
		},
		files: inFolders(d.Maildir()+"/new/*", d.Maildir()+"/cur/*"),
	}
}

// tokenKey signs the tokens that Dovecot accepts.
const tokenKey = "a key for the tokens of one test"

// oauthPassdb gives the part of dovecot.conf by which Dovecot checks tokens by itself,
// with a key from a file and nobody to ask.
func (l *lab) oauthPassdb() string {
	l.write("keys/default/HS256/default", base64.StdEncoding.EncodeToString([]byte(tokenKey)))
	conf := l.write("oauth2.conf", fmt.Sprintf(
		"introspection_mode = local\nlocal_validation_key_dict = fs:posix:prefix=%s/\nusername_attribute = sub\n", l.path("keys")))
	l.handOver()
	return fmt.Sprintf("passdb {\n  driver = oauth2\n  mechanisms = oauthbearer xoauth2\n  args = %s\n}\n", conf)
}

// token makes a JSON Web Token (RFC 7519) for a user, signed with HMAC-SHA-256.
func token(subject string, expires time.Time) string {
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		encode(fmt.Appendf(nil, `{"sub":%q,"iat":%d,"exp":%d}`, subject, time.Now().Unix(), expires.Unix()))
	mac := hmac.New(sha256.New, []byte(tokenKey))
	mac.Write([]byte(text))
	return text + "." + encode(mac.Sum(nil))
}

// maildir makes a Maildir in the lab and gives how to deliver into it.
func (l *lab) maildir(name string) func(*testing.T, []mail) {
	l.mkdir(name+"/new", name+"/cur", name+"/tmp")
	return func(t *testing.T, mails []mail) {
		t.Helper()
		for _, m := range mails {
			number, _, _ := strings.Cut(m.id, "@")
			path := l.path(fmt.Sprintf("%s/new/%d.M%sP1.interop", name, time.Now().Unix(), number))
			if err := os.WriteFile(path, m.raw, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := l.owner.Give(path); err != nil {
				t.Fatal(err)
			}
		}
	}
}
