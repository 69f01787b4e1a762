// Package attachtext reads the text out of attached documents: PDF, and the zipped XML
// of Office Open XML (DOCX, XLSX, PPTX) and OpenDocument (ODT, ODS, ODP).
//
// The documents come from strangers. [Read] bounds what it unpacks and returns; PDF is
// read by PDFium, compiled to WebAssembly, which sees nothing but the document. What
// must not be able to take the program down besides, by its hunger for memory or time or
// by a mistake in a decoder, runs in another process: [Process] starts one and speaks
// with [Serve] in it.
package attachtext

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf8"
)

// Kind is a document format.
type Kind byte

// The formats. None is none of them.
const (
	None Kind = iota
	PDF
	OfficeXML    // ECMA-376: Word, Excel, PowerPoint
	OpenDocument // ISO/IEC 26300: text, spreadsheet, presentation
)

// Bounds of one document.
const (
	MaxSize  = 32 << 20 // octets of the file; larger ones are not read
	MaxText  = 1 << 20  // octets of text; the rest is left out
	maxFiles = 4096     // files in a zip file
	maxPages = 2000     // of a PDF file
)

// maxUnpacked bounds the octets of all that is unpacked from a zip file; tests make it
// small.
var maxUnpacked int64 = 64 << 20

// Errors of [Read] and [Process.Read].
var (
	ErrTooLarge = fmt.Errorf("it has more than %d MiB", MaxSize>>20)
	ErrBomb     = errors.New("it unpacks to far more than it is")
	ErrNoText   = errors.New("its kind is not read")
)

// Document is the text of a document.
type Document struct {
	Text string // UTF-8; paragraphs and cells on lines of their own
	Cut  bool   // there was more than MaxText
}

var kindsByType = map[string]Kind{
	"application/pdf":   PDF,
	"application/x-pdf": PDF,
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   OfficeXML,
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         OfficeXML,
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": OfficeXML,
	"application/vnd.oasis.opendocument.text":                                   OpenDocument,
	"application/vnd.oasis.opendocument.spreadsheet":                            OpenDocument,
	"application/vnd.oasis.opendocument.presentation":                           OpenDocument,
}

var kindsByName = map[string]Kind{
	".pdf": PDF, ".docx": OfficeXML, ".docm": OfficeXML, ".xlsx": OfficeXML, ".xlsm": OfficeXML, ".pptx": OfficeXML, ".pptm": OfficeXML,
	".odt": OpenDocument, ".ods": OpenDocument, ".odp": OpenDocument,
}

// KindOf tells the format of an attachment from its media type (in lower case, without
// parameters) or, where that says nothing of it, its file name.
func KindOf(mediaType, filename string) Kind {
	if k := kindsByType[mediaType]; k != None {
		return k
	}
	return kindsByName[strings.ToLower(path.Ext(filename))]
}

// Read returns the text of a document of size octets. It may take long, and all of the
// memory that decoding such a file takes; see [Process].
func Read(kind Kind, r io.ReaderAt, size int64, pdf *PDFReader) (Document, error) {
	if size > MaxSize {
		return Document{}, ErrTooLarge
	}
	w := &text{}
	var err error
	switch kind {
	case PDF:
		err = pdf.read(w, r, size)
	case OfficeXML:
		err = readOffice(w, r, size)
	case OpenDocument:
		err = readOpenDocument(w, r, size)
	default:
		err = ErrNoText
	}
	if errors.Is(err, errFull) {
		err = nil
	}
	return Document{strings.ToValidUTF8(w.b.String(), "\ufffd"), w.full}, err
}

// errFull ends the reading of a document that has more text than is kept.
var errFull = errors.New("enough text")

// text takes in text up to MaxText.
type text struct {
	b    strings.Builder
	full bool
}

func (t *text) write(s string) error {
	if left := MaxText - t.b.Len(); len(s) > left {
		for left > 0 && !utf8.RuneStart(s[left]) {
			left--
		}
		t.b.WriteString(s[:left])
		t.full = true
		return errFull
	}
	t.b.WriteString(s)
	return nil
}
