// Package totp is the second factor of a sign-in: time-based one-time passwords
// (RFC 6238: SHA-1, six digits, steps of 30 seconds, as every authenticator app
// makes them) and the recovery codes that stand in for a lost phone.
package totp

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"image/png"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

const (
	period     = 30 // seconds of a step
	skew       = 1  // steps that a clock may be off
	secretSize = 20 // octets (RFC 4226 section 4, R6)
	codeSize   = 10 // octets of a recovery code: nobody guesses 80 bits
	codes      = 10 // recovery codes of one set
)

var base32Text = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewSecret returns a random secret in base32.
func NewSecret() string { return base32Text.EncodeToString(random(secretSize)) }

// ValidSecret tells whether s is a secret as NewSecret makes them.
func ValidSecret(s string) bool {
	_, ok := decode(s, secretSize)
	return ok
}

// decode reads the base32 text of n octets.
func decode(text string, n int) ([]byte, bool) {
	if len(text) != base32Text.EncodedLen(n) {
		return nil, false
	}
	raw, err := base32Text.DecodeString(text)
	return raw, err == nil
}

// Match tells which time step a code belongs to, if it is one that the secret gives
// around now. Blanks within the code count for nothing. Whoever asks must refuse a step
// that was used before, and any before that.
func Match(secret, code string, now time.Time) (step int64, ok bool) {
	code = strings.Join(strings.Fields(code), "")
	at := now.Unix() / period
	for s := max(at-skew, 0); s <= at+skew; s++ {
		want, err := hotp.GenerateCode(secret, uint64(s))
		if err == nil && subtle.ConstantTimeCompare([]byte(code), []byte(want)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// URL is what an app reads from a QR code: "otpauth://totp/Postern:ann?…".
func URL(secret, user string) string {
	q := url.Values{"secret": {secret}, "issuer": {"Postern"}}
	return "otpauth://totp/" + url.PathEscape("Postern:"+user) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// QR draws a URL as a QR code, a PNG of about size pixels.
func QR(address string, size int) ([]byte, error) {
	key, err := otp.NewKeyFromURL(address)
	if err != nil {
		return nil, fmt.Errorf("draw QR code: %w", err)
	}
	img, err := key.Image(size, size)
	if err != nil {
		return nil, fmt.Errorf("draw QR code: %w", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("draw QR code: %w", err)
	}
	return b.Bytes(), nil
}

// NewRecoveryCodes returns a set of codes as they are shown, and their hashes as they are
// stored. A plain hash is enough: unlike passwords, nobody can guess them.
func NewRecoveryCodes() (shown []string, hashes [][]byte) {
	for range codes {
		text := strings.ToLower(base32Text.EncodeToString(random(codeSize)))
		code := text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
		hash, _ := RecoveryHash(code)
		shown, hashes = append(shown, code), append(hashes, hash)
	}
	return shown, hashes
}

// RecoveryHash is the hash of a recovery code however it was typed; false: that is none.
func RecoveryHash(typed string) ([]byte, bool) {
	text := strings.ToUpper(strings.NewReplacer("-", "", " ", "", "\t", "").Replace(typed))
	// Digits that no code has are letters that look like them.
	text = strings.NewReplacer("0", "O", "1", "I").Replace(text)
	raw, ok := decode(text, codeSize)
	if !ok {
		return nil, false
	}
	sum := sha256.Sum256(append([]byte("postern recovery code\x00"), raw...))
	return sum[:], true
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}
