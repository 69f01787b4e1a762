package store

import (
	"bytes"
	_ "embed"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"postern/internal/unbase64"
)

// How a chunk is written. A number that has landed keeps its meaning.
const (
	codecPlain = 0 // as it is, without a checksum: not written any more
	codecZstd  = 1
	codecMail  = 2 // zstd with a dictionary
	codecBare  = 3 // the same of what remains when base64 is taken out
)

// Dictionaries have what messages have in common: a small one is mostly that. Each frame
// names its own. dictionary/make.go trains them. They can never change, for what is stored
// needs them.
var (
	//go:embed dictionary/mail.zdict
	mailDictionary []byte // 40001, until version 22 of the schema

	//go:embed dictionary/bare.zdict
	bareDictionary []byte // 40002, trained on mail without its base64
)

// Encoder and decoder are shared; goroutines wait for their turn, and memory stays small. Every
// chunk stands alone, so a window of its size sees all there is; its frame ends with a
// checksum of its content, so that no changed octet is taken for one that was stored.
var (
	mailEncoder = newEncoder()
	zstdDecoder = newDecoder()
)

func newEncoder() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderDict(bareDictionary), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(chunkSize), zstd.WithEncoderCRC(true))
	if err != nil {
		panic(err) // the options are constant, and the dictionary built in
	}
	return e
}

func newDecoder() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderDicts(mailDictionary, bareDictionary),
		zstd.WithDecoderConcurrency(2), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		panic(err) // as above
	}
	return d
}

// chunk is one row of raw octets as stored.
type chunk struct {
	codec int
	data  []byte
}

// scratch has buffers to compress into. What is kept of one is copied out at its own length:
// a batch waits for its commit in memory, and many accounts have one.
var scratch = sync.Pool{New: func() any { return new([]byte) }}

func compress(octets []byte) []byte {
	buf := scratch.Get().(*[]byte)
	defer scratch.Put(buf)
	*buf = mailEncoder.EncodeAll(octets, (*buf)[:0])
	return bytes.Clone(*buf)
}

// pack compresses a chunk. Base64 is taken out of it only if putting it back gives the same
// octets: nobody else may have them.
func pack(octets []byte) chunk {
	bare, restored := scratch.Get().(*[]byte), scratch.Get().(*[]byte)
	defer scratch.Put(bare)
	defer scratch.Put(restored)
	var found bool
	if *bare, found = unbase64.Shrink((*bare)[:0], octets); !found {
		return chunk{codecMail, compress(octets)}
	}
	var err error
	if *restored, err = unbase64.Restore((*restored)[:0], *bare, len(octets)); err != nil || !bytes.Equal(*restored, octets) {
		return chunk{codecMail, compress(octets)}
	}
	return chunk{codecBare, compress(*bare)}
}

// unpack gives the octets of a chunk, in the memory of into if they fit.
func (c chunk) unpack(into []byte) ([]byte, error) {
	switch c.codec {
	case codecPlain:
		return append(into[:0], c.data...), nil
	case codecZstd, codecMail:
		return zstdDecoder.DecodeAll(c.data, into[:0])
	case codecBare:
		bare := scratch.Get().(*[]byte)
		defer scratch.Put(bare)
		var err error
		if *bare, err = zstdDecoder.DecodeAll(c.data, (*bare)[:0]); err != nil {
			return nil, err
		}
		return unbase64.Restore(into[:0], *bare, chunkSize)
	}
	return nil, fmt.Errorf("unknown codec %d: written by a newer version of Postern?", c.codec)
}

// packText compresses a text that is kept beside the octets. Its frame says whether it
// needs the dictionary, so that older ones are read the same way.
func packText(text []byte) []byte { return compress(text) }

// unpackText is the reverse of packText. An error matches ErrDamaged.
func unpackText(packed []byte) ([]byte, error) {
	text, err := zstdDecoder.DecodeAll(packed, nil)
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return text, err
}
