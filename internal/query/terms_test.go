package query

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTerms(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", " \t—…!?「」", ""},
		{"words", "Hello, World! 42", "hello world 42"},
		{"case", "STRASSE Σίσυφος ΣΊΣΥΦΟΣ", "strasse σισυφοσ σισυφοσ"},
		{"diacritics", "Café Ångström naïve Łódź Ørsted Đà façade", "cafe angstrom naive lodz orsted da facade"},
		{"decomposed diacritics", "Cafe\u0301 A\u030angstro\u0308m", "cafe angstrom"},
		{"ligatures and letters of two", "Straße STRAẞE Æsir œuvre ﬁn þorn", "strasse strasse aesir oeuvre fin thorn"},
		{"Turkish i", "İstanbul ISTANBUL ıstanbul", "istanbul istanbul istanbul"},
		{"Cyrillic", "Ёлка ЕЛКА мой МОИ", "елка елка мой мои"},
		{"decomposed Cyrillic", "мои\u0306", "мой"},
		{"Hebrew points", "שָׁלוֹם שלום", "שלום שלום"},
		{"Arabic marks", "مُحَمَّد محمد أحمد احمد", "محمد محمد احمد احمد"},
		{"Hindi keeps its vowels", "हिन्दी", "हिन्दी"},
		{"full-width", "ＡＢＣ１２３　ｄｅｆ", "abc123 def"},
		{"compatibility", "x² ™ ① 𝐛𝐨𝐥𝐝", "x2 tm 1 bold"},
		{"soft hyphen and marks without trace", "in\u00advoice\u200d \ufeffx\u2060y", "invoice xy"},
		{"invalid UTF-8 separates", "ab\xffcd\xc3", "ab cd"},

		{"code", "INV-2026/0042", "inv 2026 inv·2026 0042 2026·0042"},
		{"code at the end of a sentence", "(see INV-7).", "see inv 7 inv·7"},
		{"number", "1,234.50", "1 234 1·234 50 234·50"},
		{"two marks do not join", "a--b c://d", "a b c d"},
		{"contraction", "don't don’t", "don t don·t don t don·t"},
		{"host name", "mail.example.com", "mail example mail·example com example·com"},
		{"address", "Anna.Lee@Mail.Example.com",
			"anna lee anna·lee mail lee·mail example mail·example com example·com anna．lee＠mail．example．com"},
		{"address in a URL", "?to=a_b@example.net&x=1",
			"to a to·a b a·b example b·example net example·net x net·x a＿b＠example．net 1 x·1"},
		{"address without a dot", "root@localhost", "root localhost root·localhost"},
		{"address after Chinese", "联系a@b.cn谢谢", "联系 系 a b a·b cn b·cn a＠b．cn 谢谢 谢"},
		{"full-width address", "ａ＠ｂ．ｃｎ", "a b a·b cn b·cn a＠b．cn"},

		{"lone character", "信", "信"},
		{"two characters", "信件", "信件 件"},
		{"four characters", "中文信件", "中文 文信 信件 件"},
		{"traditional", "中華人民共和國發票", "中华 华人 人民 民共 共和 和国 国发 发票 票"},
		{"punctuation ends a run", "你好，世界。", "你好 好 世界 界"},
		{"a line break does not", "你\n好\r\n世", "你好 好世 世"},
		{"an empty line does", "你\n\n好", "你 好"},
		{"mixed", "iPhone15手机第3章", "iphone15 手机 机第 第 3 章"},
		{"Kana", "カタカナ ひらがな ー", "カタ タカ カナ ナ ひら らが がな な ー"},
		{"half-width Kana", "ｶﾞｯﾂﾎﾟｰｽﾞ", "ガッ ッツ ツポ ポー ーズ ズ"},
		{"decomposed Kana", "か\u3099", "が"},
		{"Hangul", "한국어", "한국 국어 어"},
		{"Jamo", "\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국 국"},
		{"Thai", "ภาษา", "ภา าษ ษา า"},
		{"compatibility ideograph", "豈 ㊗", "岂 祝"},

		{"emoji", "👍🏽 ok👍\ufe0f 👩\u200d💻", "👍 ok 👍 👩 💻"},
		{"flags", "🇨🇳", "🇨 🇳"},
		{"currency", "€5 ￥9 $3", "€ 5 ¥ 9 3"},
		{"lines and bullets leave nothing", "───── ● ■ • ▓", ""},
	} {
		if got := strings.Join(Terms(tt.text), " "); got != tt.want {
			t.Errorf("%s: Terms(%q) =\n\t%s, want\n\t%s", tt.name, tt.text, got, tt.want)
		}
	}
}

func TestTermsAreBounded(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, tt := range []struct{ name, text, want string }{
		{"a long word is cut", long, long[:maxWord]},
		{"between runes", "x" + strings.Repeat("ж", 100), "x" + strings.Repeat("ж", (maxWord-1)/2)},
		{"nothing slips in behind the cut", strings.Repeat("ж", 31) + "x中"[:1] + "жa", strings.Repeat("ж", 31) + "x"},
	} {
		if got := strings.Join(Terms(tt.text), " "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	address := strings.Repeat(long[:50]+".", 20) + "a@example.com"
	for _, term := range Terms(address + " " + long + "-" + long) {
		if len(term) > MaxTerm || strings.Contains(term, "＠") {
			t.Errorf("term of %d bytes: %s", len(term), term)
		}
	}
}

func TestAppendTermsDoesNotAllocate(t *testing.T) {
	text := strings.Repeat("Dear Anna, invoice INV-2026/0042 from billing@example.com. 您好，发票请查收。", 10)
	buf := AppendTerms(nil, text)
	if n := testing.AllocsPerRun(20, func() { buf = AppendTerms(buf[:0], text) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestHanForms(t *testing.T) {
	seen := make(map[rune]bool)
	for group := range strings.FieldsSeq(hanForms) {
		simple, n := utf8.DecodeRuneInString(group)
		if n == len(group) {
			t.Errorf("%s stands alone", group)
		}
		for _, r := range group[n:] {
			if seen[r] {
				t.Errorf("%c stands twice", r)
			}
			seen[r] = true
			if _, ok := simplified()[simple]; ok {
				t.Errorf("%c folds to %c, which folds on", r, simple)
			}
		}
	}
	if len(seen) < 2000 {
		t.Errorf("only %d pairs", len(seen))
	}
}

func TestTraditionalMeetsSimplified(t *testing.T) {
	for _, tt := range [][2]string{
		{"電子郵件", "电子邮件"}, {"發票與訂單", "发票与订单"}, {"帳戶餘額", "帐户余额"}, {"臺灣銀行", "台湾银行"},
		{"會議紀錄", "会议纪录"}, {"請查收附件", "请查收附件"}, {"謝謝您的幫助", "谢谢您的帮助"}, {"頭髮", "头发"},
		{"麵條", "面条"}, {"後天", "后天"}, {"鬆散", "松散"}, {"稅務局通知書", "税务局通知书"}, {"著作權", "着作权"},
		{"裡面", "里面"}, {"讀書報告", "读书报告"}, {"機場轉運", "机场转运"}, {"網絡賬號", "网络账号"}, {"驗證碼", "验证码"},
		{"快遞單號", "快递单号"}, {"優惠券過期", "优惠券过期"}, {"學習計劃", "学习计划"}, {"關於我們", "关于我们"},
	} {
		a, b := Terms(tt[0]), Terms(tt[1])
		if strings.Join(a, " ") != strings.Join(b, " ") {
			t.Errorf("%s gives %v, %s gives %v", tt[0], a, tt[1], b)
		}
	}
}

func BenchmarkAppendTerms(b *testing.B) {
	for _, bb := range []struct{ name, text string }{
		{"English", "Dear Anna, please find attached the invoice INV-2026/0042 for your order of last week. "},
		{"Chinese", "您好，附件是本月的发票，请查收。如有问题请与我们联系。"},
		{"address", "billing@mail.example.com, "},
	} {
		b.Run(bb.name, func(b *testing.B) {
			text := strings.Repeat(bb.text, 2000/len(bb.text))
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var dst []byte
			for b.Loop() {
				dst = AppendTerms(dst[:0], text)
			}
		})
	}
}
