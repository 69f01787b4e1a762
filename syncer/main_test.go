package syncer_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain makes the package fail if a goroutine is left behind; in the process that
// killedAt starts, it holds the session that does not end.
func TestMain(m *testing.M) {
	if point := os.Getenv(dieVariable); point != "" {
		dieInSession(point)
	}
	goleak.VerifyTestMain(m)
}
