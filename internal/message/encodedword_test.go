package message

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEncodedWords(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                             "plain",
		"=?utf-8?Q?caf=C3=A9?=":             "café",
		"=?UTF-8?q?a_b?= =?utf-8?b?Yw==?=":  "a bc",
		"=?utf-8?Q?a?= b =?utf-8?Q?c?=":     "a b c",
		"x=?utf-8?Q?a?=y":                   "xay",
		"=?utf-8?B?5L4=?= =?utf-8?B?iw==?=": "例",
		"=?utf-8?B?eHB0bw?=":                "xpto",
		"=?utf-8?B?eHB0bw===?=":             "xpto",
		"=? utf-8 ? Q ?a?=":                 "a",
		"=?utf-8*en-GB?Q?colour?=":          "colour",
		"=?utf-8?Q?What=3F?=":               "What?",
		"=?utf-8?Q?What?=3F?=":              "What??",
		"=?utf-8?Q?a b?=":                   "a b",
		"=?utf-8?Q?caf\xc3\xa9?=":           "café",
		"=?iso-8859-1?Q?=80?=":              "€",
		"=?utf-8?X?a?=":                     "=?utf-8?X?a?=",
		"=?utf-8?Q?open":                    "open",
		"=?utf-8?Q??=":                      "",
		"a =? b":                            "a =? b",
		"=?=?=?":                            "=?=?=?",
		"=?iso-2022-jp?B?GyRCTmMbKEI=?=":    "例",
		"=?iso-2022-jp?B?GyRCTmM=?= =?iso-2022-jp?B?O1IbKEI=?=": "例子",
		"raw \xe9":           "raw é",
		"ctl\x01\x7f\ttab":   "ctl tab",
		"\x1b$BNc\x1b(B raw": "例 raw",
	} {
		if got := decodeHeader([]byte(in), ""); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestRawHeaderTakesTheTextsCharset(t *testing.T) {
	if got := decodeHeader([]byte("\xc4\xe3\xba\xc3"), "gb2312"); got != "你好" {
		t.Errorf("%q", got)
	}
	if got := decodeHeader([]byte("\xc3\xa9"), "gb2312"); got != "é" {
		t.Errorf("UTF-8 goes before the charset of the text: %q", got)
	}
}

func FuzzEncodedWords(f *testing.F) {
	f.Add("=?utf-8?B?5L4=?= =?utf-8?B?iw==?= =?x?q?=", "gb2312")
	f.Fuzz(func(t *testing.T, raw, fallback string) {
		got := decodeHeader([]byte(raw), fallback)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\r\n\t\x00") {
			t.Fatalf("%q reads %q", raw, got)
		}
	})
}
