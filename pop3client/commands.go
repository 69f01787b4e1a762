package pop3client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// CAPA asks for the server's capabilities (RFC 2449) in the present state and
// keeps them for Capabilities. It is seldom needed: they are read by Handshake
// and after login. A server without CAPA answers with an [*Error].
func (c *Client) CAPA(ctx context.Context) (Capabilities, error) {
	x, err := c.begin(ctx, "CAPA", c.opt.Timeouts.Reply)
	if err != nil {
		return nil, err
	}
	defer x.end()
	if err := x.send("CAPA", "CAPA"); err != nil {
		return nil, err
	}
	if _, err := x.status(); err != nil {
		return nil, err
	}
	caps := Capabilities{}
	err = x.lines("CapabilityLines", c.opt.Limits.CapabilityLines, func(line []byte) {
		if capability, ok := parseCapability(line); ok {
			caps = append(caps, capability)
			c.trace(Received, capability.String())
		}
	})
	if err != nil {
		return nil, err
	}
	c.caps = caps
	return c.Capabilities(), nil
}

// Stat asks for the drop listing: how many messages, how many octets. A reply
// +OK without a count is a [*ProtocolError]; the client stays usable.
func (c *Client) Stat(ctx context.Context) (Stat, error) {
	x, err := c.begin(ctx, "STAT", c.opt.Timeouts.Reply)
	if err != nil {
		return Stat{}, err
	}
	defer x.end()
	if err := x.send("STAT", "STAT"); err != nil {
		return Stat{}, err
	}
	return x.stat()
}

func (x *exchange) stat() (Stat, error) {
	text, err := x.status()
	if err != nil {
		return Stat{}, err
	}
	stat, ok := parseStat([]byte(text))
	if !ok {
		return Stat{}, x.c.unreadable("STAT", text)
	}
	return stat, nil
}

// unreadable is the error of a reply in good form whose numbers make no sense.
// The session can go on.
func (c *Client) unreadable(command, text string) error {
	return &ProtocolError{Command: command, State: c.state, Text: "unreadable reply", Line: shorten([]byte(text), 80)}
}

// List asks for the sizes of all messages, in ascending order of their numbers.
// Rows that are no use are left out; see Listing.Ignored.
func (c *Client) List(ctx context.Context) ([]ScanListing, error) {
	x, err := c.begin(ctx, "LIST", c.opt.Timeouts.Reply)
	if err != nil {
		return nil, err
	}
	defer x.end()
	if err := x.send("LIST", "LIST"); err != nil {
		return nil, err
	}
	rows, _, err := x.list()
	return rows, err
}

func (x *exchange) list() (rows []ScanListing, ignored int, err error) {
	rows, ignored, err = readListing(x, parseScan, func(row ScanListing) int { return row.Num })
	if err == nil {
		x.c.sizes = append(x.c.sizes[:0], rows...)
	}
	return rows, ignored, err
}

// UIDL asks for the unique-ids of all messages, in ascending order of their
// numbers. Rows without a number are left out, rows without an id have "".
// A server without UIDL answers with an [*Error].
func (c *Client) UIDL(ctx context.Context) ([]UniqueID, error) {
	x, err := c.begin(ctx, "UIDL", c.opt.Timeouts.Reply)
	if err != nil {
		return nil, err
	}
	defer x.end()
	if err := x.send("UIDL", "UIDL"); err != nil {
		return nil, err
	}
	rows, _, err := x.uidl()
	return rows, err
}

func (x *exchange) uidl() (rows []UniqueID, ignored int, err error) {
	return readListing(x, new(uidParser).parse, func(row UniqueID) int { return row.Num })
}

// readListing reads a status line and rows. The rows are sorted by number, and
// of several with one number the first stands.
func readListing[Row any](x *exchange, parse func([]byte) (Row, bool), num func(Row) int) ([]Row, int, error) {
	if _, err := x.status(); err != nil {
		return nil, 0, err
	}
	rows := []Row{}
	ignored, last := 0, 0
	err := x.lines("ListingLines", x.c.opt.Limits.ListingLines, func(line []byte) {
		row, ok := parse(line)
		if !ok || num(row) == last {
			ignored++
			return
		}
		last = num(row)
		if len(rows) == cap(rows) {
			rows = slices.Grow(rows, len(rows)+64) // twice the size: less to throw away
		}
		rows = append(rows, row)
	})
	if err != nil {
		return nil, 0, err
	}
	rows, repeated := inOrder(rows, num)
	x.c.trace(Received, fmt.Sprintf("(%d rows)", len(rows)))
	return rows, ignored + repeated, nil
}

// lines reads the lines of a multi-line reply that is not a message, dots
// unstuffed, up to the terminating line. The number of lines is bounded by max,
// the limit of that name, and the octets by ListingOctets.
func (x *exchange) lines(limit string, max int, each func(line []byte)) error {
	c := x.c
	c.wire.allow(allowance{grace: c.opt.Timeouts.Reply, idle: c.opt.Timeouts.Idle, rate: c.opt.Timeouts.MinRate})
	var octets int64
	for n := 0; ; n++ {
		line, _, err := c.wire.readLine(c.opt.Limits.Line)
		switch {
		case errors.Is(err, errLineTooLong):
			return x.exceed("Line", int64(c.opt.Limits.Line))
		case err != nil:
			return x.fail(err)
		case len(line) == 1 && line[0] == '.':
			return nil
		case max >= 0 && n >= max:
			return x.exceed(limit, int64(max))
		}
		octets += int64(len(line))
		if m := c.opt.Limits.ListingOctets; m >= 0 && octets > m {
			return x.exceed("ListingOctets", m)
		}
		if len(line) > 1 && line[0] == '.' && line[1] == '.' {
			line = line[1:]
		}
		each(line)
	}
}

// ListOne asks for the size of one message.
func (c *Client) ListOne(ctx context.Context, num int) (ScanListing, error) {
	text, err := c.numbered(ctx, "LIST", num)
	if err != nil {
		return ScanListing{}, err
	}
	row, ok := parseScan([]byte(text))
	if !ok || row.Num != num {
		return ScanListing{}, c.unreadable("LIST", text)
	}
	return row, nil
}

// UIDLOne asks for the unique-id of one message. Some servers answer it wrongly
// that answer UIDL well.
func (c *Client) UIDLOne(ctx context.Context, num int) (UniqueID, error) {
	text, err := c.numbered(ctx, "UIDL", num)
	if err != nil {
		return UniqueID{}, err
	}
	row, ok := parseUniqueID([]byte(text))
	if !ok || row.Num != num {
		return UniqueID{}, c.unreadable("UIDL", text)
	}
	return row, nil
}

// numbered sends a command whose argument is a message number.
func (c *Client) numbered(ctx context.Context, verb string, num int) (string, error) {
	if err := checkNum(verb, num); err != nil {
		return "", err
	}
	return c.command(ctx, verb+" "+strconv.Itoa(num), c.opt.Timeouts.Reply)
}

// Dele marks a message for deletion. The server deletes it at QUIT, and only
// the next session's UIDL tells whether it did.
func (c *Client) Dele(ctx context.Context, num int) error {
	_, err := c.numbered(ctx, "DELE", num)
	return err
}

// Rset takes all marks for deletion back.
func (c *Client) Rset(ctx context.Context) error {
	_, err := c.command(ctx, "RSET", c.opt.Timeouts.Reply)
	return err
}

// Noop does nothing, to keep the session alive.
func (c *Client) Noop(ctx context.Context) error {
	_, err := c.command(ctx, "NOOP", c.opt.Timeouts.Reply)
	return err
}

// Quit ends the session: the server deletes what is marked. Its reply is read,
// then the connection is closed in any case.
//
// An [*Error] means that not everything marked may have been deleted. Any other
// error means that nobody knows: look at UIDL in the next session. On a broken
// client Quit sends nothing, and the server deletes nothing.
func (c *Client) Quit(ctx context.Context) error {
	defer c.Close()
	_, err := c.command(ctx, "QUIT", c.opt.Timeouts.Quit)
	if c.state == Transaction {
		c.state = Update
	}
	if c.broken == nil {
		c.broken = errQuit
	}
	return err
}

var errQuit = errors.New("pop3: session was ended by QUIT")
