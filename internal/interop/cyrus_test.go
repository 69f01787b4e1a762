package interop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"postern/internal/servertest"
	"postern/pop3client"
)

// cyrus is a Cyrus in a lab.
type cyrus struct {
	*lab
	bin, libraries string
	delivered      int
}

// startCyrus starts Cyrus, which keeps mail in a store of its own. Its packages are
// unpacked, because they cannot be installed beside another POP3 server.
func startCyrus(t *testing.T) *server {
	common, version := unpacked(t, "cyrus-common")
	pop3, _ := unpacked(t, "cyrus-pop3d")
	installed(t, "saslpasswd2", "sasl2-bin")
	installed(t, "sh", "libsasl2-modules")
	c := &cyrus{lab: newLab(t, "cyrus")}
	c.copyOf(common)
	c.copyOf(pop3)
	c.bin = c.path("root/usr/lib/cyrus/bin")
	libraries, err := filepath.Glob(c.path("root/usr/lib/*/libcyrus.so.0"))
	if err != nil || len(libraries) != 1 {
		t.Fatalf("libcyrus: %q, %v", libraries, err)
	}
	c.libraries = filepath.Dir(libraries[0])
	s := &server{
		version: version,
		plain:   c.address(), tls: c.address(),
		caFile:     c.path(servertest.CAFile),
		mechanisms: []string{"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "APOP", "PLAIN", "LOGIN", "USER"},
		quirks:     quirks{cutsAtNUL: true},
	}
	s.stls = s.plain
	s.deliver = func(t *testing.T, mails []mail) { c.deliver(t, s.plain, mails) }
	s.files = func(t *testing.T) [][]byte {
		return inFolders(c.output(c.asOwner(c.command("mbpath", "user/"+user))) + "/*[0-9].")(t)
	}
	c.configure(s)
	c.handOver()
	c.serve(c.command("master", "-D", "-M", c.path("cyrus.conf"), "-p", c.path("pid")), c.owner, s.plain, s.tls)
	return s
}

// configure writes all that Cyrus reads, and the account.
func (c *cyrus) configure(s *server) {
	c.Helper()
	c.mkdir("var/db", "var/socket", "var/log", "var/msg", "var/proc", "var/lock", "spool")
	c.write("imapd.conf", fmt.Sprintf(`configdirectory: %[1]s/var
defaultpartition: default
partition-default: %[1]s/spool
servername: localhost
cyrus_user: %[2]s
cyrus_group: %[3]s
unixhierarchysep: yes
virtdomains: off
autocreate_users: anyone
autocreate_quota: -1
expunge_mode: immediate
allowapop: yes
allowplaintext: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: %[1]s/sasldb2
sasl_mech_list: PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256
tls_server_cert: %[1]s/%[4]s
tls_server_key: %[1]s/%[5]s
`, c.dir, c.owner.User, c.owner.Group, servertest.CertFile, servertest.KeyFile))
	c.write("cyrus.conf", fmt.Sprintf(`START {
  recover cmd="%[1]s/ctl_cyrusdb -C %[2]s/imapd.conf -r"
}
SERVICES {
  pop3  cmd="%[1]s/pop3d -C %[2]s/imapd.conf" listen="%[3]s" proto="tcp4"
  pop3s cmd="%[1]s/pop3d -C %[2]s/imapd.conf -s" listen="%[4]s" proto="tcp4"
}
EVENTS {
}
`, c.bin, c.dir, s.plain, s.tls))
	cmd := exec.Command(servertest.Program("saslpasswd2"), "-p", "-c", "-f", c.path("sasldb2"), "-u", "localhost", user)
	cmd.Stdin = strings.NewReader(password)
	c.output(cmd)
}

// command gives one of Cyrus's programs, with its configuration.
func (c *cyrus) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, program), append([]string{"-C", c.path("imapd.conf")}, args...)...)
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+c.libraries)
	return cmd
}

// deliver puts the messages where Cyrus keeps them and has it find them there. The
// mailbox comes into being with the first login.
func (c *cyrus) deliver(t *testing.T, addr string, mails []mail) {
	t.Helper()
	client, err := pop3client.Dial(t.Context(), addr, &pop3client.Options{Security: pop3client.None})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.UserPass(t.Context(), user, password); err != nil {
		t.Fatal(err)
	}
	if err := client.Quit(t.Context()); err != nil {
		t.Fatal(err)
	}
	folder := c.output(c.asOwner(c.command("mbpath", "user/"+user)))
	for _, m := range mails {
		c.delivered++
		path := filepath.Join(folder, fmt.Sprintf("%d.", c.delivered))
		if err := os.WriteFile(path, m.wire(), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := c.owner.Give(path); err != nil {
			t.Fatal(err)
		}
	}
	c.output(c.asOwner(c.command("reconstruct", "user/"+user)))
}

// asOwner has a command run as the owner.
func (l *lab) asOwner(cmd *exec.Cmd) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: l.owner.Credential}
	return cmd
}
