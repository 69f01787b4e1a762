package interop

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"postern/internal/servertest"
)

// startCourier starts Courier, whose parts find each other in fixed places. The POP3
// server itself is unpacked, because it cannot be installed beside another one.
func startCourier(t *testing.T) *server {
	root, version := unpacked(t, "courier-pop")
	installed(t, "couriertcpd", "courier-base")
	installed(t, "userdbpw", "courier-authlib-userdb")
	l := newLab(t, "courier")
	l.copyOf(root)
	s := &server{
		version: version,
		plain:   l.address(), tls: l.address(),
		caFile:     l.path(servertest.CAFile),
		mechanisms: []string{"CRAM-MD5", "PLAIN", "LOGIN", "USER"},
		deliver:    l.maildir("mail/Maildir"),
		files:      inFolders(l.path("mail/Maildir/new/*"), l.path("mail/Maildir/cur/*")),
	}
	s.stls = s.plain
	l.courierAccount()
	serve := l.write("serve", l.courierScript(s))
	l.handOver()
	setup := "mount -t tmpfs tmpfs /run\ninstall -d -o " + l.owner.User + " /run/courier /run/courier/authdaemon\n" +
		l.overlay("etc", "/etc/courier") + l.overlay("passwd", "/etc/passwd") + l.overlay("group", "/etc/group")
	cmd := l.boxed(setup, slices.Concat(l.unprivileged(), []string{"/bin/sh", serve})...)
	l.serve(cmd, servertest.Owner{}, s.plain, s.tls)
	return s
}

// courierAccount writes the account into Courier's user database, and makes the name
// "courier", to which it changes for TLS as only root could, mean the owner.
func (l *lab) courierAccount() {
	l.Helper()
	hashed := func(option string) string {
		cmd := exec.Command(servertest.Program("userdbpw"), option)
		cmd.Stdin = strings.NewReader(password + "\n")
		return l.output(cmd)
	}
	uid, gid := os.Getuid(), os.Getgid()
	if c := l.owner.Credential; c != nil {
		uid, gid = int(c.Uid), int(c.Gid)
	}
	l.write("etc/authdaemonrc", "authmodulelist=\"authuserdb\"\ndaemons=2\nauthdaemonvar=/run/courier/authdaemon\nDEFAULTOPTIONS=\"\"\nLOGGEROPTS=\"\"\n")
	userdb := l.write("etc/userdb", fmt.Sprintf("%s\tuid=%d|gid=%d|home=%s|mail=%s|systempw=%s|hmac-md5pw=%s\n",
		user, uid, gid, l.path("mail"), l.path("mail/Maildir"), hashed("-md5"), hashed("-hmac-md5")))
	// makeuserdb refuses one that others can read.
	if err := os.Chmod(userdb, 0o600); err != nil {
		l.Fatal(err)
	}
	for file, line := range map[string]string{
		"passwd": fmt.Sprintf("courier:x:%d:%d::/:/bin/false", uid, gid),
		"group":  fmt.Sprintf("courier:x:%d:", gid),
	} {
		text, err := os.ReadFile("/etc/" + file)
		if err != nil {
			l.Fatal(err)
		}
		lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(string(text)), "\n"), func(line string) bool { return strings.HasPrefix(line, "courier:") })
		l.write(file, strings.Join(append(lines, line), "\n")+"\n")
	}
}

// courierScript starts what Courier consists of: the authentication daemon and two
// listeners.
func (l *lab) courierScript(s *server) string {
	return fmt.Sprintf(`#!/bin/sh -e
PATH=$PATH:/usr/sbin
export TLS_CERTFILE=%[1]s TLS_TRUSTCERTS=%[2]s TLS_VERIFYPEER=NONE COURIERTLS=/usr/bin/couriertls
export POP3AUTH='PLAIN LOGIN CRAM-MD5' POP3AUTH_TLS='PLAIN LOGIN CRAM-MD5' MAILDIRPATH=Maildir
export MIME_UNICODE_MESSAGE_TYPE=message/global LC_ALL=C.UTF-8
makeuserdb
/usr/lib/courier/courier-authlib/authdaemond &
listen="couriertcpd -address=127.0.0.1 -nodnslookup -noidentlookup -maxprocs=60 -maxperip=60"
server="%[3]s/courierpop3login %[3]s/courierpop3d Maildir"
POP3_STARTTLS=NO POP3_TLS=1 $listen %[5]s /usr/bin/couriertls -server -tcpd $server &
export POP3_STARTTLS=YES POP3_TLS_REQUIRED=0
exec $listen %[4]s $server
`, l.path(servertest.BothFile), l.path(servertest.CAFile), l.path("root/usr/lib/courier/courier"), port(s.plain), port(s.tls))
}
