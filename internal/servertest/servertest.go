// Package servertest is what the helpers that run real servers have in common: a folder,
// free ports, certificates, an unprivileged user, and processes that do not outlive who
// started them.
package servertest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
)

// maxDir leaves room below the 107 octets of a UNIX socket's path for the longest name
// that a server puts into its folder.
const maxDir = 70

// MakeDir makes a folder, which the caller removes. Unlike testing's TempDir its path
// does not carry the test's name, and so is short enough for UNIX sockets.
func MakeDir(name string) (string, error) {
	dir, err := os.MkdirTemp("", name)
	if err == nil && len(dir) > maxDir {
		err = fmt.Errorf("folder %s: path too long for a UNIX socket, set TMPDIR to a shorter one", dir)
	}
	return dir, err
}

// FreePort returns a loopback address "127.0.0.1:port" nobody listens on at the moment.
// The port is below those that the kernel takes for outgoing connections, of which one
// could have it when the server wants to bind it.
func FreePort() (string, error) {
	var err error
	for range 20 {
		var l net.Listener
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(10000))); err == nil {
			defer l.Close()
			return l.Addr().String(), nil
		}
	}
	return "", err
}

// Port returns the port of "host:port".
func Port(addr string) string {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return ""
	}
	return port
}

// Program returns the path of an installed program, "" if there is none. It also looks
// where an ordinary user's PATH does not lead.
func Program(name string) string {
	for _, candidate := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	return ""
}
