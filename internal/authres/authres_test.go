package authres

import (
	"strings"
	"testing"
)

func TestJudge(t *testing.T) {
	own := Server{Names: []string{"pop.example.net", "example.net"}}
	gmail := Server{Names: []string{"pop.gmail.com", "gmail.com"}}
	lan := Server{Names: []string{"mailhost"}}
	for _, tt := range []struct {
		name   string
		server Server
		header string
		want   Verdict
	}{
		{"nothing", own, "Subject: x", Unknown},
		{"dmarc", own, "Authentication-Results: mx.example.net; dmarc=pass (p=reject) header.from=shop.example", Passed},
		{"dmarc folded", own, "Authentication-Results: mx.example.net;\n\tspf=pass smtp.mailfrom=a@b.example;\r\n dmarc=pass header.from=SHOP.example", Passed},
		{"dmarc of another From", own, "Authentication-Results: mx.example.net; dmarc=pass header.from=other.example", Unknown},
		{"dmarc fails", own, "Authentication-Results: mx.example.net; dkim=pass header.d=shop.example; dmarc=fail header.from=shop.example", Failed},
		{"dkim aligned", own, "Authentication-Results: mx.example.net; dkim=pass header.i=@mail.shop.example", Passed},
		{"dkim of another", own, "Authentication-Results: mx.example.net; dkim=pass header.d=sender.example", Unknown},
		{"dkim broken", own, "Authentication-Results: mx.example.net; dkim=fail header.d=shop.example", Failed},
		{"one signature of two", own, "Authentication-Results: mx.example.net; dkim=fail header.d=shop.example; dkim=pass header.d=shop.example", Passed},
		{"spf alone proves nothing", own, "Authentication-Results: mx.example.net; spf=pass smtp.mailfrom=shop.example", Unknown},
		{"spf fails", own, "Authentication-Results: mx.example.net; spf=fail smtp.mailfrom=a@shop.example", Failed},
		{"someone else's", own, "Authentication-Results: mx.evil.example; dmarc=pass header.from=shop.example", Unknown},
		{"two fields", own, "Authentication-Results: mx.example.net; spf=pass smtp.mailfrom=a.example\nAuthentication-Results: mx.example.net; dmarc=pass header.from=shop.example", Passed},
		{"brought along, below the entry", own, "Received: from evil (evil.example [192.0.2.1]) by mx.example.net; x\nAuthentication-Results: mx.example.net; dmarc=pass header.from=shop.example", Unknown},
		{"brought along, below a claimed inner hop", own, "Received: from localhost (evil.example [192.0.2.1]) by mx.example.net; x\nAuthentication-Results: mx.example.net; dmarc=pass header.from=shop.example", Unknown},
		{"brought along, below a hop elsewhere", own, "Received: by mx.evil.example; x\nAuthentication-Results: mx.example.net; dmarc=pass header.from=shop.example", Unknown},
		{"below inner hops", own, "Received: from mx.example.net ([192.0.2.9]) by store.example.net with LMTP id 1; x\nReceived: from localhost (localhost [127.0.0.1]) by mx.example.net; x\n" +
			"Authentication-Results: mx.example.net; dmarc=pass header.from=shop.example\nReceived: from a (b [192.0.2.1]) by mx.example.net; x", Passed},
		{"gmail puts it below", gmail, "Received: by 2002:a05:6a10:c812:b0:3e5:1:2 with SMTP id x; y\nReceived: from a (b [192.0.2.1]) by mx.google.com with ESMTPS; x\nAuthentication-Results: mx.google.com; dmarc=pass header.from=shop.example", Passed},
		{"gmail", gmail, "Received: from a (b [192.0.2.1]) by mx.google.com with ESMTPS; x\nAuthentication-Results: mx.google.com; dkim=pass header.i=@shop.example header.s=1; dmarc=pass (p=NONE) header.from=shop.example", Passed},
		{"gmail, second entry", gmail, "Received: from a (b [192.0.2.1]) by mx.google.com; x\nReceived: from a (b [192.0.2.1]) by mx.google.com; x\nAuthentication-Results: mx.google.com; dmarc=pass header.from=shop.example", Unknown},
		{"a server without a public name", lan, "Authentication-Results: mailhost; dmarc=pass header.from=shop.example", Passed},
		{"hidden in a comment", own, "Authentication-Results: mx.example.net; spf=none (x; dmarc=pass header.from=shop.example) smtp.mailfrom=a.example", Unknown},
		{"hidden in a quoted local part", own, `Authentication-Results: mx.example.net; spf=pass smtp.mailfrom="a; dmarc=pass header.from=shop.example"@evil.example`, Unknown},
		{"not after the grammar", own, "Authentication-Results: mx.example.net; spf=pass smtp.mailfrom=a b; dmarc=pass header.from=shop.example", Unknown},
		{"in the body", own, "Subject: x\n\nAuthentication-Results: mx.example.net; dmarc=pass header.from=shop.example", Unknown},
		{"none", own, "Authentication-Results: mx.example.net 1; none", Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Judge([]byte(tt.header+"\nFrom: a@shop.example\n\nbody"), "shop.example", tt.server); got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
	if Judge([]byte("Authentication-Results: mx.example.net; dmarc=pass\n"), "", own) != Unknown {
		t.Error("mail from nobody passed")
	}
}

func TestParse(t *testing.T) {
	server, results, ok := Parse(`mx.example.net/1 1 ; dkim/1 = pass reason="all (is) ; well" header.d=A.example header.b="ab cd" ; spf=pass smtp.mailfrom="x y"@b.example;`)
	if server != "mx.example.net/1" && server != "mx.example.net" || !ok || len(results) != 2 {
		t.Fatalf("%q %v %v", server, results, ok)
	}
	if results[0].Props["header.d"] != "a.example" || results[0].Value != "pass" || domainOf(results[1].Props["smtp.mailfrom"]) != "b.example" {
		t.Errorf("%v", results)
	}
}

func FuzzJudge(f *testing.F) {
	f.Add("Authentication-Results: mx.example.net; dmarc=pass header.from=shop.example", "shop.example")
	f.Add(`Authentication-Results: a (b\)c) 1; dkim/1=pass reason="\"x" header.i=@y`, "y")
	f.Fuzz(func(t *testing.T, header, from string) {
		s := Server{Names: []string{"example.net"}}
		got := Judge([]byte(header), from, s)
		if got == Passed && !strings.Contains(strings.ToLower(header), "pass") {
			t.Errorf("passed by %q", header)
		}
	})
}
