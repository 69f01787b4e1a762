package main

import (
	"bytes"
	"context"
	"net"
	"sync"
	"time"
)

// A relay passes TCP connections on to an address as a long line would: every octet
// arrives half a round trip after it was sent, in order, and as many at a time as the
// two ends can take. There is no loss and no slow start, and so no congestion: it is a
// distance and nothing else.
type relay struct {
	listener net.Listener
	target   string
	rtt      time.Duration

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// newRelay starts a relay to target, "host:port", which the caller closes.
func newRelay(target string, rtt time.Duration) (*relay, error) {
	return newRelayAt("127.0.0.1", target, rtt)
}

// newRelayAt starts a relay that is reached at a loopback address of its own.
func newRelayAt(host, target string, rtt time.Duration) (*relay, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return nil, err
	}
	r := &relay{listener: listener, target: target, rtt: rtt}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.wg.Go(r.accept)
	return r, nil
}

// Addr is the relay's own address, "host:port".
func (r *relay) Addr() string { return r.listener.Addr().String() }

// Close cuts all connections and waits for their end.
func (r *relay) Close() error {
	r.cancel()
	err := r.listener.Close()
	r.wg.Wait()
	return err
}

func (r *relay) accept() {
	for {
		conn, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.wg.Go(func() { r.serve(conn.(*net.TCPConn)) })
	}
}

// serve carries one connection. The client has its connection at once, the kernel saw
// to that; on a line it would have it after a round trip, and the server half a round
// trip later. So that is when what the client sends sets out, and when the server
// hears of the connection.
func (r *relay) serve(client *net.TCPConn) {
	defer client.Close()
	defer context.AfterFunc(r.ctx, func() { client.Close() })()
	if !r.sleep(r.rtt) {
		return
	}
	up, down := r.newDelay(), r.newDelay()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { up.read(client) })
	if !r.sleep(r.rtt / 2) {
		up.discard(client)
		return
	}
	conn, err := net.Dial("tcp", r.target)
	if err != nil {
		up.discard(client)
		return
	}
	server := conn.(*net.TCPConn)
	defer server.Close()
	defer context.AfterFunc(r.ctx, func() { server.Close() })()
	wg.Go(func() { up.write(server, client) })
	wg.Go(func() { down.read(server) })
	down.write(client, server)
	wg.Wait()
}

// sleep waits, and tells whether the relay is still wanted.
func (r *relay) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.ctx.Done():
		return false
	}
}

// delay is one direction of a connection: what was read waits in it for its time.
type delay struct {
	time  time.Duration
	queue chan octets
}

// octets are some of a stream, and when they are to arrive.
type octets struct {
	due  time.Time
	data []byte
}

// What one direction may hold, in reads of up to readOctets. A line holds its speed
// times its delay, and here neither is large enough to fill the queue: it only keeps a
// receiver who has stopped from filling the memory.
const (
	readOctets = 256 << 10
	queueReads = 8 << 10
)

func (r *relay) newDelay() *delay {
	return &delay{time: r.rtt / 2, queue: make(chan octets, queueReads)}
}

// read takes what src sends, to the end of the stream.
func (d *delay) read(src *net.TCPConn) {
	defer close(d.queue)
	buf := make([]byte, readOctets)
	for {
		n, err := src.Read(buf)
		if n > 0 {
			d.queue <- octets{time.Now().Add(d.time), bytes.Clone(buf[:n])}
		}
		if err != nil {
			d.queue <- octets{due: time.Now().Add(d.time)}
			return
		}
	}
}

// write gives dst what has come from src when it is due, and then the end of the stream.
func (d *delay) write(dst, src *net.TCPConn) {
	for o := range d.queue {
		time.Sleep(time.Until(o.due))
		if len(o.data) == 0 {
			dst.CloseWrite()
			break
		}
		if _, err := dst.Write(o.data); err != nil {
			dst.Close()
			d.discard(src)
			return
		}
	}
}

// discard ends the direction from src.
func (d *delay) discard(src *net.TCPConn) {
	src.Close()
	for range d.queue {
	}
}
