package main

import (
	"io"
	"net"
	"time"
)

// quality is what a relay turns out to be.
type quality struct {
	rtt  time.Duration // median of an octet and its echo
	rate float64       // octets a second, one way
}

// measureLine tries a relay of the given round trip between two ends of our own, so
// that the table can say what distance was measured and not only asked for.
func measureLine(rtt time.Duration) (quality, error) {
	var q quality
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return q, err
	}
	defer listener.Close()
	go echo(listener)
	r, err := newRelay(listener.Addr().String(), rtt)
	if err != nil {
		return q, err
	}
	defer r.Close()
	conn, err := net.Dial("tcp", r.Addr())
	if err != nil {
		return q, err
	}
	defer conn.Close()
	if q.rtt, err = ping(conn); err != nil {
		return q, err
	}
	q.rate, err = flood(conn, rtt)
	return q, err
}

// pings is how many octets go to and fro, after one that waits for the connection.
const pings = 10

// echo sends pings back, and then swallows what comes until its end, which it confirms
// by an end of its own.
func echo(listener net.Listener) {
	conn, err := listener.Accept()
	if err != nil {
		return
	}
	defer conn.Close()
	if _, err := io.CopyN(conn, conn, 1+pings); err == nil {
		io.Copy(io.Discard, conn)
	}
}

// ping gives the median round trip.
func ping(conn net.Conn) (time.Duration, error) {
	var took []time.Duration
	b := make([]byte, 1)
	for i := range 1 + pings {
		start := time.Now()
		if _, err := conn.Write(b); err != nil {
			return 0, err
		}
		if _, err := io.ReadFull(conn, b); err != nil {
			return 0, err
		}
		if i > 0 {
			took = append(took, time.Since(start))
		}
	}
	return median(took), nil
}

// flood gives the speed of a large transfer, without the round trip of its end.
func flood(conn net.Conn, rtt time.Duration) (float64, error) {
	const total, block = 256 << 20, 256 << 10
	p, start := make([]byte, block), time.Now()
	for range total / block {
		if _, err := conn.Write(p); err != nil {
			return 0, err
		}
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		return 0, err
	}
	if _, err := io.Copy(io.Discard, conn); err != nil {
		return 0, err
	}
	return total / (time.Since(start) - rtt).Seconds(), nil
}
