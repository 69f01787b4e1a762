package servertest

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// Owner is the unprivileged user whom a server runs as and its files belong to. The
// zero value is the user who runs the test, be it root.
type Owner struct {
	User, Group string // names
	// Credential is nil when that is the user who runs the test.
	Credential *syscall.Credential
}

// FindOwner returns the user who runs the test or, for root, one of those that every
// Debian system has: most servers open no mail as root.
func FindOwner() (Owner, error) {
	u, err := user.Current()
	if os.Getuid() == 0 {
		if u, err = user.Lookup("mail"); err != nil {
			u, err = user.Lookup("nobody")
		}
	}
	if err != nil {
		return Owner{}, fmt.Errorf("no user to run the server as: %w", err)
	}
	g, err := user.LookupGroupId(u.Gid)
	if err != nil {
		return Owner{}, fmt.Errorf("group of user %s: %w", u.Username, err)
	}
	o := Owner{User: u.Username, Group: g.Name}
	if os.Getuid() != 0 {
		return o, nil
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return Owner{}, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return Owner{}, err
	}
	o.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return o, nil
}

// Give makes one file the owner's.
func (o Owner) Give(path string) error {
	if o.Credential == nil {
		return nil
	}
	return os.Lchown(path, int(o.Credential.Uid), int(o.Credential.Gid))
}

// GiveAll makes a folder and all that is in it the owner's.
func (o Owner) GiveAll(dir string) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return o.Give(path)
	})
}
