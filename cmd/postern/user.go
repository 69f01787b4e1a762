package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"postern/internal/seal"
	"postern/store"
	"postern/web"
)

func (userCmd) Help() string { return "Example:\n\n    postern user add anna" }

type userCmd struct {
	Add    userAddCmd    `cmd:"" help:"Add a user."`
	List   userListCmd   `cmd:"" help:"List users."`
	Passwd userPasswdCmd `cmd:"" help:"Set a user's password; all their sessions end."`
	Remove userRemoveCmd `cmd:"" help:"Remove a user with all accounts and mail. Nothing is deleted on servers."`
}

type userAddCmd struct {
	Name  string `arg:"" help:"Name to sign in with."`
	Admin bool   `help:"May manage users."`
	passwordFlag
}

func (userAddCmd) Help() string {
	return "Example:\n\n    postern user add --admin anna --password-file anna.txt"
}

func (c userAddCmd) Run(ctx context.Context, p *program) error {
	if err := web.CheckUserName(c.Name); err != nil {
		return usageError{err}
	}
	password, err := c.read(ctx, p, "Password for "+c.Name, true)
	if err != nil {
		return err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	return p.withNewStore(ctx, func(s *store.Store) error {
		users, err := s.Users(ctx)
		if err != nil {
			return err
		}
		// Somebody has to be the owner.
		_, err = s.AddUser(ctx, c.Name, hash, c.Admin || len(users) == 0)
		return err
	})
}

func hashPassword(ctx context.Context, password seal.Secret) (string, error) {
	if err := web.CheckPassword(password); err != nil {
		return "", err
	}
	return seal.HashPasswordContext(ctx, password)
}

type userListCmd struct{}

func (userListCmd) Help() string { return "Example:\n\n    postern user list" }

func (userListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s *store.Store) error {
		users, err := s.Users(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		for _, u := range users {
			role := "user"
			if u.Owner {
				role = "owner"
			}
			if u.TOTP {
				role += ", two-step sign-in"
			}
			fmt.Fprintf(w, "%s\t%s\tsince %s\n", u.Name, role, u.Created.Format("2006-01-02"))
		}
		return w.Flush()
	})
}

type userPasswdCmd struct {
	Name     string `arg:"" help:"The user."`
	DropTOTP bool   `help:"Turn their two-step sign-in off as well: the way back in for who has lost app and recovery codes." name:"drop-totp"`
	passwordFlag
}

func (userPasswdCmd) Help() string {
	return "The way back in, for who runs Postern.\n\nExample:\n\n    postern user passwd anna"
}

func (c userPasswdCmd) Run(ctx context.Context, p *program) error {
	return p.withUser(ctx, c.Name, func(s *store.Store, u store.User) error {
		password, err := c.read(ctx, p, "New password for "+u.Name, true)
		if err != nil {
			return err
		}
		hash, err := hashPassword(ctx, password)
		if err != nil {
			return err
		}
		if err := s.SetPassword(ctx, u.ID, hash, nil); err != nil || !c.DropTOTP {
			return err
		}
		return s.RemoveSecondFactor(ctx, u.ID, nil)
	})
}

type userRemoveCmd struct {
	Name string `arg:"" help:"The user."`
}

func (userRemoveCmd) Help() string { return "Example:\n\n    postern user remove anna" }

func (c userRemoveCmd) Run(ctx context.Context, p *program) error {
	return p.withUser(ctx, c.Name, func(s *store.Store, u store.User) error {
		if err := s.RemoveUser(ctx, u.ID); err != nil {
			return err
		}
		return s.FinishRemovals(ctx)
	})
}

// withStore opens the data directory for one command, beside a running serve or not.
func (p *program) withStore(ctx context.Context, do func(*store.Store) error) error {
	return p.with(ctx, false, do)
}

// withNewStore is withStore for the commands that may begin a new data directory.
func (p *program) withNewStore(ctx context.Context, do func(*store.Store) error) error {
	return p.with(ctx, true, do)
}

func (p *program) with(ctx context.Context, create bool, do func(*store.Store) error) (err error) {
	s, err := p.openStore(ctx, create)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(s)
}

func (p *program) withUser(ctx context.Context, name string, do func(*store.Store, store.User) error) error {
	return p.withStore(ctx, func(s *store.Store) error {
		u, err := s.UserNamed(ctx, name)
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("there is no user named %s; see postern user list", name)
		}
		if err != nil {
			return err
		}
		return do(s, u)
	})
}
