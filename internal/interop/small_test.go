package interop

import (
	"encoding/hex"
	"fmt"
	"os/exec"
	"testing"
)

// startPopa3d starts popa3d: USER and PASS, no CAPA, no TLS, mbox.
func startPopa3d(t *testing.T) *server {
	root, version := unpacked(t, "popa3d")
	l := newLab(t, "popa3d")
	setup := l.accounts("popa3d", "popa3d") + "mount -t tmpfs tmpfs /var/lib\nmkdir /var/lib/popa3d\n"
	s := &server{
		version:    version,
		plain:      l.address(),
		mechanisms: []string{"USER"},
		deliver:    l.intoMbox,
		files:      l.inMbox,
	}
	l.inetd(s.plain, func() *exec.Cmd { return l.boxed(setup, root+"/usr/sbin/popa3d") })
	return s
}

// startSolid starts Solid POP3: APOP, no CAPA, no TLS, mbox.
func startSolid(t *testing.T) *server {
	root, version := unpacked(t, "solid-pop3d")
	l := newLab(t, "solid")
	setup := l.accounts("spop3d", "solid-pop3d")
	l.write("home/spop3d.conf", `<Global>
  MailDropName "/var/mail/%s"
  MailDropType mailbox
  AllowAPOP yes
  AddBulletins no
  LogStatistics no
</Global>
`)
	l.apopSecret()
	s := &server{
		version:    version,
		plain:      l.address(),
		mechanisms: []string{"APOP", "USER"},
		deliver:    l.intoMbox,
		files:      l.inMbox,
		quirks:     quirks{addsLine: true},
	}
	l.inetd(s.plain, func() *exec.Cmd { return l.boxed(setup, root+"/usr/sbin/solid-pop3d", "-f", "/srv/spop3d.conf") })
	return s
}

// apopSecret writes the password where Solid POP3 looks for it, as its pop_auth does:
// inverted, in hexadecimal.
func (l *lab) apopSecret() {
	l.Helper()
	inverted := []byte(password)
	for i := range inverted {
		inverted[i] = ^inverted[i]
	}
	path := l.write("home/"+user+"/.spop3d", fmt.Sprintf("APOPSecret %s\n", hex.EncodeToString(inverted)))
	l.private(path, accountID)
}
