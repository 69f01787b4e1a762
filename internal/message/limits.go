package message

import (
	"slices"

	"postern/internal/i18n"
)

// Limits. Reaching one degrades the reading, with a defect; it never fails it.
const (
	// maxDepth is the depth of the tree; what is nested deeper is attached at this depth.
	maxDepth = 50
	// maxParts is the number of parts; all that follows becomes one last attachment.
	maxParts = 2000
	// maxOpen is the number of multiparts that may be open at once, shown or not.
	maxOpen = 10000
	// maxHeader is the number of header octets kept for one message, all parts together.
	maxHeader = 2 << 20
	// maxField is the number of octets kept of one header field.
	maxField = 256 << 10
	// maxParam is the number of octets of a parameter, maxParams the number of parameters.
	maxParam  = 100 << 10
	maxParams = 200
	// maxAddresses is the number of addresses of one field, maxIDs that of message identifiers.
	maxAddresses = 5000
	maxIDs       = 500
	// maxWord is the length of an encoded word; RFC 2047 allows 75.
	maxWord = 16 << 10
	// maxBoundary is the length of a boundary. It has to fit the scanner's buffer.
	maxBoundary = 16 << 10
	// maxText is the number of octets of Message.Text and of Message.HTML.
	maxText = 4 << 20
	// maxDefects is the number of different sentences.
	maxDefects = 40
	// maxFilename is the length of a file name in octets.
	maxFilename = 200
	// maxLookahead is the number of octets that may be looked at twice to find a boundary nobody
	// declared, all parts together.
	maxLookahead = 1 << 20
	// scanBuffer is the size of the one buffer of the forward pass.
	scanBuffer = 64 << 10
)

// defects collects sentences, each once.
type defects struct {
	list []i18n.Key
}

func (d *defects) add(sentence i18n.Key) {
	if len(d.list) < maxDefects && !slices.Contains(d.list, sentence) {
		d.list = append(d.list, sentence)
	}
}

// sentences are in English; portals find the keys again, to show them in the language of their readers.
func (d *defects) sentences() (list []string) {
	for _, key := range d.list {
		list = append(list, i18n.Say(key).String())
	}
	return list
}
