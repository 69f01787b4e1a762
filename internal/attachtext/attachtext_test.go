package attachtext

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// zipped makes a zip file of names and contents, in turn.
func zipped(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pdfFile makes a PDF of its objects, the first of which is the catalog.
func pdfFile(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	offsets := ""
	for i, body := range objects {
		offsets += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %[1]d /Root 1 0 R >>\nstartxref\n%[3]d\n%%%%EOF\n", len(objects)+1, offsets, b.Len())
	return b.Bytes()
}

func stream(dict, body string) string {
	return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(body), body)
}

// pdfOf makes a PDF of one page a text, in a font without outlines whose ToUnicode map
// is the identity on UTF-16.
func pdfOf(pages ...string) []byte {
	var objects []string
	object := func(body string) { objects = append(objects, body) }
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", 6+2*i)
	}
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object(fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", kids, len(pages)))
	object("<< /Type /Font /Subtype /Type0 /BaseFont /Any /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>")
	object("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Any /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000 >>")
	object(stream("", "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def 1 begincodespacerange <0000> <ffff> endcodespacerange "+
		"1 beginbfrange <0000> <ffff> <0000> endbfrange endcmap end end"))
	for i, text := range pages {
		lines := ""
		for line := range strings.SplitSeq(text, "\n") {
			hex := ""
			for _, r := range line {
				hex += fmt.Sprintf("%04x", r)
			}
			lines += " <" + hex + "> Tj 0 -14 Td"
		}
		object(fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R /Resources << /Font << /F 3 0 R >> >> >>", 7+2*i))
		object(stream("", "BT /F 12 Tf 20 700 Td"+lines+" ET"))
	}
	return pdfFile(objects...)
}

// endlessPDF draws a form that draws a form twice, and so on: a text that is never done.
func endlessPDF() []byte {
	const levels = 26
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /XObject << /X 6 0 R >> >> >>",
		stream("", "/X Do"),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	for n := range levels {
		objects = append(objects, stream(fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /XObject << /X %d 0 R >> >>", 7+n), "/X Do /X Do"))
	}
	return pdfFile(append(objects, stream("/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /Font << /F 5 0 R >> >>", "BT /F 12 Tf 20 700 Td (again) Tj ET"))...)
}

func docx(t testing.TB, paragraphs ...string) []byte {
	body := ""
	for _, p := range paragraphs {
		body += "<w:p><w:r><w:t>" + p + "</w:t></w:r></w:p>"
	}
	return zipped(t, "[Content_Types].xml", "<Types/>", "word/document.xml", `<?xml version="1.0"?><w:document xmlns:w="w"><w:body>`+body+"</w:body></w:document>")
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	octets, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

func TestRead(t *testing.T) {
	sheet := `<worksheet><sheetData><row><c t="s"><v>0</v></c><c><v>1234.5</v></c><c t="inlineStr"><is><t>inline</t></is></c></row></sheetData></worksheet>`
	slide := func(s string) string {
		return `<p:sld><p:txBody><a:p><a:r><a:t>` + s + `</a:t></a:r><a:br/></a:p></p:txBody></p:sld>`
	}
	for name, tt := range map[string]struct {
		kind Kind
		file []byte
		want string
	}{
		"docx": {OfficeXML, docx(t, "Annual &amp; report", "发票编号"), "Annual & report\n发票编号\n"},
		"docx, a word in two runs": {OfficeXML, zipped(t, "word/document.xml",
			`<w:p><w:r><w:t>inv</w:t></w:r><w:r><w:t>oice</w:t><w:tab/></w:r></w:p>`, "word/footnotes.xml", `<w:p><w:t>note</w:t></w:p>`), "invoice \nnote\n"},
		"xlsx": {OfficeXML, zipped(t, "xl/sharedStrings.xml", "<sst><si><t>合计</t></si><si><t>Total</t></si></sst>", "xl/worksheets/sheet1.xml", sheet),
			"合计\nTotal\n\t1234.5\tinline\t\n"},
		"pptx": {OfficeXML, zipped(t, "ppt/slides/slide10.xml", slide("last"), "ppt/slides/slide2.xml", slide("first")), "first \nlast \n"},
		"odt": {OpenDocument, zipped(t, "content.xml",
			`<office:document-content><office:automatic-styles><style>no</style></office:automatic-styles><office:body><text:h>Titel</text:h><text:p>Grüße<text:s/>aus <text:span>北京</text:span></text:p></office:body></office:document-content>`),
			"Titel\nGrüße aus 北京\n"},
		"pdf, a parted word": {PDF, pdfOf("now incompre-\nhensible"), "now incomprehensible\n"},
		"a browser's pdf":    {PDF, file(t, "chinese.pdf"), "发票编号：FP-2026/0815\n收货地址：杭州市西湖区\n"},
		"docx of a file":     {OfficeXML, file(t, "chinese.docx"), "會議記錄\nHarbour bridge repairs\n"},
		"pdf":                {PDF, pdfOf("Invoice INV-2026/0042", "发票编号 二〇二六"), "Invoice INV-2026/0042\n发票编号 二〇二六\n"},
	} {
		d, err := Read(tt.kind, bytes.NewReader(tt.file), int64(len(tt.file)), pdfReader)
		if err != nil || d.Text != tt.want || d.Cut {
			t.Errorf("%s: %q, cut %v, %v; want %q", name, d.Text, d.Cut, err, tt.want)
		}
	}
}

func TestReadIsBounded(t *testing.T) {
	defer func(before int64) { maxUnpacked = before }(maxUnpacked)
	maxUnpacked = 4 << 20
	bomb := docx(t, strings.Repeat("<w:b/>", int(maxUnpacked)/5))
	many := []string{}
	for i := range maxFiles + 1 {
		many = append(many, fmt.Sprint(i), "")
	}
	entities := zipped(t, "word/document.xml", `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><w:p><w:t>&b;</w:t></w:p>`)
	for name, tt := range map[string]struct {
		kind Kind
		file []byte
		want error // nil: any
	}{
		"zip bomb":         {OfficeXML, bomb, ErrBomb},
		"many files":       {OfficeXML, zipped(t, many...), nil},
		"no zip":           {OfficeXML, []byte("PK\x03\x04 nothing"), nil},
		"another zip":      {OfficeXML, zipped(t, "a.txt", "a"), nil},
		"no document":      {OpenDocument, zipped(t, "meta.xml", "<a/>"), nil},
		"broken xml":       {OfficeXML, zipped(t, "word/document.xml", "<w:p><w:t <<"), nil},
		"too large":        {PDF, make([]byte, MaxSize+1), ErrTooLarge},
		"no pdf":           {PDF, []byte("%PDF-1.7 nothing"), nil},
		"an unknown kind":  {None, []byte("x"), ErrNoText},
		"pdf of no octets": {PDF, nil, nil},
	} {
		d, err := Read(tt.kind, bytes.NewReader(tt.file), int64(len(tt.file)), pdfReader)
		if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: %d octets of text, error %v, want %v", name, len(d.Text), err, tt.want)
		}
	}
	if d, _ := Read(OfficeXML, bytes.NewReader(entities), int64(len(entities)), nil); strings.Contains(d.Text, "aa") {
		t.Errorf("entities of a document are replaced: %.40q", d.Text)
	}
	long := docx(t, strings.Repeat("发票", MaxText/4))
	d, err := Read(OfficeXML, bytes.NewReader(long), int64(len(long)), nil)
	if err != nil || !d.Cut || len(d.Text) > MaxText || len(d.Text) < MaxText-3 || !strings.HasSuffix(strings.TrimSuffix(d.Text, "发"), "票") {
		t.Errorf("long text: %d octets, cut %v, %v", len(d.Text), d.Cut, err)
	}
}

func TestKindOf(t *testing.T) {
	for _, tt := range []struct {
		mediaType, filename string
		want                Kind
	}{
		{"application/pdf", "", PDF}, {"application/octet-stream", "Rechnung.PDF", PDF}, {"application/zip", "a.docx", OfficeXML},
		{"application/vnd.oasis.opendocument.text", "x.bin", OpenDocument}, {"image/png", "a.png", None}, {"text/plain", "", None},
	} {
		if got := KindOf(tt.mediaType, tt.filename); got != tt.want {
			t.Errorf("%s %q: %d, want %d", tt.mediaType, tt.filename, got, tt.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(byte(OfficeXML), docx(f, "text"))
	f.Add(byte(OpenDocument), zipped(f, "content.xml", "<text:p>text</text:p>"))
	f.Fuzz(func(t *testing.T, kind byte, file []byte) {
		if k := Kind(kind); k == OfficeXML || k == OpenDocument { // PDFium is fuzzed by others, and takes long
			d, err := Read(k, bytes.NewReader(file), int64(len(file)), nil)
			if len(d.Text) > MaxText || err == nil && d.Cut && len(d.Text) < MaxText-3 {
				t.Errorf("%d octets of text, cut %v, %v", len(d.Text), d.Cut, err)
			}
		}
	})
}
