package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"time"
)

// profiler serves Go's profiles on an address of this machine alone; an empty one serves
// none. They show what is in memory.
func profiler(addr string) (func(context.Context) error, error) {
	if addr == "" {
		return func(context.Context) error { return nil }, nil
	}
	to, err := netip.ParseAddrPort(addr)
	if err != nil || !to.Addr().IsLoopback() {
		return nil, usageError{fmt.Errorf("--pprof %s: want a loopback address and a port, such as 127.0.0.1:6060", addr)}
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("--pprof: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	srv := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A page elsewhere whose name was made to lead here still sends that name.
		if host, err := netip.ParseAddrPort(r.Host); err != nil || !host.Addr().IsLoopback() {
			http.Error(w, "ask by the address", http.StatusMisdirectedRequest)
			return
		}
		mux.ServeHTTP(w, r)
	})}
	return func(ctx context.Context) error {
		stop := context.AfterFunc(ctx, func() { srv.Close() })
		defer stop()
		if err := srv.Serve(l); ctx.Err() == nil {
			return fmt.Errorf("pprof: %w", err)
		}
		return nil
	}, nil
}
