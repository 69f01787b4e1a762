package seal

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// MaxPassword is the longest password, in octets, that is hashed.
const MaxPassword = 1024

// Errors of HashPassword and VerifyPassword.
var (
	// ErrPasswordTooLong says that a password has more than MaxPassword octets.
	ErrPasswordTooLong = fmt.Errorf("the password is longer than %d octets", MaxPassword)
	// ErrBadHash says that a stored verifier cannot be read.
	ErrBadHash = errors.New("stored password hash cannot be read")
)

// params are argon2id's costs and sizes (RFC 9106 section 3.1).
type params struct {
	memory  uint32 // KiB
	passes  uint32
	lanes   uint8
	saltLen int
	hashLen int
}

// current is above OWASP's floor (19 MiB, 2 passes); hashes below it are
// renewed at the next login.
var current = params{memory: 32 << 10, passes: 3, lanes: 1, saltLen: 16, hashLen: 32}

// ceiling bounds what a verifier read from the database may cost.
var ceiling = params{memory: 256 << 10, passes: 16, lanes: 16, saltLen: 64, hashLen: 64}

// hashing bounds how many hashes run and wait: 64 MiB, whoever knocks.
var hashing = &turns{free: 2, most: 200}

var phcBase64 = base64.RawStdEncoding.Strict()

// NobodysHash is a verifier no known password fits. Verifying against it takes
// as long as against a real one, so that an unknown name answers no faster.
var NobodysHash = current.encode(make([]byte, current.saltLen), make([]byte, current.hashLen))

// HashPassword returns an argon2id verifier in PHC form
// ("$argon2id$v=19$m=...,t=...,p=...$salt$hash") of the password in Unicode
// normalisation form C. The error matches ErrPasswordTooLong or ErrBusy.
func HashPassword(s Secret) (string, error) {
	return HashPasswordContext(context.Background(), s)
}

// HashPasswordContext is HashPassword; it gives up when ctx ends while other
// hashes are running.
func HashPasswordContext(ctx context.Context, s Secret) (string, error) {
	salt := make([]byte, current.saltLen)
	rand.Read(salt)
	hash, err := current.derive(ctx, s, salt)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return current.encode(salt, hash), nil
}

// VerifyPassword tells whether s is the password of the verifier phc, and
// whether the verifier should be replaced by a new one because the costs have
// changed (only when ok). The error is the context's, ErrBusy, ErrBadHash or
// ErrPasswordTooLong.
func VerifyPassword(ctx context.Context, phc string, s Secret) (ok, rehash bool, err error) {
	p, salt, want, err := decodePHC(phc)
	if err != nil {
		return false, false, err
	}
	got, err := p.derive(ctx, s, salt)
	if err != nil {
		return false, false, fmt.Errorf("verify password: %w", err)
	}
	ok = subtle.ConstantTimeCompare(got, want) == 1
	return ok, ok && p != current, nil
}

// derive waits for its turn and computes the hash.
func (p params) derive(ctx context.Context, s Secret, salt []byte) ([]byte, error) {
	if len(s.Reveal()) > MaxPassword {
		return nil, ErrPasswordTooLong
	}
	password := norm.NFC.Bytes([]byte(s.Reveal()))
	if err := hashing.take(ctx); err != nil {
		return nil, err
	}
	defer hashing.done()
	return argon2.IDKey(password, salt, p.passes, p.memory, p.lanes, uint32(p.hashLen)), nil
}

func (p params) encode(salt, hash []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.memory, p.passes, p.lanes, phcBase64.EncodeToString(salt), phcBase64.EncodeToString(hash))
}

// decodePHC reads a verifier and refuses costs outside the ceiling.
func decodePHC(phc string) (p params, salt, hash []byte, err error) {
	fail := func() (params, []byte, []byte, error) { return params{}, nil, nil, ErrBadHash }
	field := strings.Split(phc, "$")
	if len(field) != 6 || field[0] != "" || field[1] != "argon2id" ||
		field[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return fail()
	}
	if _, err := fmt.Sscanf(field[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.lanes); err != nil {
		return fail()
	}
	if salt, err = phcBase64.DecodeString(field[4]); err != nil {
		return fail()
	}
	if hash, err = phcBase64.DecodeString(field[5]); err != nil {
		return fail()
	}
	p.saltLen, p.hashLen = len(salt), len(hash)
	if !p.sane() || p.encode(salt, hash) != phc { // no second spelling of one verifier
		return fail()
	}
	return p, salt, hash, nil
}

func (p params) sane() bool {
	return p.memory >= 8*uint32(p.lanes) && p.memory <= ceiling.memory &&
		p.passes >= 1 && p.passes <= ceiling.passes &&
		p.lanes >= 1 && p.lanes <= ceiling.lanes &&
		p.saltLen >= 8 && p.saltLen <= ceiling.saltLen &&
		p.hashLen >= 16 && p.hashLen <= ceiling.hashLen
}
