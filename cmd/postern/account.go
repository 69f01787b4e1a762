package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"postern/internal/seal"
	"postern/pop3client"
	"postern/store"
)

func (accountCmd) Help() string {
	return "Example:\n\n    postern account add --user anna pop3s://anna%40example.com@pop.example.com"
}

type accountCmd struct {
	Add    accountAddCmd    `cmd:"" help:"Add a POP3 account."`
	List   accountListCmd   `cmd:"" help:"List accounts."`
	Set    accountSetCmd    `cmd:"" help:"Change an account."`
	Remove accountRemoveCmd `cmd:"" help:"Remove an account; its mail stays unless told otherwise."`
}

// accountFlags are what may be said of an account; nil and "" leave it as it is.
type accountFlags struct {
	Name     string         `help:"Name shown on its messages. (the user name)" placeholder:"NAME"`
	Policy   *policy        `help:"On the server: on-delete, keep, days:N or after-download. (on-delete)" placeholder:"POLICY"`
	Interval *time.Duration `help:"Time between checks, from 1m to 24h; 0 checks by hand only. (10m)" placeholder:"DURATION"`
	Adaptive *bool          `help:"Check more often while mail comes, less often when it is quiet." negatable:""`
	MaxSize  *sizeLimit     `help:"Leave larger messages on the server, as a row that can be fetched; 0 fetches all. (0)" placeholder:"SIZE"`
	CAFile   string         `help:"Extra root certificates, PEM." name:"ca-file" placeholder:"PEM"`
	Pin      *pin           `help:"Trust the server's certificate by its SHA-256 fingerprint, though it does not verify; none forgets it. See postern probe." placeholder:"SHA256"`
}

func (f accountFlags) apply(s *store.Settings) error {
	if f.Name != "" {
		s.Name = f.Name
	}
	if f.Policy != nil {
		s.Policy, s.PolicyDays = f.Policy.policy, f.Policy.days
	}
	if f.Interval != nil {
		if *f.Interval != 0 && (*f.Interval < time.Minute || *f.Interval > 24*time.Hour) {
			return usageError{errors.New("--interval must be 0, or from a minute to a day (1m to 24h)")}
		}
		s.Interval = *f.Interval
	}
	if f.Adaptive != nil {
		s.Adaptive = *f.Adaptive
	}
	if f.MaxSize != nil {
		s.MaxSize = int64(*f.MaxSize)
	}
	if f.CAFile != "" {
		pem, err := os.ReadFile(f.CAFile)
		if err != nil {
			return fmt.Errorf("CA file: %w", err)
		}
		s.CA = string(pem)
	}
	if f.Pin != nil {
		s.Pin = f.Pin.Fingerprint
	}
	return nil
}

// pin is a fingerprint as the command line has it.
type pin struct{ store.Fingerprint }

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *pin) UnmarshalText(text []byte) (err error) {
	if string(text) == "none" {
		*p = pin{}
		return nil
	}
	p.Fingerprint, err = store.ParseFingerprint(string(text))
	return err
}

type accountAddCmd struct {
	URL  string `arg:"" name:"pop-url" help:"pop3s://USER@HOST or pop3s://USER@HOST:PORT; pop3:// (STLS) or pop3+insecure://; a mail address as USER is written anna%40example.com."`
	User string `required:"" help:"Whose account." placeholder:"NAME"`
	accountFlags
	passwordFlag
}

func (accountAddCmd) Help() string {
	return "Example:\n\n    postern account add --user anna --password-file mail.txt pop3s://anna%40example.com@pop.example.com"
}

func (c accountAddCmd) Run(ctx context.Context, p *program) error {
	s, err := settingsOf(c.URL)
	if err != nil {
		return err
	}
	s.Policy, s.ReadAfterDays, s.Interval = store.DeleteOnDelete, 7, 10*time.Minute
	if err := c.apply(&s); err != nil {
		return err
	}
	return p.withUser(ctx, c.User, func(st *store.Store, u store.User) error {
		accounts, err := st.Accounts(ctx, u.ID)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			if !a.Removed && strings.EqualFold(a.Host, s.Host) && a.Username == s.Username {
				return fmt.Errorf("%s has that account already, named %s", u.Name, a.Name)
			}
		}
		password, err := c.read(ctx, p, "Password for "+s.Username+" at "+s.Host, false)
		if err != nil {
			return err
		}
		_, err = st.AddAccount(ctx, u.ID, s, password)
		if errors.Is(err, store.ErrMailboxHere) {
			return fmt.Errorf("%s has that account already", u.Name)
		}
		return err
	})
}

// settingsOf reads a POP URL.
func settingsOf(popURL string) (store.Settings, error) {
	u, err := pop3client.ParseURL(popURL)
	if err != nil {
		return store.Settings{}, usageError{err}
	}
	if u.User == "" {
		return store.Settings{}, usageError{errors.New("the POP URL has no user name: write pop3s://USER@HOST")}
	}
	port := u.Port
	if port == 0 {
		port, _ = strconv.Atoi(u.Security.Port())
	}
	security := map[pop3client.Security]store.Security{
		pop3client.TLS: store.TLS, pop3client.STARTTLS: store.STARTTLS, pop3client.None: store.Plain}[u.Security]
	email := u.User
	if !strings.Contains(email, "@") {
		email += "@" + u.Host
	}
	return store.Settings{Name: u.User, Email: email, Host: u.Host, Port: port, Security: security, Username: u.User, Mechanism: u.Auth}, nil
}

type accountListCmd struct {
	User string `help:"Only this user's accounts." placeholder:"NAME"`
}

func (accountListCmd) Help() string { return "Example:\n\n    postern account list --user anna" }

func (c accountListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s *store.Store) error {
		w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		err := eachAccount(ctx, s, c.User, "", func(u store.User, a store.Account) error {
			pinned := ""
			if !a.Pin.IsZero() {
				pinned = "\tcertificate pinned, SHA-256 " + a.Pin.String()
			}
			_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d on the server%s\n", u.Name, a.Name, urlOf(a.Settings), policy{a.Policy, a.PolicyDays}, a.Interval, a.ServerCount, pinned)
			return err
		})
		return errors.Join(err, w.Flush())
	})
}

func urlOf(s store.Settings) string {
	security := map[store.Security]pop3client.Security{store.TLS: pop3client.TLS, store.STARTTLS: pop3client.STARTTLS, store.Plain: pop3client.None}[s.Security]
	u := pop3client.URL{Security: security, User: s.Username, Auth: s.Mechanism, Host: s.Host, Port: s.Port}
	return u.String()
}

// eachAccount calls do for the accounts of one user or of all, by name or all of them.
// It is an error if there is none.
func eachAccount(ctx context.Context, s *store.Store, user, name string, do func(store.User, store.Account) error) error {
	users, err := s.Users(ctx)
	if err != nil {
		return err
	}
	userFound, found := user == "", false
	for _, u := range users {
		if user != "" && !strings.EqualFold(u.Name, user) {
			continue
		}
		userFound = true
		accounts, err := s.Accounts(ctx, u.ID)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			if a.Removed || name != "" && !strings.EqualFold(a.Name, name) {
				continue
			}
			found = true
			if err := do(u, a); err != nil {
				return err
			}
		}
	}
	switch {
	case !userFound:
		return fmt.Errorf("there is no user named %s; see postern user list", user)
	case !found && name != "":
		return fmt.Errorf("there is no account named %s; see postern account list", name)
	}
	return nil
}

// oneAccount finds an account by its name.
func oneAccount(ctx context.Context, s *store.Store, user, name string) (found store.Account, err error) {
	count := 0
	err = eachAccount(ctx, s, user, name, func(_ store.User, a store.Account) error {
		found = a
		count++
		return nil
	})
	if err == nil && count > 1 {
		err = fmt.Errorf("%d accounts are named %s", count, name)
	}
	return found, err
}

type accountSetCmd struct {
	Account string `arg:"" help:"The account's name."`
	User    string `required:"" help:"Whose account." placeholder:"NAME"`
	accountFlags
	Password bool `help:"Set a new password."`
	passwordFlag
	Yes bool `help:"Do not ask before a policy that deletes mail on the server."`
}

func (accountSetCmd) Help() string {
	return "A policy that deletes mail which lies on the server now is asked about first; where there is no terminal to ask at, it takes --yes. What is deleted there stays here.\n\nExample:\n\n    postern account set --user anna Work --policy keep --interval 15m"
}

func (c accountSetCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s *store.Store) error {
		a, err := oneAccount(ctx, s, c.User, c.Account)
		if err != nil {
			return err
		}
		before := a
		if err := c.apply(&a.Settings); err != nil {
			return err
		}
		if err := c.askPolicy(ctx, p, s, before, a); err != nil {
			return err
		}
		var password seal.Secret
		if c.Password || c.PasswordFile != "" {
			if password, err = c.read(ctx, p, "New password for "+a.Username+" at "+a.Host, false); err != nil {
				return err
			}
		}
		return s.UpdateAccount(ctx, a.User, a.ID, a.Settings, password)
	})
}

// askPolicy asks whether a new policy is to delete what it would delete on the server now. What came there between
// question and answer is asked about anew.
func (c accountSetCmd) askPolicy(ctx context.Context, p *program, s *store.Store, before, after store.Account) error {
	was, now := policy{before.Policy, before.PolicyDays}, policy{after.Policy, after.PolicyDays}
	if now == was || c.Yes {
		return nil
	}
	for agreed := 0; ; {
		n, err := s.PolicyWouldDelete(ctx, after.User, after.ID, now.policy, now.days)
		if err != nil || n <= agreed {
			return err
		}
		yes, err := p.ask(ctx, fmt.Sprintf("%s would be deleted from %s with the next sync; here nothing is deleted. Set the policy %s?", counted(n, "message"), after.Host, now))
		if err != nil {
			return err
		}
		if !yes {
			return errors.New("nothing was changed")
		}
		agreed = n
	}
}

type accountRemoveCmd struct {
	Account    string `arg:"" help:"The account's name."`
	User       string `required:"" help:"Whose account." placeholder:"NAME"`
	DeleteMail bool   `help:"Remove its mail from Postern too. Nothing is deleted on the server."`
}

func (accountRemoveCmd) Help() string {
	return "Example:\n\n    postern account remove --user anna Work"
}

func (c accountRemoveCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s *store.Store) error {
		a, err := oneAccount(ctx, s, c.User, c.Account)
		if err != nil {
			return err
		}
		if err := s.RemoveAccount(ctx, a.User, a.ID, !c.DeleteMail); err != nil {
			return err
		}
		return s.FinishRemovals(ctx)
	})
}

// policy is what happens on the server, as the command line writes it.
type policy struct {
	policy store.Policy
	days   int
}

var policyNames = map[string]store.Policy{"on-delete": store.DeleteOnDelete, "keep": store.Keep, "after-download": store.DeleteAfterDownload}

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *policy) UnmarshalText(text []byte) error {
	if named, ok := policyNames[string(text)]; ok {
		*p = policy{policy: named}
		return nil
	}
	days, ok := strings.CutPrefix(string(text), "days:")
	n, err := strconv.Atoi(days)
	if !ok || err != nil || n < 1 || n > 36500 {
		return fmt.Errorf("%q is not a policy: write on-delete, keep, days:N or after-download", text)
	}
	*p = policy{store.DeleteAfterDays, n}
	return nil
}

// String is how the policy is written.
func (p policy) String() string {
	for name, named := range policyNames {
		if named == p.policy {
			return name
		}
	}
	return fmt.Sprintf("days:%d", p.days)
}
