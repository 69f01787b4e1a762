package demo

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
)

// makeFile returns the octets of an attachment.
func makeFile(name string) ([]byte, error) {
	switch name {
	case "greenhouse.png":
		return landscape(240, 160, color.RGBA{0x9f, 0xd3, 0xe8, 255}, color.RGBA{0x4c, 0x8c, 0x4a, 255})
	case "lighthouse.png":
		return landscape(240, 160, color.RGBA{0xf6, 0xb8, 0x7c, 255}, color.RGBA{0x2f, 0x5d, 0x8a, 255})
	case "logo.png":
		return landscape(64, 64, color.RGBA{0xfa, 0xf3, 0xe0, 255}, color.RGBA{0xb0, 0x41, 0x3e, 255})
	case "invoice.pdf":
		return pdf("Invoice 2043", "Harbour Bicycle Works", "1 x Service, hub gear       48.00", "2 x Brake cable, rear       11.80", "Total EUR                   59.80", "Thank you! Paid by card.")
	case "programme.pdf":
		return pdf("Spring concert", "Riverside Choir, St Anne's Hall", "Doors 18:30, music 19:00", "Tea and cake in the interval")
	case "sketches.zip":
		return archive()
	default:
		return nil, fmt.Errorf("X-Demo-File: no file %q", name)
	}
}

// landscape draws hills below a sky with a sun, as PNG.
func landscape(width, height int, sky, land color.RGBA) ([]byte, error) {
	img := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{sky, land, shade(land), color.RGBA{0xff, 0xf2, 0xb0, 255}})
	w, h := float64(width), float64(height)
	for x := range width {
		far := h * (0.60 + 0.10*math.Sin(5*float64(x)/w))
		near := h * (0.78 + 0.08*math.Sin(2+4*float64(x)/w))
		for y := range height {
			switch {
			case float64(y) > near:
				img.SetColorIndex(x, y, 2)
			case float64(y) > far:
				img.SetColorIndex(x, y, 1)
			case math.Hypot(float64(x)-0.75*w, float64(y)-0.3*h) < 0.12*h:
				img.SetColorIndex(x, y, 3)
			}
		}
	}
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}

// shade returns a darker tone of a colour.
func shade(c color.RGBA) color.RGBA {
	return color.RGBA{c.R / 4 * 3, c.G / 4 * 3, c.B / 4 * 3, c.A}
}

// pdf returns a document of one page with a title and lines of ASCII (ISO 32000-1 §7.5).
func pdf(title string, lines ...string) ([]byte, error) {
	escape := strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`)
	var text strings.Builder
	fmt.Fprintf(&text, "BT /F1 20 Tf 60 360 Td (%s) Tj /F2 11 Tf 0 -12 Td", escape.Replace(title))
	for _, line := range lines {
		fmt.Fprintf(&text, " 0 -20 Td (%s) Tj", escape.Replace(line))
	}
	text.WriteString(" ET")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 420] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", text.Len(), text.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
	}
	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n")
	table := "0000000000 65535 f \n"
	for i, object := range objects {
		table += fmt.Sprintf("%010d 00000 n \n", out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n",
		len(objects)+1, table, len(objects)+1, start)
	return out.Bytes(), nil
}

// archive returns a ZIP file with a drawing and a note.
func archive() ([]byte, error) {
	drawing, err := landscape(120, 80, color.RGBA{0xee, 0xee, 0xee, 255}, color.RGBA{0x66, 0x66, 0x77, 255})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, file := range []struct {
		name   string
		octets []byte
	}{
		{"boats/sketch-1.png", drawing},
		{"boats/README.txt", []byte("First ideas for the paper boats. Fold along the light line.\r\n")},
	} {
		w, err := z.Create(file.name)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(file.octets); err != nil {
			return nil, err
		}
	}
	err = z.Close()
	return out.Bytes(), err
}
