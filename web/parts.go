package web

import (
	"bufio"
	"cmp"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/go-chi/chi/v5"

	"postern/internal/message"
)

// raw: GET /messages/{id}/raw. The message as the server sent it, octet for octet. It is read back and compared with
// its hash before the first octet goes out.
func (s *Server) raw(w http.ResponseWriter, r *http.Request, v *visitor) error {
	m, octets, err := s.stored(r, v)
	if err != nil {
		return err
	}
	if err := octets.Verify(); err != nil {
		return err
	}
	setPolicy(w, filePolicy)
	w.Header().Set("Content-Type", "message/rfc822")
	w.Header().Set("Content-Disposition", disposition("attachment", emlName(m.Subject)))
	http.ServeContent(w, r, "", time.Time{}, io.NewSectionReader(octets, 0, octets.Size()))
	return nil
}

// emlName is the file name for a whole message.
func emlName(subject string) string {
	name := "message"
	if strings.TrimSpace(subject) != "" {
		name = safeName(strings.NewReplacer("/", "-", `\`, "-").Replace(subject)) // no path stands in a subject
	}
	return strings.TrimRight(truncate(name, maxName-len(".eml")), ". ") + ".eml"
}

// part: GET /messages/{id}/parts/{path}. Plain text, raster images and PDF (in the browser's own viewer) may be looked
// at; all else is a download of unknown type, whatever it calls itself.
func (s *Server) part(w http.ResponseWriter, r *http.Request, v *visitor) error {
	m, octets, err := s.stored(r, v)
	if err != nil {
		return err
	}
	path := chi.URLParam(r, "path")
	part := m.Structure.Find(path)
	if part == nil || path == "" || strings.HasPrefix(part.Type, "multipart/") {
		return noPage
	}
	content := bufio.NewReaderSize(part.Open(octets), 32<<10)
	head, err := content.Peek(512)
	if err != nil && err != io.EOF {
		return err
	}
	if err := octets.Err(); err != nil {
		return err
	}
	mediaType, how := partType(part, head)
	setPolicy(w, filePolicy)
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Disposition", disposition(how, part.Name()))
	if r.Method == http.MethodHead {
		return nil
	}
	_, err = content.WriteTo(w)
	return cmp.Or(err, octets.Err())
}

// charsetName is what may stand in our Content-Type field as a charset.
var charsetName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,39}$`)

// partType decides how a part is served, by what it is and not by what it claims to be.
func partType(part *message.Part, head []byte) (mediaType, disposition string) {
	if raster := rasterType(head); raster != "" {
		return raster, "inline"
	}
	if strings.HasPrefix(string(head), "%PDF-") {
		return "application/pdf", "inline"
	}
	if part.Type != "text/plain" {
		return "application/octet-stream", "attachment"
	}
	charset := part.Charset
	if !charsetName.MatchString(charset) || charset == "us-ascii" {
		charset = "utf-8"
	}
	return mime.FormatMediaType("text/plain", map[string]string{"charset": charset}), "inline"
}

// disposition is a Content-Disposition field (RFC 6266) with a file name that is safe to save under.
func disposition(how, name string) string {
	if field := mime.FormatMediaType(how, map[string]string{"filename": safeName(name)}); field != "" {
		return field
	}
	return how
}

// maxName is the length of a file name, in octets: file systems take 255.
const maxName = 150

// reservedNames cannot be the names of files on Windows, with any extension.
var reservedNames = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)

// safeName makes a file name of what a sender called a file: no path, nothing hidden, no character that a file system
// or a shell takes for something else, none that makes it read as another name.
func safeName(name string) string {
	name = strings.ToValidUTF8(name, "_")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		switch {
		case misleads(r):
			return -1
		case strings.ContainsRune(`"'<>:|?*;%`+"`$", r):
			return '_'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, name)
	name = cutName(strings.Trim(name, ". -"))
	switch {
	case name == "":
		return "unnamed"
	case reservedNames.MatchString(name):
		return "_" + name
	}
	return name
}

// cutName shortens a long name before its extension.
func cutName(name string) string {
	if len(name) <= maxName {
		return name
	}
	ext := ""
	if dot := strings.LastIndexByte(name, '.'); dot > 0 && len(name)-dot <= 16 {
		ext = name[dot:]
	}
	return strings.TrimRight(truncate(name, maxName-len(ext)), ". ") + ext
}
