//go:build !linux

package pop3client

import "net"

// socket is the system's view of a TCP connection. Elsewhere than on Linux
// there is none: no quick acknowledgements, and octets that arrive unasked are
// noticed with the next reply.
type socket struct{}

func newSocket(net.Conn) socket { return socket{} }

func (socket) quickACK() {}

func (socket) pending() bool { return false }
