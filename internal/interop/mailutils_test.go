package interop

import (
	"bytes"
	"fmt"
	"os/exec"
	"slices"
	"testing"

	"postern/internal/servertest"
)

// startMailutils starts the POP3 server of GNU Mailutils on an mbox.
func startMailutils(t *testing.T) *server {
	program, version := installed(t, "pop3d", "mailutils-pop3d")
	l := newLab(t, "mailutils")
	setup := l.accounts("", "")
	s := &server{
		version: version,
		plain:   l.address(), tls: l.address(),
		caFile:     l.path(servertest.CAFile),
		mechanisms: []string{"APOP", "USER"},
		deliver:    l.intoMbox,
		files:      l.inMbox,
		quirks:     quirks{restored: withoutMailutilsFields, doublesGap: true},
	}
	s.stls = s.plain
	l.mkdir("lock")
	l.write("pop3d.conf", fmt.Sprintf(`mode daemon;
foreground yes;
pidfile "%[1]s/pid";
tcp-wrappers { enable no; };
logging { syslog no; };
auth {
  authentication clear;
  authentication generic:system;
  authorization clear;
  authorization system;
};
mailbox { mailbox-pattern "/var/mail/${user}"; };
apop-database-file "%[1]s/apop.db";
apop-database-safety "none";
tls-file-checks { key-file none; cert-file none; ca-file none; };
tls {
  ssl-certificate-file "%[1]s/%[2]s";
  ssl-key-file "%[1]s/%[3]s";
};
mandatory-locking { lock-directory "%[1]s/lock"; };
server %[4]s { tls-mode ondemand; };
server %[5]s { tls-mode connection; };
`, l.dir, servertest.CertFile, servertest.KeyFile, s.plain, s.tls))
	l.output(exec.Command("popauth", "--add", "--file="+l.path("apop.db"), "--user="+user, "--password="+password))
	l.serve(l.boxed(setup, program, "--config-file="+l.path("pop3d.conf")), servertest.Owner{}, s.plain, s.tls)
	return s
}

// withoutMailutilsFields takes out of a message what Mailutils has put into it.
func withoutMailutilsFields(message []byte) []byte {
	header, body, _ := bytes.Cut(message, []byte("\r\n\r\n"))
	lines := slices.DeleteFunc(bytes.Split(header, []byte("\r\n")), func(line []byte) bool {
		name, _, _ := bytes.Cut(line, []byte(":"))
		return slices.Contains(mailutilsFields, string(name))
	})
	return slices.Concat(bytes.Join(lines, []byte("\r\n")), []byte("\r\n\r\n"), body)
}

// mailutilsFields are what Mailutils writes into the messages of an mbox.
var mailutilsFields = []string{"Status", "X-IMAPbase", "X-UID", "X-UIDL"}
