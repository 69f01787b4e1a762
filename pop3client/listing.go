package pop3client

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Stat is the drop listing: the reply to STAT.
type Stat struct {
	Count  int   // messages in the maildrop
	Octets int64 // their size, as the server counts; 0 where it gave no usable number
}

// ScanListing is one row of a LIST reply.
type ScanListing struct {
	Num    int   // message number, valid in this session only
	Octets int64 // size, as the server counts: a hint, RETR may send more or less; 0 where unusable
}

// UniqueID is one row of a UIDL reply.
type UniqueID struct {
	Num int    // message number, valid in this session only
	UID string // octets as sent: of any charset, perhaps longer than RFC 1939's 70, perhaps not unique, "" where the server gave none
}

// Message is a message as the listings together describe it.
type Message struct {
	Num    int
	UID    string // "" where the server has no UIDL
	Octets int64
}

// Listing is what STAT, LIST and UIDL say about the maildrop. The three may
// disagree: mail arrives between them, and some servers count what they do not
// list. The rows of List and UIDL are in ascending order of their numbers.
type Listing struct {
	Stat Stat
	List []ScanListing
	UIDL []UniqueID

	// NoUIDL is the [*Error] with which the server refused UIDL, else nil. If
	// its CAPA lists UIDL, or it worked in an earlier session, that is a
	// passing trouble and no reason to take every message for a new one.
	NoUIDL error

	// Ignored counts rows that were no use: without a number, with one that
	// is out of range, or that had been given before.
	Ignored int
}

// Messages gives the messages that both LIST and UIDL list, or all of LIST if
// the server has no UIDL.
func (l *Listing) Messages() []Message {
	messages := make([]Message, 0, len(l.List))
	uids := l.UIDL
	for _, row := range l.List {
		if l.NoUIDL != nil {
			messages = append(messages, Message{Num: row.Num, Octets: row.Octets})
			continue
		}
		for len(uids) > 0 && uids[0].Num < row.Num {
			uids = uids[1:]
		}
		if len(uids) > 0 && uids[0].Num == row.Num {
			messages = append(messages, Message{Num: row.Num, UID: uids[0].UID, Octets: row.Octets})
		}
	}
	return messages
}

// maxNumber is the greatest message number believed: far beyond any maildrop,
// and an int everywhere.
const maxNumber = 1<<31 - 1

// parseStat reads the text of STAT's reply. The count must be a number; the
// size is a hint (some servers send a negative one, or words).
func parseStat(text []byte) (Stat, bool) {
	count, rest, ok := cutNumber(text, 0)
	if !ok {
		return Stat{}, false
	}
	return Stat{Count: int(count), Octets: parseOctets(rest)}, true
}

// parseScan reads a row of LIST: number, size, and what the server likes to add.
func parseScan(line []byte) (ScanListing, bool) {
	num, rest, ok := cutNumber(trimOK(line), 1)
	return ScanListing{Num: int(num), Octets: parseOctets(rest)}, ok
}

// parseUniqueID reads a row of UIDL: number, blanks, and the id to the end of
// the line.
func parseUniqueID(line []byte) (UniqueID, bool) {
	num, uid, ok := cutUniqueID(line)
	if !ok {
		return UniqueID{}, false
	}
	return UniqueID{Num: num, UID: string(uid)}, true
}

func cutUniqueID(line []byte) (num int, uid []byte, ok bool) {
	n, rest, ok := cutNumber(trimOK(line), 1)
	return int(n), trimBlanks(rest), ok
}

// uidBlock is how many octets of unique-ids share an allocation: a listing of a
// million costs some thousand.
const uidBlock = 32 << 10

// uidParser is parseUniqueID for a whole listing.
type uidParser struct{ block *strings.Builder }

func (p *uidParser) parse(line []byte) (UniqueID, bool) {
	num, uid, ok := cutUniqueID(line)
	if !ok {
		return UniqueID{}, false
	}
	if p.block == nil || p.block.Cap()-p.block.Len() < len(uid) {
		p.block = new(strings.Builder)
		p.block.Grow(max(uidBlock, len(uid)))
	}
	start := p.block.Len()
	p.block.Write(uid)
	return UniqueID{Num: num, UID: p.block.String()[start:]}, true
}

// trimOK takes off the +OK that some servers put before every row.
func trimOK(line []byte) []byte {
	if hasToken(line, "+OK") {
		return line[3:]
	}
	return line
}

// cutNumber takes a number of at least least off the front of text. It must
// stand alone.
func cutNumber(text []byte, least int64) (n int64, rest []byte, ok bool) {
	text = trimBlanks(text)
	i := bytes.IndexAny(text, " \t")
	if i < 0 {
		i = len(text)
	}
	n, ok = parseDigits(text[:i])
	return n, text[i:], ok && n >= least && n <= maxNumber
}

// parseOctets reads a size from the first word of text; 0 if it is not one.
func parseOctets(text []byte) int64 {
	text = trimBlanks(text)
	if i := bytes.IndexAny(text, " \t"); i >= 0 {
		text = text[:i]
	}
	n, _ := parseDigits(text)
	return n
}

// parseDigits reads a number of digits only.
func parseDigits(text []byte) (int64, bool) {
	if len(text) == 0 || text[0] < '0' || text[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return 0, false
	}
	return n, true
}

// inOrder sorts rows by number and drops all but the first of each number. It
// gives the rows left and how many were dropped.
func inOrder[Row any](rows []Row, num func(Row) int) ([]Row, int) {
	before := len(rows)
	byNum := func(a, b Row) int { return cmp.Compare(num(a), num(b)) }
	if !slices.IsSortedFunc(rows, byNum) {
		slices.SortStableFunc(rows, byNum)
	}
	rows = slices.CompactFunc(rows, func(a, b Row) bool { return num(a) == num(b) })
	return rows, before - len(rows)
}
