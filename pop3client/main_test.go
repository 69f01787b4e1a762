package pop3client

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain makes the tests of the package fail if one leaves a goroutine or a
// descriptor behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(counting{m}) }

// counting are tests of which the open descriptors are counted.
type counting struct{ *testing.M }

// Run implements goleak.TestingM. The runtime keeps a few descriptors of its own.
func (m counting) Run() int {
	before := descriptors()
	code := m.M.Run()
	if left := descriptors() - before; left > 8 {
		fmt.Fprintf(os.Stderr, "%d descriptors were left open\n", left)
		return 1
	}
	return code
}

// descriptors counts what this process has open, where the system tells.
func descriptors() int {
	open, _ := os.ReadDir("/proc/self/fd")
	return len(open)
}
