package message

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestMime4jTrees compares the shape of every message of mime4j's torture tests, what is encoded in it opened.
func TestMime4jTrees(t *testing.T) {
	dir := needCorpus(t, "mime4j")
	var a agreement
	messagesIn(t, dir, func(name string, raw []byte) {
		want, err := mime4jShape(filepath.Join(corpus, strings.TrimSuffix(name, ".msg")+"_decoded.xml"))
		if err != nil {
			return
		}
		var differences []string
		if got := shape(parse(t, raw).Root); got != want {
			differences = []string{got + " for " + want}
		}
		a.count(t, name, differences)
	})
	a.atLeast(t, mime4jTreesAgree)
}

// shape writes a tree: "(..)" for a multipart of two parts, "[.]" for an enclosed message, "." for anything else.
func shape(p *Part) string {
	var b strings.Builder
	switch {
	case strings.HasPrefix(p.Type, "multipart/"):
		b.WriteByte('(')
		for _, child := range p.Parts {
			b.WriteString(shape(child))
		}
		b.WriteByte(')')
	case isMessage(p.Type) && len(p.Parts) > 0:
		b.WriteString("[" + shape(p.Parts[0]) + "]")
	default:
		b.WriteByte('.')
	}
	return b.String()
}

// mime4jShape reads the shape that mime4j expects.
func mime4jShape(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	d := xml.NewDecoder(strings.NewReader(latin(b)))
	d.Strict = false
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var out strings.Builder
	for depth := 0; ; {
		token, err := d.RawToken()
		if err != nil {
			return out.String(), nil
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "multipart":
				out.WriteByte('(')
			case "message":
				if depth++; depth > 1 {
					out.WriteByte('[')
				}
			case "body", "text-body", "binary-body":
				out.WriteByte('.')
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "multipart":
				out.WriteByte(')')
			case "message":
				if depth--; depth > 0 {
					out.WriteByte(']')
				}
			}
		}
	}
}

// mimeKitPart is where MimeKit found a part in an mbox.
type mimeKitPart struct {
	MimeType    string        `json:"mimeType"`
	Begin       int64         `json:"beginOffset"`
	HeadersEnd  int64         `json:"headersEndOffset"`
	End         int64         `json:"endOffset"`
	Children    []mimeKitPart `json:"children"`
	Message     *mimeKitPart  `json:"message"`
	Body        *mimeKitPart  `json:"body"`
	MboxMarker  int64         `json:"mboxMarkerOffset"`
	LineNumbers int           `json:"lineNumber"`
}

// TestMimeKitOffsets compares types and offsets of every part, with LF and with CRLF, and the fields of the summaries.
func TestMimeKitOffsets(t *testing.T) {
	dir := needCorpus(t, "mimekit/mbox")
	var a agreement
	for _, name := range []string{"content-length", "issue1189"} {
		mbox, err := os.ReadFile(filepath.Join(dir, name+".mbox.txt"))
		if err != nil {
			t.Fatal(err)
		}
		summary, err := os.ReadFile(filepath.Join(dir, name+"-summary.txt"))
		if err != nil {
			t.Fatal(err)
		}
		summaries := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(summary), "\r\n", "\n")), "\n\n")
		unix := bytes.ReplaceAll(mbox, []byte("\r\n"), []byte("\n"))
		for ends, octets := range map[string][]byte{"unix": unix, "dos": bytes.ReplaceAll(unix, []byte("\n"), []byte("\r\n"))} {
			var want []mimeKitPart
			b, err := os.ReadFile(filepath.Join(dir, name+"."+ends+"-offsets.json"))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(b, &want); err != nil {
				t.Fatal(err)
			}
			if len(want) != len(summaries) {
				t.Fatalf("%s: %d messages and %d summaries", name, len(want), len(summaries))
			}
			for i, w := range want {
				if w.End > int64(len(octets)) {
					t.Fatalf("%s %s: an offset of %d in %d octets", name, ends, w.End, len(octets))
				}
				m := parse(t, octets[w.Begin:w.End])
				differences := append(w.differences(m.Root, w.Begin), summaryDiffers(m, summaries[i])...)
				a.count(t, fmt.Sprintf("%s %s, message %d", name, ends, i+1), differences)
			}
		}
	}
	a.atLeast(t, mimeKitAgree)
}

// differences compares a part that stands in a message which begins at base.
func (want mimeKitPart) differences(p *Part, base int64) (out []string) {
	if want.Body != nil { // of a message
		return want.Body.differences(p, base)
	}
	if p.Type != strings.ToLower(want.MimeType) {
		out = append(out, p.Path+": "+p.Type+" for "+want.MimeType)
	}
	for _, at := range [][2]int64{{p.HeaderOffset + base, want.Begin}, {p.BodyOffset + base, want.HeadersEnd}, {p.EndOffset + base, want.End}} {
		if at[0] != at[1] {
			out = append(out, fmt.Sprintf("%s (%s): offset %d for %d", p.Path, p.Type, at[0], at[1]))
		}
	}
	children := want.Children
	if want.Message != nil {
		children = []mimeKitPart{*want.Message}
	}
	if isSMIME(p.Type) && children == nil {
		return out // opened here, not there
	}
	if len(children) != len(p.Parts) {
		return append(out, fmt.Sprintf("%s: %d parts for %d", p.Path, len(p.Parts), len(children)))
	}
	for i, child := range children {
		out = append(out, child.differences(p.Parts[i], base)...)
	}
	return out
}

// TestGMimeSummaries compares the messages of an mbox with offsets and a summary.
func TestGMimeSummaries(t *testing.T) {
	dir := needCorpus(t, "gmime/mbox")
	mbox, err := os.ReadFile(filepath.Join(dir, "input/substring.mbox"))
	if err != nil {
		t.Fatal(err)
	}
	expected, err := os.ReadFile(filepath.Join(dir, "output/substring.mbox"))
	if err != nil {
		t.Fatal(err)
	}
	var a agreement
	for i, summary := range strings.Split(strings.TrimSpace(string(expected)), "\n\n") {
		var from, to, header, body int64
		offsets, rest, _ := strings.Cut(summary, "\nFrom ")
		if n, err := fmt.Sscanf(offsets, "message offsets: %d, %d\nheader offsets: %d, %d", &from, &to, &header, &body); n != 4 {
			t.Fatal(err)
		}
		m := parse(t, mbox[header:to])
		differences := summaryDiffers(m, "From "+rest)
		if want := body - header + 1; m.Root.BodyOffset != want { // GMime counts without the blank line
			differences = append(differences, fmt.Sprintf("body at %d for %d", m.Root.BodyOffset, want))
		}
		a.count(t, fmt.Sprintf("substring.mbox, message %d", i+1), differences)
	}
	a.atLeast(t, summariesAgree)
}

// summaryDiffers compares with a summary of MimeKit or GMime: some fields, and the types of the tree, indented.
func summaryDiffers(m *Message, summary string) (out []string) {
	var tree []string
	for _, line := range strings.Split(summary, "\n")[1:] {
		name, value, _ := strings.Cut(line, ": ")
		got := value
		switch name {
		case "From":
			got = addressLine(m.Envelope.From)
		case "To":
			got = addressLine(m.Envelope.To)
		case "Subject":
			got = m.Envelope.Subject
		case "Date":
			got = m.Envelope.Date.Format("Mon, 02 Jan 2006 15:04:05 -0700")
			if d, ok := parseDate(value); ok && d.Equal(m.Envelope.Date) {
				got = value
			}
		default:
			tree = append(tree, strings.Replace(line, "Application/", "application/", 1))
		}
		value = emptyGroup.ReplaceAllString(value, "") // a group of nobody is nobody
		if unquoted(got) != unquoted(value) {
			out = append(out, name+" "+got+" for "+value)
		}
	}
	if got := strings.Join(typeTree(m.Root, ""), "\n"); got != strings.Join(tree, "\n") {
		out = append(out, "tree\n"+got+"\nfor\n"+strings.Join(tree, "\n"))
	}
	return out
}

var emptyGroup = regexp.MustCompile(`^[\w-]+: ;$`)

func unquoted(s string) string { return strings.ReplaceAll(s, `"`, "") }

func typeTree(p *Part, indent string) (out []string) {
	out = append(out, indent+"Content-Type: "+p.Type)
	if isSMIME(p.Type) {
		return out // opened here, not there
	}
	for _, child := range p.Parts {
		out = append(out, typeTree(child, indent+"   ")...)
	}
	return out
}

// TestTNEFBaselines compares what tnef and MimeKit unpack of a winmail.dat, file for file.
func TestTNEFBaselines(t *testing.T) {
	var a agreement
	for _, set := range []struct{ dir, unpacked string }{{"tnef/datafiles", "../baselines/%[2]s.baseline"}, {"mimekit/tnef", "%[1]s/%[2]s"}} {
		dir := needCorpus(t, set.dir)
		packed, _ := filepath.Glob(filepath.Join(dir, "*.tnef"))
		for _, path := range packed {
			list, err := os.ReadFile(strings.TrimSuffix(path, ".tnef") + ".list")
			if err != nil {
				continue
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimSuffix(filepath.Base(path), ".tnef")
			a.count(t, set.dir+"/"+name, unpackedDiffer(t, winmail(b), strings.Split(strings.TrimSpace(string(list)), "\n"), func(file string) ([]byte, error) {
				if body, ok := strings.CutPrefix(file, "body."); ok {
					file = "message." + body
				}
				return os.ReadFile(filepath.Join(dir, fmt.Sprintf(set.unpacked, name, file)))
			}))
		}
	}
	a.atLeast(t, tnefAgree)
}

var copyNumber = regexp.MustCompile(`\.\d+$`)

// unpackedDiffer compares the files in a TNEF with a list of names, and with their octets where these are at hand.
func unpackedDiffer(t *testing.T, raw []byte, list []string, unpacked func(string) ([]byte, error)) (out []string) {
	parts := parse(t, raw).Root.Parts
	for _, name := range list {
		if name == "" {
			continue
		}
		found := "is missing"
		for i, p := range parts {
			if p == nil || !sameUnpacked(p.Filename, copyNumber.ReplaceAllString(name, "")) && p.Filename != name {
				continue
			}
			found = "differs"
			got, err := io.ReadAll(p.Open(bytes.NewReader(raw)))
			if err != nil {
				t.Fatal(err)
			}
			want, err := unpacked(name)
			if err != nil || bytes.Equal(bytes.ReplaceAll(got, []byte("\r"), nil), bytes.ReplaceAll(want, []byte("\r"), nil)) {
				found, parts[i] = "same", nil
				break
			}
		}
		if found != "same" {
			out = append(out, fmt.Sprintf("%q %s", name, found))
		}
	}
	return out
}

// sameUnpacked tells names that mean the same file: the text of the message, and what has no name.
func sameUnpacked(got, want string) bool {
	if ext, ok := strings.CutPrefix(got, "message."); ok && strings.HasSuffix(want, "body."+ext) {
		return true
	}
	return got == safeFilename(want) || got == "" && strings.HasPrefix(strings.ReplaceAll(want, "_", " "), "Untitled Attachment")
}

// TestGMimeTwins decodes what GMime ships encoded in several ways.
func TestGMimeTwins(t *testing.T) {
	dir := needCorpus(t, "gmime")
	for _, twin := range []struct{ encoding, encoded, plain string }{
		{"quoted-printable", "encodings/wikipedia.qp", "encodings/wikipedia.txt"},
	} {
		b, err := os.ReadFile(filepath.Join(dir, twin.encoded))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(dir, twin.plain))
		if err != nil {
			t.Fatal(err)
		}
		got := sameInPieces(t, twin.encoding, b)
		if !bytes.Equal(oneEnd(got), oneEnd(want)) {
			t.Errorf("%s gives %d octets, %s has %d", twin.encoded, len(got), twin.plain, len(want))
		}
	}
	for _, name := range []string{"raptors.b64.txt", "raptors.uu.txt"} {
		b, err := os.ReadFile(filepath.Join(dir, "mime-part", name))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(dir, "mime-part/raptors.png"))
		if err != nil {
			t.Fatal(err)
		}
		m := parse(t, b)
		if got, err := io.ReadAll(m.Root.Open(bytes.NewReader(b))); err != nil || !bytes.Equal(got, want) || m.Root.Filename != "raptors.png" {
			t.Errorf("%s gives %d octets of %d as %q, %v", name, len(got), len(want), m.Root.Filename, err)
		}
	}
	enriched, err := os.ReadFile(filepath.Join(dir, "filters/enriched.txt"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "filters/enriched.html"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := squeeze(stripMarkup(string(enriched))), squeeze(TextFromHTML(string(page))); got != want {
		t.Errorf("text/enriched reads\n%s\nfor\n%s", got, want)
	}
}

// What agrees today; each difference is told in docs/MIME.md.
const (
	mime4jTreesAgree = 93
	mimeKitAgree     = 90
	summariesAgree   = 66
	tnefAgree        = 91
)

// TestCorpusLineEnds reads every message with LF, CRLF and CR.
func TestCorpusLineEnds(t *testing.T) {
	dir := needCorpus(t, "")
	var a agreement
	read := func(name string, raw []byte) {
		raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
		if bytes.IndexByte(raw, '\r') >= 0 || wideText.Match(raw) {
			return
		}
		want := endless(parse(t, raw))
		var differences []string
		for _, eol := range []string{"\r\n", "\r"} {
			if endless(parse(t, bytes.ReplaceAll(raw, []byte("\n"), []byte(eol)))) != want {
				differences = append(differences, fmt.Sprintf("differs with %q", eol))
			}
		}
		a.count(t, name, differences)
	}
	messagesIn(t, dir, read)
	n := 0
	volume(t, func(name string, raw []byte) {
		if n++; n%10 == 0 { // all of them take half a minute
			read(name, raw)
		}
	})
	a.atLeast(t, 100)
}

// wideText names the charsets whose line ends are not octets of their own.
var wideText = regexp.MustCompile(`(?i)charset="?(utf-?16|utf-?32|ucs-?2|unicode)`)
