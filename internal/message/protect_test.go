package message

import (
	"bytes"
	"encoding/base64"
	"testing"
)

func TestProtection(t *testing.T) {
	cms := func(kind byte) string {
		der := []byte{0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, kind, 0xa0, 0x80}
		return "Content-Type: application/pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n" +
			base64.StdEncoding.EncodeToString(der) + "\n"
	}
	for raw, want := range map[string]Protection{
		"\n\nplain text\n": Unprotected,
		"Content-Type: multipart/signed; boundary=x\n\n--x\n\ntext\n--x\nContent-Type: application/pgp-signature\n\nx\n--x--\n":                      Signed,
		"Content-Type: multipart/encrypted; boundary=x\n\n--x\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--x--\n":                       Encrypted,
		"Content-Type: multipart/mixed; boundary=y\n\n--y\nContent-Type: multipart/signed; boundary=x\n\n--x\n\ntext\n--x--\n--y\n\nfooter\n--y--\n": Signed,
		"\n\n-----BEGIN PGP MESSAGE-----\n\nx\n":        Encrypted,
		"\n\n-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n": Signed,
		"Content-Type: multipart/mixed; boundary=y\n\n": Unprotected,
		cms(2): Signed,
		cms(3): Encrypted,
	} {
		if got := parse(t, []byte(raw)).Root.Protection(bytes.NewReader([]byte(raw))); got != want {
			t.Errorf("%q is %q, want %q", raw, got, want)
		}
	}
}
