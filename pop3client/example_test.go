package pop3client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"strings"

	"postern/pop3client"
	"postern/pop3client/pop3test"
)

// startServer stands for a real POP3 server.
func startServer() *pop3test.Server {
	drop := pop3test.NewMaildrop("alice", "wonderland")
	drop.SetToken("ya29.token")
	drop.Add("0001", pop3test.CRLF("Subject: Tea\n\nAt five?\n"))
	drop.Add("0002", pop3test.CRLF("Subject: Re: Tea\n\nGladly.\n"))
	server, err := pop3test.Start(drop)
	if err != nil {
		log.Fatal(err)
	}
	server.Configure(func(c *pop3test.Config) { c.Mechanisms = []string{"PLAIN", "XOAUTH2"} })
	return server
}

// A whole session: what is there, and one message of it.
func Example() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()

	c, err := pop3client.Dial(ctx, server.TLSAddr(), &pop3client.Options{RootCAs: server.CertPool()})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(ctx, "alice", "wonderland"); err != nil {
		log.Fatal(err)
	}
	listing, err := c.Listing(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range listing.Messages() {
		fmt.Printf("%d %s %d octets\n", m.Num, m.UID, m.Octets)
	}
	var message strings.Builder
	if _, err := c.Retr(ctx, 1, &message); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%q\n", message.String())
	if err := c.Quit(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 1 0001 26 octets
	// 2 0002 29 octets
	// "Subject: Tea\r\n\r\nAt five?\r\n"
}

// Many messages at once. Here they are kept in memory; a mail program would
// write each to a file, and delete on the server only what is safely stored.
func ExampleClient_RetrAll() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	c, err := pop3client.Dial(ctx, server.TLSAddr(), &pop3client.Options{RootCAs: server.CertPool()})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(ctx, "alice", "wonderland"); err != nil {
		log.Fatal(err)
	}

	var message bytes.Buffer
	var stored []int
	open := func(num int) (io.Writer, error) {
		message.Reset()
		return &message, nil
	}
	done := func(num int, octets int64, err error) error {
		if err != nil { // this one; the others go on
			fmt.Printf("message %d: %v\n", num, err)
			return nil
		}
		subject, _, _ := bytes.Cut(message.Bytes(), []byte("\r\n"))
		fmt.Printf("message %d: %s\n", num, subject)
		stored = append(stored, num)
		return nil
	}
	if err := c.RetrAll(ctx, []int{1, 2, 3}, open, done); err != nil {
		log.Fatal(err)
	}

	err = c.DeleAll(ctx, stored, func(num int, err error) error { return err })
	if err != nil {
		log.Fatal(err)
	}
	if err := c.Quit(ctx); err != nil { // now they are deleted
		log.Fatal(err)
	}
	// Output:
	// message 1: Subject: Tea
	// message 2: Subject: Re: Tea
	// message 3: pop3: server refused RETR: "no such message"
}

// What a failed login means.
func ExampleAuthError() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	c, err := pop3client.Dial(ctx, server.TLSAddr(), &pop3client.Options{RootCAs: server.CertPool()})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	err = c.Login(ctx, "alice", "looking-glass")
	var failed *pop3client.AuthError
	var refused *pop3client.Error
	switch {
	case errors.As(err, &failed) && failed.Rejected():
		fmt.Println("wrong user name or password")
	case errors.As(err, &refused) && refused.Temporary():
		fmt.Println("try again later")
	}
	fmt.Println(err)
	// Output:
	// wrong user name or password
	// pop3: log in with PLAIN: server refused AUTH [AUTH]: "wrong user name or password"
}

// Logging in with an OAuth 2 access token.
func ExampleClient_Auth() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	c, err := pop3client.Dial(ctx, server.TLSAddr(), &pop3client.Options{RootCAs: server.CertPool()})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	if err := c.Auth(ctx, pop3client.XOAUTH2("alice", "ya29.token")); err != nil {
		log.Fatal(err)
	}
	stat, err := c.Stat(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stat.Count, "messages")
	// Output: 2 messages
}

// The dialogue, for a log that shows no password.
func ExampleOptions_trace() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	c, err := pop3client.Dial(ctx, server.Addr(), &pop3client.Options{
		Security:   pop3client.None, // and so the password goes in clear text:
		Mechanisms: []string{"USER"},
		NoCAPA:     true,
		Trace: func(dir pop3client.Direction, line string) {
			fmt.Printf("%c: %s\n", dir, line)
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(ctx, "alice", "wonderland"); err != nil {
		log.Fatal(err)
	}
	if err := c.Quit(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// S: +OK pop3test ready
	// C: USER alice
	// S: +OK password, please
	// C: PASS [secret]
	// S: +OK 2 messages
	// C: QUIT
	// S: +OK bye
}

// A self-signed certificate, trusted after a person has looked at its
// fingerprint.
func ExamplePin() {
	server := startServer()
	defer server.Close()
	ctx := context.Background()
	addr := server.TLSAddr()

	_, err := pop3client.Dial(ctx, addr, nil)
	var untrusted *pop3client.TLSError
	if !errors.As(err, &untrusted) {
		log.Fatal(err)
	}
	fmt.Println(untrusted.Reason)

	pin := &pop3client.Pin{Addr: addr, SHA256: pop3client.Fingerprint(untrusted.Certificate)}
	c, err := pop3client.Dial(ctx, addr, &pop3client.Options{Pin: pin})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Println("trusted by its fingerprint:", c.Pinned())
	// Output:
	// certificate signed by unknown authority
	// trusted by its fingerprint: true
}

// An account as one line.
func ExampleParseURL() {
	u, err := pop3client.ParseURL("pop3s://alice%40example.com;AUTH=SCRAM-SHA-256@pop.example.com")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(u.User, u.Addr(), u.Options().Mechanisms)
	// Output: alice@example.com pop.example.com:995 [SCRAM-SHA-256]
}
