package syncer

import (
	"fmt"
	"strings"

	"postern/pop3client"
)

// transcriptLines is how many lines of a dialogue are kept from its beginning, and as
// many from its end: what went wrong stands in one of them.
const transcriptLines = 200

// transcript is a session's dialogue as pop3client tells it: secrets blanked, bodies as
// sizes.
type transcript struct {
	head, tail []string // tail is a ring once it is full
	lines      int
}

func (t *transcript) add(dir pop3client.Direction, line string) {
	line = fmt.Sprintf("%c: %s", dir, plain(line))
	switch {
	case len(t.head) < transcriptLines:
		t.head = append(t.head, line)
	case len(t.tail) < transcriptLines:
		t.tail = append(t.tail, line)
	default:
		t.tail[(t.lines-2*transcriptLines)%transcriptLines] = line
	}
	t.lines++
}

// String is the dialogue, a line each, with a remark where lines were left out.
func (t *transcript) String() string {
	all := append([]string{}, t.head...)
	first := 0
	if out := t.lines - 2*transcriptLines; out > 0 {
		all = append(all, fmt.Sprintf("   … %d lines left out …", out))
		first = out % transcriptLines
	}
	all = append(append(all, t.tail[first:]...), t.tail[:first]...)
	return strings.Join(all, "\n")
}
