package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Fingerprint is the SHA-256 of a certificate in DER form; the zero value stands for none.
type Fingerprint [32]byte

// IsZero tells whether there is none.
func (f Fingerprint) IsZero() bool { return f == Fingerprint{} }

// String writes it as programs do that show certificates, "A1:B2:…", with a space after each eighth octet so that eyes
// find their way and lines can break.
func (f Fingerprint) String() string {
	var b strings.Builder
	for i, octet := range f {
		switch {
		case i%8 == 0 && i > 0:
			b.WriteByte(' ')
		case i > 0:
			b.WriteByte(':')
		}
		fmt.Fprintf(&b, "%02X", octet)
	}
	return b.String()
}

// Hex is the fingerprint as one word.
func (f Fingerprint) Hex() string { return hex.EncodeToString(f[:]) }

// ParseFingerprint reads what String, OpenSSL ("sha256 Fingerprint=A1:B2:…") and browsers write.
func ParseFingerprint(s string) (Fingerprint, error) {
	digits := strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(s, ":", " ")), ""))
	for _, prefix := range []string{"sha256", "sha-256", "fingerprint", "="} {
		digits = strings.TrimPrefix(digits, prefix)
	}
	var f Fingerprint
	octets, err := hex.DecodeString(digits)
	if err != nil || len(octets) != len(f) {
		return f, errors.New("a SHA-256 fingerprint has 64 hexadecimal digits")
	}
	copy(f[:], octets)
	return f, nil
}

// pinColumn is a fingerprint as its column has it.
func pinColumn(f Fingerprint) any {
	if f.IsZero() {
		return nil
	}
	return f[:]
}

// DropPin forgets the certificate that a person trusted for an account: its server shows one now that verifies by
// itself. Nothing else changes, so the session that found it out goes on.
func (s *Store) DropPin(ctx context.Context, a Account) error {
	return s.write(ctx, func(t *tx) error {
		if err := owns(t, a); err != nil {
			return err
		}
		_, err := t.exec("UPDATE accounts SET pin = NULL WHERE id = ?", a.ID)
		return err
	})
}
