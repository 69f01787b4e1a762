package interop

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/pop3client"
)

const (
	mailCount = 500 // messages in the maildrop
	someCount = 50  // of them are retrieved one by one
)

// converse is the same for every server: mail is delivered, all ways to log in are
// tried, all mail is retrieved, some of it deleted, and the rest is still there.
func converse(t *testing.T, name string, s *server) result {
	mails := made(mailCount, !s.cutsAtNUL)
	s.deliver(t, mails)
	c := &conversation{T: t, server: s, mails: map[string]mail{}}
	for _, m := range mails {
		c.mails[m.id] = m
	}
	row := result{server: name, version: upstream(s.version), logins: c.logins()}
	c.wrongPasswords()
	row.pipelined, row.single = c.retrieval()
	c.deletion()
	return row
}

// A conversation is all sessions with one server.
type conversation struct {
	*testing.T
	server *server
	mails  map[string]mail // what is in the maildrop, by identifier

	differences int // found in messages so far
}

// dial connects, without logging in.
func (c *conversation) dial(way transport, opt *pop3client.Options) *pop3client.Client {
	c.Helper()
	client, err := pop3client.Dial(c.Context(), way.addr, opt)
	if err != nil {
		c.Fatalf("%s: %v", way.name, err)
	}
	c.Cleanup(func() { client.Close() })
	return client
}

// login logs in by one mechanism with a password or token.
func (c *conversation) login(client *pop3client.Client, way transport, mechanism, secret string) error {
	switch mechanism {
	case "XOAUTH2":
		return client.Auth(c.Context(), pop3client.XOAUTH2(user, secret))
	case "OAUTHBEARER":
		host, p, err := net.SplitHostPort(way.addr)
		if err != nil {
			return err
		}
		number, err := strconv.Atoi(p)
		if err != nil {
			return err
		}
		return client.Auth(c.Context(), pop3client.OAuthBearer(user, secret, host, number))
	}
	return client.Login(c.Context(), user, secret)
}

// secret is what opens the account by that mechanism.
func (c *conversation) secret(mechanism string) string {
	if mechanism == "XOAUTH2" || mechanism == "OAUTHBEARER" {
		return c.server.token
	}
	return password
}

// session logs in over the safest transport, by the mechanism that the client chooses.
func (c *conversation) session(pipelining pop3client.Pipelining) *pop3client.Client {
	c.Helper()
	way := c.safest()
	opt := c.server.options(c.T, way)
	if way.security == pop3client.None {
		opt.Mechanisms = pop3client.ClearTextMechanisms()
	}
	opt.Pipelining = pipelining
	client := c.dial(way, opt)
	if err := client.Login(c.Context(), user, password); err != nil {
		c.Fatal(err)
	}
	return client
}

// safest is the best transport that the server has.
func (c *conversation) safest() transport {
	ways := c.server.transports()
	return ways[len(ways)-1]
}

func (c *conversation) quit(client *pop3client.Client) {
	c.Helper()
	if err := client.Quit(c.Context()); err != nil {
		c.Errorf("QUIT: %v", err)
	}
}

// logins tries each mechanism on each transport, and tells what worked.
func (c *conversation) logins() []string {
	var told []string
	for _, way := range c.server.transports() {
		name, worked := way.name, []string{}
		for _, mechanism := range c.server.mechanisms {
			client := c.dial(way, c.server.options(c.T, way, mechanism))
			if state, ok := client.TLSState(); ok {
				name = way.name + ", " + tls.VersionName(state.Version)
			}
			if err := c.login(client, way, mechanism, c.secret(mechanism)); err != nil {
				c.Errorf("%s, %s: %v", way.name, mechanism, err)
				continue
			}
			if stat, err := client.Stat(c.Context()); err != nil || stat.Count != len(c.mails) {
				c.Errorf("%s, %s: STAT %+v, %v", way.name, mechanism, stat, err)
			}
			c.quit(client)
			worked = append(worked, mechanism)
		}
		told = append(told, name+": "+strings.Join(worked, " "))
	}
	return told
}

// wrongPasswords has each mechanism refused, all at a time because servers take theirs.
func (c *conversation) wrongPasswords() {
	way := c.safest()
	var all sync.WaitGroup
	for _, mechanism := range c.server.mechanisms {
		client := c.dial(way, c.server.options(c.T, way, mechanism))
		all.Go(func() {
			begin := time.Now()
			err := c.login(client, way, mechanism, c.secret(mechanism)+"x")
			var refused *pop3client.AuthError
			if !errors.As(err, &refused) || !refused.Rejected() || refused.Mechanism != mechanism {
				c.Errorf("wrong password by %s: %v", mechanism, err)
			} else if c.secret(mechanism) == c.server.token && !strings.Contains(refused.Detail, `"status"`) {
				c.Errorf("wrong token by %s: server says %q", mechanism, refused.Detail)
			}
			client.Close()
			c.Logf("after %v: %v", time.Since(begin).Round(time.Millisecond), err)
		})
	}
	all.Wait()
}

// retrieval lists and retrieves all mail in one session, and some of it one by one in
// another, and gives how long the retrieving took.
func (c *conversation) retrieval() (pipelined, single time.Duration) {
	client := c.session(pop3client.PipelineOn)
	c.Logf("greeting %q, capabilities %q", client.Greeting(), client.Capabilities())
	messages := c.list(client)
	begin := time.Now()
	got := c.retrieve(client, numbers(messages))
	pipelined = time.Since(begin)
	c.sizes(messages, got)
	c.tops(client, messages)
	c.quit(client)

	client = c.session(pop3client.PipelineOff)
	some := numbers(c.list(client))[:someCount]
	begin = time.Now()
	for _, num := range some {
		var octets bytes.Buffer
		n, err := client.Retr(c.Context(), num, &octets)
		if err != nil || n != int64(octets.Len()) {
			c.Errorf("RETR %d: %d octets of %d, %v", num, n, octets.Len(), err)
		}
		c.compare(octets.Bytes(), c.wire(idOf(octets.Bytes())))
	}
	single = time.Since(begin)
	c.quit(client)
	return pipelined, single
}

// sizes tells how many messages are not as long as LIST says. That is no error: sizes
// are hints.
func (c *conversation) sizes(messages []pop3client.Message, got map[int]retrieved) {
	other := 0
	for _, m := range messages {
		if m.Octets != got[m.Num].octets {
			other++
		}
	}
	c.Logf("unique-id %q; %d of %d sizes in LIST are not those of the messages", messages[0].UID, other, len(messages))
}

// list takes the listing, which has every message once and no identifier twice.
func (c *conversation) list(client *pop3client.Client) []pop3client.Message {
	c.Helper()
	listing, err := client.Listing(c.Context())
	if err != nil {
		c.Fatal(err)
	}
	if listing.NoUIDL != nil || listing.Ignored != 0 || listing.Stat.Count != len(c.mails) {
		c.Errorf("listing: STAT %+v, UIDL %v, %d rows ignored", listing.Stat, listing.NoUIDL, listing.Ignored)
	}
	messages := listing.Messages()
	uids := map[string]bool{}
	for _, m := range messages {
		if m.UID == "" || uids[m.UID] || m.Octets <= 0 {
			c.Errorf("listed: %+v", m)
		}
		uids[m.UID] = true
	}
	if len(messages) != len(c.mails) {
		c.Fatalf("%d messages listed, want %d", len(messages), len(c.mails))
	}
	return messages
}

func numbers(messages []pop3client.Message) []int {
	var nums []int
	for _, m := range messages {
		nums = append(nums, m.Num)
	}
	return nums
}

// retrieved is a message that came.
type retrieved struct {
	id     string
	octets int64 // as sent, with what the server has put into it
}

// retrieve retrieves these messages in one call. They are those of the maildrop, each
// once and octet for octet.
func (c *conversation) retrieve(client *pop3client.Client, nums []int) map[int]retrieved {
	c.Helper()
	got := map[int]retrieved{}
	seen := map[string]bool{}
	var octets bytes.Buffer
	open := func(int) (io.Writer, error) {
		octets.Reset()
		return &octets, nil
	}
	done := func(num int, n int64, err error) error {
		if err != nil || n != int64(octets.Len()) {
			return fmt.Errorf("RETR %d: %d octets of %d, %w", num, n, octets.Len(), err)
		}
		id := idOf(octets.Bytes())
		if seen[id] {
			c.Errorf("retrieved twice: %s", id)
		}
		got[num], seen[id] = retrieved{id, n}, true
		c.compare(octets.Bytes(), c.wire(id))
		return nil
	}
	if err := client.RetrAll(c.Context(), nums, open, done); err != nil {
		c.Fatal(err)
	}
	if len(got) != len(nums) {
		c.Errorf("%d messages retrieved, want %d", len(got), len(nums))
	}
	return got
}

// tops compares what TOP sends of some messages, without and with a line of the body.
func (c *conversation) tops(client *pop3client.Client, messages []pop3client.Message) {
	for _, m := range messages[:2*len(bodies)] {
		for lines := range 2 {
			var octets bytes.Buffer
			if _, err := client.Top(c.Context(), m.Num, lines, &octets); err != nil {
				c.Errorf("TOP %d %d: %v", m.Num, lines, err)
				continue
			}
			c.compare(octets.Bytes(), c.top(idOf(octets.Bytes()), lines))
		}
	}
}

// wire gives a message as this server sends it.
func (c *conversation) wire(id string) []byte {
	octets := c.mails[id].wire()
	if c.server.addsLine {
		octets = append(octets, '\r', '\n')
	}
	return octets
}

// top gives what this server sends in answer to TOP.
func (c *conversation) top(id string, lines int) []byte {
	header, body := c.mails[id].top(lines)
	if c.server.doublesGap && lines > 0 {
		header = append(header, '\r', '\n')
	}
	return slices.Concat(header, body)
}

// compare reports where two messages first differ.
func (c *conversation) compare(got, want []byte) {
	c.Helper()
	if c.server.restored != nil {
		got = c.server.restored(got)
	}
	if bytes.Equal(got, want) {
		return
	}
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	part := func(b []byte) []byte { return b[max(0, min(len(b), at-20)):min(len(b), at+40)] }
	if c.differences++; c.differences > 10 {
		c.Fatal("and so on")
	}
	c.Errorf("message %q differs at octet %d of %d: %q, want %q", idOf(got), at, len(want), part(got), part(want))
}

// deletion deletes some messages: in the next session these are gone, and no others.
func (c *conversation) deletion() {
	client := c.session(pop3client.PipelineOn)
	messages := c.list(client)
	last := len(messages) - 1
	victims := []pop3client.Message{messages[0], messages[1], messages[last/2], messages[last-1], messages[last]}
	got := c.retrieve(client, numbers(victims))
	count := 0
	err := client.DeleAll(c.Context(), numbers(victims), func(num int, err error) error {
		count++
		return err
	})
	if err != nil || count != len(victims) {
		c.Fatalf("DELE: %d replies, %v", count, err)
	}
	c.quit(client)
	for _, m := range got {
		delete(c.mails, m.id)
	}

	client = c.session(pop3client.PipelineOn)
	left := c.list(client)
	want := uidsOf(slices.DeleteFunc(slices.Clone(messages), func(m pop3client.Message) bool { return slices.Contains(victims, m) }))
	if got := uidsOf(left); !slices.Equal(got, want) {
		c.Errorf("unique-ids after the deletion: %q, want %q", got, want)
	}
	c.retrieve(client, numbers(left))
	c.quit(client)
}

// uidsOf gives the unique-ids, sorted: numbers may be others in the next session.
func uidsOf(messages []pop3client.Message) []string {
	var uids []string
	for _, m := range messages {
		uids = append(uids, m.UID)
	}
	slices.Sort(uids)
	return uids
}
