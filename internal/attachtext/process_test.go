package attachtext

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pdfReader is compiled once for all tests.
var pdfReader *PDFReader

// The test's own program is the process: with these arguments it serves.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 {
		switch os.Args[1] {
		case "serve":
			exit(Serve(os.Stdin, os.Stdout, NewPDFReader(os.Args[2])))
		case "serve-badly":
			exit(serve(os.Stdin, os.Stdout, misbehave))
		}
	}
	dir, err := os.MkdirTemp("", "pdfium-")
	if err != nil {
		exit(err)
	}
	if err := compile(dir); err != nil {
		exit(err)
	}
	pdfReader = NewPDFReader(dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// compile has these tests as they are without the race detector compile PDFium, for which
// those with it need minutes.
func compile(dir string) error {
	plain := filepath.Join(dir, "plain")
	build := exec.Command("go", "test", "-c", "-o", plain, "postern/internal/attachtext")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the tests: %w: %s", err, out)
	}
	p := Process{Command: []string{plain, "serve", dir}}
	defer p.Close()
	file := pdfOf("one")
	if d, err := p.Read(context.Background(), PDF, bytes.NewReader(file), int64(len(file))); err != nil || d.Text != "one\n" {
		return fmt.Errorf("compile PDFium: %q, %w", d.Text, err)
	}
	return nil
}

func exit(err error) {
	if err != nil {
		os.Stderr.WriteString(err.Error())
		os.Exit(1)
	}
	os.Exit(0)
}

// misbehave does what a document says.
func misbehave(_ Kind, document []byte) (Document, error) {
	switch string(document) {
	case "crash":
		os.Exit(2)
	case "panic":
		panic("out of range")
	case "hang":
		select {}
	case "spin":
		for {
		}
	case "eat":
		var all [][]byte
		for {
			all = append(all, bytes.Repeat([]byte("x"), 64<<20))
			_ = all
		}
	case "environment":
		return Document{Text: strings.Join(os.Environ(), "\n")}, nil
	}
	return Document{Text: string(document)}, nil
}

func TestProcess(t *testing.T) {
	p := &Process{Command: []string{os.Args[0], "serve", pdfReader.cacheDir}}
	defer p.Close()
	for _, tt := range []struct {
		kind Kind
		file []byte
		want string
	}{
		{OfficeXML, docx(t, "会议"), "会议\n"}, {PDF, pdfOf("one", "二月"), "one\n二月\n"}, {OfficeXML, []byte("no zip"), ""}, {PDF, pdfOf("again"), "again\n"},
	} {
		d, err := p.Read(t.Context(), tt.kind, bytes.NewReader(tt.file), int64(len(tt.file)))
		if d.Text != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%q, %v; want %q", d.Text, err, tt.want)
		}
		if errors.Is(err, ErrFailed) || errors.Is(err, ErrStart) {
			t.Errorf("the process failed: %v", err)
		}
	}
}

// A PDF that is never done costs its time and the process; the next one is read.
func TestEndlessPDF(t *testing.T) {
	defer func(before time.Duration) { documentTime = before }(documentTime)
	p := &Process{Command: []string{os.Args[0], "serve", pdfReader.cacheDir}}
	defer p.Close()
	read := func(file []byte) (Document, error) {
		return p.Read(t.Context(), PDF, bytes.NewReader(file), int64(len(file)))
	}
	if d, err := read(pdfOf("warm")); err != nil || d.Text != "warm\n" {
		t.Fatalf("%q, %v", d.Text, err)
	}
	documentTime = 2 * time.Second
	if d, err := read(endlessPDF()); !errors.Is(err, ErrFailed) || d.Text != "" {
		t.Errorf("%.40q, %v; want that reading it failed", d.Text, err)
	}
	documentTime = time.Minute
	if d, err := read(pdfOf("next")); err != nil || d.Text != "next\n" {
		t.Errorf("after it: %q, %v", d.Text, err)
	}
}

// Nothing that a document does in the process is felt outside, or by the next document.
func TestProcessOutlivesDocuments(t *testing.T) {
	t.Setenv("POSTERN_SECRET", "secret")
	defer func(before time.Duration) { documentTime = before }(documentTime)
	documentTime = 3 * time.Second
	p := &Process{Command: []string{os.Args[0], "serve-badly", ""}}
	defer p.Close()
	read := func(document string) (Document, error) {
		return p.Read(t.Context(), PDF, strings.NewReader(document), int64(len(document)))
	}
	for _, bad := range []string{"crash", "panic", "hang", "spin", "eat"} {
		if d, err := read(bad); err == nil || d.Text != "" || bad != "panic" && !errors.Is(err, ErrFailed) {
			t.Errorf("%s: %q, %v", bad, d.Text, err)
		}
		if d, err := read("well"); err != nil || d.Text != "well" {
			t.Errorf("after %s: %q, %v", bad, d.Text, err)
		}
	}
	if d, err := read("environment"); err != nil || strings.Contains(d.Text, "POSTERN") {
		t.Errorf("environment: %q, %v", d.Text, err)
	}
	if _, err := p.Read(t.Context(), PDF, strings.NewReader(""), MaxSize+1); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a large document: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Read(gone, PDF, strings.NewReader("hang"), 4); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
	none := &Process{Command: []string{"/nonexistent/program"}}
	if _, err := none.Read(t.Context(), PDF, strings.NewReader("x"), 1); !errors.Is(err, ErrStart) {
		t.Errorf("no program: %v", err)
	}
}
