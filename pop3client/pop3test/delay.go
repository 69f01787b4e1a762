package pop3test

import (
	"net"
	"sync"
	"time"
)

// delayed is a connection whose far end is at a distance: what is written
// arrives later, but nobody waits for it.
type delayed struct {
	net.Conn
	latency time.Duration
	queue   chan packet
	once    sync.Once
	done    chan struct{} // closed when all is sent and the connection closed
	gone    chan struct{} // closed when nobody will take more
}

type packet struct {
	data []byte
	due  time.Time
}

func delay(conn net.Conn, latency time.Duration) net.Conn {
	if latency <= 0 {
		return conn
	}
	d := &delayed{Conn: conn, latency: latency, queue: make(chan packet, 1024), done: make(chan struct{}), gone: make(chan struct{})}
	go d.run()
	return d
}

func (d *delayed) run() {
	defer close(d.done)
	defer d.Conn.Close()
	failed := false
	for p := range d.queue {
		if failed {
			continue
		}
		time.Sleep(time.Until(p.due))
		if _, err := d.Conn.Write(p.data); err != nil {
			failed = true
			close(d.gone)
		}
	}
}

// Write implements net.Conn. Only one goroutine writes, and it is the one that
// closes.
func (d *delayed) Write(p []byte) (int, error) {
	select {
	case <-d.gone:
		return 0, net.ErrClosed
	case d.queue <- packet{append([]byte(nil), p...), time.Now().Add(d.latency)}:
		return len(p), nil
	}
}

// Close closes the connection behind everything written.
func (d *delayed) Close() error {
	d.once.Do(func() { close(d.queue) })
	<-d.done
	return nil
}
