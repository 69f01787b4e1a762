package web

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/store"
)

// addSync records a session as the worker does, and returns its number. Times that are not given are now.
func (p *portal) addSync(user store.User, v store.Sync) store.SyncID {
	p.tb.Helper()
	if v.Started.IsZero() {
		v.Started, v.Ended = p.clock.Now(), p.clock.Now()
	}
	p.must(p.store.FinishSync(p.tb.Context(), p.account(user, v.Account), v, store.Next{At: p.clock.Now().Add(10 * time.Minute)}))
	list, err := p.store.Syncs(p.tb.Context(), user.ID, v.Account, 1)
	p.must(err)
	return list[0].ID
}

func TestSessionHistory(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	path := "/accounts/" + formatID(work) + "/sessions"
	ann := p.as(p.ann)
	ann.get(path).want(t, 200).has(t, "No session yet").hasNot(t, "<table")

	start := p.clock.Now().Add(-time.Hour)
	first := p.addSync(p.ann, store.Sync{
		Account: work, OK: true, Started: start, Ended: start.Add(1200 * time.Millisecond), Sentence: "14 new, 2 deleted <there>",
		Retrieved: 14, Deleted: 2, Gone: 1, Skipped: 3, Octets: 1_200_000, Remarks: []string{"STAT says 9 & LIST says 8"},
		Transcript: "S: +OK <b>ready</b>\x1b[31m\nC: PASS [secret]\nS: +OK",
	})
	second := p.addSync(p.ann, store.Sync{Account: work, Sentence: "The server did not answer."})
	ann.get(path).want(t, 200).has(t, `aria-label="Sessions"`, "14 new, 2 deleted &lt;there&gt;.", "1 remark", "1.2 MB", "1.2 s", "14 fetched, 2 deleted, 1 gone, 3 skipped",
		"The server did not answer.", `<tr class="bad">`, `href="`+path+"/"+formatID(first)+`"`)
	ann.get("/accounts/"+formatID(work)).has(t, `href="`+path+`"`, `href="`+path+"/"+formatID(second)+`"`)

	page := ann.get(path+"/"+formatID(first)).want(t, 200)
	page.has(t, "STAT says 9 &amp; LIST says 8", "+OK &lt;b&gt;ready&lt;/b&gt;␛[31m", "PASS [secret]", path+"/"+formatID(first)+"/transcript", ">14<", ">1.2 MB<")
	page.hasNot(t, "<b>ready", "\x1b")
	ann.get(path+"/"+formatID(second)).want(t, 200).has(t, "there was no connection").hasNot(t, "<pre")
}

func TestTranscriptAsFile(t *testing.T) {
	p := newPortal(t, func(o *Options) { o.Version = "v1.2.3" })
	work := p.addAccount(p.ann, "work")
	id := p.addSync(p.ann, store.Sync{Account: work, OK: true, Sentence: "1 new", Retrieved: 1, Octets: 512, Remarks: []string{"one\nline"}, Transcript: "S: +OK\nC: QUIT"})
	ann := p.as(p.ann)
	path := "/accounts/" + formatID(work) + "/sessions/" + formatID(id) + "/transcript"
	a := ann.get(path).want(t, 200)
	a.has(t, "Postern:  v1.2.3\n", "Server:   mx7.example.com, port 995, TLS\n", "Result:   1 new.\n", "1 fetched (512 octets)", "Remark:   one line\n", "\nS: +OK\nC: QUIT\n")
	if got := a.Header.Get("Content-Length"); got != strconv.Itoa(len(a.body)) {
		t.Errorf("%s octets announced, %d sent", got, len(a.body))
	}
	if got := a.Header.Get("Content-Type"); got != "text/plain; charset=utf-8" {
		t.Errorf("served as %q", got)
	}
	if got := a.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename=postern-session-") || !strings.HasSuffix(got, ".txt") {
		t.Errorf("disposition %q", got)
	}
}

// TestSessionsOfOthers: neither another person's account, nor a session under another account, nor a number that is none.
func TestSessionsOfOthers(t *testing.T) {
	p := newPortal(t)
	work, home := p.addAccount(p.ann, "work"), p.addAccount(p.ann, "home")
	id := p.addSync(p.ann, store.Sync{Account: work, Sentence: "private"})
	of := func(a store.AccountID, below string) string { return "/accounts/" + formatID(a) + "/sessions" + below }
	bobs := p.addAccount(p.bob, "bobs")
	bob, ann := p.as(p.bob), p.as(p.ann)
	for _, below := range []string{"", "/" + formatID(id), "/" + formatID(id) + "/transcript"} {
		bob.get(of(work, below)).want(t, 404).hasNot(t, "private")
		ann.get(of(work, below)).want(t, 200)
	}
	bob.get(of(bobs, "/"+formatID(id))).want(t, 404)
	for _, below := range []string{"/" + formatID(id), "/" + formatID(id) + "/transcript"} {
		ann.get(of(home, below)).want(t, 404)
	}
	for _, n := range []string{"0", "-1", "x", "999"} {
		ann.get(of(work, "/"+n)).want(t, 404).has(t, "There is no such session")
	}
}
