package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
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
	packed := pack(octets)
	if packed.codec != codecMail {
		t.Errorf("mail is written with codec %d, want %d", packed.codec, codecMail)
	}
	for _, c := range []chunk{{codecPlain, octets}, {codecZstd, plain.EncodeAll(octets, nil)}, packed} {
		got, err := c.unpack(nil)
		if err != nil || !bytes.Equal(got, octets) {
			t.Errorf("codec %d gives %d octets and %v, want the %d that were written", c.codec, len(got), err, len(octets))
		}
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
		"mail": mailgen.New(3, 10).Message(4).Raw[:2000], "random": random, "short": []byte("x"), "zeros": make([]byte, 5000),
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
func TestDictionaryNeverChanges(t *testing.T) {
	const want = "a7c49119ccf52bd8f7e58641b9edd1a64279da5b9470edc9e31ccffe06b2f0a5"
	if got := sha256.Sum256(mailDictionary); hex.EncodeToString(got[:]) != want {
		t.Errorf("the dictionary has the hash %x: nothing that is stored could be read with it", got)
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
