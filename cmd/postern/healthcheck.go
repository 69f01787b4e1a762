package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"time"
)

type healthcheckCmd struct {
	Listen  string `help:"Address the portal listens on." default:"127.0.0.1:8110" placeholder:"ADDR"`
	TLSCert string `help:"The certificate it shows, if it serves HTTPS." name:"tls-cert" placeholder:"FILE"`
}

func (healthcheckCmd) Help() string {
	return "Exits with 0 if the portal answers and can store mail.\n\nExample:\n\n    postern healthcheck"
}

func (c healthcheckCmd) Run(ctx context.Context, p *program) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	scheme, client := "http://", http.DefaultClient
	if c.TLSCert != "" {
		scheme, client = "https://", c.pinned()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+c.Listen+"/readyz", nil)
	if err != nil {
		return usageError{err}
	}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("no answer from %s: %w", c.Listen, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s says that it is not ready: %s", c.Listen, res.Status)
	}
	_, err = fmt.Fprintln(p.out, "ok")
	return err
}

// pinned asks the server that shows the certificate of the file, whatever name it is for.
func (c healthcheckCmd) pinned() *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
		InsecureSkipVerify: true, // in its place:
		VerifyConnection: func(state tls.ConnectionState) error {
			text, err := os.ReadFile(c.TLSCert)
			if err != nil {
				return err
			}
			if block, _ := pem.Decode(text); block == nil || !bytes.Equal(block.Bytes, state.PeerCertificates[0].Raw) {
				return fmt.Errorf("it shows another certificate than that of %s", c.TLSCert)
			}
			return nil
		},
	}}}
}
