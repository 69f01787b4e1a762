package web

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	pngs "image/png"
	"strings"
	"testing"
)

// TestEnclosed: a message in a message opens as one.
func TestEnclosed(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	outer := messageURL(w.message, "")
	ann.get(outer).want(t, 200).has(t, `href="`+outer+`/enclosed/4"`)
	a := ann.get(outer+"/enclosed/4").want(t, 200)
	a.has(t, `<h1 id="subject" dir="auto">The inner one</h1>`, "Enclosed in", "Newsletter", `src="`+outer+`/enclosed/4/body"`, "lina@example.net", "Answers go to eve@example.org")
	ann.get(outer+"/enclosed/4/body").want(t, 200).has(t, "<p>Words within").hasNot(t, "Hello")
	for _, path := range []string{"1", "2", "", "4.1", "9"} {
		ann.get(outer+"/enclosed/"+path).want(t, 404)
	}
	w.as(w.bob).get(outer+"/enclosed/4").want(t, 404)
}

// TestPrint: head and body, nothing of the portal.
func TestPrint(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	ann.get(messageURL(w.message, "print")).want(t, 200).has(t, "Newsletter", "Lina Berg", "Hello <b>Ann</b>", "data:image/png").
		hasNot(t, "<script", "<form", "<nav", "<link", "alert(1)", `src="http`, "/logout")
	ann.get(messageURL(w.parcel, "print")).want(t, 200).has(t, "See attached.", "drawing.svg", "Tuesday, 3 November 2026").hasNot(t, "<script")
}

// TestThumbnail: small pictures of pictures; nothing is unpacked that says it is too large.
func TestThumbnail(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	wide := image.NewGray(image.Rect(0, 0, 1000, 100))
	wide.SetGray(5, 5, color.Gray{200})
	var drawn bytes.Buffer
	p.must(pngs.Encode(&drawn, wide))
	bomb := bytes.Replace(drawn.Bytes(), []byte{0, 0, 3, 0xe8, 0, 0, 0, 100}, []byte{0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0}, 1) // 100,000 by 100,000
	part := func(data []byte) string {
		return strings.Join([]string{"--b", "Content-Type: image/png", "Content-Disposition: attachment; filename=a.png", "Content-Transfer-Encoding: base64", "", base64.StdEncoding.EncodeToString(data), ""}, "\r\n")
	}
	raw := mail("Pictures", part(drawn.Bytes())+part(bomb)+part(drawn.Bytes()[:60])+part([]byte("<svg/>"))+"--b--\r\n", `Content-Type: multipart/mixed; boundary="b"`)
	path := messageURL(p.deliver(p.ann, work, raw)[0], "")
	ann := p.as(p.ann)
	a := ann.get(path+"/parts/1/thumbnail").want(t, 200)
	small, kind, err := image.Decode(strings.NewReader(a.body))
	if err != nil || kind != "jpeg" || small.Bounds().Dx() != thumbWidth || small.Bounds().Dy() != 32 {
		t.Errorf("%v %q %v", small.Bounds(), kind, err)
	}
	for _, n := range []string{"2", "3", "4", "9"} {
		ann.get(path+"/parts/"+n+"/thumbnail").want(t, 404)
	}
	ann.get(path).want(t, 200).has(t, path+"/parts/1/thumbnail").hasNot(t, path+"/parts/4/thumbnail")
}

// TestPDF: a PDF opens in the browser's viewer, within the sandbox of all files.
func TestPDF(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	raw := mail("PDF", "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF-1.4\r\n--b\r\nContent-Type: application/pdf\r\n\r\n<script>\r\n--b--\r\n", `Content-Type: multipart/mixed; boundary="b"`)
	path := messageURL(p.deliver(p.ann, work, raw)[0], "")
	ann := p.as(p.ann)
	a := ann.get(path+"/parts/1").want(t, 200)
	if a.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "inline") || a.Header.Get("Content-Security-Policy") != filePolicy {
		t.Errorf("served as %v", a.Header)
	}
	if a := ann.get(path+"/parts/2").want(t, 200); a.Header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("what only claims to be a PDF is served as %s", a.Header.Get("Content-Type"))
	}
}
