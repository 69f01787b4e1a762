package web

import "strings"

// rasterType recognises the images that browsers draw and that can hold nothing else, by their first octets; "" for
// all others. What a mail or a server declares does not count.
func rasterType(head []byte) string {
	s := string(head[:min(len(head), 16)])
	switch {
	case strings.HasPrefix(s, "\x89PNG\r\n\x1a\n"):
		return "image/png"
	case strings.HasPrefix(s, "\xff\xd8\xff"):
		return "image/jpeg"
	case strings.HasPrefix(s, "GIF87a"), strings.HasPrefix(s, "GIF89a"):
		return "image/gif"
	case len(s) >= 12 && s[:4] == "RIFF" && s[8:12] == "WEBP":
		return "image/webp"
	case len(s) >= 12 && s[4:8] == "ftyp" && (s[8:12] == "avif" || s[8:12] == "avis"):
		return "image/avif"
	}
	return ""
}
