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
)

const (
	id      = 40001 // in each frame that needs it
	size    = 60 << 10
	samples = 3000
	most    = 12 << 10 // octets of each sample: the rest is attachments
)

func main() {
	data, err := dict.BuildZstdDict(train(), dict.Options{
		MaxDictSize: size, HashBytes: 6, ZstdDictID: id, ZstdLevel: zstd.SpeedFastest, ZstdDictCompat: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("dictionary/mail.zdict", data, 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("mail.zdict: %d octets\n", len(data))
}

// train makes the samples: messages, and of some of them what is kept beside the octets.
func train() (all [][]byte) {
	g := mailgen.New(0x7472_6169_6e, samples)
	for n := range samples {
		raw := g.Message(n).Raw
		all = append(all, raw[:min(len(raw), most)])
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
	}
	return all
}
