package store

import (
	"errors"
	"time"
)

// Errors that callers tell apart with [errors.Is].
var (
	ErrNotFound    = errors.New("not found")          // nothing of that id belongs to that user
	ErrNameTaken   = errors.New("that name is taken") // a user of that name exists
	ErrMailboxHere = errors.New("this mailbox has an account already")
	ErrTooLate     = errors.New("too late: the deletion is already on its way; your copy stays")
	ErrChanged     = errors.New("the account's settings were changed meanwhile")
	ErrQuitting    = errors.New("a server may be deleting mail at this moment; try again in a few minutes")
	ErrUndoPassed  = errors.New("this can no longer be undone")
	ErrNewer       = errors.New("the data directory was written by a newer version of Postern")
	ErrForeign     = errors.New("this is not a Postern database")
)

// Identifiers. They are numbers of arrival and are never used twice.
type (
	UserID     int64
	AccountID  int64
	MessageID  int64
	DeletionID int64
	SyncID     int64
)

// The enumerations below are stored as their numbers: never renumber them.

// Mailbox is where a message lies. Every message is in exactly one.
type Mailbox int

// The mailboxes. A purged message is hidden; it waits only for its open
// deletions to end before its octets go.
const (
	Inbox   Mailbox = 1
	Archive Mailbox = 2
	Junk    Mailbox = 3
	Trash   Mailbox = 4
	Purged  Mailbox = 9
)

var mailboxNames = map[Mailbox]string{Inbox: "inbox", Archive: "archive", Junk: "junk", Trash: "trash", Purged: "purged"}

// String is the name used in routes and in the search language.
func (m Mailbox) String() string { return mailboxNames[m] }

// MailboxNamed is the reverse of [Mailbox.String]; purged mail has no name to
// ask for.
func MailboxNamed(name string) (Mailbox, bool) {
	for m, n := range mailboxNames {
		if n == name && m != Purged {
			return m, true
		}
	}
	return 0, false
}

// Security is how the connection to a POP3 server is protected.
type Security int

// The ways to connect.
const (
	TLS      Security = 1 // from the first octet (RFC 8314)
	STARTTLS Security = 2 // STLS, required (RFC 2595)
	Plain    Security = 3 // no protection; only when asked for
)

// Policy is what happens on the server.
type Policy int

// The policies. All but Keep push deletions made here to the server.
const (
	DeleteOnDelete      Policy = 1
	Keep                Policy = 2
	DeleteAfterDays     Policy = 3 // counted from when the message was first seen
	DeleteAfterDownload Policy = 4
)

// Remedy is what a person can do about an account's trouble.
type Remedy int

// The remedies.
const (
	Wait              Remedy = 0 // nothing: it passes by itself, or there is no trouble
	TypePassword      Remedy = 1 // the server refuses the one it is given
	ReviewCertificate Remedy = 2 // the server shows a certificate that is not trusted
	ReviewSettings    Remedy = 3 // server, port or security
)

// ServerState is what is known of a message's copy on its server.
type ServerState int

// The states, named as in search results.
const (
	ServerNone    ServerState = 0 // never fetched from a server
	ServerPresent ServerState = 1
	ServerPending ServerState = 2 // a deletion is requested, sending or sent
	ServerDeleted ServerState = 3 // we deleted it
	ServerGone    ServerState = 4 // not listed any more, without our doing
)

var serverNames = [...]string{"none", "present", "pending-delete", "deleted", "gone"}

// String is the name used in search --json.
func (s ServerState) String() string { return serverNames[s] }

// DeletionState is where a row of the deletion ledger stands.
type DeletionState int

// The states in their order. Requested, Sending and Sent are open.
const (
	Requested DeletionState = 1 // may still be cancelled
	Sending   DeletionState = 2 // claimed for a session: DELE may have been sent
	Sent      DeletionState = 3 // the server said +OK to DELE and to QUIT
	Confirmed DeletionState = 4 // a later complete listing does not have it
	Refused   DeletionState = 5 // the server said -ERR
	Cancelled DeletionState = 6
)

// Open tells whether the deletion may still happen.
func (s DeletionState) Open() bool { return s >= Requested && s <= Sent }

// Reason is why a deletion was asked for.
type Reason int

// The reasons.
const (
	DeletedHere   Reason = 1 // a person deleted the message in Postern
	AfterDays     Reason = 2 // the account's policy, N days after it was first seen
	AfterDownload Reason = 3 // the account's policy
	FreeSpace     Reason = 4 // a person removed it from the server and keeps it here
	Unfetched     Reason = 5 // a person wants it deleted there though only its header is here
)

// millis turns a time into the store's unit; the zero time is NULL.
func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// fromMillis is the reverse of millis; nil is the zero time.
func fromMillis(v *int64) time.Time {
	if v == nil {
		return time.Time{}
	}
	return time.UnixMilli(*v)
}
