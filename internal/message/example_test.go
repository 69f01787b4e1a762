package message_test

import (
	"fmt"
	"io"
	"log"
	"strings"

	"postern/internal/message"
)

func ExampleParse() {
	raw := strings.NewReader("From: =?utf-8?Q?J=C3=B6rg?= <joerg@example.com>\r\n" +
		"Subject: report\r\n" +
		"Content-Type: multipart/mixed; boundary=x\r\n\r\n" +
		"--x\r\n\r\nSee the file.\r\n" +
		"--x\r\nContent-Disposition: attachment; filename=data.csv\r\n" +
		"Content-Transfer-Encoding: base64\r\n\r\nYSxiCg==\r\n")
	m, err := message.Parse(raw, raw.Size())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Envelope.From[0].Name, m.Envelope.Subject)
	fmt.Print(m.Text)
	for _, p := range m.Root.Attachments() {
		data, err := io.ReadAll(p.Open(raw))
		fmt.Printf("%s %s %d %q %v\n", p.Path, p.Filename, p.Size, data, err)
	}
	fmt.Println(m.Defects)
	// Output:
	// Jörg report
	// See the file.
	// 2 data.csv 4 "a,b\n" <nil>
	// [A multipart had no closing boundary; all that came was kept.]
}
