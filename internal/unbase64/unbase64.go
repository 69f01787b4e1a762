// Package unbase64 takes the base64 out of octets before they are compressed, and puts it
// back as it was. Compressors find little in base64: the same words look different at each
// of three places, and six bits take eight. Texts in Chinese, and all attachments, are sent so.
//
// What Shrink gives is a list of runs and what remains of the octets, runs decoded:
//
//	number of runs, then for each: octets before it, its octets when decoded,
//	characters of a line × 2 + 1 if lines end with CRLF, 0 if with LF   (all uvarints)
//	the octets, in their order
package unbase64

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// ErrMalformed says that octets do not come from Shrink.
var ErrMalformed = errors.New("not octets whose base64 was taken out")

// What is taken for base64: two or more lines of one length, the last of which may be
// shorter. Shorter lines than shortest are more often words than base64.
const (
	shortest = 40
	longest  = 1000 // RFC 5322 section 2.1.1 allows 998, RFC 2045 section 6.8 only 76
)

// strict refuses what it would not write itself, but for line ends inside of a line.
var strict = base64.StdEncoding.Strict()

// run is base64 in lines of one length; only the last may be shorter, and only it has padding.
type run struct {
	before int // octets between the run before it and this one
	size   int // octets when decoded
	line   int // characters of a line
	eol    string
}

// Shrink appends octets without their base64 to into. It tells whether there was any; if
// not, nothing is appended.
func Shrink(into, octets []byte) ([]byte, bool) {
	var runs []run
	var decoded []byte // all runs, one after the other
	var ends []int     // where each run ends in octets
	for at, done := 0, 0; at < len(octets); {
		r, next := firstLine(octets[at:])
		if r.line > 0 {
			start, length := len(decoded), 0
			decoded, length = decode(decoded, octets[at:], r)
			if length > next {
				r.before, r.size = at-done, len(decoded)-start
				next, done = length, at+length
				runs, ends = append(runs, r), append(ends, done)
			} else { // one line alone may be anything
				decoded = decoded[:start]
			}
		}
		at += next
	}
	if runs == nil {
		return into, false
	}
	into = binary.AppendUvarint(into, uint64(len(runs)))
	for _, r := range runs {
		into = binary.AppendUvarint(into, uint64(r.before))
		into = binary.AppendUvarint(into, uint64(r.size))
		into = binary.AppendUvarint(into, uint64(2*r.line+len(r.eol)-1))
	}
	done := 0
	for i, r := range runs {
		into = append(into, octets[done:done+r.before]...)
		into = append(into, decoded[:r.size]...)
		done, decoded = ends[i], decoded[r.size:]
	}
	return append(into, octets[done:]...), true
}

// firstLine gives the length of the first line with its end, and the lines of the run that
// may begin with it; its line is 0 if none does.
func firstLine(octets []byte) (run, int) {
	end := bytes.IndexByte(octets, '\n')
	if end < 0 {
		return run{}, len(octets)
	}
	line, eol := octets[:end], "\n"
	if end > 0 && octets[end-1] == '\r' {
		line, eol = octets[:end-1], "\r\n"
	}
	if n := len(line); n < shortest || n > longest || n%4 != 0 || !alphabet(line) {
		return run{}, end + 1
	}
	return run{line: len(line), eol: eol}, end + 1
}

// decode appends what the run at the beginning of octets says to into, and gives its length
// as it stands there.
func decode(into, octets []byte, r run) ([]byte, int) {
	at := 0
	for at < len(octets) {
		rest := octets[at:]
		n := r.line
		if !bytes.HasPrefix(rest[min(n, len(rest)):], []byte(r.eol)) {
			n = bytes.Index(rest[:min(n, len(rest))], []byte(r.eol))
		}
		if n <= 0 || n%4 != 0 {
			break
		}
		size := n/4*3 - padding(rest[:n])
		start := len(into)
		var err error
		into, err = strict.AppendDecode(into, rest[:n])
		if err != nil || len(into)-start != size {
			into = into[:start]
			break
		}
		at += n + len(r.eol)
		if size < r.line/4*3 {
			break
		}
	}
	return into, at
}

func padding(line []byte) int { return len(line) - len(bytes.TrimRight(line, "=")) }

// alphabet tells whether a line has only characters of base64 but for padding.
func alphabet(line []byte) bool {
	for _, c := range line {
		if !inAlphabet[c] {
			return false
		}
	}
	return true
}

var inAlphabet = func() (in [256]bool) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		in[c] = true
	}
	return in
}()

// Restore appends to into what Shrink was given, most octets of it at the most. An error
// matches ErrMalformed.
func Restore(into, shrunk []byte, most int) ([]byte, error) {
	list := reader{rest: shrunk}
	count := list.number(len(shrunk))
	runs := make([]run, 0, min(count, len(shrunk)/3)) // a run takes three octets of the list at least
	for range count {
		r := run{before: list.number(most), size: list.number(most)}
		r.line = list.number(2*longest + 1)
		if r.eol = "\n"; r.line%2 == 1 {
			r.eol = "\r\n"
		}
		if r.line /= 2; r.line < 4 || r.line%4 != 0 || r.size == 0 {
			return into, ErrMalformed
		}
		runs = append(runs, r)
	}
	bare, start := list.rest, len(into)
	for _, r := range runs {
		if r.before > len(bare) || r.size > len(bare)-r.before || len(into)-start+r.before+r.size > most {
			return into, ErrMalformed
		}
		into = append(into, bare[:r.before]...)
		into = encode(into, bare[r.before:][:r.size], r)
		bare = bare[r.before+r.size:]
	}
	if into = append(into, bare...); list.bad || len(into)-start > most {
		return into, ErrMalformed
	}
	return into, nil
}

// encode appends a run with its line ends.
func encode(into, octets []byte, r run) []byte {
	for len(octets) > 0 {
		n := min(len(octets), r.line/4*3)
		into = append(strict.AppendEncode(into, octets[:n]), r.eol...)
		octets = octets[n:]
	}
	return into
}

// reader reads the list of runs. After a number that is none or too large it is bad, and
// gives 0.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) number(most int) int {
	v, n := binary.Uvarint(r.rest)
	if r.bad || n <= 0 || v > uint64(most) {
		r.bad = true
		return 0
	}
	r.rest = r.rest[n:]
	return int(v)
}
