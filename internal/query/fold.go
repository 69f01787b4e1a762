package query

import (
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// class is what a rune does in a row of units.
type class uint8

const (
	separator class = iota // ends a unit and stands for a blank
	newline                // a separator that may be a line break inside a run of characters
	joiner                 // punctuation that joins two words when it stands alone between them
	ignored                // leaves no trace: combining marks, format characters, variation selectors
	word                   // part of a word
	character              // a unit of its own, written without blanks
	symbol                 // a unit of its own: emoji, currency
)

// folded is how one rune is read. For a joiner, first is the ASCII mark it
// stands for; for units it is the folded rune, and rest what follows it when
// one rune folds to several ("ß" to "ss").
type folded struct {
	class class
	first rune
	rest  string
}

// page holds 256 consecutive runes, ready folded.
type page [256]folded

// pages are filled on first use: a mailbox meets few of Unicode's pages, and
// asking the Unicode tables again for every rune of every message is slow.
var pages [(utf8.MaxRune + 1) >> 8]atomic.Pointer[page]

// fold tells how r is read. r must be a valid rune.
func fold(r rune) *folded {
	p := pages[r>>8].Load()
	if p == nil {
		p = new(page)
		for i := range p {
			p[i] = foldRune(r&^0xff | rune(i))
		}
		pages[r>>8].Store(p) // two goroutines may both fill it, with the same content
	}
	return &p[r&0xff]
}

// marksThatJoin are the ASCII punctuation marks of codes, addresses, numbers
// and contractions. Brackets, double quotes, '!', ';' and '|' separate.
const marksThatJoin = "#$%&'*+,-./:=?@\\^_~"

// exceptions are read otherwise than their decomposition says, or have none.
var exceptions = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe",
	'ł': "l", 'Ł': "l", 'ø': "o", 'Ø': "o", 'đ': "d", 'Đ': "d", 'ð': "d", 'Ð': "d",
	'þ': "th", 'Þ': "th", 'ħ': "h", 'Ħ': "h", 'ŧ': "t", 'Ŧ': "t", 'ŋ': "n", 'Ŋ': "n",
	'ı': "i", 'ȷ': "j", 'ĸ': "k", 'ɓ': "b", 'Ɓ': "b", 'ɗ': "d", 'Ɗ': "d", 'ƙ': "k", 'Ƙ': "k",
	'ς': "σ",           // final sigma
	'й': "й", 'Й': "й", // a letter of its own, not an и with a mark
	'ґ': "г", 'Ґ': "г",
	'ک': "ك", 'ی': "ي", 'ى': "ي", 'ة': "ه", // Persian keyboards; Arabic spellings of one word
}

// joinersAbroad are typographic spellings of the ASCII marks.
var joinersAbroad = map[rune]rune{
	'’': '\'', '‘': '\'', 'ʼ': '\'', 'ʹ': '\'', '՚': '\'',
	'‐': '-', '‑': '-', '−': '-', '·': '.', '‧': '.', '⁄': '/', '∕': '/',
}

// unspaced are the scripts written without blanks between words; Hangul is
// among them because its words carry their particles with them.
var unspaced = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Hangul,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Yi,
}

// optionalMarks are scripts whose combining marks may be left out in writing.
// (Those of Indic scripts are vowels and stay.)
var optionalMarks = []*unicode.RangeTable{
	unicode.Inherited, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Hebrew, unicode.Arabic,
	unicode.Syriac, unicode.Coptic,
}

// foldRune computes what fold remembers.
func foldRune(r rune) folded {
	switch {
	case r < utf8.RuneSelf:
		return foldASCII(r)
	case r == utf8.RuneError || !utf8.ValidRune(r):
		return folded{}
	case r == '\u0085' || r == '\u2028' || r == '\u2029':
		return folded{class: newline}
	case r == '\u0640' || unicode.Is(unicode.Cf, r), // tatweel; soft hyphens, joiners, direction marks
		0x1f3fb <= r && r <= 0x1f3ff: // skin tones
		return folded{class: ignored}
	case r == '\u30fb' || r == '\uff65': // katakana middle dot, a separator in Japanese names
		return folded{}
	}
	if s, ok := exceptions[r]; ok {
		return unit(word, s)
	}
	if mark, ok := joinersAbroad[r]; ok {
		return folded{class: joiner, first: mark}
	}
	if unicode.In(r, unspaced...) || r == '\u30fc' || r == '\uff70' { // the long vowel mark belongs to two scripts
		return foldCharacter(r)
	}
	if isSymbol(r) {
		return unit(symbol, string(r))
	}
	return foldLetter(r)
}

func foldASCII(r rune) folded {
	switch {
	case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
		return folded{class: word, first: r}
	case 'A' <= r && r <= 'Z':
		return folded{class: word, first: r + 'a' - 'A'}
	case r == '\n' || r == '\r':
		return folded{class: newline}
	}
	for _, mark := range marksThatJoin {
		if r == mark {
			return folded{class: joiner, first: r}
		}
	}
	return folded{}
}

// foldCharacter folds half-width Kana, compatibility ideographs and traditional
// Chinese. It keeps voiced Kana and Hangul syllables whole.
func foldCharacter(r rune) folded {
	var out []rune
	for _, c := range norm.NFKC.String(string(r)) {
		if simple, ok := simplified()[c]; ok {
			c = simple
		}
		if unicode.In(c, unicode.L, unicode.N, unicode.M) {
			out = append(out, c)
		}
	}
	return unit(character, string(out))
}

// foldLetter folds letters, digits and their compatibility forms (full-width,
// ligatures, superscripts) to lower-case letters without optional marks.
func foldLetter(r rune) folded {
	var out []rune
	kind := separator
	for _, c := range norm.NFKD.String(string(r)) {
		if s, ok := exceptions[c]; ok {
			out, kind = append(out, []rune(s)...), word
			continue
		}
		switch {
		case unicode.In(c, unicode.M):
			if unicode.In(c, optionalMarks...) || unicode.Is(unicode.Me, c) {
				if kind == separator {
					kind = ignored
				}
				continue
			}
		case !unicode.In(c, unicode.L, unicode.N):
			switch {
			case kind != separator:
			case c < utf8.RuneSelf && c != ' ':
				return foldASCII(c) // a full-width mark
			case isSymbol(c): // a full-width currency sign
				return unit(symbol, string(c))
			}
			continue
		}
		if unicode.In(c, unspaced...) { // enclosed and squared words such as ㊗ and ㍍
			return foldCharacter(r)
		}
		out, kind = append(out, lower(c)), word
	}
	if len(out) == 0 {
		return folded{class: kind}
	}
	return unit(kind, string(out))
}

// lower folds case through upper case, so that letters with several lower-case
// forms meet.
func lower(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }

// isSymbol tells whether r is worth finding though it is no letter. Lines,
// blocks and bullets, of which mail is full, are not.
func isSymbol(r rune) bool {
	if unicode.Is(unicode.Sc, r) {
		return stable(r)
	}
	return unicode.Is(unicode.So, r) && (r >= 0x2600 || 0x2300 <= r && r < 0x2400) &&
		!unicode.Is(unicode.Braille, r) && stable(r)
}

// stable tells whether r is not a compatibility form of something else.
func stable(r rune) bool { return norm.NFKC.IsNormalString(string(r)) }

// unit makes a folded value of a unit's text; an empty text leaves a separator.
func unit(kind class, text string) folded {
	r, n := utf8.DecodeRuneInString(text)
	if n == 0 {
		return folded{}
	}
	return folded{class: kind, first: r, rest: text[n:]}
}
