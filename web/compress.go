package web

import (
	"bytes"
	"compress/gzip"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"postern/static"
)

// writePage sends a page, compressed where the browser takes it.
func writePage(w http.ResponseWriter, r *http.Request, code int, page *bytes.Buffer) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Vary", "Accept-Language, Accept-Encoding")
	if page.Len() > minCompressed && static.AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		page = squeezed(page)
	}
	h.Set("Content-Length", strconv.Itoa(page.Len()))
	w.WriteHeader(code)
	_, _ = page.WriteTo(w) // the browser went away: nobody is left to tell
}

// minCompressed is the size from which compressing a page saves a packet.
const minCompressed = 1 << 10

// maxPadding is by how many octets a compressed page may be longer than it need be.
const maxPadding = 200

// gzips are compressors that wait for pages.
var gzips = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, 4) // nearly as small as the best, in half the time
	return w
}}

// squeezed compresses a page. Its length is not all its own: who sends mail and watches the line could learn from small
// differences whether words of theirs stand in the page once more (BREACH).
func squeezed(page *bytes.Buffer) *bytes.Buffer {
	out := bytes.NewBuffer(make([]byte, 0, page.Len()/3+maxPadding))
	w := gzips.Get().(*gzip.Writer)
	defer gzips.Put(w)
	w.Reset(out)
	w.Comment = strings.Repeat("-", rand.IntN(maxPadding+1))
	_, _ = w.Write(page.Bytes()) // a Buffer never fails
	_ = w.Close()
	return out
}
