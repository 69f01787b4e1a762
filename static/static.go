// Package static holds the files that every page of the portal refers to: style, script, icons. They are compiled
// into the binary and served under names that carry a hash of their content, so that browsers keep them for ever.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed *.css *.js *.svg *.png
var embedded embed.FS

// prefix is where the files are served.
const prefix = "/static/"

// file is one embedded file, ready to be served.
type file struct {
	name    string // with its hash
	typ     string
	plain   []byte
	gzipped []byte
}

var byName, byHash = load()

// load reads and hashes all files, once.
func load() (byName, byHash map[string]*file) {
	byName, byHash = map[string]*file{}, map[string]*file{}
	entries, err := fs.ReadDir(embedded, ".")
	if err != nil {
		panic("static: " + err.Error()) // the files are part of the binary
	}
	for _, e := range entries {
		plain, err := fs.ReadFile(embedded, e.Name())
		if err != nil {
			panic("static: " + err.Error())
		}
		f := &file{name: hashed(e.Name(), plain), typ: contentType(e.Name()), plain: plain, gzipped: squeeze(plain)}
		byName[e.Name()], byHash[f.name] = f, f
	}
	return byName, byHash
}

// hashed puts a hash of the content before the name's extension: "postern.css" becomes "postern.1f0a….css".
func hashed(name string, content []byte) string {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func squeeze(plain []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a valid one, and a Buffer never fails
	_, _ = w.Write(plain)
	_ = w.Close()
	return b.Bytes()
}

// Path returns where the named file is served: Path("postern.css") is "/static/postern.<hash>.css". A name that does
// not exist is returned below /static/ as it is, where it is answered with 404.
func Path(name string) string {
	if f, ok := byName[name]; ok {
		return prefix + f.name
	}
	return prefix + name
}

// Handler serves the files below /static/, by GET and HEAD. An answer may be kept for ever, because a changed file
// has another name.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		f, ok := byHash[strings.TrimPrefix(r.URL.Path, prefix)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		f.serve(w, r)
	})
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.typ)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	body := f.plain
	if AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = f.gzipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the reader went away: nobody is left to tell
	}
}

// AcceptsGzip reads an Accept-Encoding field (RFC 9110, section 12.5.3) as far as gzip is concerned.
func AcceptsGzip(field string) bool {
	for coding := range strings.SplitSeq(field, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		return !found || (err == nil && weight > 0)
	}
	return false
}
