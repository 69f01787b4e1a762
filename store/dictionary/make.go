//go:build ignore

// Command make trains the dictionary by which stored mail is compressed, on mail of the
// generator: nobody's real mail is in it. Run it in the folder store:
//
//	go run dictionary/make.go
//
// A dictionary that has been released can never be changed, only joined by another one
// with a number of its own: what is stored needs it to be read.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/klauspost/compress/dict"
	"github.com/klauspost/compress/zstd"

	"postern/internal/mailgen"
	"postern/internal/message"
	"postern/internal/unbase64"
)

const (
	name    = "dictionary/bare.zdict"
	id      = 40002 // in each frame that needs it
	size    = 60 << 10
	samples = 3000
	most    = 12 << 10 // octets of each sample: the rest is attachments
)

func main() {
	data, err := dict.BuildZstdDict(train(), dict.Options{
		MaxDictSize: size, HashBytes: 8, ZstdDictID: id, ZstdLevel: zstd.SpeedFastest, ZstdDictCompat: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %d octets\n", name, len(data))
}

// train makes the samples: messages, and of some of them what is kept beside the octets.
func train() (all [][]byte) {
	g := mailgen.New(0x7472_6169_6e, samples)
	for n := range samples {
		raw := g.Message(n).Raw
		octets := raw[:min(len(raw), most)]
		if bare, found := unbase64.Shrink(nil, octets); found {
			octets = bare
		}
		all = append(all, octets)
		if n%4 > 0 {
			continue
		}
		m, err := message.Parse(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			log.Fatal(err)
		}
		for _, v := range []any{m.Envelope, m.Root} {
			j, err := json.Marshal(v)
			if err != nil {
				log.Fatal(err)
			}
			all = append(all, j)
		}
		all = append(all, []byte(m.Text))
	}
	return all
}
