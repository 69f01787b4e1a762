package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"postern/internal/seal"
	"postern/store"
	"postern/syncer"
	"postern/templates"
	"postern/web"
)

type probeCmd struct {
	URL    string `arg:"" name:"pop-url" help:"pop3s://USER@HOST or pop3s://USER@HOST:PORT; pop3:// (STLS) or pop3+insecure://."`
	CAFile string `help:"Extra root certificates, PEM." name:"ca-file" placeholder:"PEM"`
	Pin    *pin   `help:"Trust the certificate with this SHA-256 fingerprint, though it does not verify." placeholder:"SHA256"`
	JSON   bool   `help:"Report as JSON." name:"json"`
	passwordFlag
}

func (probeCmd) Help() string {
	return "Nothing is downloaded or deleted.\n\nExample:\n\n    postern probe pop3s://anna%40example.com@pop.example.com"
}

func (c probeCmd) Run(ctx context.Context, p *program) error {
	s, err := settingsOf(c.URL)
	if err != nil {
		return err
	}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return fmt.Errorf("CA file: %w", err)
		}
		s.CA = string(pem)
	}
	if c.Pin != nil {
		s.Pin = c.Pin.Fingerprint
	}
	password, err := c.read(ctx, p, "Password for "+s.Username+" at "+s.Host, false)
	if err != nil {
		return err
	}
	// Whoever has a shell here may connect wherever this machine can.
	connector := syncer.Connector{Private: syncer.AccessAll}
	r := connector.Probe(ctx, true, s, password)
	if c.JSON {
		enc := json.NewEncoder(p.out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(r); err != nil {
			return err
		}
	} else {
		w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		for _, f := range r.Facts() {
			fmt.Fprintf(w, "%s\t%s\n", f.Name, f.Value)
		}
		if r.TLS != nil && !r.TLS.Pinned {
			fmt.Fprintf(w, "Certificate\tit verifies; SHA-256 %s\n", r.TLS.Fingerprint)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if r.Trouble != nil {
		return errors.New(r.Trouble.Error())
	}
	return nil
}

// probeTime is how long "Test connection" may take.
const probeTime = 20 * time.Second

// prober lets the portal try a connection.
type prober struct{ *syncer.Connector }

// Probe implements web.Prober.
func (p prober) Probe(ctx context.Context, user store.User, s store.Settings, password seal.Secret) web.ProbeResult {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	r := p.Connector.Probe(ctx, user.Owner, s, password)
	result := web.ProbeResult{OK: r.Trouble == nil, Summary: r.Error, Advice: r.Advice}
	if result.OK {
		result.Summary = r.Sentence()
	}
	if r.Refused != nil {
		result.Refused = r.Refused.Fingerprint
	}
	for _, f := range r.Facts() {
		tone := map[int]templates.Tone{1: templates.ToneOK, -1: templates.ToneWarn}[f.Good]
		result.Facts = append(result.Facts, web.ProbeFact{Name: f.Name, Value: f.Value, Tone: tone})
	}
	return result
}
