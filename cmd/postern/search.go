package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"postern/internal/query"
	"postern/store"
)

type searchCmd struct {
	User  string   `required:"" help:"Whose mail." placeholder:"NAME"`
	Limit int      `help:"Messages to show." default:"50" placeholder:"N"`
	JSON  bool     `help:"Result as JSON." name:"json"`
	Query []string `arg:"" help:"What to look for, in the portal's search language." passthrough:""`
}

func (searchCmd) Help() string {
	return "Flags come before the query.\n\nExample:\n\n    postern search --user anna from:bob has:attachment '\"spring report\"'\n    postern search --user anna -from:bob is:unread"
}

// found is one hit, as JSON.
type found struct {
	ID          store.MessageID `json:"id"`
	Account     string          `json:"account"`
	Mailbox     string          `json:"mailbox"`
	From        string          `json:"from"`
	Subject     string          `json:"subject"`
	Date        time.Time       `json:"date"`
	Size        int64           `json:"size"`
	Unread      bool            `json:"unread"`
	Starred     bool            `json:"starred"`
	Attachments int             `json:"attachments"`
	Snippet     string          `json:"snippet"`
	Server      string          `json:"server"`
	FoundIn     string          `json:"found_in,omitempty"` // attachment that the snippet is of
}

// openQuery puts an empty word before a query that begins with a word like -from:bob, which
// the parser of the command line would otherwise read as flags of one letter each.
func openQuery(args []string) []string {
	at := slices.Index(args, "search")
	if at < 0 {
		return args
	}
	for at++; at < len(args); at++ {
		switch arg := args[at]; {
		case arg == "--json" || arg == "-h" || strings.HasPrefix(arg, "--") && strings.Contains(arg, "="):
		case arg != "--" && strings.HasPrefix(arg, "--"):
			at++ // its value
		case strings.HasPrefix(arg, "-") && arg != "--":
			return slices.Insert(slices.Clone(args), at, "")
		default:
			return args
		}
	}
	return args
}

// words are the query without a --json that stands behind it. Words like -from:bob are part of
// a query, so the parser of the command line leaves all that follows its first word alone.
func (c *searchCmd) words() ([]string, error) {
	words := c.Query
	if words[0] == "--" {
		return words[1:], nil
	}
	if last := len(words) - 1; last > 0 && words[last] == "--json" {
		c.JSON, words = true, words[:last]
	}
	for _, w := range words {
		if strings.HasPrefix(w, "--") {
			return nil, usageError{fmt.Errorf("%s: flags come before the query", w)}
		}
	}
	return words, nil
}

func (c searchCmd) Run(ctx context.Context, p *program) error {
	if c.Limit < 1 {
		return usageError{errors.New("--limit must be at least 1")}
	}
	words, err := c.words()
	if err != nil {
		return err
	}
	q := query.Parse(strings.Join(words, " "), time.Now())
	return p.withUser(ctx, c.User, func(s *store.Store, u store.User) error {
		if err := p.indexIfAlone(ctx, s); err != nil {
			return err
		}
		page, err := s.Messages(ctx, u.ID, store.View{Query: q, Limit: c.Limit, Count: store.CountAll})
		if err != nil {
			return err
		}
		for _, hint := range q.Hints {
			fmt.Fprintln(p.err, "postern:", hint)
		}
		accounts, err := s.Accounts(ctx, u.ID)
		if err != nil {
			return err
		}
		excerpts, err := s.Excerpts(ctx, u.ID, q, page.Messages)
		if err != nil {
			return err
		}
		hits := foundIn(page, accounts, excerpts)
		if c.JSON {
			return json.NewEncoder(p.out).Encode(struct {
				Total    int     `json:"total"`
				More     bool    `json:"more,omitempty"` // than total
				Messages []found `json:"messages"`
			}{page.Total, page.More, hits})
		}
		w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		for _, h := range hits {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", h.ID, h.Date.Local().Format("2006-01-02 15:04"), h.From, h.Subject)
		}
		return w.Flush()
	})
}

func foundIn(page store.Page, accounts []store.Account, excerpts map[store.MessageID]store.Excerpt) []found {
	names := map[store.AccountID]string{}
	for _, a := range accounts {
		names[a.ID] = a.Name
	}
	hits := make([]found, 0, len(page.Messages))
	for _, m := range page.Messages {
		from := m.From.Address
		if m.From.Name != "" {
			from = fmt.Sprintf("%s <%s>", m.From.Name, m.From.Address)
		}
		e := excerpts[m.ID]
		hits = append(hits, found{m.ID, names[m.Account], m.Mailbox.String(), from, m.Subject, m.Received.UTC(), m.Size,
			m.Unread, m.Starred, m.Attachments, cmp.Or(e.Text, m.Snippet), m.Server.String(), e.File})
	}
	return hits
}

// indexIfAlone brings the index up to date unless a serve does that.
func (p *program) indexIfAlone(ctx context.Context, s *store.Store) error {
	unlock, err := p.lockDataDir()
	if errors.Is(err, errServing) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(s.IndexAll(ctx), unlock())
}
