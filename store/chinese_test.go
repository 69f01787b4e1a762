package store_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/internal/query"
	"postern/store"
)

// A Chinese reader's searches, written down with what they are to find: in testdata/chinese
// is the mail, and a line for each search. A scan of the same mail finds the same.
func TestChineseSearches(t *testing.T) {
	h := newHousehold(t)
	number := map[store.MessageID]string{}
	for i, m := range readChinese(t) {
		number[h.deliver(m.raw(i))] = m.number
	}
	h.check(h.IndexAll(context.Background()))
	scan := h.naive()
	wanted, err := os.ReadFile("testdata/chinese/searches.txt")
	h.check(err)
	searches := 0
	for line := range strings.Lines(string(wanted)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		searches++
		source, want, _ := strings.Cut(line, "\t")
		q := query.Parse(source, naiveNow)
		ids, _ := h.searchAll(q, 0, 50)
		scanned := scan.search(q, 0)
		var got []string
		for _, id := range ids {
			got = append(got, number[id])
		}
		slices.Sort(got)
		if found := strings.Join(got, " "); found != strings.TrimSpace(want) {
			t.Errorf("%s\t%s\nwant\t%s", source, found, want)
		}
		if !sameSet(ids, scanned) {
			t.Errorf("%s: the index finds %v, a scan %v", source, ids, scanned)
		}
		if len(q.Hints) > 0 {
			t.Errorf("%s: %q", source, q.Hints)
		}
	}
	if searches < 100 {
		t.Errorf("only %d searches", searches)
	}
}

// chineseMail is one message of testdata/chinese/mail.txt.
type chineseMail struct{ number, from, subject, file, text string }

func readChinese(t *testing.T) (all []chineseMail) {
	t.Helper()
	data, err := os.ReadFile("testdata/chinese/mail.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, paragraph := range strings.Split(strings.TrimSpace(string(data)), "\n\n")[1:] {
		number, rest, _ := strings.Cut(paragraph, "\n")
		m := chineseMail{number: number}
		for name, field := range map[string]*string{"From": &m.from, "Subject": &m.subject, "File": &m.file} {
			if _, after, ok := strings.Cut("\n"+rest, "\n"+name+": "); ok {
				*field, _, _ = strings.Cut(after, "\n")
			}
		}
		m.text = rest[strings.LastIndexByte(rest, '\n')+1:]
		all = append(all, m)
	}
	return all
}

// raw is the message as it would be sent.
func (m chineseMail) raw(n int) string {
	at := time.Date(2026, 2, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Hour)
	head := fmt.Sprintf("From: %s\nTo: 安 <ann@example.com>\nSubject: %s\nDate: %s\nMIME-Version: 1.0\n", m.from, m.subject, at.Format(time.RFC1123Z))
	text := "Content-Type: text/plain; charset=utf-8\n\n" + m.text + "\n"
	if m.file == "" {
		return head + text
	}
	return head + "Content-Type: multipart/mixed; boundary=b\n\n--b\n" + text +
		"--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"" + m.file + "\"\n\nx\n--b--\n"
}
