package demo

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"image/png"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/htmlindex"
)

var now = time.Date(2026, 11, 22, 10, 30, 0, 0, time.UTC)

// broken is the one message that no strict parser takes.
const broken = "demo-broken"

func TestMessages(t *testing.T) {
	addresses := mail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: charsetReader}}
	messages := Messages(now)
	if len(messages) < 45 {
		t.Errorf("%d messages", len(messages))
	}
	seen := make(map[string]bool)
	total := 0
	last := time.Time{}
	for _, m := range messages {
		if seen[m.UIDL] || len(m.UIDL) > 70 || strings.ContainsAny(m.UIDL, " \r\n") {
			t.Errorf("unique-id %q", m.UIDL)
		}
		seen[m.UIDL] = true
		total += len(m.Raw)
		if left := bytes.ReplaceAll(m.Raw, []byte("\r\n"), nil); bytes.ContainsAny(left, "\r\n") {
			t.Errorf("%s: a line ends without CRLF", m.UIDL)
		}
		for line := range bytes.SplitSeq(m.Raw, []byte("\r\n")) {
			if len(line) > 998 {
				t.Errorf("%s: a line of %d octets (RFC 5322 §2.1.1)", m.UIDL, len(line))
			}
		}
		for _, word := range []string{"X-Demo-", "{{", "@@"} {
			if bytes.Contains(m.Raw, []byte(word)) {
				t.Errorf("%s: %q is left in it", m.UIDL, word)
			}
		}
		parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
		if (err != nil) != (m.UIDL == broken) {
			t.Errorf("%s: %v", m.UIDL, err)
		}
		if err != nil {
			continue
		}
		date, err := parsed.Header.Date()
		if err != nil || date.Before(last) || date.After(now) || date.Before(now.AddDate(-2, 0, -1)) {
			t.Errorf("%s: date %v, %v", m.UIDL, date, err)
		}
		last = date
		if _, err := addresses.ParseList(parsed.Header.Get("From")); err != nil {
			t.Errorf("%s: From: %v", m.UIDL, err)
		}
	}
	if total > 400<<10 {
		t.Errorf("%d octets in all", total)
	}
	if !slices.EqualFunc(messages, Messages(now), func(a, b Message) bool { return bytes.Equal(a.Raw, b.Raw) }) {
		t.Error("the same time gives other octets")
	}
}

func TestTexts(t *testing.T) {
	for uidl, want := range map[string][]string{
		"demo-hike-1":       {"周末一起去爬山吗？", "林小雨", "西边的青石山"},
		"demo-library-big5": {"讀書會下個月的書單", "陳美玲", "燈塔管理員"},
		"demo-ryokan":       {"ご予約の確認", "山の宿みどり", "露天風呂"},
		"demo-korean":       {"사진 동아리", "김하늘", "강가의 아침"},
		"demo-arabic":       {"أمسية الشعر", "ليلى", "مقهى النخيل"},
		"demo-german":       {"Grüße", "Jürgen Großmann", "größten Knödel"},
		"demo-russian":      {"Фотографии", "Вера", "лодка уже на солнце"},
		"demo-emoji":        {"🎂🎈", "Lucía", "¡Hola Robin! 🌻"},
		"demo-invitation":   {"Tuesday 8 December 2026, 19:00", "DTSTART;TZID=Europe/Berlin:20261208T190000"},
		"demo-bounce":       {"Status: 5.1.1", "Final-Recipient", "Sunday?", "To: grandpa.joe@example.org"},
		"demo-forwarded":    {"No boats in a storm.", "Island Ferries"},
	} {
		text := readable(t, get(t, uidl))
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q in\n%s", uidl, w, text)
			}
		}
	}
}

func TestThreads(t *testing.T) {
	header := func(uidl string) mail.Header {
		m, err := mail.ReadMessage(bytes.NewReader(get(t, uidl)))
		if err != nil {
			t.Fatal(err)
		}
		return m.Header
	}
	last := header("demo-allotment-5")
	want := ""
	for i := 1; i < 5; i++ {
		want += header(fmt.Sprintf("demo-allotment-%d", i)).Get("Message-ID") + " "
	}
	if got := strings.Join(strings.Fields(last.Get("References")), " ") + " "; got != want {
		t.Errorf("References %q, want %q", got, want)
	}
	if !strings.HasSuffix(want, last.Get("In-Reply-To")+" ") {
		t.Errorf("In-Reply-To %q", last.Get("In-Reply-To"))
	}
}

// TestHosts keeps real people's hosts out: whatever is named is reserved (RFC 2606).
func TestHosts(t *testing.T) {
	hosts := regexp.MustCompile(`(?:https?://|\w@)([A-Za-z0-9.-]+)`)
	for _, m := range Messages(now) {
		text := string(m.Raw)
		if m.UIDL != broken {
			text = readable(t, m.Raw)
		}
		for _, match := range hosts.FindAllStringSubmatch(text, -1) {
			host := strings.TrimRight(match[1], ".")
			name := host[strings.LastIndex("."+host, "."):]
			if name != "example" && name != "invalid" && !regexp.MustCompile(`(^|\.)example\.(com|org|net)$`).MatchString(host) {
				t.Errorf("%s: host %s", m.UIDL, host)
			}
		}
	}
}

func TestFiles(t *testing.T) {
	octets, err := makeFile("greenhouse.png")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(octets)); err != nil {
		t.Error(err)
	}
	octets, err = makeFile("sketches.zip")
	if err != nil {
		t.Fatal(err)
	}
	if z, err := zip.NewReader(bytes.NewReader(octets), int64(len(octets))); err != nil || len(z.File) != 2 {
		t.Errorf("%v, %v", z, err)
	}
	octets, err = makeFile("invoice.pdf")
	if err != nil {
		t.Fatal(err)
	}
	// Every offset of the cross-reference table leads to its object.
	for i, entry := range regexp.MustCompile(`(\d{10}) 00000 n `).FindAllSubmatch(octets, -1) {
		var offset int
		fmt.Sscan(strings.TrimLeft(string(entry[1]), "0"), &offset)
		if want := fmt.Sprintf("%d 0 obj", i+1); !bytes.HasPrefix(octets[offset:], []byte(want)) {
			t.Errorf("no %q at %d", want, offset)
		}
	}
}

func TestBadSources(t *testing.T) {
	for _, text := range []string{
		"From: a@example.com\n\nno age\n",
		" folded\n",
		"X-Demo-Age: 3h\nX-Demo-Parent: nobody\n\n",
		"X-Demo-Age: 3h\nX-Demo-File: nothing.png\n\n",
		"X-Demo-Age: 3h\nContent-Type: multipart/mixed; boundary=b\n\nno part\n",
		"X-Demo-Age: 3h\nContent-Type: text/plain; charset=x-unknown\n\n\n",
		"X-Demo-Age: 3h\nContent-Type: text/plain; charset=big5\n\n☂ Ж ж не Привет 🎂\n",
	} {
		s, err := parse("x", text, now)
		if err == nil {
			_, err = s.build(map[string]*source{"x": s})
		}
		if err == nil {
			t.Errorf("no error for %q", text)
		}
	}
}

// get returns one message of the mailbox.
func get(t *testing.T, uidl string) []byte {
	t.Helper()
	messages := Messages(now)
	i := slices.IndexFunc(messages, func(m Message) bool { return m.UIDL == uidl })
	if i < 0 {
		t.Fatalf("no message %s", uidl)
	}
	return messages[i].Raw
}

// readable returns the decoded header and the decoded texts of a message.
func readable(t *testing.T, raw []byte) string {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	words := &mime.WordDecoder{CharsetReader: charsetReader}
	var out strings.Builder
	for name, values := range m.Header {
		for _, value := range values {
			decoded, err := words.DecodeHeader(value)
			if err != nil {
				t.Error(err)
			}
			fmt.Fprintf(&out, "%s: %s\n", name, decoded)
		}
	}
	readBody(t, &out, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	return out.String()
}

func readBody(t *testing.T, out *strings.Builder, contentType, encoding string, body io.Reader) {
	t.Helper()
	mediaType, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(mediaType, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			readBody(t, out, part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)
		}
	}
	switch encoding {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	if params["charset"] != "" {
		if body, err = charsetReader(params["charset"], body); err != nil {
			t.Fatal(err)
		}
	}
	octets, err := io.ReadAll(body)
	if err != nil {
		t.Error(err)
	}
	if strings.HasPrefix(mediaType, "text/") || strings.HasPrefix(mediaType, "message/") {
		out.Write(octets)
	}
}

func charsetReader(charset string, r io.Reader) (io.Reader, error) {
	e, err := htmlindex.Get(charset)
	if err != nil {
		return nil, err
	}
	return e.NewDecoder().Reader(r), nil
}
