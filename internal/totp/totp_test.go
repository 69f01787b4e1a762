package totp_test

import (
	"bytes"
	"encoding/base32"
	"image/png"
	"net/url"
	"strings"
	"testing"
	"time"

	"postern/internal/totp"
)

// TestRFC6238 takes the test vectors of RFC 6238, Appendix B (SHA-1), of which six digits are the last six.
func TestRFC6238(t *testing.T) {
	secret := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if step, ok := totp.Match(secret, code, time.Unix(at, 0)); !ok || step != at/30 {
			t.Errorf("at %d the code %s gives step %d, %v", at, code, step, ok)
		}
		if _, ok := totp.Match(secret, code[:3]+" "+code[3:], time.Unix(at, 0)); !ok {
			t.Errorf("%s with a blank is refused", code)
		}
		for _, off := range []int64{-30, 30} {
			if step, ok := totp.Match(secret, code, time.Unix(at+off, 0)); !ok || step != at/30 {
				t.Errorf("a clock that is %d s off: step %d, %v", off, step, ok)
			}
		}
		for _, off := range []int64{-31, 60} { // from the beginning of the step
			if _, ok := totp.Match(secret, code, time.Unix(at/30*30+off, 0)); ok && at > 100 {
				t.Errorf("the code of %d counts %d s after its step began", at, off)
			}
		}
	}
	for _, wrong := range []string{"", "000000", "28708", "2870822", "abcdef"} {
		if _, ok := totp.Match(secret, wrong, time.Unix(59, 0)); ok {
			t.Errorf("%q counts as a code", wrong)
		}
	}
	if _, ok := totp.Match("not base 32!", "287082", time.Unix(59, 0)); ok {
		t.Error("a damaged secret matches")
	}
}

func TestSecretsAndTheirQRCode(t *testing.T) {
	secret := totp.NewSecret()
	if !totp.ValidSecret(secret) || totp.ValidSecret(secret[1:]) || totp.ValidSecret("") || secret == totp.NewSecret() {
		t.Errorf("secret of %d characters", len(secret))
	}
	address := totp.URL(secret, "ann/b?&=:你")
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Postern:ann/b?&=:你" || u.Query().Get("secret") != secret || u.Query().Get("issuer") != "Postern" {
		t.Errorf("%s: %v", strings.ReplaceAll(address, secret, "…"), err)
	}
	data, err := totp.QR(address, 240)
	if err != nil {
		t.Fatal(err)
	}
	if img, err := png.Decode(bytes.NewReader(data)); err != nil || img.Bounds().Dx() != 240 {
		t.Errorf("QR code: %v", err)
	}
}

func TestRecoveryCodes(t *testing.T) {
	shown, hashes := totp.NewRecoveryCodes()
	if len(shown) != 10 || len(hashes) != 10 {
		t.Fatalf("%d codes, %d hashes", len(shown), len(hashes))
	}
	seen := map[string]bool{}
	for i, code := range shown {
		seen[code] = true
		for _, typed := range []string{code, strings.ToUpper(code), strings.ReplaceAll(code, "-", " "), " " + strings.ReplaceAll(code, "o", "0")} {
			if hash, ok := totp.RecoveryHash(typed); !ok || !bytes.Equal(hash, hashes[i]) {
				t.Errorf("code %d typed in another way is another", i)
			}
		}
	}
	if len(seen) != 10 {
		t.Error("codes repeat")
	}
	for _, none := range []string{"", "123456", shown[0][1:], shown[0] + "a", "!!!!-!!!!-!!!!-!!!!"} {
		if _, ok := totp.RecoveryHash(none); ok {
			t.Errorf("%d characters pass for a code", len(none))
		}
	}
}
