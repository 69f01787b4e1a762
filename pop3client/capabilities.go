package pop3client

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Capability is one line of a CAPA reply (RFC 2449, section 6).
type Capability struct {
	Name   string   // in capitals: "UIDL", "SASL", "EXPIRE"
	Params []string // as sent
}

// String gives the line as sent, but for blanks and case.
func (c Capability) String() string {
	return strings.Join(append([]string{c.Name}, c.Params...), " ")
}

// Capabilities are what the server says it can do in the session's present
// state, in its order; nil if it does not know CAPA. What is listed is a hint:
// servers list UIDL or TOP and refuse them, and do them without listing them.
type Capabilities []Capability

// Get gives the parameters of the first capability of that name, and whether
// there is one. The name is in capitals.
func (c Capabilities) Get(name string) (params []string, ok bool) {
	for _, capability := range c {
		if capability.Name == name {
			return capability.Params, true
		}
	}
	return nil, false
}

// Has tells whether a capability is listed. The name is in capitals.
func (c Capabilities) Has(name string) bool {
	_, ok := c.Get(name)
	return ok
}

// SASL gives the mechanisms offered for AUTH (RFC 5034), in capitals; none for
// a bare SASL line, as Dovecot sends it where TLS is required.
func (c Capabilities) SASL() []string {
	params, _ := c.Get("SASL")
	mechanisms := slices.Clone(params)
	for i, m := range mechanisms {
		mechanisms[i] = strings.ToUpper(m)
	}
	return mechanisms
}

// LoginDelay gives the least time between two logins (RFC 2449, section 6.5),
// and whether the server named one. Before login it may be other than the
// user's own.
func (c Capabilities) LoginDelay() (time.Duration, bool) {
	seconds, ok := c.number("LOGIN-DELAY")
	return time.Duration(seconds) * time.Second, ok
}

// Expire gives the number of days after which the server removes messages
// (RFC 2449, section 6.7): 0 means that they cannot be left there, -1 NEVER.
// It reports whether the server named one.
func (c Capabilities) Expire() (days int, ok bool) {
	if params, _ := c.Get("EXPIRE"); len(params) > 0 && strings.EqualFold(params[0], "NEVER") {
		return -1, true
	}
	return c.number("EXPIRE")
}

// Implementation gives the server's name of itself, "" if it keeps it back.
func (c Capabilities) Implementation() string {
	params, _ := c.Get("IMPLEMENTATION")
	return strings.Join(params, " ")
}

// maxSeconds keeps a number from a server inside a time.Duration.
const maxSeconds = 1 << 31

func (c Capabilities) number(name string) (int, bool) {
	params, _ := c.Get(name)
	if len(params) == 0 {
		return 0, false
	}
	n, err := strconv.Atoi(params[0])
	if err != nil || n < 0 || n > maxSeconds {
		return 0, false
	}
	return n, true
}

// parseCapability reads one line of a CAPA reply; false for a blank one.
func parseCapability(line []byte) (Capability, bool) {
	words := strings.Fields(string(line))
	if len(words) == 0 {
		return Capability{}, false
	}
	return Capability{Name: strings.ToUpper(words[0]), Params: words[1:]}, true
}
