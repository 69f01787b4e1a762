package pop3client

import (
	"net"
	"syscall"
)

// socket is the system's view of a TCP connection; the zero value does nothing.
type socket struct{ raw syscall.RawConn }

func newSocket(conn net.Conn) socket {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return socket{}
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return socket{}
	}
	return socket{raw}
}

// quickACK makes the kernel acknowledge what arrives next at once. Most POP3
// servers write a reply in several small packets and leave Nagle's algorithm
// on: they then wait for the acknowledgement, which the kernel otherwise delays
// by 40 ms, for each message retrieved. The option is not sticky.
func (s socket) quickACK() {
	if s.raw == nil {
		return
	}
	s.raw.Control(func(fd uintptr) {
		syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
}

// pending tells whether octets have arrived that nobody has read.
func (s socket) pending() bool {
	if s.raw == nil {
		return false
	}
	var n int
	var b [1]byte
	s.raw.Control(func(fd uintptr) {
		n, _, _ = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	})
	return n > 0
}
