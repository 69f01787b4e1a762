package pop3client

import (
	"errors"
	"io"
	"strings"
	"testing"

	"postern/pop3client/pop3test"
)

// A whole session with each server of the world, as far as it is known.
func TestPersonas(t *testing.T) {
	for _, persona := range pop3test.Personas() {
		t.Run(persona.Name, func(t *testing.T) {
			ctx := t.Context()
			drop, texts := alice()
			server := pop3test.NewServer(t, drop)
			server.Configure(func(c *pop3test.Config) { *c = persona.Config })
			securities := []Security{TLS, STARTTLS}
			if persona.Config.NoSTLS {
				securities = securities[:1]
			}
			for _, security := range securities {
				c := dial(t, server, func(o *Options) { o.Security = security })
				err := c.Login(ctx, "alice", "wrong")
				var failed *AuthError
				if !errors.As(err, &failed) || !failed.Rejected() {
					t.Errorf("wrong password: %v", err)
				}

				c = signIn(t, server, func(o *Options) { o.Security = security })
				l, err := c.Listing(ctx)
				if err != nil || len(l.Messages()) != 3 || l.Messages()[0].UID == "" {
					t.Fatalf("Listing: %+v, %v", l, err)
				}
				next := 0
				var text strings.Builder
				err = c.RetrAll(ctx, []int{1, 2, 3}, func(int) (io.Writer, error) {
					text.Reset()
					return &text, nil
				}, func(_ int, _ int64, err error) error {
					if err != nil || text.String() != texts[next]+persona.Config.Suffix {
						t.Errorf("message %d: %q, %v", next+1, text.String(), err)
					}
					next++
					return nil
				})
				if err != nil || next != 3 {
					t.Errorf("RetrAll: %d results, %v", next, err)
				}
				if _, err := c.Retr(ctx, 999, io.Discard); !is[*Error](err) {
					t.Errorf("Retr 999: %v", err)
				}
				if err := c.Dele(ctx, 2); err != nil {
					t.Errorf("Dele: %v", err)
				}
				if err := c.Rset(ctx); err != nil {
					t.Errorf("Rset: %v", err)
				}
				if err := c.Quit(ctx); err != nil {
					t.Errorf("Quit: %v", err)
				}
			}
		})
	}
}
