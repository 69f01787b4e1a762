package web

import (
	"context"
	"io"
	"net/url"
	"strings"
	"testing"

	"postern/internal/message"
)

// plainReader takes attachments for plain text.
type plainReader struct{}

func (plainReader) Reads(*message.Part) bool { return true }
func (plainReader) Rest()                    {}

func (plainReader) Read(_ context.Context, p *message.Part, raw io.ReaderAt) (string, error) {
	octets, err := io.ReadAll(p.Open(raw))
	return string(octets), err
}

// TestFoundInAttachment: the list says in which attachment a search found something, and so does the message.
func TestFoundInAttachment(t *testing.T) {
	p := newPortal(t)
	work := p.addAccount(p.ann, "work")
	long := strings.Repeat("weather and news ", 30)
	id := p.deliver(p.ann, work, strings.Join([]string{"From: lina@example.net", "Subject: Papers", "Content-Type: multipart/mixed; boundary=b", "",
		"--b", "", long + "all about the harbour " + long,
		"--b", "Content-Type: application/pdf; name=\"plan <b>.pdf\"", "", "a bridge",
		"--b", "Content-Type: application/pdf; name=invoice.pdf", "", "two <i>walnut</i> cakes & 三个核桃", "--b--", ""}, "\n"))[0]
	p.must(p.store.ReadAttachments(t.Context(), plainReader{}))
	p.must(p.store.IndexAll(t.Context()))
	ann := p.as(p.ann)
	ann.get("/mail/all?q=walnut").want(t, 200).has(t, ">found in invoice.pdf<", "two &lt;i&gt;<mark>walnut</mark>&lt;/i&gt; cakes").hasNot(t, "weather", "<i>")
	ann.get("/mail/all?q="+url.QueryEscape("核桃")).has(t, ">found in invoice.pdf<", "三个<mark>核桃</mark>")
	ann.get("/mail/all?q=bridge").has(t, ">found in plan &lt;b&gt;.pdf<", "a <mark>bridge</mark>")
	ann.get("/mail/all?q=harbour").has(t, "about the <mark>harbour</mark> weather and").hasNot(t, "found in")
	ann.get("/mail/all?q=papers").has(t, "<mark>Papers</mark>", "weather and news").hasNot(t, "found in")
	open := ann.get(messageURL(id, "")+"?list="+url.QueryEscape("/mail/all?q=walnut")).want(t, 200)
	if at := strings.Index(open.body, "matches the search"); at < strings.Index(open.body, ">invoice.pdf<") || strings.Count(open.body, "matches the search") != 1 {
		t.Errorf("the message does not mark invoice.pdf: %s", open.body)
	}
	ann.get(messageURL(id, "")).hasNot(t, "matches the search")
	ann.header.Set("Accept-Language", "zh-CN")
	ann.get("/mail/all?q=walnut").has(t, "见附件 invoice.pdf")
}
