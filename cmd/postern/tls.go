package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// tlsFlags let the portal speak TLS itself, without a proxy before it.
type tlsFlags struct {
	TLSCert string `help:"Serve HTTPS with this certificate (PEM, with its chain); read again when it changes." name:"tls-cert" placeholder:"FILE"`
	TLSKey  string `help:"Its private key." name:"tls-key" placeholder:"FILE"`
	HSTS    bool   `help:"Tell browsers to come by HTTPS only, for a year (Strict-Transport-Security)." name:"hsts"`
}

// certificate loads what the flags name; nil: the portal speaks plain HTTP.
func (f tlsFlags) certificate(log *slog.Logger) (*certificate, error) {
	switch {
	case f.TLSCert == "" && f.TLSKey == "":
		return nil, nil
	case f.TLSCert == "" || f.TLSKey == "":
		return nil, usageError{errors.New("--tls-cert and --tls-key go together")}
	}
	c := &certificate{cert: f.TLSCert, key: f.TLSKey, log: log}
	if err := c.load(); err != nil {
		return nil, fmt.Errorf("TLS certificate: %w", err)
	}
	return c, nil
}

// certificateLook is how often the files are looked at, at most.
const certificateLook = time.Second

// certificate is a certificate that follows its files, as programs that renew it write them.
type certificate struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	now    *tls.Certificate
	as     [2]time.Time // when the files were changed that now is of
	failed [2]time.Time // when those were changed that could not be read
	looked time.Time
}

// config is for the server.
func (c *certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current(), nil }}
}

// current returns the certificate of the files as they are. While they do not fit
// together, as in the middle of being renewed, the one before serves.
func (c *certificate) current() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < certificateLook {
		return c.now
	}
	c.looked = time.Now()
	as, err := c.changed()
	if err == nil && (as == c.as || as == c.failed) {
		return c.now
	}
	if err == nil {
		err = c.load()
	}
	if err != nil {
		c.failed = as
		c.log.Error("the TLS certificate was not renewed; the one before serves", "err", err)
	} else {
		c.log.Info("the TLS certificate was read again", "file", c.cert)
	}
	return c.now
}

func (c *certificate) load() error {
	as, err := c.changed()
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err == nil {
		c.now, c.as = &pair, as
	}
	return err
}

// changed is when the two files were last changed.
func (c *certificate) changed() (as [2]time.Time, err error) {
	for i, path := range []string{c.cert, c.key} {
		info, err := os.Stat(path)
		if err != nil {
			return as, err
		}
		as[i] = info.ModTime()
	}
	return as, nil
}
