package main

import (
	"context"
	"net"
	"net/http"
	"time"

	"postern/internal/autoconfig"
	"postern/internal/dialer"
	"postern/store"
	"postern/syncer"
)

// finder lets the portal find the settings of a mailbox. It reaches no further than whoever asks may reach with the
// settings it finds.
type finder struct {
	public, private *autoconfig.Finder
	access          syncer.Access
}

func newFinder(access syncer.Access) finder {
	return finder{public: guardedFinder(false), private: guardedFinder(true), access: access}
}

func guardedFinder(private bool) *autoconfig.Finder {
	d := &dialer.Dialer{AllowPrivate: private, Ports: []int{443}}
	return &autoconfig.Finder{
		Resolver: net.DefaultResolver,
		Client: &http.Client{Transport: &http.Transport{
			DialContext:            d.DialContext, // and no proxy: it would dial for itself
			TLSHandshakeTimeout:    autoconfig.Timeout,
			ResponseHeaderTimeout:  autoconfig.Timeout,
			MaxResponseHeaderBytes: 32 << 10,
			DisableKeepAlives:      true,
		}, Timeout: autoconfig.Timeout + time.Second},
	}
}

// Find implements web.Finder.
func (f finder) Find(ctx context.Context, user store.User, address string) (autoconfig.Found, error) {
	if f.access == syncer.AccessAll || f.access == syncer.AccessOwner && user.Owner {
		return f.private.Find(ctx, address)
	}
	return f.public.Find(ctx, address)
}
