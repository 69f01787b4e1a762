package message

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// corpus is a collection of public mail beside the repository. Its tests are skipped without it.
const corpus = "../../../shared/corpus"

func needCorpus(t *testing.T, set string) string {
	t.Helper()
	dir := filepath.Join(corpus, set)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("%s is not here", dir)
	}
	return dir
}

// mailSuffixes are the files of the corpus that hold a message.
var mailSuffixes = regexp.MustCompile(`\.(eml|msg|raw|ntx)$|/cpython/.*\.txt$|/notmuch/.*/cur/|/spamassassin-tdata/(spam|nice)/`)

// messagesIn calls f for every message of a folder, with CRLF line ends, as POP3 delivers it.
func messagesIn(t *testing.T, dir string, f func(name string, raw []byte)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !mailSuffixes.MatchString(path) {
			return err
		}
		raw, err := os.ReadFile(path)
		if err == nil {
			f(strings.TrimPrefix(path, corpus+"/"), withCRLF(raw))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func withCRLF(raw []byte) []byte {
	if bytes.Contains(raw, []byte("\r\n")) || !bytes.Contains(raw, []byte("\n")) {
		return raw
	}
	return bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
}

// TestCorpusIsRead reads every message: no error, no panic, a sound tree, in seconds, and in memory of ten times its
// size, what is released at once included.
func TestCorpusIsRead(t *testing.T) {
	dir := needCorpus(t, "")
	n := 0
	read := func(name string, raw []byte) {
		n++
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		m, err := Parse(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("%s: %v for %d octets", name, d, len(raw))
		}
		runtime.ReadMemStats(&after)
		buffers := uint64(sharedBuffers)
		m.Root.walk(func(*Part) bool {
			buffers += sharedBuffers / 2
			return true
		})
		if b := after.TotalAlloc - before.TotalAlloc; b > 10*uint64(len(raw))+buffers {
			t.Errorf("%s: %d octets allocated for %d", name, b, len(raw))
		}
		t.Run(name, func(t *testing.T) { checkTree(t, m, raw) })
	}
	messagesIn(t, dir, read)
	if !testing.Short() {
		volume(t, read)
	}
	t.Logf("%d messages", n)
}

// sharedBuffers is what a reading may take besides its message, and half of it for each part: buffers that the next one
// uses again, unless the collector took them, or the race detector, which does so now and then.
const sharedBuffers = 256 << 10

// volume reads the packed set of some thousand messages.
func volume(t testing.TB, f func(name string, raw []byte)) {
	file, err := os.Open(filepath.Join(corpus, "spamassassin-corpus/spamassassin-corpus.tar.zst"))
	if err != nil {
		t.Log("without the volume corpus:", err)
		return
	}
	defer file.Close()
	z, err := zstd.NewReader(file, zstd.WithDecoderMaxWindow(1<<28), zstd.WithDecoderMaxMemory(1<<30))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for tr := tar.NewReader(z); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		raw, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		f(h.Name, withCRLF(raw))
	}
}

// agreement counts messages that read as expected.
type agreement struct {
	right, all int
}

func (a *agreement) count(t *testing.T, name string, differences []string) {
	a.all++
	if len(differences) == 0 {
		a.right++
		return
	}
	t.Logf("%s: %s", name, strings.Join(differences, "; "))
}

// atLeast fails the test when fewer than that share agree.
func (a *agreement) atLeast(t *testing.T, percent float64) {
	t.Helper()
	got := 100 * float64(a.right) / float64(max(a.all, 1))
	t.Logf("%d of %d agree: %.1f %%", a.right, a.all, got)
	if got < percent {
		t.Errorf("only %.1f %% agree, %.1f %% are expected", got, percent)
	}
}

// imapToolsMessage is what another reader made of a message.
type imapToolsMessage struct {
	Subject string `json:"subject"`
	From    struct {
		Email string `json:"email"`
		Name  string `json:"name"`
	} `json:"from_values"`
	To          []string `json:"to"`
	Cc          []string `json:"cc"`
	Date        string   `json:"date"`
	DateStr     string   `json:"date_str"`
	Text        string   `json:"text"`
	HTML        string   `json:"html"`
	Attachments []struct {
		Filename string `json:"filename"`
		Payload  struct {
			Bytes int64 `json:"bytes"`
		} `json:"payload"`
	} `json:"attachments"`
}

// TestImapTools compares with the expectations of imap_tools, which is a second opinion and no
// oracle: where its text holds U+FFFD it could not read the message itself.
func TestImapTools(t *testing.T) {
	dir := needCorpus(t, "imap-tools")
	b, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Skip(err)
	}
	var expected map[string]imapToolsMessage
	if err := json.Unmarshal(b, &expected); err != nil {
		t.Fatal(err)
	}
	var a agreement
	for name, want := range expected {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			if raw, err = os.ReadFile(filepath.Join(corpus, "ruby-mail", name)); err != nil {
				continue
			}
		}
		a.count(t, name, want.differences(parse(t, withCRLF(raw))))
	}
	a.atLeast(t, imapToolsAgree)
}

func (want imapToolsMessage) differences(m *Message) (out []string) {
	differ := func(what, got, want string) {
		if squeeze(got) != squeeze(want) && !strings.ContainsRune(want, '\uFFFD') {
			out = append(out, what+" "+clip(got, 200)+" for "+clip(want, 200))
		}
	}
	differ("subject", m.Envelope.Subject, want.Subject)
	var from Address
	if len(m.Envelope.From) > 0 {
		from = m.Envelope.From[0]
	}
	differ("from", from.Address, want.From.Email)
	differ("from name", from.Name, want.From.Name)
	differ("to", addresses(m.Envelope.To), strings.Join(want.To, " "))
	differ("cc", addresses(m.Envelope.Cc), strings.Join(want.Cc, " "))
	if d, err := time.Parse(time.RFC3339, want.Date); err == nil && d.Year() > 1950 && !m.Envelope.Date.Equal(d) {
		out = append(out, "date "+m.Envelope.Date.Format(time.RFC3339)+" for "+want.Date)
	}
	if !covers(m.Text, want.Text) {
		out = append(out, "text "+clip(m.Text, 100)+" for "+clip(want.Text, 100))
	}
	if !covers(m.HTML, want.HTML) {
		out = append(out, "html "+clip(m.HTML, 100)+" for "+clip(want.HTML, 100))
	}
	for _, w := range want.Attachments {
		if w.Filename != "" && !attached(m, w.Filename, w.Payload.Bytes) {
			out = append(out, "attachment "+w.Filename)
		}
	}
	return out
}

func addresses(list []Address) string {
	var out []string
	for _, a := range list {
		if a.Address != "" {
			out = append(out, a.Address)
		}
	}
	return strings.Join(out, " ")
}

func attached(m *Message, name string, size int64) (found bool) {
	if strings.ContainsRune(name, '\uFFFD') {
		return true
	}
	name = safeFilename(name)
	m.Root.walk(func(p *Part) bool {
		found = found || squeeze(p.Filename) == squeeze(name) && (isMessage(p.Type) || p.Size >= size-2 && p.Size <= size+2)
		return true
	})
	return found
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

var wordPattern = regexp.MustCompile(`[\pL\pN]+`)

// covers tells whether nine in ten of the expected words are there.
func covers(got, want string) bool {
	have := map[string]int{}
	for _, w := range wordPattern.FindAllString(got, -1) {
		have[w]++
	}
	words := wordPattern.FindAllString(want, -1)
	missing := 0
	for _, w := range words {
		if have[w]--; have[w] < 0 {
			missing++
		}
	}
	return missing*10 <= len(words) || strings.Count(want, "\uFFFD")*20 > len(words)
}

// TestMime4jBodies compares the leaves of mime4j's torture tests: their number, their order and
// their decoded octets.
func TestMime4jBodies(t *testing.T) {
	dir := needCorpus(t, "mime4j")
	var a agreement
	messagesIn(t, dir, func(name string, raw []byte) {
		base := filepath.Join(corpus, strings.TrimSuffix(name, ".msg"))
		want, err := mime4jBodies(base + "_decoded.xml")
		if err != nil {
			return
		}
		a.count(t, name, bodiesDiffer(parse(t, raw), raw, filepath.Dir(base), want))
	})
	a.atLeast(t, mime4jAgree)
}

// mime4jBodies lists the files that hold the expected bodies.
func mime4jBodies(path string) ([]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	d := xml.NewDecoder(bytes.NewReader([]byte(latin(b))))
	d.Strict = false
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var files []string
	for {
		token, err := d.RawToken()
		if err != nil {
			return files, nil
		}
		e, ok := token.(xml.StartElement)
		if !ok || e.Name.Local != "text-body" && e.Name.Local != "binary-body" && e.Name.Local != "body" {
			continue
		}
		file := ""
		for _, attr := range e.Attr {
			if attr.Name.Local == "name" {
				file = attr.Value
			}
		}
		files = append(files, file)
	}
}

func bodiesDiffer(m *Message, raw []byte, dir string, want []string) (out []string) {
	var got [][]byte
	m.Root.walk(func(p *Part) bool {
		if strings.HasPrefix(p.Type, "multipart/") || isMessage(p.Type) && len(p.Parts) > 0 {
			return true
		}
		b, _ := io.ReadAll(p.Open(bytes.NewReader(raw)))
		got = append(got, b)
		return false
	})
	if len(got) != len(want) {
		return []string{"number of bodies: " + strings.Join(want, " ")}
	}
	for i, file := range want {
		expected, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			continue
		}
		if !bytes.Equal(oneEnd(got[i]), oneEnd(expected)) {
			out = append(out, file)
		}
	}
	return out
}

// oneEnd drops what line ends differ in.
func oneEnd(b []byte) []byte {
	return bytes.TrimRight(bytes.ReplaceAll(b, []byte("\r"), nil), "\n")
}

// TestSameMailThreeLineEnds reads the bounces that the corpus holds with LF, CRLF and CR.
func TestSameMailThreeLineEnds(t *testing.T) {
	dir := needCorpus(t, "sisimai/maildir")
	var a agreement
	for _, other := range []string{"dos", "mac"} {
		files, _ := filepath.Glob(filepath.Join(dir, other, "*.eml"))
		for _, path := range files {
			want, err := os.ReadFile(filepath.Join(dir, "bsd", filepath.Base(path)))
			if err != nil {
				continue
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var differences []string
			if endless(parse(t, got)) != endless(parse(t, want)) {
				differences = []string{"reads differently"}
			}
			a.count(t, other+"/"+filepath.Base(path), differences)
		}
	}
	a.atLeast(t, 98) // one file has mixed line ends in its LF form
}

// TestCharsetTwins decodes texts whose UTF-8 twins stand beside them.
func TestCharsetTwins(t *testing.T) {
	dir := needCorpus(t, "gmime/filters")
	for file, twin := range map[string]string{
		"cyrillic.cp1251": "cyrillic.utf-8", "cyrillic.koi8-r": "cyrillic.utf-8",
		"cyrillic.iso-8859-5": "cyrillic.utf-8", "japanese.iso-2022-jp": "japanese.utf-8", "japanese.shift-jis": "japanese.utf-8",
	} {
		b, err := os.ReadFile(filepath.Join(dir, file+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(dir, twin+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		_, label, _ := strings.Cut(file, ".")
		if got := decodeCharset(label, b); strings.TrimSpace(got) != strings.TrimSpace(string(want)) {
			t.Errorf("%s as %s reads %.80q", file, label, got)
		}
		if got := decodeCharset("", b); got != decodeCharset(label, b) {
			t.Errorf("%s is taken for %s", file, guessCharset(b))
		}
	}
}

// TestGuessing counts how often the guess is right over texts in all charsets that have a table.
func TestGuessing(t *testing.T) {
	dir := needCorpus(t, "uchardet")
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*.txt"))
	var a agreement
	for _, path := range files {
		label := strings.TrimSuffix(filepath.Base(path), ".txt")
		c, ok := lookupCharset(label)
		if !ok {
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var differences []string
		if decodeCharset("", b) != c.decode(b) {
			differences = []string{"taken for " + guessCharset(b)}
		}
		a.count(t, label, differences)
	}
	a.atLeast(t, 60)
}

// What agrees today. Every remaining difference has been looked at.
//
// imap_tools: it lists a display name with an "@" as an address, keeps the comments inside an
// address in the name, gives up on a header with blanks before the colon or with blanks in a
// field's name, drops raw 8-bit octets of a subject, leaves a message in base64 undecoded, and
// shows the HTML of the message that a delivery report returns.
//
// mime4j: it takes a message whose header has a line that is none for one without a body, where
// the rest is read here as the body; it takes the text of a multipart without parts for a
// preamble, which is shown here; it gives the parts of messages and multiparts in base64, which
// here are one part that can be opened; and two of its bodies end in what base64 makes of the
// line of dashes behind the data.
const (
	imapToolsAgree = 90
	mime4jAgree    = 77
)
