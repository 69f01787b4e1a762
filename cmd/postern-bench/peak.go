package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime/metrics"
	"strings"
	"time"
)

// watchHeap looks at the heap every millisecond until peak is called, which gives the
// most octets that objects took: live ones and those not yet collected.
func watchHeap() (peak func() uint64) {
	done, most := make(chan struct{}), make(chan uint64)
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	go func() {
		var top uint64
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			metrics.Read(sample)
			top = max(top, sample[0].Value.Uint64())
			select {
			case <-tick.C:
			case <-done:
				most <- top
				return
			}
		}
	}()
	return func() uint64 {
		close(done)
		return <-most
	}
}

// peakRSS is the most memory that a process has had, by the kernel's account.
// (Not getrusage's: that begins with what the parent had.)
func peakRSS(pid int) (uint64, error) { return statusOf(pid, "VmHWM:") }

// statusOf is a line of /proc/pid/status in octets.
func statusOf(pid int, name string) (uint64, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if kib, ok := strings.CutPrefix(s.Text(), name); ok {
			var n uint64
			_, err := fmt.Sscan(kib, &n)
			return n << 10, err
		}
	}
	return 0, fmt.Errorf("no %s in /proc/%d/status", name, pid)
}
