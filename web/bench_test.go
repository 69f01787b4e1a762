package web

import (
	"bytes"
	"fmt"
	"mime/quotedprintable"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkMailbox draws the inbox of somebody with two thousand messages.
func BenchmarkMailbox(b *testing.B) {
	p := newPortal(b)
	work := p.addAccount(p.ann, "work")
	var raws []string
	for i := range 2000 {
		raws = append(raws, mail(fmt.Sprintf("Number %d", i), "some text to show"))
	}
	p.deliver(p.ann, work, raws...)
	ann := p.as(p.ann)
	for b.Loop() {
		ann.get("/mail/inbox").want(b, 200)
	}
}

// BenchmarkMessage opens one newsletter after the other, in an inbox of two thousand messages: the page, and then what
// its frame shows. What the median and the slowest of a hundred take is measured in time that passes; cpu-ms is the
// processor's time for both together, which is much the same when others use the machine as well.
func BenchmarkMessage(b *testing.B) {
	p := newPortal(b)
	work := p.addAccount(p.ann, "work")
	var raws []string
	for i := range 2000 {
		raws = append(raws, mail(fmt.Sprintf("Number %d", i), "some text to show"))
	}
	p.deliver(p.ann, work, raws...)
	ann := p.as(p.ann)
	ann.header.Set("Accept-Encoding", "gzip")
	for _, size := range []int{10 << 10, 40 << 10, 100 << 10} {
		var editions []string
		for i := range 50 {
			editions = append(editions, edition(b, i, size))
		}
		ids := p.deliver(p.ann, work, editions...)
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			var pages, bodies []time.Duration
			view := func(i int) {
				path := "/messages/" + formatID(ids[i%len(ids)])
				begin := time.Now()
				ann.get(path).want(b, 200)
				half := time.Now()
				ann.get(path+"/body").want(b, 200)
				pages, bodies = append(pages, half.Sub(begin)), append(bodies, time.Since(half))
			}
			for i := range ids { // a warm store
				view(i)
			}
			pages, bodies = nil, nil
			used := processorTime(b)
			for i := 0; b.Loop(); i++ {
				view(i)
			}
			b.ReportMetric(milliseconds(processorTime(b)-used)/float64(len(pages)), "cpu-ms")
			for name, list := range map[string][]time.Duration{"page": pages, "body": bodies} {
				slices.Sort(list)
				b.ReportMetric(milliseconds(list[len(list)/2]), name+"-p50-ms")
				b.ReportMetric(milliseconds(list[len(list)*99/100]), name+"-p99-ms")
			}
		})
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// processorTime is what this process has used, garbage collection included.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// edition is one number of a newsletter, with about size octets of HTML: a style sheet, tables in tables, a picture that
// comes with it and others that stay elsewhere, a text beside it all.
func edition(b *testing.B, number, size int) string {
	b.Helper()
	raw, err := os.ReadFile("testdata/newsletter.html")
	if err != nil {
		b.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(raw), "<tr><td><table role=\"presentation\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr>\n<td width=\"300\"")
	article, tail, ok := strings.Cut(rest, "</tr></table></td></tr>\n")
	if !ok {
		b.Fatal("testdata/newsletter.html is built another way now")
	}
	var html strings.Builder
	html.WriteString(strings.NewReplacer("HERO", "cid:hero", "</title>", `</title><style>
body{margin:0;padding:0}img{border:0}.button a:hover{background:#123456!important}
@media only screen and (max-width:600px){.column{display:block!important;width:100%!important}}
@media (prefers-color-scheme:dark){.card{background:#1b1f19!important;color:#e8ece4!important}}</style>`).Replace(head))
	for i := 0; html.Len()+len(tail) < size; i++ {
		id := fmt.Sprintf("%d-%d", number, i)
		html.WriteString(`<tr><td><table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0"><tr><td class="column card" width="300"`)
		html.WriteString(strings.NewReplacer("bulbs", "bulbs-"+id, "garlic", "garlic-"+id,
			"three times", fmt.Sprintf(`<a href="https://example.net/read?n=%s&amp;utm_source=mail" style="color:#2f4a2b">%d times</a>`, id, i+3)).Replace(article))
		html.WriteString("</tr></table></td></tr>\n")
	}
	html.WriteString(tail)

	var encoded bytes.Buffer
	w := quotedprintable.NewWriter(&encoded)
	_, _ = w.Write([]byte(html.String())) // a Buffer never fails
	_ = w.Close()
	return mail(fmt.Sprintf("The garden, number %d of %d", number, size), strings.Join([]string{
		"--r", `Content-Type: multipart/alternative; boundary="a"`, "",
		"--a", "Content-Type: text/plain; charset=utf-8", "", "The garden in autumn, in words.",
		"--a", "Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", encoded.String(),
		"--a--",
		"--r", "Content-Type: image/png", "Content-ID: <hero>", "Content-Disposition: inline; filename=hero.png", "Content-Transfer-Encoding: base64", "", png,
		"--r--", "",
	}, "\r\n"), "MIME-Version: 1.0", `Content-Type: multipart/related; boundary="r"`, "List-Unsubscribe: <https://example.net/leave>")
}
