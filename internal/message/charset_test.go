package message

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestCharsetLabels holds the labels that mail uses and the registries lack or read otherwise.
func TestCharsetLabels(t *testing.T) {
	for label, c := range map[string]struct{ in, want string }{
		"gb2312":            {"\xd6\xec\xe9\x46\xbb\xf9", "朱镕基"}, // the middle one is not in GB 2312
		"x-gbk":             {"\xc4\xe3\xba\xc3", "你好"},
		"cp936":             {"\xc4\xe3\xba\xc3", "你好"},
		"hz-gb-2312":        {"~{Dc:C~} ok", "你好 ok"},
		"chinesebig5":       {"\xa7\x41\xa6\x6e", "你好"},
		"cp950":             {"\xa7\x41\xa6\x6e", "你好"},
		"ks_c_5601-1987":    {"\xbe\xc8\xb3\xe7", "안녕"},
		"uhc":               {"\x81\x41", "갂"},
		"iso-2022-kr":       {"\x1b$)C\x0e>H3g\x0f ok", "안녕 ok"},
		"x-sjis":            {"\x97\xe1", "例"},
		"cp932":             {"\x87\x40", "①"},
		"eucjp":             {"\xce\xe3", "例"},
		"iso-2022-jp":       {"\x1b$BNc\x1b(B.", "例."},
		"cp50221":           {"\x1b$BNc\x1b(B.", "例."},
		"us-ascii":          {"caf\xe9", "café"},
		"iso-8859-1":        {"\x93quoted\x94 \x80", "“quoted” €"},
		"latin1":            {"caf\xc3\xa9", "café"},
		"iso-8859-15":       {"\xa4", "€"},
		"iso-8859-9":        {"\xfe", "ş"},
		"iso-8859-8-i":      {"\xe0", "א"},
		"tis-620":           {"\xa1", "ก"},
		"uft-8":             {"\xc3\xa9", "é"},
		"\"utf8\"":          {"\xc3\xa9", "é"},
		"UTF-8*en":          {"\xc3\xa9", "é"},
		"unicode-1-1-utf-7": {"1 +- 1 +AOk-", "1 + 1 é"},
		"utf-16":            {"\x00a\x00b", "ab"},
		"utf-16le":          {"a\x00b\x00", "ab"},
		"ucs-2":             {"\xff\xfea\x00", "a"},
		"cp850":             {"\x82", "é"},
		"ibm437":            {"\x82", "é"},
		"koi8-ru":           {"\xc4\xc1", "да"},
		"x-mac-roman":       {"\x8e", "é"},
		"windows1252":       {"\x80", "€"},
		"cp-1252":           {"\x80", "€"},
		"win-1251":          {"\xe4\xe0", "да"},
		"cp1250":            {"\xb3", "ł"},
		"default":           {"caf\xc3\xa9", "café"},
		"x-nonsense":        {"plain", "plain"},
		"":                  {"caf\xe9 au lait", "café au lait"},
		"ansi_x3.110-1983":  {"caf\xe9", "café"},
	} {
		if got := decodeCharset(label, []byte(c.in)); got != c.want {
			t.Errorf("%q as %s: %q, want %q", c.in, label, got, c.want)
		}
	}
}

// TestImpossibleCharset holds that octets which the declared charset cannot have are guessed.
func TestImpossibleCharset(t *testing.T) {
	sjis := "\x82\xb1\x82\xea\x82\xcd\x93\xfa\x96\x7b\x8c\xea\x82\xcc\x83\x65\x83\x58\x83\x67\x82\xc5\x82\xb7"
	for _, label := range []string{"iso-2022-jp", "utf-8", "us-ascii"} {
		if got := decodeCharset(label, []byte(sjis)); got != "これは日本語のテストです" {
			t.Errorf("Shift_JIS as %s: %q", label, got)
		}
	}
	if got := decodeCharset("utf-8", []byte("a few \xc3\xa9\xc3\xa8\xc3\xa0\xc3\xb9\xc3\xaa\xc3\xab\xc3\xaf\xc3\xbc letters and one cut \xc3")); !strings.HasPrefix(got, "a few éèàùêëïü") {
		t.Errorf("damaged UTF-8: %q", got)
	}
}

func TestGuessCharset(t *testing.T) {
	for want, text := range map[string]string{
		"windows-1251": "Здравствуйте, это обычное письмо на русском языке.",
		"koi8-r":       "Здравствуйте, это обычное письмо на русском языке.",
		"windows-1253": "Καλημέρα, αυτό είναι ένα συνηθισμένο μήνυμα.",
		"windows-1250": "Zażółć gęślą jaźń, proszę państwa, dziękuję.",
		"windows-1254": "Günaydın, bu sıradan bir Türkçe iletidir, teşekkürler. Şimdi değil.",
		"windows-1252": "Bonjour, voici un message très ordinaire, à bientôt, désolé.",
		"gb18030":      "您好，这是一封普通的中文邮件，谢谢。",
		"big5":         "您好，這是一封普通的中文郵件，謝謝。",
		"euc-kr":       "안녕하세요, 이것은 평범한 한국어 메일입니다.",
		"shift_jis":    "こんにちは、これは普通の日本語のメールです。",
		"euc-jp":       "こんにちは、これは普通の日本語のメールです。",
		"utf-8":        "Grüße",
	} {
		c, ok := lookupCharset(want)
		if !ok {
			t.Fatal(want)
		}
		b := []byte(text)
		if c.enc != nil {
			var err error
			if b, err = c.enc.NewEncoder().Bytes(b); err != nil {
				t.Fatal(want, err)
			}
		}
		if got := guessCharset(b); got != want {
			t.Errorf("%s is taken for %q: %s", want, got, decodeCharset("", b))
		}
	}
}

func FuzzCharset(f *testing.F) {
	f.Add("iso-2022-kr", []byte("\x1b$)C\x0e>H3g\x0f\n"))
	f.Add("utf-7", []byte("+AOk-+"))
	f.Add("utf-16", []byte("\xff\xfea"))
	f.Add("", []byte("\x82\xb1\xff\xc3"))
	f.Fuzz(func(t *testing.T, label string, b []byte) {
		if s := decodeCharset(label, b); !utf8.ValidString(s) {
			t.Fatalf("%q as %q gives %q", b, label, s)
		}
	})
}
