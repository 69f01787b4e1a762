package message

import (
	"bytes"
	"testing"
)

// TestAttachedText: text files that are attached are read as a person reads them; what the
// message shows itself is not an attachment's.
func TestAttachedText(t *testing.T) {
	raw := []byte("Content-Type: multipart/mixed; boundary=x\n\n" +
		"--x\nContent-Type: text/plain\n\nHello\n" +
		"--x\nContent-Type: text/plain; name=shown.txt\nContent-Disposition: inline\n\nShown\n" +
		"--x\nContent-Type: text/plain; charset=gb2312; name=a.txt\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nt6LGsQ==\n" +
		"--x\nContent-Type: application/octet-stream; name=page.html\nContent-Transfer-Encoding: quoted-printable\n\n<title>No</title><style>p{}</style><p>Caf=C3=A9</p><script>no()</script>\n" +
		"--x\nContent-Type: application/octet-stream; name=notes.txt\nContent-Disposition: attachment\n\nlong notes\n" +
		"--x\nContent-Type: application/pdf; name=a.pdf\n\n%PDF\n" +
		"--x--\n")
	var got []string
	for _, p := range parse(t, raw).Root.Attachments() {
		text, ok := p.AttachedText(bytes.NewReader(raw), 9)
		if !ok {
			text = "none"
		}
		if p.Filename == "page.html" {
			text, _ = p.AttachedText(bytes.NewReader(raw), 1000)
		}
		got = append(got, p.Filename+": "+text)
	}
	want := []string{"shown.txt: none", "a.txt: 发票", "page.html: Café\n", "notes.txt: long note", "a.pdf: none"}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
}
