package web

import (
	"encoding/base64"
	"io"
	"strings"

	"postern/internal/message"
)

// maxInline bounds the images of a mail that stand in its HTML as data: URLs, in octets before base64. A sandboxed frame
// sends no cookies, so that it cannot ask for them as the reader; those beyond the bound get signed addresses.
const maxInline = 8 << 20

// inliner gives the images of a message their addresses.
type inliner struct {
	root   *message.Part
	raw    io.ReaderAt
	link   func(part *message.Part) string // signs an address
	linked bool                            // some image has one
	shown  map[string]string               // media types by part path, "" for what is no image
	size   int64                           // of the images that became data: URLs, each once
	urls   map[string]string               // by part path: the same image often stands in several places
	used   int64                           // octets of all data: URLs given out
}

// inliner is for the images of what a visitor reads.
func (s *Server) inliner(v *visitor, rd *reading) *inliner {
	return newInliner(rd.m.Structure, rd.raw, s.partLinks(v, rd.m.ID))
}

func newInliner(root *message.Part, raw io.ReaderAt, link func(*message.Part) string) *inliner {
	return &inliner{root: root, raw: raw, link: link, shown: map[string]string{}, urls: map[string]string{}}
}

// shows finds the image that the HTML names by Content-ID or Content-Location; nil: there is none to show.
func (i *inliner) shows(id string) *message.Part {
	part := imageNamed(i.root, id)
	if part == nil {
		return nil
	}
	mediaType, known := i.shown[part.Path]
	if !known {
		mediaType = rasterType(partHead(part, i.raw))
		i.shown[part.Path] = mediaType
	}
	if mediaType == "" {
		return nil
	}
	return part
}

// url gives the address of an image, "" when there is none to show.
func (i *inliner) url(id string) string {
	part := i.shows(id)
	if part == nil {
		return ""
	}
	url, known := i.urls[part.Path]
	if !known {
		url = i.dataURL(part)
		i.urls[part.Path] = url
	}
	if i.used += int64(len(url)); url == "" || i.used > 2*maxInline { // or it is a large one, named a thousand times
		i.linked = true
		return i.link(part)
	}
	return url
}

// dataURL gives an image as a data: URL, "" when it is too much.
func (i *inliner) dataURL(part *message.Part) string {
	if part.Size > maxInline-i.size {
		return ""
	}
	i.size += part.Size
	data, err := io.ReadAll(io.LimitReader(part.Open(i.raw), part.Size))
	if err != nil {
		return ""
	}
	return "data:" + i.shown[part.Path] + ";base64," + base64.StdEncoding.EncodeToString(data)
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
