package web

import (
	"archive/tar"
	"errors"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"postern/internal/mailfile"
	"postern/store"
)

// readMbox reads a download back.
func readMbox(t *testing.T, a answer) (all []string) {
	t.Helper()
	r := mailfile.NewReader(strings.NewReader(a.body), mailfile.MboxRD, 1<<20)
	for {
		raw, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(raw))
	}
}

// exported are messages that a format could spoil, with line ends at their ends.
var exported = []string{
	mail("../../etc/passwd", "From the beginning\r\n>From quoted\r\n\r\n\r\n"),
	mail("Octets", "\xff\x00 8 bit \xc3\xa9\nbare line feed\r\n"),
	mail("Large", strings.Repeat("From one line of many\r\n", 20_000)),
}

// act does an action to a message.
func (p *portal) act(user store.User, action store.Action, id store.MessageID) {
	p.tb.Helper()
	_, err := p.store.Act(p.tb.Context(), user.ID, action, []store.MessageID{id})
	p.must(err)
}

func TestExport(t *testing.T) {
	p := newPortal(t)
	work, home := p.addAccount(p.ann, "work"), p.addAccount(p.ann, "home")
	p.deliver(p.ann, work, exported...)
	p.deliver(p.ann, home, mail("At home", "no line end"))
	p.addPartial(p.ann, work)
	ann := p.as(p.ann)
	ofWork := "&account=" + formatID(work)

	a := ann.get("/export?mailbox=inbox&format=mbox"+ofWork).want(t, 200)
	got, want := readMbox(t, a), slices.Clone(exported)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the mbox holds %d messages, not the %d that were stored, octet for octet", len(got), len(want))
	}
	if name := a.Header.Get("Content-Disposition"); !strings.HasPrefix(name, `attachment; filename="postern Inbox 20`) || !strings.HasSuffix(name, `.mbox"`) {
		t.Errorf("Content-Disposition: %s", name)
	}
	if n := len(readMbox(t, ann.get("/export?mailbox=inbox&format=mbox"))); n != 4 {
		t.Errorf("%d messages of both accounts, want 4", n)
	}
	if found := readMbox(t, ann.get("/export?mailbox=all&format=mbox&q=subject:octets")); len(found) != 1 || found[0] != exported[1] {
		t.Errorf("the search gives %q", found)
	}
	ann.get("/mail/inbox?account="+formatID(work)).has(t, "Download these messages", "/export?account="+formatID(work)+"&amp;format=mbox&amp;mailbox=inbox")

	for _, path := range []string{"/export", "/export?mailbox=inbox", "/export?mailbox=inbox&format=exe", "/export?mailbox=sent&format=mbox", "/export?mailbox=label/none&format=mbox"} {
		ann.get(path).want(t, http.StatusNotFound)
	}
}

// inTar returns the octets of the regular files in a tar archive by their names.
func inTar(t *testing.T, archive string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for r := tar.NewReader(strings.NewReader(archive)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		raw, readErr := io.ReadAll(r)
		if err := errors.Join(err, readErr); err != nil {
			t.Fatal(err)
		}
		switch {
		case h.Typeflag == tar.TypeDir:
		case h.Typeflag != tar.TypeReg, files[h.Name] != "":
			t.Errorf("a file called %q, type %c, twice: %v", h.Name, h.Typeflag, files[h.Name] != "")
		default:
			files[h.Name] = string(raw)
		}
	}
}

// TestExportTar: the files have plain names, each its own, and the octets even of what has no line end.
func TestExportTar(t *testing.T) {
	p := newPortal(t)
	all := append(slices.Clone(exported), mail("At home", "no line end"))
	ids := p.deliver(p.ann, p.addAccount(p.ann, "work"), all...)
	ann := p.as(p.ann)
	p.act(p.ann, store.Read, ids[0])
	p.act(p.ann, store.Star, ids[0])

	for format, name := range map[string]string{
		"eml":     `^postern Inbox 20\d\d-\d\d-\d\d/inbox/20\d\d-\d\d-\d\d \d+\.eml$`,
		"maildir": `^postern Inbox 20\d\d-\d\d-\d\d/cur/\d+\.\d+\.postern:2,(FS)?$`,
	} {
		files := inTar(t, ann.get("/export?mailbox=inbox&format="+format).want(t, 200).body)
		var got []string
		for file, raw := range files {
			if got = append(got, raw); !regexp.MustCompile(name).MatchString(file) {
				t.Errorf("%s: a file called %q", format, file)
			}
			if format == "maildir" && strings.HasSuffix(file, ":2,FS") != (raw == all[0]) {
				t.Errorf("%s has the flags of another", file)
			}
		}
		slices.Sort(got)
		want := slices.Sorted(slices.Values(all))
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d files, want the %d messages, octet for octet", format, len(got), len(want))
		}
	}
}

// TestExportMaildir: unpacked by tar, a download is a Maildir that the reader of Maildirs takes for one, Trash and all.
func TestExportMaildir(t *testing.T) {
	p := newPortal(t)
	ids := p.deliver(p.ann, p.addAccount(p.ann, "work"), exported...)
	p.act(p.ann, store.Delete, ids[1])
	archive := p.as(p.ann).get("/export?mailbox=all&q=in:anywhere&format=maildir").want(t, 200).body
	dir := t.TempDir()
	unpack := exec.Command("tar", "-x", "-C", dir)
	unpack.Stdin = strings.NewReader(archive)
	if out, err := unpack.CombinedOutput(); err != nil {
		t.Fatalf("tar: %v\n%s", err, out)
	}
	got := map[string]string{}
	p.must(mailfile.Walk(dir, func(s mailfile.Source) error {
		return s.Read(mailfile.Options{Limit: 1 << 20}, func(m mailfile.Message) error {
			got[string(m.Raw)] = m.Mailbox
			return nil
		})
	}, func(path string, err error) { t.Errorf("%s: %v", path, err) }))
	if len(got) != len(exported) || got[exported[1]] != "trash" {
		t.Errorf("read back: %d messages, the one in Trash in %q", len(got), got[exported[1]])
	}
	if files := inTar(t, p.as(p.ann).get("/export?mailbox=starred&format=maildir").want(t, 200).body); len(files) != 0 {
		t.Errorf("no messages make %d files", len(files))
	}
}

// TestExportOwn: everything of everybody's that bob can ask for is his own.
func TestExportOwn(t *testing.T) {
	w := newWorld(t)
	own := mail("For Bob", "hello\r\n")
	w.deliver(w.bob, w.addAccount(w.bob, "bob's"), own)
	bob := w.as(w.bob)
	for _, query := range []string{"mailbox=all", "mailbox=inbox", "mailbox=all&q=in:anywhere"} {
		if got := readMbox(t, bob.get("/export?format=mbox&"+query).want(t, 200)); len(got) != 1 || got[0] != own {
			t.Errorf("%s gives bob %q", query, got)
		}
	}
	for _, query := range []string{"mailbox=trash", "mailbox=all&q=newsletter"} {
		if got := bob.get("/export?format=mbox&"+query).want(t, 200).body; got != "" {
			t.Errorf("%s gives bob %q", query, got)
		}
	}
}

func TestExportBusy(t *testing.T) {
	p := newPortal(t)
	for range userExports {
		p.server.exports.take(p.ann.ID)
	}
	p.as(p.ann).get("/export?mailbox=all&format=mbox").want(t, http.StatusTooManyRequests).has(t, "Other downloads are under way")
	p.as(p.bob).get("/export?mailbox=all&format=mbox").want(t, 200)
}

// lostWriter is a browser that goes away.
type lostWriter struct{ taken int }

func (l *lostWriter) Write(p []byte) (int, error) {
	if l.taken += len(p); l.taken > 100_000 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

// TestExportLost: a browser that went away ends the download.
func TestExportLost(t *testing.T) {
	p := newPortal(t)
	ids := p.deliver(p.ann, p.addAccount(p.ann, "work"), exported...)
	for name, format := range exportFormats {
		lost := &lostWriter{}
		file := format.writer(lost, "mail")
		var err error
		for _, id := range append(slices.Clone(ids), store.MessageID(9_000_001)) {
			err = errors.Join(err, p.server.exportMessage(t.Context(), p.ann.ID, id, file))
		}
		if err = errors.Join(err, file.Close()); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
