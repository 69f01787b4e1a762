package web

import (
	"archive/zip"
	"cmp"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// attachmentsZip: GET /messages/{id}/attachments.zip. It is made while it is sent, so that its size costs no memory.
func (s *Server) attachmentsZip(w http.ResponseWriter, r *http.Request, v *visitor) error {
	m, octets, err := s.stored(r, v)
	if err != nil {
		return err
	}
	parts := m.Structure.Attachments()
	if len(parts) == 0 {
		return noPage
	}
	setPolicy(w, filePolicy)
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", disposition("attachment", strings.TrimSuffix(emlName(m.Subject), ".eml")+".zip"))
	if r.Method == http.MethodHead {
		return nil
	}
	archive := zip.NewWriter(w)
	names := uniqueNames{}
	for _, part := range parts {
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: names.take(safeName(part.Name())), Modified: m.Received, Method: zip.Store})
		if err != nil {
			return err
		}
		_, err = io.Copy(entry, part.Open(octets))
		if err = cmp.Or(err, octets.Err()); err != nil {
			return err
		}
	}
	return archive.Close()
}

// uniqueNames holds the names in an archive, in lower case: some file systems know no other.
type uniqueNames map[string]bool

// take returns name, or "report (2).pdf" when report.pdf is taken.
func (u uniqueNames) take(name string) string {
	unique := name
	for n := 2; u[strings.ToLower(unique)]; n++ {
		ext := path.Ext(name)
		unique = strings.TrimSuffix(name, ext) + " (" + strconv.Itoa(n) + ")" + ext
	}
	u[strings.ToLower(unique)] = true
	return unique
}
