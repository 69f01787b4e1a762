package web

import (
	"strconv"
	"testing"
	"time"
)

// TestRefusedAttemptsLeaveNothing: who is held up cannot fill the memory with invented names.
func TestRefusedAttemptsLeaveNothing(t *testing.T) {
	clock := &fakeClock{}
	th := newThrottle(clock.Now, nameDelay)
	for range 20 {
		th.attempt("ann", "192.0.2.0")
		clock.pass(200 * time.Millisecond)
	}
	before := len(th.entries)
	for i := range 1000 {
		if th.attempt(strconv.Itoa(i), "192.0.2.0") == 0 {
			t.Fatalf("attempt %d was let in", i)
		}
	}
	if after := len(th.entries); after != before {
		t.Errorf("%d entries, %d before the refused attempts", after, before)
	}
}

// TestDelaysOutliveManyNames: many names from many networks do not make the throttle forget who has to wait.
func TestDelaysOutliveManyNames(t *testing.T) {
	clock := &fakeClock{}
	th := newThrottle(clock.Now, nameDelay)
	for th.entry("net 192.0.2.0", clock.Now()).count < 20 { // five minutes to wait
		th.entry("net 192.0.2.0", clock.Now()).failed(clock.Now(), networkDelay)
	}
	for i := range 2*maxThrottled + 10 {
		if i%maxThrottled == 0 {
			clock.pass(61 * time.Second)
		}
		th.attempt("name"+strconv.Itoa(i), "")
	}
	if len(th.entries) > maxThrottled {
		t.Errorf("%d entries", len(th.entries))
	}
	if wait := th.attempt("someone", "192.0.2.0"); wait < time.Minute {
		t.Errorf("the network that guesses waits only %s more", wait)
	}
}
