package message

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// decodeHeader returns the text of an unstructured field or a phrase: encoded words (RFC 2047)
// decoded, raw octets read as UTF-8 or else in the charset fallback, in one line.
func decodeHeader(raw []byte, fallback string) string {
	text, _ := decodeWords(raw, fallback)
	return text
}

// decodeWords is decodeHeader that also tells whether it was sure of every octet: it is not when
// raw 8-bit octets had to be read by guessing.
func decodeWords(raw []byte, fallback string) (text string, sure bool) {
	if bytes.IndexByte(raw, 0x1b) < 0 && bytes.Index(raw, []byte("=?")) < 0 && isASCII(raw) {
		return oneLine(string(raw)), true
	}
	d := wordDecoder{fallback: fallback, sure: true}
	for i := 0; i < len(raw); {
		w, n, ok := nextWord(raw[i:])
		if !ok {
			d.plain(raw[i : i+n])
		} else {
			d.word(w)
		}
		i += n
	}
	d.flush()
	return oneLine(d.out.String()), d.sure
}

// encodedWord is one encoded word, its transfer encoding undone.
type encodedWord struct {
	charset string
	data    []byte
}

// wordDecoder joins neighbouring words before it converts them.
//
// QUIRK: mailers cut a character of a multibyte charset between two words, against RFC 2047 §5.
// The octets of words in the same charset are therefore joined; base64 is undone word by word.
type wordDecoder struct {
	out      strings.Builder
	charset  string
	data     []byte
	pending  bool   // data holds words not yet converted
	blanks   []byte // between a word and what follows: dropped if that is a word
	fallback string
	sure     bool
}

func (d *wordDecoder) word(w encodedWord) {
	if d.pending && (w.charset != d.charset || !d.joins(w)) {
		d.convert()
	}
	d.blanks = d.blanks[:0]
	d.charset, d.pending = w.charset, true
	d.data = append(d.data, w.data...)
}

// joins tells whether w goes on in the state in which the words before it ended. Every word of
// ISO-2022 begins in ASCII; QUIRK: unless the mailer cut one in the middle.
func (d *wordDecoder) joins(w encodedWord) bool {
	if !strings.HasPrefix(w.charset, "iso-2022-") {
		return true
	}
	i := bytes.LastIndexByte(d.data, 0x1b)
	shifted := i >= 0 && i+1 < len(d.data) && d.data[i+1] == '$'
	return shifted && !bytes.HasPrefix(w.data, []byte{0x1b})
}

func (d *wordDecoder) plain(b []byte) {
	if d.pending && len(bytes.Trim(b, " \t\r\n")) == 0 {
		d.blanks = append(d.blanks, b...)
		return
	}
	d.flush()
	if isASCII(b) && bytes.IndexByte(b, 0x1b) < 0 {
		d.out.Write(b)
		return
	}
	if !utf8.Valid(b) && bytes.IndexByte(b, 0x1b) < 0 {
		d.sure = false
	}
	d.out.WriteString(decodeRaw(d.fallback, b))
}

// convert writes the joined words.
func (d *wordDecoder) convert() {
	if !knownCharset(d.charset) && d.fallback != "" {
		d.charset = d.fallback
	}
	d.out.WriteString(decodeCharset(d.charset, d.data))
	d.data, d.pending = d.data[:0], false
}

func (d *wordDecoder) flush() {
	if d.pending {
		d.convert()
	}
	d.out.Write(d.blanks)
	d.blanks = d.blanks[:0]
}

// nextWord returns the encoded word at the start of b and its length; or, ok being false, the
// number of octets up to where the next one may begin.
func nextWord(b []byte) (w encodedWord, n int, ok bool) {
	if bytes.HasPrefix(b, []byte("=?")) {
		if w, n, ok := readWord(b); ok {
			return w, n, true
		}
		n = 2
	}
	i := bytes.Index(b[n:], []byte("=?"))
	if i < 0 {
		return encodedWord{}, len(b), false
	}
	// Blanks before a word are a chunk of their own, so that they can be dropped.
	if blank := bytes.TrimRight(b[:n+i], " \t\r\n"); len(blank) > 0 && len(blank) < n+i {
		return encodedWord{}, len(blank), false
	}
	return encodedWord{}, n + i, false
}

// readWord reads "=?charset*language?encoding?text?=".
//
// QUIRK: blanks around the parts, blanks and 8-bit octets in the text, a "?" in the text, a
// missing end.
func readWord(b []byte) (w encodedWord, n int, ok bool) {
	i := bytes.IndexByte(b[2:min(len(b), 80)], '?')
	if i < 0 {
		return w, 0, false
	}
	charset, _, _ := strings.Cut(string(b[2:2+i]), "*")
	charset = strings.ToLower(strings.Trim(charset, " \t\"'"))
	if strings.ContainsAny(charset, " \t=<>@,") {
		return w, 0, false
	}
	rest := b[2+i+1:]
	j := bytes.IndexByte(rest[:min(len(rest), 6)], '?')
	if j < 0 {
		return w, 0, false
	}
	encoding := bytes.TrimSpace(rest[:j])
	if len(encoding) != 1 {
		return w, 0, false
	}
	e := encoding[0] | 0x20
	if e != 'b' && e != 'q' {
		return w, 0, false
	}
	text := rest[j+1:]
	end, after := wordEnd(clipBytes(text, maxWord))
	n = len(b) - len(text) + after
	if e == 'b' {
		w.data = decodeAll(&base64Decoder{}, text[:end])
	} else {
		w.data = decodeQ(text[:end])
	}
	w.charset = charset
	return w, n, true
}

// wordEnd finds the "?=" that ends the text of a word: the length of the text, and where the word
// ends. A "?=" followed by two hexadecimal digits is a raw "?" before an escape, if another end
// follows before a blank.
func wordEnd(text []byte) (end, after int) {
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte("?="))
		if i < 0 {
			break
		}
		i += from
		if i+3 < len(text) && unhex(text[i+2]) >= 0 && unhex(text[i+3]) >= 0 {
			token := text[i+2:]
			if k := bytes.IndexAny(token[:min(len(token), 80)], " \t\r\n"); k >= 0 {
				token = token[:k]
			}
			token = token[:min(len(token), 80)]
			if next := bytes.Index(token, []byte("?=")); next >= 0 && bytes.IndexByte(token[:next], '?') < 0 {
				from = i + 2
				continue
			}
		}
		return i, i + 2
	}
	// No end: the word goes on to the next blank.
	if k := bytes.IndexAny(text, " \t\r\n\"<>"); k >= 0 {
		text = text[:k]
	}
	return len(bytes.TrimRight(text, "?")), len(text)
}

// decodeQ undoes the Q encoding (RFC 2047 §4.2).
func decodeQ(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '=' && i+2 < len(text) && unhex(text[i+1]) >= 0 && unhex(text[i+2]) >= 0 {
			out = append(out, byte(unhex(text[i+1])<<4|unhex(text[i+2])))
			i += 2
			continue
		}
		if c == '_' {
			c = ' '
		}
		out = append(out, c)
	}
	return out
}

// decodeAll runs a decoder over all of src.
func decodeAll(d decoder, src []byte) []byte {
	return d.flush(d.decode(make([]byte, 0, len(src)), src))
}

// oneLine makes text one line: line ends, tabs and other control characters become blanks or go.
func oneLine(s string) string {
	if isPlainLine(s) {
		return strings.TrimSpace(s)
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0:
			return -1
		}
		return r
	}, validText(s))
	return strings.TrimSpace(s)
}
