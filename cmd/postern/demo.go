package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"postern/cmd/postern/demo"
	"postern/internal/i18n"
	"postern/internal/seal"
	"postern/pop3client/pop3test"
	"postern/store"
	"postern/syncer"
)

// The demo's owner, and the latest messages of its mailbox, which arrive while one
// looks.
const (
	demoUser     = "demo"
	demoPassword = "demo-demo"
	demoLate     = 3
	demoPause    = 25 * time.Second
)

// demoNotice stands on the demo's sign-in page.
const demoNotice i18n.Key = "This is a demo with made-up mail. It contacts no other machine, unless you add an account of your own, and forgets everything when it ends. Sign in as %s with the password %s."

type demoCmd struct{ portalFlags }

func (demoCmd) Help() string {
	return "Nothing outside this machine is contacted, unless you add an account of your own, and nothing is left behind.\n\nExample:\n\n    postern demo --listen 127.0.0.1:9000"
}

func (c demoCmd) Run(ctx context.Context, p *program) (err error) {
	l, err := c.listen()
	if err != nil {
		return err
	}
	defer l.Close()
	dir, err := os.MkdirTemp("", "postern-demo-")
	if err != nil {
		return fmt.Errorf("make a data directory for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	server, err := startDemoServer(ctx)
	if err != nil {
		return err
	}
	defer server.Close()
	p.DataDir, p.KeyFile, p.AllowPrivateHosts, p.demo = dir, "", syncer.AccessOwner, true
	return p.withNewStore(ctx, func(s *store.Store) error {
		if err := setUpDemo(ctx, s, server); err != nil {
			return err
		}
		fmt.Fprintln(p.out, i18n.Say(demoNotice, demoUser, demoPassword))
		return c.serve(ctx, p, s, l, "")
	})
}

// startDemoServer starts a POP3 server with the sample mail, the last of which arrives
// a little later.
func startDemoServer(ctx context.Context) (*pop3test.Server, error) {
	drop := pop3test.NewMaildrop("demo@example.com", demoPassword)
	messages := demo.Messages(time.Now())
	for _, m := range messages[:len(messages)-demoLate] {
		drop.Add(m.UIDL, m.Raw)
	}
	server, err := pop3test.Start(drop)
	if err != nil {
		return nil, fmt.Errorf("start the demo's POP3 server: %w", err)
	}
	go func() {
		for _, m := range messages[len(messages)-demoLate:] {
			select {
			case <-ctx.Done():
				return
			case <-time.After(demoPause):
				drop.Add(m.UIDL, m.Raw)
			}
		}
	}()
	return server, nil
}

func setUpDemo(ctx context.Context, s *store.Store, server *pop3test.Server) error {
	hash, err := seal.HashPassword(seal.NewSecret(demoPassword))
	if err != nil {
		return err
	}
	user, err := s.AddFirstOwner(ctx, demoUser, hash)
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(server.TLSAddr())
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	_, err = s.AddAccount(ctx, user, store.Settings{
		Name: "Demo", Email: "demo@example.com", Host: host, Port: number, Security: store.TLS,
		Username: "demo@example.com", CA: string(server.Authority().PEM()),
		Policy: store.DeleteOnDelete, ReadAfterDays: 7, Interval: time.Minute,
	}, seal.NewSecret(demoPassword))
	return err
}
