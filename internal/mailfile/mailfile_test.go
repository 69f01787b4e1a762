package mailfile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

func TestCompressed(t *testing.T) {
	dir := t.TempDir()
	content := written(t, "Subject: a\n\none\n", "Subject: b\n\ntwo\n")
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	w.Write([]byte(content))
	w.Close()
	z, _ := zstd.NewWriter(nil)
	for name, octets := range map[string]string{"a": content, "b.gz": gz.String(), "c.mbox.zst": string(z.EncodeAll([]byte(content), nil))} {
		var read int64
		got := texts(readAll(t, write(t, filepath.Join(dir, name), octets), Options{Progress: func(n int64) { read = n }}))
		if d := cmp.Diff([]string{"Subject: a\n\none\n", "Subject: b\n\ntwo\n"}, got); d != "" || read != int64(len(octets)) {
			t.Errorf("%s: %s, progress %d of %d", name, d, read, len(octets))
		}
	}
	// What was whole before the damage is delivered.
	cut := write(t, filepath.Join(dir, "cut.gz"), gz.String()[:gz.Len()-10])
	n := 0
	err := Source{Path: cut}.Read(Options{Limit: limit}, func(Message) error { n++; return nil })
	if err == nil || n != 1 {
		t.Errorf("cut file: %d messages, error %v", n, err)
	}
}

// TestFolder finds mail of all kinds and passes over what is none.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "1.eml"), "From broken\nstill one message")
	write(t, filepath.Join(dir, "2-notes.txt"), "Hello:\nnot mail\n")
	write(t, filepath.Join(dir, "3/letter"), "Received: x\nSubject: b\n\ntwo\n")
	write(t, filepath.Join(dir, "4.mbox"), written(t, "Subject: c\n\nthree\n"))
	write(t, filepath.Join(dir, "5.eml"), "")
	write(t, filepath.Join(dir, "6"), "MZ\x00\x00Subject: x")
	var got, none []string
	err := Walk(dir, func(s Source) error {
		err := s.Read(Options{Limit: limit}, func(m Message) error { got = append(got, string(m.Raw)); return nil })
		if errors.Is(err, ErrNotMail) {
			none = append(none, filepath.Base(s.Path))
			return nil
		}
		return err
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"From broken\nstill one message", "Received: x\nSubject: b\n\ntwo\n", "Subject: c\n\nthree\n"}
	if d := cmp.Diff(want, got) + cmp.Diff([]string{"2-notes.txt", "6"}, none); d != "" {
		t.Error(d)
	}
}

func TestMaildir(t *testing.T) {
	dir := t.TempDir()
	for _, folder := range []string{"", ".Work.2019", ".Junk", ".Entw&APw-rfe"} {
		if err := makeMaildir(filepath.Join(dir, folder)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"cur/1.host:2,S", "cur/2.host:2,FRS", "cur/3.host;2,", "new/4.host", "tmp/5.host", ".Work.2019/cur/6:2,ST", ".Junk/new/7", ".Entw&APw-rfe/cur/8!2,S"} {
		write(t, filepath.Join(dir, name), name)
	}
	write(t, filepath.Join(dir, ".Packed/cur/9.host:2,S"), ".Packed") // without its empty "new"
	got := map[string]Marks{}
	for _, m := range readAll(t, dir, Options{}) {
		got[string(m.Raw)] = m.Marks
	}
	want := map[string]Marks{
		"cur/1.host:2,S":          {},
		"cur/2.host:2,FRS":        {Starred: true},
		"cur/3.host;2,":           {Unread: true},
		"new/4.host":              {Unread: true},
		".Work.2019/cur/6:2,ST":   {Mailbox: "trash", Labels: []string{"Work/2019"}},
		".Junk/new/7":             {Unread: true, Mailbox: "junk"},
		".Entw&APw-rfe/cur/8!2,S": {Labels: []string{"Entwürfe"}},
		".Packed":                 {Labels: []string{"Packed"}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestMarks(t *testing.T) {
	for header, want := range map[string]Marks{
		"Subject: a":                            {},
		"Status: RO":                            {},
		"Status: O":                             {Unread: true},
		"Status: RO\nX-Status: F":               {Starred: true},
		"X-Mozilla-Status: 0001":                {},
		"X-Mozilla-Status: 0004":                {Unread: true, Starred: true},
		"X-Mozilla-Status: 0009":                {Mailbox: "trash"},
		"X-Mozilla-Status: 000d":                {Mailbox: "trash", Starred: true},
		"X-GM-THRID: 17\nX-Gmail-Labels: Inbox": {Mailbox: "inbox", Thread: "17"},
		"X-Gmail-Labels: Inbox,Unread,Opened":   {Mailbox: "inbox", Unread: true},
		"X-Gmail-Labels: Spam,Inbox":            {Mailbox: "junk"},
		"X-Gmail-Labels: Archived,Starred,\n Tax 2025,\"Ann, Bob\"":    {Mailbox: "archive", Starred: true, Labels: []string{"Tax 2025", "Ann", "Bob"}},
		"X-Gmail-Labels: Sent,Category Updates,Important":              {Mailbox: "archive", Labels: []string{"Sent", "Important"}},
		"X-Gmail-Labels: =?UTF-8?Q?Posteingang,Ungelesen,B=C3=BCro?=":  {Mailbox: "inbox", Unread: true, Labels: []string{"Büro"}},
		"X-Gmail-Labels: =?UTF-8?B?5pS25Lu2566xLOacquivuyzlt6XkvZw=?=": {Mailbox: "inbox", Unread: true, Labels: []string{"工作"}},
		"Subject: a\n\nX-Gmail-Labels: Spam":                           {},
	} {
		if d := cmp.Diff(want, Source{}.marks([]byte(header+"\n\n"))); d != "" {
			t.Errorf("%q: %s", header, d)
		}
	}
}

// TestWriters writes in each format and reads the same octets back.
func TestWriters(t *testing.T) {
	messages := []Entry{
		{ID: 1, Mailbox: "inbox", Unread: true, From: "ann@example.com", Received: time.Unix(1.7e9, 0)},
		{ID: 2, Mailbox: "junk", Starred: true, From: "two words", Received: time.Unix(1.8e9, 0)},
		{ID: 3, Mailbox: "archive", Received: time.Unix(0, 0)},
	}
	octets := []string{"Subject: a\r\n\r\nFrom here\r\n", "From x\n>From y\n\n\n", "Subject: c\n\nüñ\xff\x00\n"}
	dir := t.TempDir()
	maildir, err := NewMaildirWriter(filepath.Join(dir, "maildir"))
	if err != nil {
		t.Fatal(err)
	}
	eml, err := NewEmlWriter(filepath.Join(dir, "eml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []Writer{maildir, eml} {
		for i, m := range messages {
			m.Octets = strings.NewReader(octets[i])
			if err := w.Write(m); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(t, filepath.Join(dir, "mbox"), written(t, octets...))
	for _, name := range []string{"maildir", "eml", "mbox"} {
		got := map[string]bool{}
		marks := map[string]Marks{}
		for _, m := range readAll(t, filepath.Join(dir, name), Options{}) {
			got[string(m.Raw)] = true
			marks[string(m.Raw)] = m.Marks
		}
		for _, o := range octets {
			if !got[o] || len(got) != len(octets) {
				t.Errorf("%s: %q is missing, or there are more than %d", name, o, len(octets))
			}
		}
		if name == "maildir" {
			want := map[string]Marks{octets[0]: {Unread: true}, octets[1]: {Starred: true, Mailbox: "junk"}, octets[2]: {Mailbox: "archive"}}
			if d := cmp.Diff(want, marks); d != "" {
				t.Error(d)
			}
		}
	}
}
