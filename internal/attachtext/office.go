package attachtext

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// archive is a zip file of which only so much is unpacked.
type archive struct {
	*zip.Reader
	left int64 // octets that may still be unpacked
}

func openArchive(r io.ReaderAt, size int64) (*archive, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, err
	}
	if len(z.File) > maxFiles {
		return nil, fmt.Errorf("it holds %d files", len(z.File))
	}
	return &archive{z, maxUnpacked}, nil
}

// tokens hands the XML tokens of a file in the archive to f.
func (a *archive) tokens(file *zip.File, f func(xml.Token) error) error {
	r, err := file.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", file.Name, err)
	}
	defer r.Close()
	d := xml.NewDecoder(&meter{r, &a.left})
	d.Strict = false
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = f(t)
		} else {
			err = fmt.Errorf("%s: %w", file.Name, err)
		}
		if err != nil {
			return err
		}
	}
}

// meter counts what is read against a bound.
type meter struct {
	io.Reader
	left *int64
}

func (m *meter) Read(b []byte) (int, error) {
	if *m.left <= 0 {
		return 0, ErrBomb
	}
	n, err := m.Reader.Read(b[:min(int64(len(b)), *m.left)])
	*m.left -= int64(n)
	return n, err
}

// matching are the files whose names match one of the patterns, in the order of these.
func (a *archive) matching(patterns ...string) []*zip.File {
	var files []*zip.File
	for _, pattern := range patterns {
		var of []*zip.File
		for _, f := range a.File {
			if ok, _ := path.Match(pattern, f.Name); ok {
				of = append(of, f)
			}
		}
		// slide2 before slide10
		slices.SortStableFunc(of, func(a, b *zip.File) int {
			if n := len(a.Name) - len(b.Name); n != 0 {
				return n
			}
			return strings.Compare(a.Name, b.Name)
		})
		files = append(files, of...)
	}
	return files
}

// officeText are the parts of Office Open XML files that hold text.
var officeText = []string{
	"word/document.xml", "word/header*.xml", "word/footer*.xml", "word/footnotes.xml", "word/endnotes.xml", "word/comments.xml",
	"xl/sharedStrings.xml", "xl/worksheets/sheet*.xml", "xl/comments*.xml",
	"ppt/slides/slide*.xml", "ppt/notesSlides/notesSlide*.xml",
}

// readOffice reads the text of "t" elements, and the numbers of cells. Paragraphs and
// shared strings end a line, tabs and cells a word.
func readOffice(w *text, r io.ReaderAt, size int64) error {
	a, err := openArchive(r, size)
	if err != nil {
		return err
	}
	files := a.matching(officeText...)
	if len(files) == 0 {
		return errors.New("it is no Office document")
	}
	for _, file := range files {
		inText, inValue, shared := false, false, false
		err := a.tokens(file, func(t xml.Token) error {
			switch t := t.(type) {
			case xml.StartElement:
				switch t.Name.Local {
				case "t":
					inText = true
				case "c": // a cell; of type "s" its value is the number of a shared string
					shared = slices.ContainsFunc(t.Attr, func(a xml.Attr) bool { return a.Name.Local == "t" && a.Value == "s" })
				case "v":
					inValue = !shared
				case "tab", "br", "cr":
					return w.write(" ")
				}
			case xml.EndElement:
				switch t.Name.Local {
				case "t":
					inText = false
				case "v":
					inValue = false
				case "p", "si", "row":
					return w.write("\n")
				case "c":
					return w.write("\t")
				}
			case xml.CharData:
				if inText || inValue {
					return w.write(string(t))
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readOpenDocument reads the paragraphs and headings of the body.
func readOpenDocument(w *text, r io.ReaderAt, size int64) error {
	a, err := openArchive(r, size)
	if err != nil {
		return err
	}
	files := a.matching("content.xml")
	if len(files) == 0 {
		return errors.New("it is no OpenDocument file")
	}
	depth := 0 // of paragraphs: one may stand in a note or a frame inside another
	return a.tokens(files[0], func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "p", "h":
				depth++
			case "s", "tab", "line-break":
				return w.write(" ")
			}
		case xml.EndElement:
			if t.Name.Local == "p" || t.Name.Local == "h" {
				depth--
				return w.write("\n")
			}
		case xml.CharData:
			if depth > 0 {
				return w.write(string(t))
			}
		}
		return nil
	})
}
