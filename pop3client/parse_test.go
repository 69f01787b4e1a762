package pop3client

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseStatus(t *testing.T) {
	for _, test := range []struct {
		line string
		want status
		text string
	}{
		{"+OK", statusOK, ""},
		{"+OK ", statusOK, ""},
		{"+ok  two words ", statusOK, "two words"},
		{"+OK\ttext", statusOK, "text"},
		{"-ERR", statusErr, ""},
		{"-err no", statusErr, "no"},
		{"+", statusContinue, ""},
		{"+ ", statusContinue, ""},
		{"+ QUJD", statusContinue, "QUJD"},
		{"+QUJD", statusContinue, "QUJD"},
		{"+OKAY", statusBad, ""},
		{"+ERR", statusBad, ""},
		{"+Ok.", statusBad, ""},
		{"-ERROR", statusBad, ""},
		{"OK", statusBad, ""},
		{" +OK", statusBad, ""},
		{"", statusBad, ""},
		{"* BYE Server shutting down.", statusBad, ""},
		{"warning: auth_error", statusBad, ""},
	} {
		got, text := parseStatus([]byte(test.line))
		if got != test.want || string(text) != test.text {
			t.Errorf("%q: got %v, %q", test.line, got, text)
		}
	}
}

func TestSplitCode(t *testing.T) {
	for _, test := range []struct {
		text string
		code Code
		rest string
	}{
		{"[IN-USE] locked", CodeInUse, "locked"},
		{"[sys/temp]", CodeSysTemp, ""},
		{"[AUTH]no blank", CodeAuth, "no blank"},
		{"[REFERRAL/pop://x] go", "REFERRAL/POP://X", "go"},
		{"[two words] x", "", "[two words] x"},
		{"[] x", "", "[] x"},
		{"[open", "", "[open"},
		{"x [AUTH]", "", "x [AUTH]"},
		{"[\xff] x", "", "[\xff] x"},
		{"[" + strings.Repeat("A", 70) + "]", "", "[" + strings.Repeat("A", 70) + "]"},
	} {
		code, rest := splitCode([]byte(test.text))
		if code != test.code || string(rest) != test.rest {
			t.Errorf("%q: got %q, %q", test.text, code, rest)
		}
	}
}

func TestParseNumbers(t *testing.T) {
	for text, want := range map[string]*Stat{
		"3 4096":                  {3, 4096},
		"0 0":                     {0, 0},
		"3":                       {3, 0},
		"3 -1":                    {3, 0},
		"3 many":                  {3, 0},
		"3  17 more":              {3, 17},
		"2147483647 1":            {1<<31 - 1, 1},
		"2147483648 1":            nil,
		"-1 5":                    nil,
		"+1 5":                    nil,
		"x y":                     nil,
		"":                        nil,
		"3x 5":                    nil,
		"99999999999999999999 1":  nil,
		"1 99999999999999999999":  {1, 0},
		"1 9223372036854775807":   {1, 1<<63 - 1},
		"\t1\t2":                  {1, 2},
		"0x10 5":                  nil,
		"1_0 5":                   nil,
		"１ 5":                     nil,
		"00000000000000000001 12": {1, 12},
	} {
		got, ok := parseStat([]byte(text))
		if ok != (want != nil) || ok && got != *want {
			t.Errorf("%q: got %+v, %v", text, got, ok)
		}
	}
}

func TestParseRows(t *testing.T) {
	for line, want := range map[string]UniqueID{
		"1 abc":                           {1, "abc"},
		"1   abc \t":                      {1, "abc"},
		"1 a b":                           {1, "a b"},
		"+OK 7 abc":                       {7, "abc"},
		"1":                               {1, ""},
		"1 ":                              {1, ""},
		"1 \xe9\x01":                      {1, "\xe9\x01"},
		"1 " + strings.Repeat("x", 5_000): {1, strings.Repeat("x", 5_000)},
	} {
		got, ok := parseUniqueID([]byte(line))
		if !ok || got != want {
			t.Errorf("%q: got %+v, %v", line, got, ok)
		}
	}
	for _, line := range []string{"", "abc", "0 a", "-1 a", "1abc", "+OK", "4294967297 a"} {
		if got, ok := parseUniqueID([]byte(line)); ok {
			t.Errorf("%q: got %+v", line, got)
		}
	}
}

func TestCapabilities(t *testing.T) {
	var c Capabilities
	for _, line := range []string{"TOP", "sasl  plain\tLOGIN ", "", "EXPIRE 31 USER", "LOGIN-DELAY 300", "IMPLEMENTATION Some Server 1.0", "EXPIRENEVER"} {
		if capability, ok := parseCapability([]byte(line)); ok {
			c = append(c, capability)
		}
	}
	if !c.Has("TOP") || c.Has("UIDL") || c.Has("EXPIRENEVER ") {
		t.Errorf("Has: %v", c)
	}
	if diff := cmp.Diff([]string{"PLAIN", "LOGIN"}, c.SASL()); diff != "" {
		t.Error(diff)
	}
	if d, ok := c.LoginDelay(); !ok || d != 5*time.Minute {
		t.Errorf("LoginDelay: %v, %v", d, ok)
	}
	if days, ok := c.Expire(); !ok || days != 31 {
		t.Errorf("Expire: %v, %v", days, ok)
	}
	if c.Implementation() != "Some Server 1.0" {
		t.Errorf("Implementation: %q", c.Implementation())
	}
	if got := c[1].String(); got != "SASL plain LOGIN" {
		t.Errorf("String: %q", got)
	}
	if days, ok := (Capabilities{{"EXPIRE", []string{"never"}}}).Expire(); !ok || days != -1 {
		t.Errorf("Expire: %v, %v", days, ok)
	}
	for _, bad := range []string{"-1", "x", "99999999999"} {
		if d, ok := (Capabilities{{"LOGIN-DELAY", []string{bad}}}).LoginDelay(); ok {
			t.Errorf("LoginDelay %s: %v", bad, d)
		}
	}
	if (Capabilities(nil)).SASL() != nil {
		t.Error("SASL of no capabilities")
	}
}

func TestBlank(t *testing.T) {
	var s secrets
	s.add([]byte("Wonder"))
	s.add([]byte("Wonderland"))
	got := string(s.blank([]byte("no WONDERLAND, V29uZGVybGFuZA==, nor wonder; alice")))
	if want := "no [secret], [secret], nor [secret]; alice"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestURL(t *testing.T) {
	for text, want := range map[string]*URL{
		"pop3s://alice@example.com":                  {TLS, "alice", "", "example.com", 0},
		"POP3S://alice%40example.com@example.com":    {TLS, "alice@example.com", "", "example.com", 0},
		"pop3s://alice@example.com@example.com/":     {TLS, "alice@example.com", "", "example.com", 0},
		"pop3://alice@example.com:1110":              {STARTTLS, "alice", "", "example.com", 1110},
		"pop://alice;auth=scram-sha-256@[::1]":       {STARTTLS, "alice", "SCRAM-SHA-256", "::1", 0},
		"pop3s://alice;AUTH=*@[::1]:9950":            {TLS, "alice", "", "::1", 9950},
		"pop3+insecure://alice;AUTH=+APOP@192.0.2.1": {None, "alice", "APOP", "192.0.2.1", 0},
		"pop3s://example.com":                        {TLS, "", "", "example.com", 0},
		"pop3s://%E4%BE%8B%20x;AUTH=PLAIN@h":         {TLS, "例 x", "PLAIN", "h", 0},
		"pop3s://user%3Bx%3Ay@例子.example":            {TLS, "user;x:y", "", "例子.example", 0},
	} {
		u, err := ParseURL(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, u); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
		again, err := ParseURL(u.String())
		if err != nil {
			t.Errorf("%q, written %q: %v", text, u, err)
		} else if diff := cmp.Diff(u, again); diff != "" {
			t.Errorf("%q, written %q: %s", text, u, diff)
		}
	}
	for _, text := range []string{
		"", "example.com", "imap://alice@example.com", "pop3s:alice@example.com", "pop3s://", "pop3s://@example.com", "pop3s://alice@",
		"pop3s://alice:secret@example.com", "pop3s://alice@example.com:0", "pop3s://alice@example.com:65536", "pop3s://alice@example.com:+1",
		"pop3s://alice@example.com/inbox", "pop3s://alice@example.com?x", "pop3s://alice%zz@example.com", "pop3s://alice%0d%0aDELE@example.com",
		"pop3s://alice;TYPE=x@example.com", "pop3s://alice;AUTH=A%20B@example.com", "pop3s://a@::1", "pop3s://a@[::1", "pop3s://a@[192.0.2.1]", "pop3s://a@host\nx",
	} {
		if u, err := ParseURL(text); err == nil {
			t.Errorf("%q: %+v", text, u)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestURLOptions(t *testing.T) {
	for text, want := range map[string][]string{
		"pop3s://a@h":                    nil,
		"pop3s://a;AUTH=LOGIN@h":         {"LOGIN"},
		"pop3+insecure://a@h":            ClearTextMechanisms(),
		"pop3+insecure://a;AUTH=+APOP@h": {"APOP"},
	} {
		u, err := ParseURL(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, u.Options().Mechanisms); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	u := &URL{Security: STARTTLS, Host: "::1"}
	if u.Addr() != "[::1]:110" {
		t.Errorf("Addr: %s", u.Addr())
	}
}

func FuzzReply(f *testing.F) {
	f.Add([]byte("+OK [X] y"))
	f.Add([]byte("-ERR [IN-USE] busy"))
	f.Add([]byte("+ QUJD"))
	f.Fuzz(func(t *testing.T, line []byte) {
		st, text := parseStatus(line)
		if st == statusBad && text != nil || len(text) > len(line) {
			t.Fatalf("%q: %v, %q", line, st, text)
		}
		code, rest := splitCode(text)
		if strings.ContainsAny(string(code), " \r\n\x00[]") || len(code)+len(rest) > len(text) {
			t.Fatalf("%q: code %q, rest %q", text, code, rest)
		}
	})
}

func FuzzListing(f *testing.F) {
	f.Add([]byte("1 120\n2 abc\n+OK 3 x\n-1 5"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var l Listing
		parser := new(uidParser)
		for line := range strings.Lines(string(text)) {
			parseStat([]byte(line))
			if row, ok := parseScan([]byte(line)); ok {
				l.List = append(l.List, row)
			}
			row, ok := parser.parse([]byte(line))
			if again, okAgain := parseUniqueID([]byte(line)); again != row || ok != okAgain {
				t.Fatalf("%q: %v and %v", line, row, again)
			}
			if ok {
				l.UIDL = append(l.UIDL, row)
			}
		}
		l.List, _ = inOrder(l.List, func(row ScanListing) int { return row.Num })
		l.UIDL, _ = inOrder(l.UIDL, func(row UniqueID) int { return row.Num })
		last := 0
		for _, m := range l.Messages() {
			if m.Num <= last || m.Octets < 0 {
				t.Fatalf("%q: %v", text, l.Messages())
			}
			last = m.Num
		}
	})
}

func FuzzCapability(f *testing.F) {
	f.Add([]byte("SASL PLAIN LOGIN"))
	f.Add([]byte("EXPIRE 31 USER"))
	f.Fuzz(func(t *testing.T, line []byte) {
		capability, ok := parseCapability(line)
		if !ok {
			return
		}
		c := Capabilities{capability}
		c.SASL()
		c.Implementation()
		if d, ok := c.LoginDelay(); ok && d < 0 {
			t.Fatalf("%q: %v", line, d)
		}
		if days, ok := c.Expire(); ok && days < -1 {
			t.Fatalf("%q: %d", line, days)
		}
		if again, ok := parseCapability([]byte(capability.String())); !ok || again.String() != capability.String() {
			t.Fatalf("%q: %v, then %v", line, capability, again)
		}
	})
}

func FuzzURL(f *testing.F) {
	f.Add("pop3s://alice%40example.com;AUTH=PLAIN@example.com:995")
	f.Add("pop3+insecure://a@[::1]:1")
	f.Fuzz(func(t *testing.T, text string) {
		u, err := ParseURL(text)
		if err != nil {
			return
		}
		if !sendable(u.User) || !sendable(u.Addr()) {
			t.Fatalf("%q: %+v", text, u)
		}
		again, err := ParseURL(u.String())
		if err != nil {
			t.Fatalf("%q, written %q: %v", text, u, err)
		}
		if again.Port == 0 {
			again.Port = u.Port // the registered one is not written
		}
		if *again != *u {
			t.Fatalf("%q: %+v, then %+v", text, u, again)
		}
	})
}

func FuzzChallenge(f *testing.F) {
	f.Add([]byte("cj14LHM9UVE9PSxpPTQwOTY="))
	f.Add([]byte("r=x,s=QQ==,i=4096"))
	f.Fuzz(func(t *testing.T, challenge []byte) {
		decodeChallenge(challenge)
		if iterations(challenge) <= maxIterations && iterations(challenge) > 10_000 {
			return // lawful, but slow
		}
		for name, make := range passwordMechanisms {
			m := make("alice", "wonderland")
			if _, _, err := m.Start(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for range 3 {
				if _, err := m.Next(challenge); err != nil {
					break
				}
			}
		}
		xoauth2 := XOAUTH2("alice", "token")
		xoauth2.Start()
		xoauth2.Next(challenge)
		apopChallenge(string(challenge))
	})
}
