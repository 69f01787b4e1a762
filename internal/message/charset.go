package message

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// charset is how octets of a label are read.
type charset struct {
	enc    encoding.Encoding // nil: read is set
	read   func([]byte) string
	single bool // every octet sequence is valid in it: what it gives proves nothing
}

// decodeCharset returns b as UTF-8. label is what the mail declares; when it is unknown, absent or
// impossible for these octets, the charset is guessed.
func decodeCharset(label string, b []byte) string {
	s, _ := decodeDeclared(label, b)
	return s
}

// decodeDeclared is decodeCharset and tells whether a label that is known was impossible, and another charset is not.
func decodeDeclared(label string, b []byte) (s string, other bool) {
	if rest, ok := cutBOM(b); ok {
		return validText(string(rest)), false
	}
	c, ok := lookupCharset(label)
	if !ok {
		return decodeGuess(b), false
	}
	s = c.decode(b)
	if c.single || !mostlyBroken(s) {
		return s, false
	}
	if guessed, ok := lookupCharset(guessCharset(b)); ok {
		if t := guessed.decode(b); !mostlyBroken(t) {
			return t, true
		}
	}
	return s, false
}

// decodeRaw returns octets that nothing declares: UTF-8 if they are, else in the fallback's
// charset if that has room for them, else guessed.
func decodeRaw(fallback string, b []byte) string {
	if utf8.Valid(b) && !hasEscape(b) {
		return string(b)
	}
	if c, ok := lookupCharset(fallback); ok && !isASCIILabel(fallback) {
		if s := c.decode(b); !strings.ContainsRune(s, utf8.RuneError) {
			return s
		}
	}
	return decodeGuess(b)
}

func decodeGuess(b []byte) string {
	if isASCII(b) && !hasEscape(b) {
		return string(b)
	}
	if c, ok := lookupCharset(guessCharset(b)); ok {
		return c.decode(b)
	}
	return latin(b)
}

func (c charset) decode(b []byte) string {
	if c.read != nil {
		return c.read(b)
	}
	if t, ok := c.enc.(*charmap.Charmap); ok && t.DecodeByte('a') == 'a' { // no EBCDIC
		return singleOctets(t, b)
	}
	// x/text replaces what it cannot read; an error would leave what came.
	out, _ := c.enc.NewDecoder().Bytes(b)
	return validText(string(out))
}

// singleOctets reads text in a charset of single octets of which ASCII is a part.
func singleOctets(t *charmap.Charmap, b []byte) string {
	var out strings.Builder
	out.Grow(len(b) + len(b)/8)
	for len(b) > 0 {
		n := 0
		for n < len(b) && b[n] < utf8.RuneSelf {
			n++
		}
		out.Write(b[:n])
		for b = b[n:]; len(b) > 0 && b[0] >= utf8.RuneSelf; b = b[1:] {
			out.WriteRune(t.DecodeByte(b[0]))
		}
	}
	return out.String()
}

// cutBOM cuts the byte order mark of UTF-8.
func cutBOM(b []byte) ([]byte, bool) {
	if len(b) >= 3 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf {
		return b[3:], true
	}
	return b, false
}

// mostlyBroken tells whether a reading shows that the charset was another one: more than one in
// eight characters outside ASCII could not be read.
func mostlyBroken(s string) bool {
	if !strings.ContainsRune(s, utf8.RuneError) {
		return false
	}
	bad, good := 0, 0
	for _, r := range s {
		switch {
		case r == utf8.RuneError:
			bad++
		case r >= 0x80:
			good++
		}
	}
	return bad*8 > good
}

// latin reads what is labelled ASCII or ISO-8859-1: UTF-8 if it is, else windows-1252, as every
// mail reader does.
func latin(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return singleOctets(charmap.Windows1252, b)
}

// asciiText reads what is labelled ASCII: what has 8-bit octets is not, and is guessed.
func asciiText(b []byte) string {
	if isASCII(b) && !hasEscape(b) {
		return string(b)
	}
	return decodeGuess(b)
}

func utf8Text(b []byte) string { return validText(string(b)) }

// utf16Text reads UTF-16 by its mark, or else by where its zero octets stand.
func utf16Text(b []byte) string {
	order := unicode.BigEndian
	if len(b) >= 2 && b[0] == 0xff && b[1] == 0xfe {
		order = unicode.LittleEndian
	} else if len(b) < 2 || b[0] != 0xfe || b[1] != 0xff {
		even, odd := zeros(b)
		switch {
		case even == 0 && odd == 0 && utf8.Valid(b):
			return string(b) // QUIRK: labelled utf-16, and plain text
		case odd > even:
			order = unicode.LittleEndian
		}
	}
	out, _ := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(b)
	return validText(string(out))
}

// zeros counts the zero octets at even and at odd places of the first kilobyte.
func zeros(b []byte) (even, odd int) {
	for i, c := range b[:min(len(b), 1024)] {
		if c == 0 && i%2 == 0 {
			even++
		} else if c == 0 {
			odd++
		}
	}
	return even, odd
}

func isASCIILabel(label string) bool {
	switch normalLabel(label) {
	case "us-ascii", "ascii", "iso-8859-1", "latin1", "":
		return true
	}
	return false
}

func knownCharset(label string) bool {
	_, ok := lookupCharset(label)
	return ok
}

// normalLabel trims what mailers put around a label: quotes, blanks, a language (RFC 2231 §5).
func normalLabel(label string) string {
	label, _, _ = strings.Cut(strings.ToLower(label), "*")
	return strings.Trim(label, " \t\r\n\"'<>;,.=")
}

// lookupCharset finds a label: in Postern's own map, then as the web reads it (WHATWG), then as
// IANA does. ok is false for labels that say nothing.
func lookupCharset(label string) (charset, bool) {
	label = normalLabel(label)
	if label == "" || len(label) > 64 {
		return charset{}, false
	}
	if c, ok := charsetLabels[label]; ok {
		return c, c.enc != nil || c.read != nil
	}
	if c, ok := windowsLabel(label); ok {
		return c, true
	}
	if e, err := htmlindex.Get(label); err == nil && e != encoding.Replacement {
		return table(e), true
	}
	if e, err := ianaindex.IANA.Encoding(label); err == nil && e != nil {
		return table(e), true
	}
	return charset{}, false
}

// windowsLabel reads "cp1252", "win-1252", "windows1252", "x-cp1250".
func windowsLabel(label string) (charset, bool) {
	digits := strings.TrimLeft(label, "abcdefghijklmnopqrstuvwxyz-_ ")
	if e, ok := windowsTables[digits]; ok && (strings.Contains(label, "win") || strings.Contains(label, "cp") || strings.Contains(label, "ansi")) {
		return table(e), true
	}
	return charset{}, false
}

var windowsTables = map[string]encoding.Encoding{
	"874": charmap.Windows874, "1250": charmap.Windows1250, "1251": charmap.Windows1251,
	"1252": charmap.Windows1252, "1253": charmap.Windows1253, "1254": charmap.Windows1254,
	"1255": charmap.Windows1255, "1256": charmap.Windows1256, "1257": charmap.Windows1257,
	"1258": charmap.Windows1258, "437": charmap.CodePage437, "850": charmap.CodePage850,
	"852": charmap.CodePage852, "855": charmap.CodePage855, "858": charmap.CodePage858,
	"860": charmap.CodePage860, "862": charmap.CodePage862, "863": charmap.CodePage863,
	"865": charmap.CodePage865, "866": charmap.CodePage866,
}

// table wraps an encoding of x/text.
func table(e encoding.Encoding) charset {
	_, single := e.(*charmap.Charmap)
	return charset{enc: e, single: single}
}

// charsetLabels maps the labels that mail uses and the registries lack, or read otherwise.
var charsetLabels map[string]charset

// Some of the readers look labels up themselves, so this cannot be the variable's initial value.
func init() {
	charsetLabels = buildLabels(map[string]charset{
		"utf-8 utf8 utf_8 uft-8 uft8 unicode-1-1-utf-8 unicode-2-0-utf-8 utf-8-sig utf8mb4 x-unicode-2-0-utf-8": {read: utf8Text},
		// GB 2312 in mail is GBK in truth, and GB 18030 reads both.
		"gb2312 gb_2312-80 gb_2312 gb-2312 gbk x-gbk cp936 ms936 windows-936 gb2312_charset euc-cn eucgb2312_cn gb18030 gb-18030 csgb2312 chinese iso-ir-58": table(simplifiedchinese.GB18030),
		"hz-gb-2312 hz": table(simplifiedchinese.HZGB2312),
		"big5 big-5 cn-big5 x-x-big5 chinesebig5 cp950 ms950 windows-950 big5-hkscs big5hkscs big5-eten csbig5":                                                 table(traditionalchinese.Big5),
		"ks_c_5601-1987 ks_c_5601 ks_c_5601-1989 ks-c-5601-1987 ksc5601 ksc_5601 ks_c_5601_1987 korean euc-kr euckr euc_kr uhc cp949 ms949 windows-949 cseuckr": table(korean.EUCKR),
		"iso-2022-kr csiso2022kr": {read: iso2022KR},
		"shift_jis shift-jis shiftjis sjis x-sjis ms_kanji windows-31j cp932 ms932 csshiftjis x-ms-cp932":                                          table(japanese.ShiftJIS),
		"euc-jp eucjp euc_jp x-euc-jp x-euc cp51932 ujis cseucpkdfmtjapanese":                                                                      table(japanese.EUCJP),
		"iso-2022-jp csiso2022jp _iso-2022-jp iso2022jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 iso-2022-jp-ms cp50220 cp50221 jis csiso2022jp2": {read: iso2022JP},
		// What has 8-bit octets is no ASCII: the declared charset is impossible.
		"us-ascii ascii us_ascii ansi_x3.4-1968 iso646-us iso_646.irv:1991 646 us-askey cp367 us":                                     {read: asciiText, single: true},
		"iso-8859-1 iso8859-1 iso_8859-1 iso88591 iso8859_1 iso-8859-1-windows-3.0-latin-1 latin1 latin-1 l1 ansi_x3.110-1983 x-ansi": {read: latin, single: true},
		"iso-8859-9 iso8859-9 iso_8859-9 latin5":                                             table(charmap.Windows1254),
		"iso-8859-11 iso8859-11 tis-620 tis620 cp874":                                        table(charmap.Windows874),
		"iso-8859-8 iso-8859-8-i iso-8859-8-e iso8859-8 logical visual":                      table(charmap.ISO8859_8),
		"iso-8859-6 iso-8859-6-i iso-8859-6-e iso8859-6 asmo-708":                            table(charmap.ISO8859_6),
		"utf-7 utf7 unicode-1-1-utf-7 x-unicode-2-0-utf-7 unicode-2-0-utf-7 csunicode11utf7": {read: utf7Text},
		"utf-16 utf16 utf-16be utf-16le unicode ucs-2 ucs2 iso-10646-ucs-2 csunicode":        {read: utf16Text},
		"utf-32 utf32 ucs-4 iso-10646-ucs-4":                                                 table(utf32.UTF32(utf32.BigEndian, utf32.UseBOM)),
		"utf-32be":                                                                           table(utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)),
		"utf-32le":                                                                           table(utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)),
		"cp437 ibm437":                                                                       table(charmap.CodePage437),
		"cp850 cp-850 ibm850":                                                                table(charmap.CodePage850),
		"cp852 ibm852":                                                                       table(charmap.CodePage852),
		"cp858 ibm858 ibm00858":                                                              table(charmap.CodePage858),
		"cp866 ibm866 dos-866":                                                               table(charmap.CodePage866),
		"koi8-r koi8 koi8_r koi koi8r cskoi8r":                                               table(charmap.KOI8R),
		"koi8-u koi8-ru koi8u":                                                               table(charmap.KOI8U),
		"macintosh mac x-mac-roman macroman csmacintosh":                                     table(charmap.Macintosh),
		"x-mac-cyrillic x-mac-ukrainian":                                                     table(charmap.MacintoshCyrillic),
		// Labels that say nothing, or name a charset without a table: guessed.
		"default default_charset _autodetect _autodetect_all user-defined x-user-defined x-unknown unknown unknown-8bit none binary 8bit 7bit replacement viscii tcvn armscii-8 hp-roman8 johab iso-2022-cn iso-2022-cn-ext euc-tw": {},
	})
}

func buildLabels(groups map[string]charset) map[string]charset {
	out := map[string]charset{}
	for labels, c := range groups {
		for _, l := range strings.Fields(labels) {
			out[l] = c
		}
	}
	return out
}
