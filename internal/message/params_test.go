package message

import (
	"fmt"
	"testing"
)

func TestParseMedia(t *testing.T) {
	type want map[string]string
	for in, w := range map[string]want{
		`text/plain; charset=utf-8`:                         {"": "text/plain", "charset": "utf-8"},
		`TEXT / PLAIN ; Charset = "UTF-8" ;`:                {"": "text/plain", "charset": "UTF-8"},
		`text/plain;; charset=x;;`:                          {"": "text/plain", "charset": "x"},
		`text/plain charset=x`:                              {"": "text/plain", "charset": "x"},
		`text/plain; charset`:                               {"": "text/plain"},
		`text/plain; charset=`:                              {"": "text/plain"},
		`text/plain; charset=a; charset=b`:                  {"": "text/plain", "charset": "a"},
		`text/plain; charset=us-ascii (plain; text)`:        {"": "text/plain", "charset": "us-ascii"},
		`text/plain (a comment); charset=x`:                 {"": "text/plain", "charset": "x"},
		`text/plain; charset=a format=flowed`:               {"charset": "a", "format": "flowed"},
		`a/b; name="x.pdf`:                                  {"name": "x.pdf"},
		`a/b; name="x.pdf; charset=utf-8`:                   {"name": "x.pdf", "charset": "utf-8"},
		`a/b; name=my file (1).pdf; x=y`:                    {"name": "my file (1).pdf", "x": "y"},
		`a/b; name="C:\new\x.pdf"`:                          {"name": `C:\new\x.pdf`},
		`a/b; name="say \"hi\".txt"`:                        {"name": `say "hi".txt`},
		`a/b; boundary="=_a;b=c"`:                           {"boundary": "=_a;b=c"},
		`a/b; boundary=----=_Part_1_2.3`:                    {"boundary": "----=_Part_1_2.3"},
		`a/b; name*0="a"; name*1=b; name*3=d`:               {"name": "abd"},
		`a/b; name*1="b"; name*0="a"`:                       {"name": "ab"},
		`a/b; name*=utf-8''%e4%be%8b`:                       {"name": "例"},
		`a/b; name*=%e4%be%8b`:                              {"name": "例"},
		`a/b; name*=iso-8859-1'de'%fc; name=plain`:          {"name": "ü"},
		`a/b; name*0*=utf-8''%e4%be; name*1*=%8b; name*2=x`: {"name": "例x"},
		`charset=utf-8`:                                     {"": "", "charset": "utf-8"},
		`text`:                                              {"": "text"},
		`;`:                                                 {"": ""},
		`/plain`:                                            {"": ""},
		`text/`:                                             {"": "text"},
	} {
		m := parseMedia([]byte(in))
		for name, value := range w {
			got := m.get(name)
			if name == "" {
				got = m.value
			}
			if got != value {
				t.Errorf("%s: %q is %q, want %q", in, name, got, value)
			}
		}
	}
}

func FuzzParams(f *testing.F) {
	f.Add(`text/plain; name*0*=utf-8''%e4; name*1="b`)
	f.Fuzz(func(t *testing.T, s string) {
		m := parseMedia([]byte(s))
		if len(m.params) > maxParams {
			t.Fatalf("%d parameters", len(m.params))
		}
		for _, p := range m.params {
			_ = fmt.Sprint(m.get(p.name))
		}
	})
}
