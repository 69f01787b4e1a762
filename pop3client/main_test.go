package pop3client

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain makes every test of the package fail that leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
