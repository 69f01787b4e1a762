package interop

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

const (
	accountID = 40001 // user id of the account; no system has it
	daemonID  = 40002 // user and group id of the server's own user
	mailGroup = 8     // group id of Debian's group "mail"
)

// accounts writes what shows a server that serves the system's accounts one of our own,
// and the lines that show it in a box: mail in /var/mail, the home in /srv. daemon and
// service are the names of the server's own user and of its PAM service, "" if it has
// none.
func (l *lab) accounts(daemon, service string) (setup string) {
	l.Helper()
	if os.Getuid() != 0 {
		l.Skip("this server changes to the account's user, which only root can")
	}
	hash := exec.Command("openssl", "passwd", "-6", "-stdin")
	hash.Stdin = strings.NewReader(password)
	passwd := fmt.Sprintf("root:*:0:0::/:/bin/sh\nnobody:*:65534:65534::/:/bin/false\n%s:%s:%d:%d::/srv/%s:/bin/sh\n",
		user, l.output(hash), accountID, mailGroup, user)
	group := fmt.Sprintf("root:*:0:\nmail:*:%d:\nnogroup:*:65534:\n", mailGroup)
	if daemon != "" {
		passwd += fmt.Sprintf("%s:*:%d:%d::/:/bin/false\n", daemon, daemonID, daemonID)
		group += fmt.Sprintf("%s:*:%d:\n", daemon, daemonID)
		l.write("pam.d/"+service, "auth required pam_unix.so nodelay\naccount required pam_unix.so\n")
	}
	l.write("passwd", passwd)
	l.write("group", group)
	l.mkdir("pam.d", "home/"+user, "spool")
	l.forGroup("home/"+user, accountID)
	l.forGroup("spool", 0)
	return l.overlay("passwd", "/etc/passwd") + l.overlay("group", "/etc/group") + l.overlay("pam.d", "/etc/pam.d") +
		l.overlay("spool", "/var/mail") + l.overlay("home", "/srv")
}

// forGroup gives a folder to a user and to the group of mail, which may write in it.
func (l *lab) forGroup(name string, uid int) {
	l.Helper()
	if err := os.Chown(l.path(name), uid, mailGroup); err != nil {
		l.Fatal(err)
	}
	if err := os.Chmod(l.path(name), 0o775); err != nil {
		l.Fatal(err)
	}
}

// intoMbox delivers into the account's mailbox in /var/mail.
func (l *lab) intoMbox(t *testing.T, mails []mail) {
	t.Helper()
	before, err := os.ReadFile(l.path("spool/" + user))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	path := l.write("spool/"+user, string(before)+string(mbox(mails)))
	l.private(path, accountID)
}

// inetd listens at an address and starts a program for each connection, which is its
// standard input and output.
func (l *lab) inetd(addr string, command func() *exec.Cmd) {
	l.Helper()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		l.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			all.Go(func() { l.attend(conn.(*net.TCPConn), command()) })
		}
	})
	l.Cleanup(func() {
		listener.Close()
		all.Wait()
	})
}

// attend runs a program for a connection.
func (l *lab) attend(conn *net.TCPConn, cmd *exec.Cmd) {
	file, err := conn.File()
	conn.Close()
	if err != nil {
		l.Error(err)
		return
	}
	defer file.Close()
	cmd.Dir = l.dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = file, file, l.log
	if err := cmd.Run(); err != nil {
		fmt.Fprintf(l.log, "%s: %v\n", cmd.Path, err) // how some of them end after a bad login
	}
}
