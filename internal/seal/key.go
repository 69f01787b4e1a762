package seal

import (
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// Errors of Open and Unwrap.
var (
	// ErrWrongKey says that a value was sealed with another key than this one.
	ErrWrongKey = errors.New("sealed with a different key")
	// ErrTampered says that a sealed value is damaged, was altered, or stands in
	// another place than the one it was sealed for.
	ErrTampered = errors.New("sealed value is damaged or belongs elsewhere")
)

// A sealed value is: version, key id, nonce, ciphertext with tag.
const (
	sealVersion = 1
	keyIDSize   = 4
	prefixSize  = 1 + keyIDSize // what stands in clear before the nonce
	headerSize  = prefixSize + chacha20poly1305.NonceSizeX
)

// wrapAAD keeps wrapped keys and sealed rows apart, whatever aad a caller gives.
const wrapAAD = "postern key wrap\x00"

// Key is a 256-bit key for XChaCha20-Poly1305. It prints as its ID.
// Its methods may be called from several goroutines.
type Key struct {
	aead cipher.AEAD
	raw  *[chacha20poly1305.KeySize]byte
	id   [keyIDSize]byte
}

// NewKey returns a random key.
func NewKey() *Key {
	var raw [chacha20poly1305.KeySize]byte
	rand.Read(raw[:]) // never fails: crypto/rand ends the program instead
	return newKey(raw)
}

func newKey(raw [chacha20poly1305.KeySize]byte) *Key {
	aead, err := chacha20poly1305.NewX(raw[:])
	if err != nil {
		panic("seal: " + err.Error()) // only for a wrong length, which the type excludes
	}
	k := &Key{aead: aead, raw: &raw}
	sum := sha256.Sum256(append([]byte("postern key id\x00"), raw[:]...))
	copy(k.id[:], sum[:])
	return k
}

// ParseKey reads a key in its text form: 32 octets in base64, as in the key
// file. The error matches ErrBadKey and does not repeat the text.
func ParseKey(text string) (*Key, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(strings.TrimSpace(text))
	if err != nil || len(raw) != chacha20poly1305.KeySize {
		return nil, ErrBadKey
	}
	return newKey([chacha20poly1305.KeySize]byte(raw)), nil
}

// text is the form ParseKey reads.
func (k *Key) text() string { return base64.StdEncoding.EncodeToString(k.raw[:]) }

// ID is a short fingerprint of the key: eight hexadecimal digits of a hash.
// It is not secret and stands in every value sealed with the key.
func (k *Key) ID() string { return hex.EncodeToString(k.id[:]) }

// String implements fmt.Stringer: "key " and the ID.
func (k *Key) String() string {
	if k == nil {
		return "no key"
	}
	return "key " + k.ID()
}

// GoString implements fmt.GoStringer.
func (k *Key) GoString() string { return k.String() }

// Format implements fmt.Formatter, so that no verb reaches the key.
func (k *Key) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }

// LogValue implements slog.LogValuer.
func (k *Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText implements encoding.TextMarshaler, which also covers JSON.
func (k *Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Seal encrypts s. The result can be opened only with the same aad, which
// names the place the value belongs to (table, column, row, user), so that a
// sealed value moved to another row does not open there.
func (k *Key) Seal(s Secret, aad string) []byte {
	return k.seal([]byte(s.Reveal()), aad)
}

// Open decrypts what Seal made. The error matches ErrWrongKey or ErrTampered.
func (k *Key) Open(sealed []byte, aad string) (Secret, error) {
	plain, err := k.open(sealed, aad)
	if err != nil {
		return Secret{}, err
	}
	return NewSecret(string(plain)), nil
}

// Wrap seals another key, for keeping a data key beside the data. aad as in Seal.
func (k *Key) Wrap(data *Key, aad string) []byte {
	return k.seal(data.raw[:], wrapAAD+aad)
}

// Unwrap returns the key that Wrap sealed. The error matches ErrWrongKey or
// ErrTampered.
func (k *Key) Unwrap(wrapped []byte, aad string) (*Key, error) {
	raw, err := k.open(wrapped, wrapAAD+aad)
	if err != nil {
		return nil, err
	}
	if len(raw) != chacha20poly1305.KeySize {
		return nil, ErrTampered
	}
	return newKey([chacha20poly1305.KeySize]byte(raw)), nil
}

func (k *Key) seal(plain []byte, aad string) []byte {
	out := make([]byte, headerSize, headerSize+len(plain)+k.aead.Overhead())
	out[0] = sealVersion
	copy(out[1:], k.id[:])
	nonce := out[prefixSize:headerSize]
	rand.Read(nonce)
	return k.aead.Seal(out, nonce, plain, k.bind(aad))
}

func (k *Key) open(sealed []byte, aad string) ([]byte, error) {
	if len(sealed) < headerSize+k.aead.Overhead() || sealed[0] != sealVersion {
		return nil, ErrTampered
	}
	if [keyIDSize]byte(sealed[1:prefixSize]) != k.id {
		return nil, fmt.Errorf("%w: sealed with key %x, this is key %s",
			ErrWrongKey, sealed[1:prefixSize], k.ID())
	}
	plain, err := k.aead.Open(nil, sealed[prefixSize:headerSize], sealed[headerSize:], k.bind(aad))
	if err != nil {
		return nil, ErrTampered
	}
	return plain, nil
}

// bind is the associated data: the clear prefix and the caller's place.
func (k *Key) bind(aad string) []byte {
	b := make([]byte, 0, prefixSize+len(aad))
	b = append(b, sealVersion)
	b = append(b, k.id[:]...)
	return append(b, aad...)
}
