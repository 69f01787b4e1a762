package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress shows on a terminal how far a long command has come; elsewhere only its remarks are
// written.
type progress struct {
	w        io.Writer
	terminal bool
	total    int64 // of what there is to do: octets, or messages
	messages int
	done     int64 // of the files before this one
	file     int64 // of this file
	start    time.Time
	shown    time.Time
	notes    int
}

func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	now := time.Now()
	return &progress{w: w, terminal: ok && term.IsTerminal(int(f.Fd())), start: now, shown: now}
}

// at tells how much of the file at hand is done.
func (p *progress) at(n int64) {
	p.file = n
	if p.terminal && time.Since(p.shown) >= 200*time.Millisecond {
		p.shown = time.Now()
		fmt.Fprintf(p.w, "\r%s\x1b[K", p.line(p.shown))
	}
}

// past ends a file of that size.
func (p *progress) past(size int64) { p.done, p.file = p.done+size, 0 }

// line is the bar: how much, how fast, how long yet.
func (p *progress) line(now time.Time) string {
	const width = 24
	share := 0.0
	read := p.done + p.file
	if p.total > 0 {
		share = min(float64(read)/float64(p.total), 1)
	}
	full := int(share * width)
	passed := now.Sub(p.start).Seconds()
	line := fmt.Sprintf("[%s%s] %3.0f %%  %s", strings.Repeat("#", full), strings.Repeat(".", width-full), 100*share, counted(p.messages, "message"))
	if passed >= 1 && read > 0 {
		line += fmt.Sprintf("  %.0f a second", float64(p.messages)/passed)
		left := time.Duration(float64(p.total-read) / float64(read) * passed * float64(time.Second))
		line += "  " + max(left, 0).Round(time.Second).String() + " left"
	}
	return line
}

// maxNotes is how many remarks are written; the counts at the end tell of the others.
const maxNotes = 50

// note writes a remark above the bar.
func (p *progress) note(format string, args ...any) {
	if p.notes++; p.notes > maxNotes {
		return
	}
	if p.terminal {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	fmt.Fprintf(p.w, "postern: "+format+"\n", args...)
	if p.notes == maxNotes {
		fmt.Fprintln(p.w, "postern: further remarks are left out")
	}
}

// end takes the bar away.
func (p *progress) end() {
	if p.terminal {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
