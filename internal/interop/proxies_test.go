package interop

import (
	"fmt"
	"os/exec"
	"testing"

	"postern/internal/dovecottest"
	"postern/internal/servertest"
)

// startPerdition starts Perdition, a proxy with USER and PASS only, before a Dovecot.
func startPerdition(t *testing.T) *server {
	program, version := installed(t, "perdition", "perdition")
	backend := dovecotWith(t, dovecottest.Options{})
	l := newLab(t, "perdition")
	s := &server{
		version: version,
		plain:   l.address(), tls: l.address(),
		caFile:     l.path(servertest.CAFile),
		mechanisms: []string{"USER"},
		deliver:    backend.deliver,
		files:      backend.files,
	}
	s.stls = s.plain
	l.handOver()
	command := func(protocol, mode, addr string) *exec.Cmd {
		return exec.Command(program, "--config_file", "/dev/null", "--no_daemon", "--no_lookup", "--protocol", protocol,
			"--bind_address", "127.0.0.1", "--listen_port", port(addr), "--ssl_mode", mode,
			"--outgoing_server", "127.0.0.1", "--outgoing_port", port(backend.plain), "--map_library", "",
			"--ssl_cert_file", l.path(servertest.CertFile), "--ssl_key_file", l.path(servertest.KeyFile), "--ssl_ca_file", s.caFile,
			"--username", l.owner.User, "--group", l.owner.Group, "--log_facility", "-", "--pid_file", l.path("pid."+protocol))
	}
	l.serve(command("POP3", "tls_listen", s.plain), l.owner, s.plain, "")
	l.serve(command("POP3S", "ssl_listen", s.tls), l.owner, "", s.tls)
	return s
}

// startStunnel starts stunnel, which adds STLS and TLS to a server that has neither.
func startStunnel(t *testing.T) *server {
	program, version := installed(t, "stunnel4", "stunnel4")
	s := startPopa3d(t)
	l := newLab(t, "stunnel")
	s.version, s.caFile = version, l.path(servertest.CAFile)
	s.stls, s.tls = l.address(), l.address()
	conf := l.write("stunnel.conf", fmt.Sprintf(`foreground = yes
pid =
syslog = no
cert = %[1]s/%[2]s
key = %[1]s/%[3]s
[pop3s]
accept = %[4]s
connect = %[5]s
[stls]
accept = %[6]s
connect = %[5]s
protocol = pop3
`, l.dir, servertest.CertFile, servertest.KeyFile, s.tls, s.plain, s.stls))
	s.plain = ""
	l.handOver()
	l.serve(exec.Command(program, conf), l.owner, s.stls, s.tls)
	return s
}
