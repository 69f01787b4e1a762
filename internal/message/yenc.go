package message

import (
	"bytes"
	"strings"
)

// yencDecoder undoes yEnc (yenc.org, draft 1.3). Lines that begin with "=y" are its own keywords.
type yencDecoder struct {
	midLine bool
	escape  bool
	keyword bool
}

func (d *yencDecoder) decode(dst, src []byte) []byte {
	for _, c := range src {
		switch {
		case c == '\r' || c == '\n':
			d.midLine, d.escape, d.keyword = false, false, false
		case d.keyword:
		case d.escape:
			d.escape = false
			if c == 'y' && !d.midLine {
				d.keyword = true
				continue
			}
			d.midLine = true
			dst = append(dst, c-64-42)
		case c == '=':
			d.escape = true
		default:
			d.midLine = true
			dst = append(dst, c-42)
		}
	}
	return dst
}

func (d *yencDecoder) flush(dst []byte) []byte { return dst }

// yencName reads the name of "=ybegin line=128 size=123 name=a b.bin": it is always the last.
func yencName(line []byte) string {
	_, name, _ := bytes.Cut(line, []byte("name="))
	return strings.TrimSpace(string(name[:min(len(name), 500)]))
}
