package main

import (
	"fmt"
	"strconv"
	"strings"
)

// byteSize is a number of octets as people write it: 500k, 100MiB, 2G. All units are
// powers of 1024.
type byteSize int64

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *byteSize) UnmarshalText(text []byte) error {
	s := strings.ToLower(strings.TrimSpace(string(text)))
	number := strings.TrimRight(s, "bikmgt")
	shift, ok := map[string]int{"": 0, "b": 0, "k": 10, "kb": 10, "kib": 10, "m": 20, "mb": 20, "mib": 20, "g": 30, "gb": 30, "gib": 30}[s[len(number):]]
	n, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || n <= 0 || n > 1<<62>>shift {
		return fmt.Errorf("%q is not a size such as 500k, 100MiB or 2G", text)
	}
	*b = byteSize(n << shift)
	return nil
}

// sizeLimit is a byteSize, or 0 for none.
type sizeLimit byteSize

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *sizeLimit) UnmarshalText(text []byte) error {
	if string(text) == "0" || string(text) == "none" {
		*l = 0
		return nil
	}
	return (*byteSize)(l).UnmarshalText(text)
}
