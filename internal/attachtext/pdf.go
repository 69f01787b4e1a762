package attachtext

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// pdfMemory bounds what PDFium may take, in pages of 64 KiB.
const pdfMemory = 256 << 20 >> 16

// PDFReader is PDFium in its WebAssembly sandbox: it has no files, no network and a
// bounded memory. It is made when the first PDF comes, which takes seconds; with a
// directory for the compiled code only the first time.
type PDFReader struct {
	cacheDir string
	once     sync.Once
	pool     pdfium.Pool
	err      error
}

// NewPDFReader returns a reader that keeps compiled code in cacheDir; "": nowhere.
func NewPDFReader(cacheDir string) *PDFReader { return &PDFReader{cacheDir: cacheDir} }

func (p *PDFReader) start() {
	features := api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling // PDFium needs both
	config := wazero.NewRuntimeConfig().WithCoreFeatures(features).WithMemoryLimitPages(pdfMemory)
	if p.cacheDir != "" {
		if cache, err := wazero.NewCompilationCacheWithDir(p.cacheDir); err == nil {
			config = config.WithCompilationCache(cache)
		}
	}
	p.pool, p.err = webassembly.Init(webassembly.Config{
		Context: context.Background(), MaxIdle: 1, MaxTotal: 1, RuntimeConfig: config,
		FSConfig: wazero.NewFSConfig(), Stdout: io.Discard, Stderr: io.Discard,
	})
}

// lineEnds undoes what PDFium makes of the ends of lines: CRLF, and U+0002 where a word was
// parted by a hyphen.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\x02", "")

func (p *PDFReader) read(w *text, r io.ReaderAt, size int64) (err error) {
	p.once.Do(p.start)
	if p.err != nil {
		return fmt.Errorf("start PDFium: %w", p.err)
	}
	instance, err := p.pool.GetInstance(10 * time.Second)
	if err != nil {
		return fmt.Errorf("start PDFium: %w", err)
	}
	defer instance.Close() // whatever state the document has left it in
	doc, err := instance.OpenDocument(&requests.OpenDocument{FileReader: io.NewSectionReader(r, 0, size), FileReaderSize: size})
	if err != nil {
		return fmt.Errorf("open PDF: %w", err)
	}
	count, err := instance.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: doc.Document})
	if err != nil {
		return fmt.Errorf("pages of PDF: %w", err)
	}
	var errs []error
	for i := range min(count.PageCount, maxPages) {
		page, err := instance.GetPageText(&requests.GetPageText{Page: requests.Page{ByIndex: &requests.PageByIndex{Document: doc.Document, Index: i}}})
		if err != nil { // one bad page does not hide the others
			if errs = append(errs, fmt.Errorf("page %d: %w", i+1, err)); len(errs) > 10 {
				break
			}
			continue
		}
		if err := w.write(lineEnds.Replace(page.Text) + "\n"); err != nil {
			return err
		}
	}
	if w.b.Len() > 0 {
		return nil
	}
	return errors.Join(errs...)
}
