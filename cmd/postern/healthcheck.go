package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

type healthcheckCmd struct {
	Listen string `help:"Address the portal listens on." default:"127.0.0.1:8110" placeholder:"ADDR"`
}

func (healthcheckCmd) Help() string {
	return "Exits with 0 if the portal answers and can store mail.\n\nExample:\n\n    postern healthcheck"
}

func (c healthcheckCmd) Run(ctx context.Context, p *program) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.Listen+"/readyz", nil)
	if err != nil {
		return usageError{err}
	}
	res, err := http.DefaultClient.Do(req)
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
