package syncer

import (
	"fmt"
	"strings"
	"testing"

	"postern/pop3client"
)

func TestTranscriptKeepsBothEnds(t *testing.T) {
	for _, n := range []int{0, 1, 199, 200, 201, 400, 401, 999} {
		var tr transcript
		for i := range n {
			tr.add(pop3client.Sent, fmt.Sprint(i))
		}
		got := strings.Split(tr.String(), "\n")
		want := n
		if n > 400 {
			want = 401
		}
		if n > 0 && (len(got) != want || got[0] != "C: 0" || got[len(got)-1] != fmt.Sprintf("C: %d", n-1)) {
			t.Errorf("%d lines: %d kept, from %q to %q", n, len(got), got[0], got[len(got)-1])
		}
		for i := 201; n > 400 && i < 401; i++ {
			if want := fmt.Sprintf("C: %d", n-401+i); got[i] != want {
				t.Fatalf("%d lines: line %d is %q, want %q", n, i, got[i], want)
			}
		}
	}
}
