package message

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"testing"
)

func TestShow(t *testing.T) {
	f := os.Getenv("EML")
	if f == "" {
		t.Skip()
	}
	b, _ := os.ReadFile(f)
	b = withCRLF(b)
	m, _ := Parse(bytes.NewReader(b), int64(len(b)))
	m.Root.walk(func(p *Part) bool {
		fmt.Printf("%q %s %s %s h%d b%d x%d size %d %q\n", p.Path, p.Type, p.Encoding, p.Charset, p.HeaderOffset, p.BodyOffset, p.EndOffset, p.Size, p.Filename)
		if len(p.Parts) == 0 {
			bb, _ := io.ReadAll(io.LimitReader(p.Open(bytes.NewReader(b)), 500))
			fmt.Printf("   %q\n", bb)
		}
		return true
	})
	fmt.Println(m.Defects)
	fmt.Printf("%+q\n", m.Envelope.To)
}
