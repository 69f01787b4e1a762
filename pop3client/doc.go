// Package pop3client is a POP3 client: RFC 1939 with its extensions, over TLS,
// strict where safety needs it and forgiving where real servers need it.
//
// # A session
//
// [Dial] connects, with verified TLS unless told otherwise. [Client.Login] logs
// in with the strongest mechanism that the server offers. [Client.Listing] says
// what is there, [Client.RetrAll] retrieves it, [Client.DeleAll] marks it for
// deletion, and [Client.Quit] ends the session, upon which the server deletes
// what is marked. [Client.Close] without Quit leaves the maildrop as it was.
//
//	c, err := pop3client.Dial(ctx, "pop.example.com", nil)
//	if err != nil {
//		return err
//	}
//	defer c.Close()
//	if err := c.Login(ctx, user, password); err != nil {
//		return err
//	}
//	listing, err := c.Listing(ctx)
//	...
//	return c.Quit(ctx)
//
// There is a method for each command, named as in its RFC: Stat, List, UIDL,
// Retr, Top, Dele, Rset, Noop, Quit, CAPA, APOP, UTF8, Lang.
//
// Message numbers mean something only within their session. Between sessions a
// message is known by its unique-id ([UniqueID]), which is octets, not text:
// some servers send more than the 70 characters that RFC 1939 allows, blanks,
// 8-bit characters, the same id twice, or none for some message.
//
// # Security
//
// [Options.Security] is TLS from the first octet, STLS (required: if the server
// refuses, there is no session), or none. Certificates are verified by chain
// and name, and TLS 1.2 is the least. A certificate that does not verify can be
// trusted by its fingerprint, for one address ([Pin]). [TLSError] says why TLS
// failed.
//
// Before STLS the server is told nothing and believed nothing: capabilities are
// asked for inside TLS only, and octets that arrive behind the reply to STLS,
// where somebody may have injected them, end the session.
//
// Login sends nothing outside TLS unless [Options.Mechanisms] allows a
// mechanism by its name; [ClearTextMechanisms] allows all of them. Inside TLS
// it prefers SCRAM, whose server has to prove that it knows the password too.
// Tokens and certificates go through [Client.Auth] with [XOAUTH2],
// [OAuthBearer] or [External]; any other mechanism is an implementation of
// [Mechanism], for instance one of github.com/emersion/go-sasl.
//
// Arguments with CR, LF or NUL are refused before anything is sent. Credentials
// appear neither in errors nor in [Options.Trace], also if the server repeats
// them. The server's words are in errors as it sent them, bounded and, in the
// Error methods, quoted: they may be anything, so show them as a quotation.
//
// # Messages
//
// Retr and Top write a message to an io.Writer as it arrives, octet for octet:
// any line length, NUL, 8-bit, lone CR and LF. Only the dots that POP3 stuffs
// are taken out. What has been written is complete if and only if the error is
// nil. Sizes in listings are hints, and never decide how much is read.
//
// # Pipelining
//
// RetrAll, TopAll, DeleAll and Listing send commands ahead of the replies where
// the server's CAPA says PIPELINING, which at a distance makes them tens of
// times as fast. [PipelineOn] does so with any server; nearly all can bear it.
// Up to [Limits.Window] commands are in flight, and about [Limits.WindowOctets]
// of replies. Reading and writing go on side by side, so that no sizes of
// messages and buffers can bring both ends to wait for each other. Each message
// has a result of its own, and a refusal does not end the rest.
//
// If the exchange breaks with several commands in flight, the error is a
// [*PipelineError]: connect again with [PipelineOff]. Pipelining is never used
// before or together with a login, where many servers lose commands.
//
// Commands that go one by one do not suffer from Nagle's algorithm at the
// server, on Linux: the client acknowledges at once.
//
// # Errors
//
// An -ERR is an [*Error], with the response code if the server gave one; the
// session goes on. So it does after an [*ArgumentError] and after an error of
// the caller's writer. A failed login is an [*AuthError], which tells a wrong
// password from a locked maildrop ([AuthError.Rejected]). Everything else,
// [*ProtocolError], [*TimeoutError], [*LimitError], [*ConnError], ends the
// session at once and without QUIT, and all further commands get [ErrBroken]:
// after that nobody can say which reply belongs to which command. The one
// exception is a reply in good form whose numbers make no sense, a
// ProtocolError after which [Client.Broken] is still nil.
//
// DELE is a request. The message is gone when a later session's UIDL no longer
// lists it: some servers say +OK to QUIT and fail to delete, some delete though
// their reply gets lost.
//
// # Limits
//
// Everything is bounded in time and size, by [Timeouts] and [Limits]. A time is
// not extended by octets that trickle in; listings and messages must keep up a
// least rate. The context of a method bounds it besides, and ends it at once
// when cancelled, after which the client is unusable. Memory does not grow with
// messages: a client holds about 100 KiB, and its listings.
//
// # Quirks
//
// Among what real servers do, and the client bears: greetings and replies of a
// bare +OK, of raw 8-bit text, with LF for CRLF; no CAPA, or one that refuses
// after the login; listings with +OK on each row, several blanks, gaps, rows
// twice, sizes that are negative or words, and other counts than STAT; first
// lines that are not dot-stuffed; challenges without blank or with words in
// place of base64; connections closed instead of an answer to a wrong password;
// TLS closed without a farewell. A server that speaks unasked is cut off, and
// its words are in the error.
package pop3client
