package benchhtml

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/microcosm-cc/bluemonday"

	"postern/internal/sanitize"
)

// cleaners make the HTML of a mail harmless. bluemonday's policy keeps no style, so it has less to do: it drops every
// style sheet and style attribute, which internal/sanitize reads, judges and writes anew.
var cleaners = []struct {
	name  string
	clean func(html string) string
}{
	{"postern", func(html string) string { return sanitize.HTML(html, sanitize.Options{}).HTML }},
	{"bluemonday", bluemonday.UGCPolicy().Sanitize},
}

// each measures the cleaners on the same mails.
func each(b *testing.B, mails []string) {
	var size int64
	for _, m := range mails {
		size += int64(len(m))
	}
	b.Logf("%d mails, %d octets", len(mails), size)
	for _, c := range cleaners {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			from := processorTime(b)
			for b.Loop() {
				for _, m := range mails {
					c.clean(m)
				}
			}
			used := processorTime(b) - from
			b.ReportMetric(float64(size)*float64(b.N)/1e6/used.Seconds(), "MB/cpu-s")
		})
	}
}

// processorTime is what this process has used, garbage collection included: unlike the time that passes, it is much the
// same when others use the machine as well.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkCorpus cleans the HTML of every message of a public collection beside the repository; it is skipped without it.
func BenchmarkCorpus(b *testing.B) { each(b, corpus(b)) }

// BenchmarkNewsletter cleans a newsletter of 30 KiB, and one of a megabyte.
func BenchmarkNewsletter(b *testing.B) {
	for _, size := range []int{30 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) { each(b, []string{newsletter(size)}) })
	}
}

// newsletter is a mail of about n octets, built the way newsletters are: tables in tables, a style on every cell, a
// style sheet in the head.
func newsletter(n int) string {
	var b strings.Builder
	b.WriteString(`<!doctype html><html><head><meta charset="utf-8"><title>News</title><style>
body{margin:0;padding:0;background:#f4f4f4}table{border-collapse:collapse}.btn a:hover{background:#123456!important}
@media only screen and (max-width:600px){.col{display:block!important;width:100%!important}}
</style><!--[if mso]><xml><o:OfficeDocumentSettings/></xml><![endif]--></head><body bgcolor="#f4f4f4"><table width="100%">`)
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, `<tr><td align="center" valign="top" style="padding:10px 20px 10px 20px;font-family:Arial, 'Helvetica Neue', Helvetica, sans-serif;font-size:16px;line-height:24px;color:#333333">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0"><tr><td class="col" width="50%%" style="padding:%dpx"><img src="https://img.example.com/%d.png" width="280" height="120" alt="Item %d" style="display:block;border:0"></td>
<td class="col btn"><p style="margin:0 0 16px">Some words about <b>item %d</b>, which is &amp; remains &eacute;tonnant.</p><a href="https://example.com/items/%d?utm_source=mail&amp;u=%d" style="background-color:#0055aa;color:#ffffff;padding:12px 24px;text-decoration:none;border-radius:4px">Read more</a></td></tr></table></td></tr>`,
			i%20, i, i, i, i, i*7919)
	}
	b.WriteString(`</table></body></html>`)
	return b.String()
}
