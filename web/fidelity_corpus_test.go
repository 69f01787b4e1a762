package web

import (
	"archive/tar"
	"bytes"
	"encoding/base64"
	"errors"
	gohtml "html"
	"image"
	"image/color"
	pngfile "image/png"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"postern/internal/message"
	"postern/internal/sanitize"
)

// laidOut is a mail that somebody laid out.
type laidOut struct {
	set, name string
	raw, ours string // documents: as it came, with its enclosed images, and as the frame of its page shows it
}

// corpusDir is a collection of public mail beside the repository.
var corpusDir = filepath.Join("..", "..", "shared", "corpus")

// designedMails reads the mails of the collection that are laid out: templates of newsletters, and messages with tables
// and images in them, one of each build.
func designedMails(t *testing.T) (list []laidOut) {
	t.Helper()
	if _, err := os.Stat(corpusDir); err != nil {
		t.Skipf("no collection of mails here: %v", err)
	}
	builds := map[string]bool{}
	message := func(set, name string, raw []byte) {
		if d, ok := designedMessage(raw); ok && !builds[build(d.raw)] {
			builds[build(d.raw)] = true
			d.set, d.name = set, name
			list = append(list, d)
		}
	}
	err := filepath.WalkDir(corpusDir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(corpusDir, path)
		if err != nil {
			return err
		}
		set, name, _ := strings.Cut(filepath.ToSlash(name), "/")
		if strings.HasSuffix(name, ".tar.zst") {
			return messagesOf(path, func(name string, raw []byte) { message(set, name, raw) })
		}
		raw, err := os.ReadFile(path)
		switch {
		case err != nil || len(raw) > 5<<20:
		case strings.HasPrefix(set, "html-"):
			if strings.HasSuffix(name, ".html") {
				list = append(list, designedTemplate(set, name, raw, filepath.Dir(path)))
			}
		default:
			message(set, name, raw)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// messagesOf reads the messages of an archive.
func messagesOf(file string, f func(name string, raw []byte)) error {
	r, err := os.Open(file)
	if err != nil {
		return err
	}
	defer r.Close()
	z, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(1<<28))
	if err != nil {
		return err
	}
	defer z.Close()
	for archive := tar.NewReader(z); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		raw, err := io.ReadAll(archive)
		if err != nil {
			return err
		}
		if bytes.HasPrefix(raw, []byte("From ")) { // a line of mbox
			_, raw, _ = bytes.Cut(raw, []byte("\n"))
		}
		f(h.Name, raw)
	}
}

var (
	startTag     = regexp.MustCompile(`(?i)<[a-z][a-z0-9]*`)
	remoteSource = regexp.MustCompile(`(?i)\bsrc\s*=\s*("\s*(https?:)?//[^"]*"|'\s*(https?:)?//[^']*'|(https?:)?//[^\s>]*)`)
	sheetLink    = regexp.MustCompile(`(?i)<link[^>]*stylesheet[^>]*>`)
	refresh      = regexp.MustCompile(`(?i)http-equiv`)
	imageTag     = regexp.MustCompile(`(?i)<img\b[^>]*>`)
	imageSize    = regexp.MustCompile(`(?i)\b(width|height)\s*=\s*["']?(\d+)(?:px)?["'\s>/]`)
	background   = regexp.MustCompile(`url\((?:'|&#39;)(data:[^')]*?)(?:'|&#39;)\)`)
	realHost     = regexp.MustCompile(`<span class="` + sanitize.RealHost + `"[^>]*>[^<]*</span>`)
	enclosedID   = regexp.MustCompile(`(?i)cid:[^"'\s>)]+`)
)

// build is the frame of a mail, without its words.
func build(html string) string {
	return strings.ToLower(strings.Join(startTag.FindAllString(html, 400), ""))
}

// designedMessage reads a message; ok is false when nobody has laid it out.
func designedMessage(raw []byte) (d laidOut, ok bool) {
	r := bytes.NewReader(raw)
	m, err := message.Parse(r, int64(len(raw)))
	if err != nil {
		return d, false
	}
	html, ok := message.BodyHTML(m.Root, r)
	lower := strings.ToLower(html)
	if !ok || len(html) < 2000 || strings.Count(lower, "<table") < 2 || !strings.Contains(lower, "<img") {
		return d, false
	}
	images := newInliner(m.Root, r, func(*message.Part) string { return "" })
	s := standIns(html)
	d.ours = s.ourDocument(html, images.url)
	d.raw = s.rawDocument(enclosedID.ReplaceAllStringFunc(html, func(cid string) string {
		if url := images.url(cid[len("cid:"):]); url != "" {
			return url
		}
		return cid
	}), images.url)
	return d, true
}

// designedTemplate reads a template, with the style sheet that stands beside it.
func designedTemplate(set, name string, raw []byte, dir string) laidOut {
	html := sheetLink.ReplaceAllStringFunc(string(raw), func(string) string {
		for _, file := range []string{"styles.css", "../dist/foundation-emails.css"} {
			if css, err := os.ReadFile(filepath.Join(dir, file)); err == nil {
				return "<style>" + string(css) + "</style>"
			}
		}
		return ""
	})
	s := standIns(html)
	return laidOut{set, name, s.rawDocument(html, func(string) string { return "" }), s.ourDocument(html, nil)}
}

// images are what stands in for the remote images of a mail, by address without scheme: one for each, as large as the
// first tag with it says.
type images map[string]string

func standIns(html string) images {
	list := images{}
	for _, tag := range imageTag.FindAllString(html, -1) {
		if m := remoteSource.FindStringSubmatch(tag); m != nil && list[address(m[1])] == "" {
			list[address(m[1])] = standIn(tag)
		}
	}
	return list
}

// address is what a source as it is written points at, without its scheme.
func address(source string) string {
	url := strings.TrimSpace(gohtml.UnescapeString(strings.Trim(source, `"'`)))
	return strings.TrimPrefix(strings.TrimPrefix(url, "https:"), "http:")
}

// rawDocument is a mail as it came, but for what would load something or lead away. Images that came with it under the
// address that they have elsewhere are shown.
func (list images) rawDocument(html string, enclosed func(string) string) string {
	html = refresh.ReplaceAllString(html, "x-equiv")
	return imageTag.ReplaceAllStringFunc(html, func(tag string) string {
		m := remoteSource.FindStringSubmatchIndex(tag)
		if m == nil {
			return tag
		}
		source := tag[m[2]:m[3]]
		shown := enclosed(strings.TrimSpace(gohtml.UnescapeString(strings.Trim(source, `"'`))))
		if shown == "" {
			shown = list[address(source)]
		}
		return tag[:m[0]] + `src="` + shown + `"` + tag[m[1]:]
	})
}

// ourDocument is what the frame shows, with images loaded; but backgrounds stay away, as in the other document, and what
// we say beside a link.
func (list images) ourDocument(html string, cid func(string) string) string {
	result := sanitize.HTML(html, sanitize.Options{CID: cid, LoadRemote: func(url string) string {
		_, rest, _ := strings.Cut(url, ":")
		return list[rest]
	}})
	shown := slices.Collect(maps.Values(list))
	result.HTML = background.ReplaceAllStringFunc(result.HTML, func(url string) string {
		if slices.Contains(shown, strings.ReplaceAll(background.FindStringSubmatch(url)[1], `\2f `, "/")) {
			return "none"
		}
		return url
	})
	result.HTML = realHost.ReplaceAllString(result.HTML, "")
	return bodyDocument(result, lookOf(result, false), nil)
}

// standIn stands in for a remote image, in both documents: grey, as large as its tag says.
func standIn(tag string) string {
	size := image.Rect(0, 0, 120, 60)
	for _, m := range imageSize.FindAllStringSubmatch(tag, -1) {
		if n, err := strconv.Atoi(m[2]); err == nil && n > 0 && n < 3000 {
			if strings.EqualFold(m[1], "width") {
				size.Max.X = n
			} else {
				size.Max.Y = n
			}
		}
	}
	var b bytes.Buffer
	_ = pngfile.Encode(&b, image.NewPaletted(size, color.Palette{color.Gray{Y: 0xb0}})) // never fails
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}
