package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"postern/internal/mailgen"
)

func TestEveryCodecIsRead(t *testing.T) {
	octets := mailgen.New(3, 10).Message(4).Raw
	plain, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	before, err := zstd.NewWriter(nil, zstd.WithEncoderDict(mailDictionary)) // until version 22 of the schema
	if err != nil {
		t.Fatal(err)
	}
	encoded := []byte("Content-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat("5oKo5aW977yM6ZmE5Lu25piv5pys5pyI55qE5Y+R56Wo44CC\r\n", 40))
	for _, test := range []struct {
		name   string
		chunk  chunk
		octets []byte
	}{
		{"plain", chunk{codecPlain, octets}, octets},
		{"without a dictionary", chunk{codecZstd, plain.EncodeAll(octets, nil)}, octets},
		{"with the first dictionary", chunk{codecMail, before.EncodeAll(octets, nil)}, octets},
		{"as it is written", pack(octets), octets},
		{"base64", pack(encoded), encoded},
	} {
		got, err := test.chunk.unpack(nil)
		if err != nil || !bytes.Equal(got, test.octets) {
			t.Errorf("%s: gives %d octets and %v, want the %d that were written", test.name, len(got), err, len(test.octets))
		}
	}
	if c := pack([]byte(strings.Repeat("Dear all,\r\n", 9))); c.codec != codecMail {
		t.Errorf("mail without base64 is written with codec %d, want %d", c.codec, codecMail)
	}
	if c := pack(encoded); c.codec != codecBare || len(c.data) > 250 {
		t.Errorf("base64 of one sentence is written with codec %d in %d octets, want %d and 250 at most", c.codec, len(c.data), codecBare)
	}
	if _, err := (chunk{99, octets}).unpack(nil); err == nil {
		t.Error("a codec that does not exist is read")
	}
}

// Whatever bit of a chunk is flipped, it is not read as what was stored.
func TestNoFlippedBitIsRead(t *testing.T) {
	random := make([]byte, 1000)
	for i := range random {
		random[i] = byte(rand.Uint32())
	}
	for name, octets := range map[string][]byte{
		"mail": mailgen.New(3, 10).Message(4).Raw[:2000], "base64": []byte("x\r\n" + strings.Repeat("5oKo5aW977yM6ZmE5Lu25piv5pys5pyI55qE5Y+R56Wo44CC\r\n", 9) + "y"), "random": random, "short": []byte("x"), "zeros": make([]byte, 5000),
	} {
		c := pack(octets)
		if len(c.data) > len(octets)+32 {
			t.Errorf("%s: %d octets take %d", name, len(octets), len(c.data))
		}
		for bit := range 8 * len(c.data) {
			c.data[bit/8] ^= 1 << (bit % 8)
			if got, err := c.unpack(nil); err == nil && !bytes.Equal(got, octets) {
				t.Fatalf("%s: with bit %d flipped it is read as something else", name, bit)
			}
			c.data[bit/8] ^= 1 << (bit % 8)
		}
	}
}

// What is stored can be read only with the very dictionary it was written with.
func TestDictionariesNeverChange(t *testing.T) {
	for _, d := range []struct {
		name string
		data []byte
		want string
	}{
		{"mail", mailDictionary, "a7c49119ccf52bd8f7e58641b9edd1a64279da5b9470edc9e31ccffe06b2f0a5"},
		{"bare", bareDictionary, "e2bbcd97ae0d62284fbb75169cd67ea6400e1e9ff903231bf57d35d529a4c34f"},
	} {
		if got := sha256.Sum256(d.data); hex.EncodeToString(got[:]) != d.want {
			t.Errorf("the dictionary %s has the hash %x: nothing that is stored could be read with it", d.name, got)
		}
	}
}

func TestDictionaryHelps(t *testing.T) {
	without, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		t.Fatal(err)
	}
	g := mailgen.New(11, 500)
	var with, alone, raw int
	for n := range 500 {
		octets := g.Message(n).Raw
		octets = octets[:min(len(octets), chunkSize)]
		raw, with, alone = raw+len(octets), with+len(pack(octets).data), alone+len(without.EncodeAll(octets, nil))
	}
	t.Logf("%d octets: %.3f with the dictionary, %.3f without", raw, float64(with)/float64(raw), float64(alone)/float64(raw))
	if with*10 > alone*9 {
		t.Errorf("the dictionary saves less than a tenth: %d octets, %d without", with, alone)
	}
}

func BenchmarkPack(b *testing.B) {
	octets := mailgen.New(3, 10).Message(4).Raw
	b.SetBytes(int64(len(octets)))
	for b.Loop() {
		pack(octets)
	}
}
