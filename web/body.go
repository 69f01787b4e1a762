package web

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"

	"postern/internal/message"
	"postern/store"
)

// maxInline bounds the images of a mail that stand in its HTML as data: URLs, in octets before base64: a sandboxed
// frame sends no cookies, so it cannot ask for them one by one.
const maxInline = 8 << 20

// body: GET /messages/{id}/body. The HTML of a message, alone, for the sandboxed frame of its page.
func (s *Server) body(w http.ResponseWriter, r *http.Request, v *visitor) error {
	m, octets, err := s.stored(r, v)
	if err != nil {
		return err
	}
	rd, err := s.read(r, v, m, octets)
	if err != nil {
		return err
	}
	return s.serveBody(w, r, v, rd)
}

// serveBody answers with the HTML of a reading.
func (s *Server) serveBody(w http.ResponseWriter, r *http.Request, v *visitor, rd *reading) error {
	if !rd.hasHTML {
		return noPage
	}
	result, made := s.cleaned.take(rd.cleanedFor(v), s.now())
	if !made {
		result = s.clean(v, rd, newInliner(rd.m.Structure, rd.raw).dataURL)
	}
	setPolicy(w, s.bodyPolicy(r, rd.loads()))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, bodyDocument(result, lookOf(result, rd.dark()), "")) // the browser went away: nobody is left to tell
	return nil
}

// stored reads the message that a path names, and opens its octets.
func (s *Server) stored(r *http.Request, v *visitor) (*store.Message, *store.Octets, error) {
	id, err := pathID[store.MessageID](r, "id")
	if err != nil {
		return nil, nil, err
	}
	m, err := s.store.Message(r.Context(), v.ID, id)
	if err != nil {
		return nil, nil, err
	}
	if m.Partial {
		return nil, nil, notFetched
	}
	octets, err := s.store.Octets(r.Context(), v.ID, id)
	return m, octets, err
}

// inliner turns the images of a message into data: URLs.
type inliner struct {
	root  *message.Part
	raw   io.ReaderAt
	shown map[string]string // media types by part path, "" for what is no image or too much
	size  int64             // of the images shown, each once
	urls  map[string]string // by part path: the same image often stands in several places
	used  int64             // octets of all URLs given out
}

func newInliner(root *message.Part, raw io.ReaderAt) *inliner {
	return &inliner{root: root, raw: raw, shown: map[string]string{}, urls: map[string]string{}}
}

// shows finds the image that the HTML names by Content-ID or Content-Location; nil: there is none to show.
func (i *inliner) shows(id string) *message.Part {
	part := imageNamed(i.root, id)
	if part == nil {
		return nil
	}
	mediaType, known := i.shown[part.Path]
	if !known {
		if part.Size <= maxInline-i.size {
			mediaType = rasterType(partHead(part, i.raw))
		}
		if mediaType != "" {
			i.size += part.Size
		}
		i.shown[part.Path] = mediaType
	}
	if mediaType == "" {
		return nil
	}
	return part
}

// dataURL gives the image as a data: URL, "" when there is none to show.
func (i *inliner) dataURL(id string) string {
	part := i.shows(id)
	if part == nil {
		return ""
	}
	url, known := i.urls[part.Path]
	if !known {
		if data, err := io.ReadAll(io.LimitReader(part.Open(i.raw), part.Size)); err == nil {
			url = "data:" + i.shown[part.Path] + ";base64," + base64.StdEncoding.EncodeToString(data)
		}
		i.urls[part.Path] = url
	}
	if i.used += int64(len(url)); i.used > 2*maxInline {
		return "" // one large image named a thousand times
	}
	return url
}

// partHead returns the first octets of a part, decoded.
func partHead(part *message.Part, raw io.ReaderAt) []byte {
	head, err := io.ReadAll(io.LimitReader(part.Open(raw), 16))
	if err != nil {
		return nil
	}
	return head
}

// imageNamed finds the part of a message that its HTML names by Content-ID or Content-Location.
func imageNamed(root *message.Part, id string) *message.Part {
	if id == "" {
		return nil
	}
	var found *message.Part
	walkParts(root, func(p *message.Part) bool {
		if (p.ContentID == id || p.Location == id) && len(p.Parts) == 0 {
			found = p
		}
		return found == nil
	})
	return found
}

// walkParts visits the parts of a message until visit returns false, but not those of messages enclosed in it.
func walkParts(p *message.Part, visit func(*message.Part) bool) bool {
	if p == nil || !visit(p) {
		return false
	}
	if strings.HasPrefix(p.Type, "message/") {
		return true
	}
	for _, child := range p.Parts {
		if !walkParts(child, visit) {
			return false
		}
	}
	return true
}
