package main

import (
	"bytes"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"
)

// serve runs handle for each connection to the address it returns.
func serve(t *testing.T, handle func(conn net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	return l.Addr().String()
}

func dialRelay(t *testing.T, target string, rtt time.Duration) *net.TCPConn {
	t.Helper()
	r, err := newRelay(target, rtt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	conn, err := net.Dial("tcp", r.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	return conn.(*net.TCPConn)
}

// atLeast fails the test for a time shorter than the line allows, and for one so much
// longer that it cannot be the machine's load alone.
func atLeast(t *testing.T, what string, got, want time.Duration) {
	t.Helper()
	if got < want || got > 4*want+200*time.Millisecond {
		t.Errorf("%s took %v, want %v", what, got, want)
	}
}

func TestRelayDelay(t *testing.T) {
	const rtt = 60 * time.Millisecond
	target := serve(t, func(conn net.Conn) {
		io.WriteString(conn, "!")
		io.Copy(conn, conn)
	})
	start := time.Now()
	conn := dialRelay(t, target, rtt)
	b := make([]byte, 1)
	if _, err := io.ReadFull(conn, b); err != nil {
		t.Fatal(err)
	}
	atLeast(t, "connection and greeting", time.Since(start), 2*rtt)
	for range 3 {
		start = time.Now()
		conn.Write(b)
		if _, err := io.ReadFull(conn, b); err != nil {
			t.Fatal(err)
		}
		atLeast(t, "echo", time.Since(start), rtt)
	}
}

func TestRelayFirstWordOfClient(t *testing.T) {
	const rtt = 60 * time.Millisecond
	target := serve(t, func(conn net.Conn) { io.Copy(conn, conn) })
	start := time.Now()
	conn := dialRelay(t, target, rtt)
	conn.Write([]byte("?"))
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	atLeast(t, "connection and echo", time.Since(start), 2*rtt)
}

// Many writes of odd sizes arrive in order, whole, and not one delay after the other.
func TestRelayOrderAndBandwidth(t *testing.T) {
	sums := make(chan [32]byte, 1)
	target := serve(t, func(conn net.Conn) {
		h := sha256.New()
		io.Copy(h, conn)
		sums <- [32]byte(h.Sum(nil))
	})
	conn := dialRelay(t, target, 100*time.Millisecond)
	random := rand.NewChaCha8([32]byte{})
	start, h := time.Now(), sha256.New()
	block := make([]byte, 64<<10)
	for range 200 {
		part := block[:random.Uint64()%uint64(len(block))]
		random.Read(part)
		h.Write(part)
		if _, err := conn.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	conn.CloseWrite()
	if got := <-sums; got != [32]byte(h.Sum(nil)) {
		t.Error("other octets arrived than were sent")
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("200 writes took %v", took)
	}
}

func TestRelayEnds(t *testing.T) {
	t.Run("server closes", func(t *testing.T) {
		conn := dialRelay(t, serve(t, func(conn net.Conn) { io.WriteString(conn, "bye") }), 20*time.Millisecond)
		if got, err := io.ReadAll(conn); err != nil || string(got) != "bye" {
			t.Errorf("%q, %v", got, err)
		}
	})
	t.Run("nobody there", func(t *testing.T) {
		conn := dialRelay(t, "127.0.0.1:1", 20*time.Millisecond)
		if got, _ := io.ReadAll(conn); len(got) != 0 {
			t.Errorf("%q", got)
		}
	})
	t.Run("relay closes", func(t *testing.T) {
		r, err := newRelay(serve(t, func(conn net.Conn) { io.Copy(conn, conn) }), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", r.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		r.Close()
		if _, err := io.ReadAll(conn); err != nil && !bytes.Contains([]byte(err.Error()), []byte("reset")) {
			t.Error(err)
		}
	})
}
