package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// machine writes what the figures are true of.
func machine(w io.Writer, contenders []*contender, loadBefore string) {
	fmt.Fprintf(w, "%s. %d × %s, Linux %s, %s, load %s before and %s after (of %d). Dovecot %s",
		time.Now().UTC().Format("2 January 2006"), runtime.NumCPU(), processor(), kernel(), runtime.Version(),
		loadBefore, load1(), runtime.NumCPU(), dovecotVersion())
	for _, c := range contenders[1:] {
		fmt.Fprintf(w, ", %s %s", c.name, c.version)
	}
	fmt.Fprint(w, ".\n\n")
}

// measured writes what relays of these round trips turn out to be.
func measured(w io.Writer, rtts durations) error {
	for _, rtt := range rtts {
		q, err := measureLine(rtt)
		if err != nil {
			return fmt.Errorf("line of %v: %w", rtt, err)
		}
		fmt.Fprintf(w, "The line of %d ms: an octet and its echo %.1f ms, speed %.0f MB/s.\n", rtt.Milliseconds(), float64(q.rtt)/1e6, q.rate/1e6)
	}
	fmt.Fprintln(w)
	return nil
}

// table writes the times: a line for each trial, a column for each contender.
func (r *race) table(w io.Writer) {
	head, rule := "| seconds, minimum / median |", "| --- |"
	for _, c := range r.contenders {
		head, rule = head+" "+c.name+" |", rule+" ---: |"
	}
	for _, c := range r.contenders[1:] {
		head, rule = head+" "+c.name+" ÷ Postern |", rule+" ---: |"
	}
	fmt.Fprintf(w, "%s\n%s\n", head, rule)
	for _, t := range r.trials {
		fmt.Fprintf(w, "| %v |", t)
		for _, c := range r.contenders {
			fmt.Fprintf(w, " %s |", r.times[t][c])
		}
		for _, c := range r.contenders[1:] {
			fmt.Fprintf(w, " %s |", r.ratio(t, c))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "\n| processor time of the client, seconds, median | %s |\n%s\n",
		strings.Join(names(r.contenders), " | "), "| --- |"+strings.Repeat(" ---: |", len(r.contenders)))
	for _, t := range r.trials {
		fmt.Fprintf(w, "| %v |", t)
		for _, c := range r.contenders {
			if runs := r.times[t][c]; len(runs.cpu) > 0 {
				fmt.Fprintf(w, " %.2f |", median(runs.cpu).Seconds())
			} else {
				fmt.Fprint(w, " |")
			}
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
}

func names(contenders []*contender) []string {
	var s []string
	for _, c := range contenders {
		s = append(s, c.name)
	}
	return s
}

// String gives minimum and median as the table has them.
func (t *times) String() string {
	switch len(t.took) {
	case 0:
		return "too slow"
	case 1:
		return fmt.Sprintf("%.2f (once)", t.took[0].Seconds())
	}
	return fmt.Sprintf("%.2f / %.2f", slices.Min(t.took).Seconds(), median(t.took).Seconds())
}

// ratio is a contender's median by Postern's.
func (r *race) ratio(t trial, c *contender) string {
	q, ok := r.quotient(t, c)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%.1f", q)
}

func (r *race) quotient(t trial, c *contender) (float64, bool) {
	theirs, ours := r.times[t][c].took, r.times[t][r.contenders[0]].took
	if len(theirs) == 0 || len(ours) == 0 {
		return 0, false
	}
	return float64(median(theirs)) / float64(median(ours)), true
}

// memoryTable writes the largest heap of Postern's runs.
func memoryTable(w io.Writer, r *race, loads []drained) {
	fmt.Fprintln(w, "| memory of Postern's client at its peak | heap | resident | a second |\n| --- | ---: | ---: | ---: |")
	for _, t := range r.trials {
		h := r.heap[t]
		fmt.Fprintf(w, "| %v | %s | %s | |\n", t, mebibytes(h.Heap), mebibytes(h.RSS))
	}
	for _, d := range loads {
		rate := uint64(float64(d.haul.Octets) / d.took.Seconds())
		fmt.Fprintf(w, "| %v, loopback, server in Go | %s | %s | %s |\n", d.load, mebibytes(d.haul.Heap), mebibytes(d.haul.RSS), mebibytes(rate))
	}
	fmt.Fprintln(w)
}

// goal is something to reach, and what was.
type goal struct {
	want, got string
	reached   bool
}

type goals []goal

// goals compares the figures with what Postern wants to be.
func (f *pop3Flags) goals(r *race, loads []drained) goals {
	var g goals
	for _, c := range r.contenders[1:] {
		g = append(g, r.fasterThan(c)...)
	}
	near, far := trial{messages: f.many}, trial{messages: f.many, rtt: 50 * time.Millisecond}
	us := r.contenders[0]
	if times, ok := r.times[far]; ok {
		here, there := median(r.times[near][us].took), median(times[us].took)
		q := float64(there) / float64(here)
		got := fmt.Sprintf("%.2f times (%.1f round trips more)", q, float64(there-here)/float64(far.rtt))
		g = append(g, goal{fmt.Sprintf("%v: at most twice the time on loopback", far), got, q <= 2})
	}
	var most uint64
	for _, h := range r.heap {
		most = max(most, h.Heap)
	}
	for _, d := range loads {
		most = max(most, d.haul.Heap)
		if d.load.octets >= 1<<30 {
			g = append(g, goal{"heap for a message of 1 GiB under 8 MiB", mebibytes(d.haul.Heap), d.haul.Heap < 8<<20})
		}
	}
	return append(g, goal{"heap under 16 MiB at any message size", mebibytes(most), most < 16<<20})
}

// fasterThan are the goals that concern another program: to be faster than it, and than
// fetchmail by far.
func (r *race) fasterThan(c *contender) goals {
	var g goals
	for _, t := range r.trials {
		q, ok := r.quotient(t, c)
		if !ok {
			continue
		}
		least, want := 1.0, fmt.Sprintf("%v: faster than %s", t, c.name)
		if c.oneByOne && t.rtt == 50*time.Millisecond {
			least, want = 25, fmt.Sprintf("%v: 25 times as fast as %s", t, c.name)
		}
		g = append(g, goal{want, fmt.Sprintf("%.2f times as fast", q), q > least})
	}
	return g
}

func (g goals) write(w io.Writer) {
	fmt.Fprintln(w, "| goal | measured | |\n| --- | ---: | --- |")
	for _, one := range g {
		verdict := "missed"
		if one.reached {
			verdict = "reached"
		}
		fmt.Fprintf(w, "| %s | %s | %s |\n", one.want, one.got, verdict)
	}
}

// grouped writes a number with commas.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// mebibytes writes octets as MiB or GiB.
func mebibytes(n uint64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.4g GiB", float64(n)/(1<<30))
	default:
		return fmt.Sprintf("%.3g MiB", float64(n)/(1<<20))
	}
}

// processor is the model name in /proc/cpuinfo.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "processor unknown"
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// kernel is the release of the kernel.
func kernel() string {
	var u syscall.Utsname
	if err := syscall.Uname(&u); err != nil {
		return "unknown"
	}
	var b []byte
	for _, c := range u.Release {
		if c == 0 {
			break
		}
		b = append(b, byte(c))
	}
	return string(b)
}

// load1 is the machine's load in the last minute.
func load1() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	load, _, _ := strings.Cut(string(text), " ")
	return load
}

// dovecotVersion asks Dovecot, which an ordinary user's PATH may not have.
func dovecotVersion() string {
	for _, program := range []string{"dovecot", "/usr/sbin/dovecot"} {
		if out, err := exec.Command(program, "--version").Output(); err == nil {
			return string(versionNumber.Find(out))
		}
	}
	return "unknown"
}
