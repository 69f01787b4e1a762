package store

import (
	"bytes"
	_ "embed"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// How a chunk is written. A number that has landed keeps its meaning.
const (
	codecPlain = 0 // as it is, without a checksum: not written any more
	codecZstd  = 1
	codecMail  = 2 // zstd with mailDictionary
)

// mailDictionary has what messages have in common: a small one is mostly that.
// dictionary/make.go trains it. It can never change, for what is stored needs it.
//
//go:embed dictionary/mail.zdict
var mailDictionary []byte

// Encoder and decoder are shared; goroutines wait for their turn, and memory stays small. Every
// chunk stands alone, so a window of its size sees all there is; its frame ends with a
// checksum of its content, so that no changed octet is taken for one that was stored.
var (
	mailEncoder = newEncoder()
	zstdDecoder = newDecoder()
)

func newEncoder() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderDict(mailDictionary), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(chunkSize), zstd.WithEncoderCRC(true))
	if err != nil {
		panic(err) // the options are constant, and the dictionary built in
	}
	return e
}

func newDecoder() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderDicts(mailDictionary),
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

func pack(octets []byte) chunk { return chunk{codecMail, compress(octets)} }

func (c chunk) unpack(into []byte) ([]byte, error) {
	switch c.codec {
	case codecPlain:
		return append(into[:0], c.data...), nil
	case codecZstd, codecMail:
		return zstdDecoder.DecodeAll(c.data, into[:0])
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
