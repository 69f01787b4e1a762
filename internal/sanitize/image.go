package sanitize

import (
	"encoding/base64"
	"net/url"
	"strings"
)

// Bounds on images that stand in the mail as data: URLs, in octets of base64.
const (
	maxDataImage  = 2 << 20
	maxDataImages = 4 << 20
)

// rasters are the image types that are shown, with how their octets begin.
// None of them can hold markup or fetch anything.
var rasters = map[string]func(head string) bool{
	"image/png":  func(h string) bool { return strings.HasPrefix(h, "\x89PNG\r\n\x1a\n") },
	"image/gif":  func(h string) bool { return strings.HasPrefix(h, "GIF87a") || strings.HasPrefix(h, "GIF89a") },
	"image/jpeg": func(h string) bool { return strings.HasPrefix(h, "\xff\xd8\xff") },
	"image/webp": func(h string) bool { return len(h) >= 12 && h[:4] == "RIFF" && h[8:12] == "WEBP" },
	"image/avif": func(h string) bool {
		return len(h) >= 12 && h[4:8] == "ftyp" && (h[8:12] == "avif" || h[8:12] == "avis")
	},
	"image/bmp": func(h string) bool { return strings.HasPrefix(h, "BM") },
}

// rasterAliases are other names senders use for the types above.
var rasterAliases = map[string]string{
	"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png", "image/x-ms-bmp": "image/bmp",
}

// imageSource gives the URL an image is shown from, "" when it is not shown;
// held tells that it is a remote one that was held back.
func (r *renderer) imageSource(value, width, height string) (src string, held bool) {
	value = trimURL(value)
	if len(value) > 5 && lowerASCII(value[:5]) == "data:" { // longer than other URLs may be
		return r.dataImage(value[5:]), false
	}
	if scheme, rest := splitURL(value); scheme == "cid" {
		if r.opt.CID == nil {
			return "", false
		}
		return r.opt.CID(contentID(rest)), false
	}
	if r.opt.CID != nil && value != "" && len(value) <= maxURL {
		if src := r.opt.CID(value); src != "" {
			return src, false
		}
	}
	u := remote(value)
	if u == "" {
		return "", false
	}
	tracker := isTracker(u, width, height, r.written("style"))
	r.noteRemote(u, tracker)
	if r.opt.LoadRemote == nil || tracker {
		return "", true
	}
	src = r.opt.LoadRemote(u)
	return src, src == ""
}

// background gives the URL that a background of an element is shown from, "" when it is not. Those of a style sheet are
// only counted: a rule can ask what the reader's window is like and what the mouse does, and the picture that it asks for
// would tell.
func (r *renderer) background(value string) string {
	r.pictured = true
	place := r.css.place
	scheme, rest := splitURL(value)
	if scheme == "cid" && r.opt.CID != nil && place != inSheet {
		return r.opt.CID(contentID(rest))
	}
	u := remote(value)
	if u == "" {
		return ""
	}
	tracker := tracking(u) || place == onUnseen || place == onElement && r.node != nil && unseen(attr(r.node, "width"), attr(r.node, "height"), "")
	r.noteRemote(u, tracker)
	if r.opt.LoadRemote == nil || tracker || place == inSheet {
		return ""
	}
	src := r.opt.LoadRemote(u)
	if src != "" && !r.behindSeen[src] {
		if r.behindSeen == nil {
			r.behindSeen = make(map[string]bool)
		}
		r.behindSeen[src] = true
		r.behind = append(r.behind, src)
	}
	return src
}

// contentID reads the rest of a cid: URL (RFC 2392).
func contentID(rest string) string {
	if id, err := url.PathUnescape(rest); err == nil {
		rest = id
	}
	return strings.Trim(rest, "<> ")
}

// dataImage writes a data: URL anew, from what follows its scheme, when it is
// base64 of a raster image that begins as its type says, and the mail's images
// are not too much in all.
func (r *renderer) dataImage(value string) string {
	head, data, ok := strings.Cut(value, ",")
	if !ok || len(head) > 100 || len(data) > maxDataImage+maxDataImage/32 {
		return ""
	}
	head = lowerASCII(strings.Join(strings.Fields(head), ""))
	mediaType, ok := strings.CutSuffix(head, ";base64")
	if !ok {
		return ""
	}
	mediaType, _, _ = strings.Cut(mediaType, ";")
	if alias := rasterAliases[mediaType]; alias != "" {
		mediaType = alias
	}
	begins := rasters[mediaType]
	if begins == nil {
		return ""
	}
	data = base64Only(data)
	if data == "" || r.dataOctets+len(data) > maxDataImages {
		return ""
	}
	first, err := base64.StdEncoding.DecodeString(data[:min(len(data)&^3, 16)])
	if err != nil || !begins(string(first)) {
		return ""
	}
	r.dataOctets += len(data)
	return "data:" + mediaType + ";base64," + data
}

// base64Only gives data without white space and percent-encoding, "" if
// anything else than base64 remains.
func base64Only(data string) string {
	if strings.IndexByte(data, '%') >= 0 {
		var err error
		if data, err = url.PathUnescape(data); err != nil {
			return ""
		}
	}
	if strings.ContainsAny(data, " \t\r\n\f") {
		data = strings.Join(strings.Fields(data), "")
	}
	body := strings.TrimRight(data, "=")
	if len(data)-len(body) > 2 {
		return ""
	}
	for i := 0; i < len(body); i++ {
		c := body[i]
		if c < '+' || c > 'z' || !('a' <= c || 'A' <= c && c <= 'Z' || '/' <= c && c <= '9' || c == '+') {
			return ""
		}
	}
	return data
}

// noteRemote remembers a remote image.
func (r *renderer) noteRemote(u string, tracker bool) {
	if !r.seen[u] {
		if r.seen == nil {
			r.seen = make(map[string]bool)
		}
		r.seen[u] = true
		r.remote = append(r.remote, u)
		if tracker {
			r.trackers = append(r.trackers, u)
		}
	}
}
