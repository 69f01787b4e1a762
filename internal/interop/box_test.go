package interop

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// capSysAdmin is the right to mount (capabilities(7)).
const capSysAdmin = 21

// boxed gives a command that runs in namespaces of its own: mounts that the shell
// script setup makes are seen there only, and all processes end with the first. It is
// for servers that know no other paths and accounts than the system's.
func (l *lab) boxed(setup string, argv ...string) *exec.Cmd {
	l.Helper()
	// No exec: the shell stays the first process, because the kernel forgets to end
	// with the test one that changes its user, as servers do.
	script := "mount --make-rprivate /\n" + setup + "\n\"$@\"\nexit\n"
	cmd := exec.Command("/bin/sh", append([]string{"-ec", script, "box"}, argv...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID}
	if uid, gid := os.Getuid(), os.Getgid(); uid != 0 {
		// Whoever makes a user namespace may mount in it.
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: gid, HostID: gid, Size: 1}}
		cmd.SysProcAttr.AmbientCaps = []uintptr{capSysAdmin}
	}
	return cmd
}

// unprivileged is what to put before a command in a box to run it as the owner.
func (l *lab) unprivileged() []string {
	if l.owner.Credential == nil {
		return nil
	}
	return []string{"setpriv", "--reuid", l.owner.User, "--regid", l.owner.Group, "--clear-groups"}
}

// overlay gives the line of a box's script that shows a file or folder of the lab in
// place of one of the system's.
func (l *lab) overlay(name, path string) string {
	return fmt.Sprintf("mount --bind %s %s\n", l.path(name), path)
}
