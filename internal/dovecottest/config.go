package dovecottest

import (
	"fmt"
	"path/filepath"

	"postern/internal/servertest"
)

// config returns dovecot.conf. Every process runs as one unprivileged user, so what
// Dovecot would do as root (chroot, switching users) is turned off.
func (s *Server) config() string {
	return fmt.Sprintf(`
protocols = pop3
listen = 127.0.0.1
base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
auth_verbose = yes

default_internal_user = %[2]s
default_internal_group = %[3]s
default_login_user = %[2]s
first_valid_uid = 1

service anvil {
  chroot =
  # Without this socket a wrong password costs the next login no extra seconds.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = %[4]s
  }
  inet_listener pop3s {
    port = %[5]s
    ssl = yes
  }
}

ssl = yes
ssl_cert = <%[1]s/%[6]s
ssl_key = <%[1]s/%[7]s

disable_plaintext_auth = no
auth_mechanisms = %[8]s
auth_failure_delay = 0
# Empty: names with characters outside ASCII are let through.
auth_username_chars =
passdb {
  driver = passwd-file
  args = %[1]s/passwd
}
userdb {
  driver = static
  args = uid=%[2]s gid=%[3]s home=%[1]s/home allow_all_users=yes
}
mail_location = maildir:~/Maildir
mail_fsync = never
%[9]s`, s.dir, s.owner.User, s.owner.Group, servertest.Port(s.Plain), servertest.Port(s.TLS),
		servertest.CertFile, servertest.KeyFile, s.opt.Mechanisms, s.opt.Extra)
}

// Maildir returns the path of the user's Maildir, with its folders new, cur and tmp.
func (s *Server) Maildir() string { return filepath.Join(s.dir, "home", "Maildir") }
