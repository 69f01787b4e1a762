package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"postern/store"
)

type doctorCmd struct {
	portalFlags
	backupFlags
}

func (doctorCmd) Help() string {
	return "Looks at configuration, permissions, key, disk, clock, name servers and each account's last result, and says in plain words what is wrong. Give it the flags or the environment of serve. It changes nothing and connects to no mail server.\n\nExample:\n\n    postern doctor --data-dir /var/lib/postern"
}

// Run exits with 1 when something is wrong.
func (c doctorCmd) Run(ctx context.Context, p *program) error {
	d := &doctor{program: p, ctx: ctx}
	d.files()
	d.disk()
	d.portal(c.portalFlags)
	d.backups(c.backupFlags)
	if d.there {
		if err := p.withStore(ctx, d.accounts); err != nil {
			d.bad("Store: %v", err)
		}
	}
	if d.wrong > 0 {
		return fmt.Errorf("%d of these want your attention", d.wrong)
	}
	return nil
}

// doctor tells what it finds, a line each.
type doctor struct {
	*program
	ctx   context.Context
	there bool // there is a database
	wrong int
}

func (d *doctor) ok(format string, args ...any)   { fmt.Fprintf(d.out, "ok    "+format+"\n", args...) }
func (d *doctor) note(format string, args ...any) { fmt.Fprintf(d.out, "note  "+format+"\n", args...) }
func (d *doctor) bad(format string, args ...any) {
	d.wrong++
	fmt.Fprintf(d.out, "WRONG "+format+"\n", args...)
}

// files looks at the data directory and the key.
func (d *doctor) files() {
	info, err := os.Stat(d.DataDir)
	why := d.forbidden()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.note("Data directory: %s is not there yet; postern serve makes it.", d.DataDir)
		return
	case err != nil:
		d.bad("Data directory: %v.", err)
		return
	case !info.IsDir():
		d.bad("Data directory: %s is a file; choose another with --data-dir.", d.DataDir)
		return
	case why != "":
		d.bad("Data directory: %s cannot be used: %s.", d.DataDir, why)
		return
	case info.Mode().Perm()&0o077 != 0:
		d.bad("Data directory: others may look into %s (mode %04o); chmod 700 %s.", d.DataDir, info.Mode().Perm(), d.DataDir)
	default:
		d.ok("Data directory: %s, for its owner alone.", d.DataDir)
	}
	entries, err := os.ReadDir(d.DataDir)
	if err != nil {
		d.bad("Data directory: %v.", err)
	}
	d.strangers()
	for _, e := range entries {
		d.there = d.there || e.Name() == "postern.db"
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
			d.bad("File: others may read %s (mode %04o); chmod 600 it.", filepath.Join(d.DataDir, e.Name()), info.Mode().Perm())
		}
		if strings.Contains(e.Name(), ".db.version-") {
			d.note("Copy: %s was made before an update; remove it when all is well.", e.Name())
		}
	}
	// Whether the key fits is found out when the store is opened.
	switch info, err := os.Stat(d.keyPath()); {
	case errors.Is(err, fs.ErrNotExist) && d.there:
		d.bad("Key: %s is missing; put it back, or name it with --key-file.", d.keyPath())
	case err == nil && info.Mode().Perm()&0o077 != 0:
		d.bad("Key: others may read %s; chmod 600 it.", d.keyPath())
	case err == nil:
		d.ok("Key: %s. Keep a copy of it apart from your backups.", d.keyPath())
	}
}

// strangers looks for files that belong to another user than the data directory, as when a command was run there as root:
// Postern cannot use them, or may not write to them, once it runs as itself again.
func (d *doctor) strangers() {
	owner, known := ownerOf(d.DataDir)
	if !known {
		return
	}
	filepath.WalkDir(d.DataDir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return nil // the store says what it misses
		}
		if other, known := ownerOf(path); known && other != owner {
			d.bad("File: %s belongs to %s, and the data directory to %s; chown %s it.", path, userNamed(other), userNamed(owner), userNamed(owner))
		}
		return nil
	})
}

// littleRoom is where a disk begins to be too full for comfort.
const littleRoom = 1 << 30

func (d *doctor) disk() {
	at := d.DataDir
	if _, err := os.Stat(at); err != nil {
		at = "."
	}
	var st syscall.Statfs_t
	if err := syscall.Statfs(at, &st); err != nil {
		d.bad("Disk: %v.", err)
		return
	}
	free := int64(st.Bavail) * int64(st.Bsize)
	if free < littleRoom {
		d.bad("Disk: only %d MB are free where %s lies. Mail that does not fit stays on its server.", free/1e6, d.DataDir)
		return
	}
	d.ok("Disk: %.1f GB are free.", float64(free)/1e9)
}

// portal looks at how people reach it.
func (d *doctor) portal(f portalFlags) {
	host, _, err := net.SplitHostPort(f.Listen)
	addr, notAddress := netip.ParseAddr(host)
	loopback := host == "localhost" || notAddress == nil && addr.IsLoopback()
	switch {
	case err != nil:
		d.bad("Listen: %s is no address and port.", f.Listen)
	case !loopback && f.TLSCert == "" && !strings.HasPrefix(f.BaseURL, "https://"):
		d.bad("Listen: other machines reach %s, and nothing on the way is encrypted; see docs/PROXY.md.", f.Listen)
	default:
		d.ok("Listen: %s.", f.Listen)
	}
	if f.BaseURL != "" && len(f.TrustedProxies) == 0 && f.TLSCert == "" {
		d.note("Proxy: --base-url is set and --trusted-proxies is not: everybody seems to come from the proxy.")
	}
	cert, err := f.certificate(d.log)
	switch {
	case err != nil:
		d.bad("TLS: %v.", err)
	case cert != nil:
		leaf, err := x509.ParseCertificate(cert.now.Certificate[0])
		if err != nil {
			d.bad("TLS: %v.", err)
		} else if left := time.Until(leaf.NotAfter); left < 7*24*time.Hour {
			d.bad("TLS: the certificate ends on %s.", leaf.NotAfter.Format("2 January 2006"))
		} else {
			d.ok("TLS: the certificate is good until %s.", leaf.NotAfter.Format("2 January 2006"))
		}
	}
}

func (d *doctor) backups(f backupFlags) {
	if f.BackupDir == "" {
		d.note("Backups: none by themselves; see --backup-dir.")
		return
	}
	made, err := scheduled(f.BackupDir)
	switch {
	case err != nil:
		d.bad("Backups: %v.", err)
	case len(made) == 0:
		d.bad("Backups: there is none in %s yet.", f.BackupDir)
	default:
		last, _ := time.Parse(backupName, made[len(made)-1])
		if age := time.Since(last); age > 2*f.BackupEvery {
			d.bad("Backups: the last is of %s.", last.Local().Format("2 January 2006, 15:04"))
		} else {
			d.ok("Backups: %d, the last of %s.", len(made), last.Local().Format("2 January 2006, 15:04"))
		}
	}
}

// accounts looks at clock, name servers, and each account's last result.
func (d *doctor) accounts(s *store.Store) error {
	d.ok("Store: opens with this key; postern check reads everything back.")
	users, err := s.Users(d.ctx)
	if err != nil {
		return err
	}
	if len(users) == 0 {
		d.note("People: there is nobody yet; postern serve prints a link to begin with.")
	}
	newest := time.Time{}
	for _, u := range users {
		accounts, err := s.Accounts(d.ctx, u.ID)
		if err != nil {
			return err
		}
		last, err := s.LastSyncs(d.ctx, u.ID)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			if a.Removed {
				continue
			}
			if ended := last[a.ID].Ended; ended.After(newest) {
				newest = ended
			}
			d.account(u.Name+"/"+a.Name, a, last[a.ID])
		}
	}
	if newest.After(time.Now().Add(time.Hour)) {
		d.bad("Clock: it stands before the last sync, of %s; set it right.", newest.Local().Format("2 January 2006, 15:04"))
	} else {
		d.ok("Clock: %s.", time.Now().Format("2 January 2006, 15:04 MST"))
	}
	return nil
}

// lookTime is how long a name server may take.
const lookTime = 5 * time.Second

func (d *doctor) account(name string, a store.Account, last store.Sync) {
	ctx, cancel := context.WithTimeout(d.ctx, lookTime)
	defer cancel()
	if _, err := net.DefaultResolver.LookupNetIP(ctx, "ip", a.Host); err != nil {
		d.bad("%s: the name %s cannot be looked up: %v.", name, a.Host, err)
	}
	switch {
	case !a.HasPassword:
		d.bad("%s: it has no password; type it on the account's page, or: postern account set --password.", name)
	case a.Paused:
		d.bad("%s: paused until you look at it: %s", name, last.Sentence)
	case a.Failures > 0:
		d.bad("%s: %s in a row: %s", name, counted(a.Failures, "failure"), last.Sentence)
	case last.Ended.IsZero():
		d.note("%s: not checked yet.", name)
	default:
		d.ok("%s: %s (%s)", name, last.Sentence, last.Ended.Local().Format("2 January 15:04"))
	}
	if !a.Pin.IsZero() {
		d.note("%s: the certificate of %s is trusted by its fingerprint, SHA-256 %s; postern account set --pin changes that.", name, a.Host, a.Pin)
	}
	if a.Held {
		d.note("%s: it came out of a backup; its deletions wait for a word on the page Deletions.", name)
	}
}
