package message

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{
		`ann@example.com`:                             `|ann@example.com`,
		`Ann Lee <ann@example.com>`:                   `Ann Lee|ann@example.com`,
		`Ann Lee <ann@example.com >`:                  `Ann Lee|ann@example.com`,
		`"Lee, Ann" <ann@example.com>`:                `Lee, Ann|ann@example.com`,
		`Lee, Ann <ann@example.com>`:                  `Lee, Ann|ann@example.com`,
		`ann@example.com (Ann Lee)`:                   `Ann Lee|ann@example.com`,
		`(Ann Lee) ann@example.com`:                   `Ann Lee|ann@example.com`,
		`Ann (home) <ann@example.com>`:                `Ann (home)|ann@example.com`,
		`ann@example.com <ann@example.com>`:           `ann@example.com|ann@example.com`,
		`Ann [x] Lee. <ann@example.com>`:              `Ann [x] Lee.|ann@example.com`,
		`<MAILER-DAEMON>`:                             `|MAILER-DAEMON`,
		`MAILER-DAEMON`:                               `|MAILER-DAEMON`,
		`Mail Delivery System`:                        `Mail Delivery System|`,
		`a@x.org, b@x.org;c@x.org`:                    `|a@x.org, |b@x.org, |c@x.org`,
		`a@x.org b@x.org`:                             `a@x.org|b@x.org`,
		`A <a@x.org> B <b@x.org>`:                     `A|a@x.org, B|b@x.org`,
		`<a@x.org><b@x.org>`:                          `|a@x.org, |b@x.org`,
		`undisclosed-recipients:;`:                    ``,
		`Friends: a@x.org, B <b@x.org>;, c@x.org`:     `|a@x.org, B|b@x.org, |c@x.org`,
		`Re: Ann <a@x.org>`:                           `Re: Ann|a@x.org`,
		`"Open <a@x.org>`:                             `Open|a@x.org`,
		`"Open <a@x.org>, "B" <b@x.org>`:              `Open|a@x.org, B|b@x.org`,
		`A <a@x.org`:                                  `A|a@x.org`,
		`A <a@x.org, B <b@x.org>`:                     `A|a@x.org, B|b@x.org`,
		`<<a@x.org>>`:                                 `|a@x.org`,
		`<@r1,@r2:a@x.org>`:                           `|a@x.org`,
		`<mailto:a@x.org>`:                            `|a@x.org`,
		`Ann Lee a@x.org`:                             `Ann Lee|a@x.org`,
		`a @ x.org`:                                   `|a@x.org`,
		`a@x . org`:                                   `|a@x.org`,
		`pete(his account)@x.org`:                     `his account|pete@x.org`,
		`P <pete(his account)@x.org(host)>`:           `P|pete@x.org`,
		`=?utf-8?Q?Lee=2C_Ann?= <a@x.org>`:            `Lee, Ann|a@x.org`,
		`"=?utf-8?Q?J=C3=B6rg?="<a@x.org>`:            `Jörg|a@x.org`,
		`=?utf-8?Q?Ann_<a@x.org>?=`:                   `Ann|a@x.org`,
		`=?utf-8?B?5L4=?= =?utf-8?B?iw==?= <a@x.org>`: `例|a@x.org`,
		`"a b"@x.org`:                                 `|"a b"@x.org`,
		`用户@例子.example`:                               `|用户@例子.example`,
		`,,;  ,`:                                      ``,
		``:                                            ``,
		`<>`:                                          ``,
		`"Ann \"A\" Lee" <a@x.org>`:                   `Ann "A" Lee|a@x.org`,
		`Ann 'A' Lee <'a@x.org'>`:                     `Ann 'A' Lee|a@x.org`,
		`<Undisclosed-Recipient:@x.org;>`:             ``,
	} {
		var got []string
		for _, a := range parseAddresses([]byte(in), "") {
			got = append(got, a.Name+"|"+a.Address)
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("%s: %s, want %s", in, s, want)
		}
	}
}

func FuzzAddresses(f *testing.F) {
	f.Add(`"Open <a@x.org>, (c) <b@x.org> Friends: d, e <f;>`)
	f.Fuzz(func(t *testing.T, s string) {
		for _, a := range parseAddresses([]byte(s), "") {
			if a.Name == "" && a.Address == "" || !utf8.ValidString(fmt.Sprint(a)) {
				t.Fatalf("%q gives %+q", s, a)
			}
		}
	})
}
