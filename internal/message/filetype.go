package message

import (
	"path"
	"strings"
)

// fileTypes are the types that a portal can show or names well, each with its extensions; the first is the one a part
// without a name gets. The host's own table is not asked: a message has to be read alike everywhere.
var fileTypes = []struct{ mediaType, extensions string }{
	{"text/plain", ".txt .log"}, {"text/html", ".html .htm"}, {"text/csv", ".csv"}, {"text/calendar", ".ics"},
	{"text/vcard", ".vcf"}, {"text/xml", ".xml"}, {"text/markdown", ".md"},
	{"image/jpeg", ".jpg .jpeg"}, {"image/png", ".png"}, {"image/gif", ".gif"}, {"image/webp", ".webp"},
	{"image/bmp", ".bmp"}, {"image/tiff", ".tif .tiff"}, {"image/svg+xml", ".svg"}, {"image/heic", ".heic"},
	{"image/avif", ".avif"},
	{"audio/mpeg", ".mp3"}, {"audio/wav", ".wav"}, {"audio/ogg", ".ogg"}, {"audio/mp4", ".m4a"},
	{"video/mp4", ".mp4"}, {"video/quicktime", ".mov"}, {"video/webm", ".webm"}, {"video/x-msvideo", ".avi"},
	{"application/pdf", ".pdf"}, {"application/zip", ".zip"}, {"application/gzip", ".gz"}, {"application/rtf", ".rtf"},
	{"application/json", ".json"}, {"application/msword", ".doc"}, {"application/vnd.ms-excel", ".xls"},
	{"application/vnd.ms-powerpoint", ".ppt"},
	{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"},
	{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"},
	{"application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"},
	{"application/vnd.oasis.opendocument.text", ".odt"},
	{"application/vnd.oasis.opendocument.spreadsheet", ".ods"},
	{"message/rfc822", ".eml"},
}

// typeByName gives the media type that a file name promises; application/octet-stream if none.
func typeByName(name string) string {
	if ext := strings.ToLower(path.Ext(name)); ext != "" {
		for _, f := range fileTypes {
			if named(f.extensions, ext) {
				return f.mediaType
			}
		}
	}
	return "application/octet-stream"
}

// extensionOf is the extension, with its dot, of a file of that type; ".bin" where nothing better is known.
func extensionOf(mediaType string) string {
	for _, f := range fileTypes {
		if f.mediaType == mediaType {
			ext, _, _ := strings.Cut(f.extensions, " ")
			return ext
		}
	}
	switch {
	case isMessage(mediaType):
		return ".eml"
	case strings.HasPrefix(mediaType, "text/"), strings.HasPrefix(mediaType, "message/"):
		return ".txt"
	}
	return ".bin"
}

// named tells whether word is one of the blank-separated list.
func named(list, word string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}
