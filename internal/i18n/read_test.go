package i18n

import (
	"strings"
	"testing"
	"unicode"
)

// TestRead: what was told in English, put together from keys, values and the words of servers, reads in Chinese.
func TestRead(t *testing.T) {
	zh := Locale{Language: Chinese}
	for english, want := range map[string]string{
		"":             "",
		"Nothing new.": "没有新邮件。",
		"3 new messages, 1 deleted on the server.":                                                                                                    "3 封新邮件，1 封已从服务器删除。",
		"1,248 new messages.":                                                                                                                         "1,248 封新邮件。",
		"pop.example.com, port 995 refuses connections.":                                                                                              "pop.example.com，端口 995 拒绝连接。",
		"The server refuses the user name or the password. Check this machine's clock.":                                                               "服务器不接受用户名或密码。请检查本机的时钟。",
		"The server refuses the user name or the password: “[AUTH] Wrong. Go away.”. It is tried again later.":                                        "服务器不接受用户名或密码：“[AUTH] Wrong. Go away.”。稍后会再试。",
		"The certificate of mx.example.com expired on 3 March 2026. Tell the provider, and check this machine's clock.":                               "mx.example.com 的证书已于2026年3月3日过期。请告知服务商，并检查本机的时钟。",
		"The connection to a, port 110 failed: the server closed the connection. It is tried again later. Until then: 2 new messages, 1 not fetched.": "连接 a，端口 110 失败：服务器关闭了连接。稍后会再试。在此之前：2 封新邮件，1 封未收取。",
		"the stored copy does not stand for it: it has 1.2 MB, and the server speaks of 9.9 MB":                                                       "Postern 中的副本与它不符：它有 1.2 MB，而服务器说是 9.9 MB",
		"QQ Mail: It wants an authorisation code (授权码) instead of the password.":                                                                      "QQ Mail：需要使用授权码而不是登录密码。",
		"Something nobody knows. Nothing new.":                                                                                                        "Something nobody knows.没有新邮件。",
		"TLS 1.3, certificate for a.example, b.example by R3, valid until 1 May 2027":                                                                 "TLS 1.3，证书属于 a.example, b.example，由 R3 签发，有效期至2027年5月1日",
		"[SYS/TEMP] try again. Later":                                                                                                                 "[SYS/TEMP] try again.Later",
	} {
		if got := zh.Read(english); got != want {
			t.Errorf("%q reads\n%q, want\n%q", english, got, want)
		}
		if got := (Locale{}).Read(english); got != english {
			t.Errorf("in English %q reads %q", english, got)
		}
	}
}

// TestReadAll: every key that is told in English first is found again, whatever stands in the place of its values.
func TestReadAll(t *testing.T) {
	zh := Locale{Language: Chinese}
	for _, p := range readable() {
		text := Text{key: p.key, args: nil}
		for range verbs.FindAllString(string(p.key), -1) {
			text.args = append(text.args, 7)
		}
		english := strings.ReplaceAll(text.In(Locale{}), "%!s(int=7)", "7")
		if got, want := zh.Read(english), strings.ReplaceAll(text.In(zh), "%!s(int=7)", "7"); got != want && !sameAnyway(p.key) {
			t.Errorf("%q reads %q, want %q", english, got, want)
		}
	}
}

// sameAnyway tells the keys that only their values tell apart from others.
func sameAnyway(key Key) bool {
	return !strings.ContainsFunc(verbs.ReplaceAllString(string(key), ""), unicode.IsLetter)
}

// FuzzRead: whatever a server says of itself, nothing breaks.
func FuzzRead(f *testing.F) {
	f.Add("The server refused RETR: “no such message”. It is tried again later.")
	f.Add(strings.Repeat("no: , port . ", 150))
	f.Add("“x” was not deleted: ”: . , “.")
	f.Fuzz(func(t *testing.T, s string) {
		(Locale{Language: Chinese}).Read(s)
	})
}

// BenchmarkRead is the worst that a server can do.
func BenchmarkRead(b *testing.B) {
	for name, s := range map[string]string{
		"colons": strings.Repeat("no: ", maxRead/4), "ports": strings.Repeat("a, port ", maxRead/8), "full stops": strings.Repeat(". ", maxRead/2), "quotes": strings.Repeat("“", maxRead/3), "words": "1 new message.",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				(Locale{Language: Chinese}).Read(s)
			}
		})
	}
}
