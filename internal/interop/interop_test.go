// Package interop runs pop3client against POP3 servers that others wrote, from Debian's
// packages: the same session with each of them, by every way to log in that it has. What
// came out is told in docs/POP3.md.
//
// Dovecot, Courier, Cyrus and nginx always take part; the others where the environment
// says POSTERN_INTEROP=all, as `make interop` does.
package interop

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"go.uber.org/goleak"
)

// servers are all that take part, and how each is started.
var servers = []struct {
	name   string
	always bool // else only with POSTERN_INTEROP=all
	start  func(*testing.T) *server
}{
	{"Dovecot", true, startDovecot},
	{"Courier", true, startCourier},
	{"Cyrus", true, startCyrus},
	{"nginx", true, startNginx},
	{"GNU Mailutils", false, startMailutils},
	{"popa3d", false, startPopa3d},
	{"Solid POP3", false, startSolid},
	{"Perdition", false, startPerdition},
	{"stunnel", false, startStunnel},
}

func TestServers(t *testing.T) {
	var results results
	t.Run("with", func(t *testing.T) {
		for _, entry := range servers {
			t.Run(entry.name, func(t *testing.T) {
				if !entry.always && os.Getenv("POSTERN_INTEROP") != "all" {
					t.Skipf("%s takes part in `make interop` only", entry.name)
				}
				t.Parallel()
				results.add(converse(t, entry.name, entry.start(t)))
			})
		}
	})
	t.Log(results.table())
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// result is what the conversation with one server came to.
type result struct {
	server, version string
	logins          []string // "transport: mechanisms"
	// how long it took to retrieve all mail pipelined, and some of it one by one
	pipelined, single time.Duration
}

// results are collected from tests that run side by side.
type results struct {
	mu   sync.Mutex
	rows []result
}

func (r *results) add(row result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows = append(r.rows, row)
}

// table gives the results in columns, sorted by the servers' names.
func (r *results) table() string {
	slices.SortFunc(r.rows, func(a, b result) int { return strings.Compare(a.server, b.server) })
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nserver\tversion\t%d pipelined\t%d one by one\tlogins\n", mailCount, someCount)
	for _, row := range r.rows {
		fmt.Fprintf(w, "%s\t%s\t%v\t%v\t%s\n", row.server, row.version, row.pipelined.Round(time.Millisecond),
			row.single.Round(time.Millisecond), strings.Join(row.logins, "\n\t\t\t\t"))
	}
	w.Flush()
	return text.String()
}
