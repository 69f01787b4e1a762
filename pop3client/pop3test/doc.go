// Package pop3test is a POP3 server in the same process, for tests of POP3
// clients and for demonstrations.
//
// A [Maildrop] is a user with a password and messages. It lives as long as the
// test wants, over any number of sessions: [Maildrop.Add], [Maildrop.Remove]
// and [Maildrop.SetUID] change it in between, and what a session marks with
// DELE is removed at its QUIT, as RFC 1939 says, and never before.
//
//	drop := pop3test.NewMaildrop("alice", "wonderland")
//	drop.Add("uid-1", pop3test.CRLF("Subject: hello\n\nHow are you?\n"))
//	server := pop3test.NewServer(t, drop)
//	client, err := pop3client.Dial(ctx, server.TLSAddr(), &pop3client.Options{RootCAs: server.CertPool()})
//
// A [Server] listens on two ports of 127.0.0.1, one with TLS from the first
// octet and one in clear text with STLS. What it offers is its [Config], which
// Configure changes at any time. A [Fault] is data that says where the server
// misbehaves: which command, which time, and whether it refuses, sends other
// octets, stalls, slows down, or cuts the connection, after how many octets.
// [Server.Log] tells what clients sent.
//
// The package does not import testing and may be used outside tests.
package pop3test
