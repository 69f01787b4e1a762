package message

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// guessSample is the number of octets outside ASCII that a guess looks at.
const guessSample = 4 << 10

// guessCharset names the charset that octets without a believable label are most likely in.
// "" means that there is no telling; windows-1252 is read then.
func guessCharset(b []byte) string {
	switch {
	case len(b) >= 2 && (b[0] == 0xff && b[1] == 0xfe || b[0] == 0xfe && b[1] == 0xff):
		return "utf-16"
	case hasEscape(b):
		if bytes.Contains(b, []byte("\x1b$)C")) {
			return "iso-2022-kr"
		}
		return "iso-2022-jp"
	case utf8.Valid(b):
		return "utf-8"
	}
	if even, odd := zeros(b); (even+odd)*5 > min(len(b), 1024)*2 {
		return "utf-16"
	}
	if nearlyUTF8(b) {
		return "utf-8"
	}
	if len(b) > 16*guessSample {
		b = b[:16*guessSample]
	}
	if name := guessMultibyte(b); name != "" {
		return name
	}
	return guessSingle(b)
}

// nearlyUTF8 tells UTF-8 with a little damage: a character cut off, a stray octet.
func nearlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(b) && good+bad < guessSample; {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	return good > 4*bad
}

// pairCounts is what the double-byte charsets are told apart by.
type pairCounts struct {
	pairs, invalid int
	low            int // pairs whose second octet is ASCII: under half in East Asian text
	common         int // in the rows where a language's everyday characters stand
	kana           int
}

// guessMultibyte judges octets as the East Asian charsets. All share the pattern of pairs; they
// differ in which rows everyday text uses.
func guessMultibyte(b []byte) string {
	euc, big5, sjis := countEUC(b), countBig5(b), countSJIS(b)
	high := 0
	for _, c := range b {
		if c >= 0x80 {
			high++
		}
	}
	if high < 4 {
		return ""
	}
	eucFits := euc.all.pairs >= 2 && euc.all.invalid*20 <= euc.all.pairs
	switch {
	case eucFits && euc.kanaEUC*5 > euc.all.pairs:
		return "euc-jp"
	case eucFits && euc.hangul*10 >= euc.han*9 && euc.han > 0:
		return "euc-kr"
	case eucFits && euc.han*2 >= euc.all.pairs:
		return "gb18030"
	case sjis.pairs >= 2 && sjis.invalid*20 <= sjis.pairs && sjis.low*10 <= sjis.pairs*8 &&
		(sjis.kana+sjis.common)*10 >= sjis.pairs*7 && (sjis.kana > 0 || sjis.common == sjis.pairs):
		return "shift_jis"
	case big5.pairs >= 2 && big5.invalid*20 <= big5.pairs && big5.low*10 <= big5.pairs*8 &&
		big5.common*10 >= big5.pairs*7:
		return "big5"
	}
	return ""
}

// eucCounts are the rows of an EUC charset.
type eucCounts struct {
	all     pairCounts
	han     int // rows of characters: B0 and above
	hangul  int // the rows of the Hangul syllables among them
	kanaEUC int // rows A4 and A5
}

func countEUC(b []byte) (n eucCounts) {
	for i := 0; i < len(b) && n.all.pairs < guessSample; i++ {
		c := b[i]
		switch {
		case c < 0x80:
			continue
		case c < 0xa1 || c == 0xff || i+1 == len(b) || b[i+1] < 0xa1 || b[i+1] == 0xff:
			n.all.invalid++
			continue
		}
		n.all.pairs++
		i++
		switch {
		case c >= 0xb0:
			n.han++
			if c <= 0xc8 {
				n.hangul++
			}
		case c == 0xa4 || c == 0xa5:
			n.kanaEUC++
		}
	}
	return n
}

func countBig5(b []byte) (n pairCounts) {
	for i := 0; i < len(b) && n.pairs < guessSample; i++ {
		c := b[i]
		if c < 0x80 {
			continue
		}
		if c < 0xa1 || c > 0xf9 || i+1 == len(b) || b[i+1] < 0x40 || b[i+1] > 0x7e && b[i+1] < 0xa1 || b[i+1] == 0xff {
			n.invalid++
			continue
		}
		n.pairs++
		if i++; b[i] < 0x80 {
			n.low++
		}
		if c >= 0xa4 && c <= 0xc6 || c == 0xa1 {
			n.common++
		}
	}
	return n
}

func countSJIS(b []byte) (n pairCounts) {
	for i := 0; i < len(b) && n.pairs < guessSample; i++ {
		c := b[i]
		switch {
		case c < 0x80:
			continue
		case c >= 0xa1 && c <= 0xdf:
			n.pairs++ // a half-width kana stands alone
			continue
		case c == 0x80 || c == 0xa0 || c > 0xfc || i+1 == len(b) || b[i+1] < 0x40 || b[i+1] == 0x7f || b[i+1] > 0xfc:
			n.invalid++
			continue
		}
		n.pairs++
		if i++; b[i] < 0x80 {
			n.low++
		}
		switch {
		case c == 0x82 || c == 0x83:
			n.kana++
		case c >= 0x88 && c <= 0x9f || c == 0x81:
			n.common++
		}
	}
	return n
}

// singleCharset is a candidate: its table, and the letters its languages use most.
type singleCharset struct {
	name   string
	table  *charmap.Charmap
	common string
}

// singleCharsets are judged in this order; of equals the first wins.
var singleCharsets = []singleCharset{
	{"windows-1252", charmap.Windows1252, "éèàùâêîôûçëïäöüßáíóúñåæøãõì’“”–—«»ÄÖÜÉÀÅØ°·…•"},
	{"windows-1251", charmap.Windows1251, "оеаинтсрвлкмдпуяыьгзбчйжхшюцщэфіїєґ«»–—№"},
	{"koi8-r", charmap.KOI8R, "оеаинтсрвлкмдпуяыьгзбчйжхшюцщэф"},
	{"windows-1250", charmap.Windows1250, "ąćęłńóśźżáéíúýčďěňřšťůžăâîşţőűöüäßđ„”–ŠŽČŁ"},
	{"iso-8859-2", charmap.ISO8859_2, "ąćęłńóśźżáéíúýčďěňřšťůžăâîşţőűöüäßđŠŽČŁ"},
	{"windows-1254", charmap.Windows1254, "ığşöüçİŞĞÖÜÇâ’“”–"},
	{"windows-1253", charmap.Windows1253, "αοιετσνηυρπκμλωςδγχθφβξζψάέήίόύώ"},
	{"windows-1255", charmap.Windows1255, "יוהלאתמרשבנעדחקפגצטסזכםןךףץ"},
	{"windows-1256", charmap.Windows1256, "اليمنترودبعفكسحقهجشةىصخطضزءثغأذظ،"},
	{"windows-874", charmap.Windows874, "านรกอเงมยลวดทสตะปบคหแจพชขใไผถศธณโภซญฐุูิีึืั่้์็ำ"},
	{"windows-1257", charmap.Windows1257, "āčēģīķļņšūžąęėįųõäöü„“"},
	{"cp866", charmap.CodePage866, "оеаинтсрвлкмдпуяыьгзбчйжхшюцщэф"},
	{"iso-8859-5", charmap.ISO8859_5, "оеаинтсрвлкмдпуяыьгзбчйжхшюцщэф"},
	{"x-mac-cyrillic", charmap.MacintoshCyrillic, "оеаинтсрвлкмдпуяыьгзбчйжхшюцщэф"},
	{"macintosh", charmap.Macintosh, "éèàùâêîôûçëïäöüßáíóúñåæø’“”"},
}

// guessSingle judges octets as text in a charset of single octets: by whether what they would be
// stands where such a character can stand in a word.
func guessSingle(b []byte) string {
	sample := sampleOf(b)
	best, bestScore := "", -1<<31
	for _, c := range singleCharsets {
		s := c.score(sample)
		if best == "" {
			s += max(s, 0)/4 + 10 // windows-1252 is by far the most frequent
		}
		if s > bestScore {
			best, bestScore = c.name, s
		}
	}
	return best
}

// sampleOf takes the octets outside ASCII, each with the one before and the one behind it.
func sampleOf(b []byte) (sample [][3]byte) {
	for i := 0; i < len(b) && len(sample) < guessSample; i++ {
		if b[i] < 0x80 || repeats(b, i) {
			continue
		}
		s := [3]byte{' ', b[i], ' '}
		if i > 0 {
			s[0] = b[i-1]
		}
		if i+1 < len(b) {
			s[2] = b[i+1]
		}
		sample = append(sample, s)
	}
	return sample
}

func (c singleCharset) score(sample [][3]byte) (score int) {
	for _, s := range sample {
		score += c.judge(c.table.DecodeByte(s[0]), c.table.DecodeByte(s[1]), c.table.DecodeByte(s[2]))
	}
	return score
}

// repeats tells the same octet three times in a row: a drawn line, or no text at all.
func repeats(b []byte, i int) bool {
	return i > 1 && b[i-1] == b[i] && b[i-2] == b[i] || i > 0 && i+1 < len(b) && b[i-1] == b[i] && b[i+1] == b[i] ||
		i+2 < len(b) && b[i+1] == b[i] && b[i+2] == b[i]
}

// judge weighs one character in its place.
func (c singleCharset) judge(prev, r, next rune) int {
	switch {
	case r == utf8.RuneError || unicode.IsControl(r):
		return -12
	case !unicode.IsLetter(r) && !unicode.Is(unicode.M, r):
		if unicode.IsLetter(prev) && unicode.IsLetter(next) && r != '’' {
			return -6 // a sign in the middle of a word
		}
		if c.weight(r) > 0 {
			return 2
		}
		return -1
	case unicode.IsUpper(r) && unicode.IsLower(prev):
		return -6
	case unicode.IsLetter(prev) && scriptOf(prev) != scriptOf(r):
		return -6
	case scriptOf(r) == 0 && prev >= 0x80 && unicode.IsLetter(prev):
		return -3 // Latin letters with marks rarely stand together
	case c.weight(r) > 0:
		return c.weight(r)
	case c.weight(unicode.ToLower(r)) > 0:
		return 2
	}
	return -2
}

// weight is 6 for the most common third of the letters, then 4, then 2; 0 for others. The letters
// of Latin charsets belong to several languages and all weigh 4.
func (c singleCharset) weight(r rune) int {
	i := strings.IndexRune(c.common, r)
	switch {
	case i < 0:
		return 0
	case scriptOf(r) == 0:
		return 4
	}
	return 6 - 2*(i*3/len(c.common))
}

// scriptOf tells the scripts apart that single-octet charsets hold.
func scriptOf(r rune) int {
	switch {
	case r < 0x370:
		return 0
	case r < 0x400:
		return 1
	case r < 0x530:
		return 2
	case r < 0x600:
		return 3
	case r < 0xe00:
		return 4
	}
	return 5
}
