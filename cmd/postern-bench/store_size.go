package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"time"

	"postern/store"
)

// disk writes what the large store takes.
func (b *storeBench) disk(ctx context.Context) error {
	if err := b.large.settle(ctx); err != nil {
		return err
	}
	if err := b.large.reopen(ctx); err != nil { // closing it empties the logs
		return err
	}
	total, err := b.large.Size()
	if err != nil {
		return err
	}
	raw := b.large.state.Octets
	ratio := float64(total) / float64(raw)
	verdict := "reached (0.85)"
	if ratio > 0.85 {
		verdict = "missed (0.85)"
	}
	fmt.Fprintf(b.out, "| disk, %s messages | octets | a message | ÷ raw | goal |\n| --- | ---: | ---: | ---: | --- |\n", grouped(b.large.state.Next))
	row := func(name string, n int64, verdict string) {
		fmt.Fprintf(b.out, "| %s | %s | %s | %.3f | %s |\n", name, mebibytes(uint64(n)), grouped(int(n)/b.large.state.Next), float64(n)/float64(raw), verdict)
	}
	row("raw messages", raw, "")
	for _, name := range []string{"postern.db", "index.db"} {
		info, err := os.Stat(filepath.Join(b.large.portal.dataDir(), name))
		if err != nil {
			return err
		}
		row(name, info.Size(), "")
	}
	row("all files", total, verdict)
	fmt.Fprintln(b.out)
	return nil
}

func (m *mailstore) reopen(ctx context.Context) error {
	if err := m.Close(); err != nil {
		return err
	}
	return m.open(ctx)
}

// openCommand opens a store in a process of its own and reads the first page.
const openCommand = "store-open"

// openOnce is that process: it writes how long both took.
func openOnce(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("wants a data directory")
	}
	begun := time.Now()
	s, err := store.Open(ctx, args[0], store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	u, err := s.UserNamed(ctx, owner)
	if err != nil {
		return err
	}
	if _, err := s.Messages(ctx, u.ID, store.View{Mailbox: store.Inbox}); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(time.Since(begun))
}

// coldOpen opens the large store when nothing of it is in memory.
func (b *storeBench) coldOpen(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := b.large.Close(); err != nil {
		return err
	}
	var took []time.Duration
	for range 5 {
		if err := forget(b.large.portal.dataDir()); err != nil {
			return err
		}
		out, err := exec.CommandContext(ctx, self, openCommand, b.large.portal.dataDir()).Output()
		if err != nil {
			return err
		}
		var d time.Duration
		if err := json.Unmarshal(out, &d); err != nil {
			return err
		}
		took = append(took, d)
	}
	q := question{goal: [2]time.Duration{0, 50 * time.Millisecond}}
	a := answer{p50: median(took), p99: took[0]}
	for _, d := range took {
		a.p99 = max(a.p99, d)
	}
	fmt.Fprintf(b.out, "Open and first page of the inbox, cold: median %s ms, longest of five %s ms: %s.\n\n", ms(a.p50), ms(a.p99), q.verdict(a))
	return b.large.open(ctx)
}

// forget drops the files of a folder from the system's cache.
func forget(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.db*"))
	if err != nil {
		return err
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		const dontNeed = 4 // POSIX_FADV_DONTNEED
		_, _, no := syscall.Syscall6(syscall.SYS_FADVISE64, f.Fd(), 0, 0, dontNeed, 0, 0)
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
		if no != 0 {
			return no
		}
	}
	return nil
}

// warm reads the files of a folder into the system's cache: lists and searches are
// measured as they are on a machine that is in use, and cold ones by coldOpen.
func warm(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.db"))
	if err != nil {
		return err
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		_, err = io.Copy(struct{ io.Writer }{io.Discard}, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// memory runs the portal on the large store: idle, and with four people who read.
func (b *storeBench) memory(ctx context.Context) error {
	if err := b.large.Close(); err != nil {
		return err
	}
	idle, busy, pages, err := b.serveFor(ctx, 15*time.Second)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "| memory of the portal, resident | | goal |\n| --- | ---: | --- |\n")
	for _, row := range []struct {
		name      string
		got, most uint64
	}{{"idle, five seconds after the start", idle, 40 << 20}, {fmt.Sprintf("four people reading and searching, %s pages, the most", grouped(pages)), busy, 150 << 20}} {
		verdict := "reached"
		if row.got > row.most {
			verdict = "missed"
		}
		fmt.Fprintf(b.out, "| %s | %s | %s (%s) |\n", row.name, mebibytes(row.got), verdict, mebibytes(row.most))
	}
	fmt.Fprintln(b.out)
	return b.large.open(ctx)
}

var openedMessage = regexp.MustCompile(`href="(/messages/\d+[^"]*)"`)

// serveFor serves the large store and asks for pages as four people would.
func (b *storeBench) serveFor(ctx context.Context, d time.Duration) (idle, most uint64, pages int, err error) {
	s, err := b.large.portal.serve(ctx)
	if err != nil {
		return 0, 0, 0, err
	}
	time.Sleep(5 * time.Second)
	if idle, err = rss(s.cmd.Process.Pid); err != nil {
		return 0, 0, 0, err
	}
	paths := []string{"/mail/inbox", "/mail/all?q=invoice", "/mail/label/Work", "/mail/all?q=%E4%BC%9A%E8%AE%AE", "/mail/starred", "/mail/all?q=%22best+regards%22", "/mail/archive", "/mail/all?q=is:unread+meeting"}
	until := time.Now().Add(d)
	var mu sync.Mutex
	var errs error
	var wg sync.WaitGroup
	for person := range 4 {
		wg.Go(func() {
			n, err := s.readMail(paths, person, until)
			mu.Lock()
			defer mu.Unlock()
			pages += n
			errs = errors.Join(errs, err)
		})
	}
	wg.Wait()
	most, err = s.stop()
	return idle, most, pages, errors.Join(errs, err)
}

// readMail signs in and opens lists, searches, and messages from them.
func (s *serving) readMail(paths []string, from int, until time.Time) (pages int, err error) {
	browser, err := s.browser()
	if err != nil {
		return 0, err
	}
	for i := from; time.Now().Before(until); i++ {
		page, err := s.get(browser, paths[i%len(paths)])
		if err != nil {
			return pages, err
		}
		pages++
		for _, m := range openedMessage.FindAllSubmatch(page, 5) {
			if err := s.readMessage(browser, strings.ReplaceAll(string(m[1]), "&amp;", "&")); err != nil {
				return pages, err
			}
			pages++
		}
	}
	return pages, nil
}

func (s *serving) readMessage(browser *http.Client, path string) error {
	page, err := s.get(browser, path)
	if err == nil && bytes.Contains(page, []byte("<iframe")) {
		id, _, _ := strings.Cut(path, "?")
		_, err = s.get(browser, id+"/body")
	}
	return err
}

// rss is the memory that a process has now.
func rss(pid int) (uint64, error) { return statusOf(pid, "VmRSS:") }

// profileTo writes a CPU profile until stop is called; to nowhere if file is "".
func profileTo(file string) (stop func(), err error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); f.Close() }, pprof.StartCPUProfile(f)
}

// storeMachine writes what the figures are true of.
func storeMachine(w io.Writer, loadBefore string) {
	fmt.Fprintf(w, "%s. %d × %s, Linux %s, %s, load %s before and %s after (of %d).\n",
		time.Now().UTC().Format("2 January 2006"), runtime.NumCPU(), processor(), kernel(), runtime.Version(), loadBefore, load1(), runtime.NumCPU())
}
