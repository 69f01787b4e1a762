package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const hunter = "hunter2-пароль"

// assertHidden fails when text shows value as it is, in base64 or in hexadecimal.
func assertHidden(t *testing.T, how, text, value string) {
	t.Helper()
	for _, form := range []string{
		value,
		strings.Trim(fmt.Sprintf("%q", value), `"`),
		strings.Trim(fmt.Sprintf("%+q", value), `"`),
		base64.StdEncoding.EncodeToString([]byte(value)),
		base64.URLEncoding.EncodeToString([]byte(value)),
		hex.EncodeToString([]byte(value)),
		fmt.Sprint([]byte(value)),
		fmt.Sprintf("% x", value),
	} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
			t.Errorf("%s shows the secret: %s", how, text)
		}
	}
}

// holders are values with the secret in every kind of place.
func holders(s Secret) map[string]any {
	type inner struct{ hidden Secret }
	return map[string]any{
		"value":   s,
		"pointer": &s,
		"field":   struct{ Password Secret }{s},
		"private": struct{ password Secret }{s},
		"deep":    &struct{ in *inner }{&inner{s}},
		"slice":   []Secret{s},
		"map":     map[string]Secret{"password": s},
		"any":     []any{s, &s},
		"error":   fmt.Errorf("log in with %v: %w", s, errors.New("refused")),
	}
}

func TestSecretDoesNotPrint(t *testing.T) {
	for name, v := range holders(NewSecret(hunter)) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%p", "%c", "%5.1f"} {
			assertHidden(t, name+" by "+verb, fmt.Sprintf(verb, v), hunter)
		}
		assertHidden(t, name+" by Sprint", fmt.Sprint(v), hunter)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(verb, NewSecret(hunter)); got != redacted {
			t.Errorf("%s prints %q, want %q", verb, got, redacted)
		}
	}
}

func TestSecretDoesNotMarshal(t *testing.T) {
	for name, v := range holders(NewSecret(hunter)) {
		out, err := json.Marshal(v)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		assertHidden(t, name+" as JSON", string(out), hunter)
	}
	type login struct{ Password Secret }
	out, err := xml.Marshal(login{NewSecret(hunter)})
	if err != nil || !strings.Contains(string(out), redacted) {
		t.Errorf("XML: %s, %v", out, err)
	}
	if out, _ := json.Marshal(map[string]Secret{"a": NewSecret(hunter)}); string(out) != `{"a":"[secret]"}` {
		t.Errorf("JSON: %s", out)
	}
}

func TestSecretDoesNotLog(t *testing.T) {
	for name, v := range holders(NewSecret(hunter)) {
		var buf bytes.Buffer
		slog.New(slog.NewTextHandler(&buf, nil)).Info("login", "with", v)
		slog.New(slog.NewJSONHandler(&buf, nil)).Info("login", "with", v, slog.Group("g", "s", v))
		assertHidden(t, name+" in the log", buf.String(), hunter)
		if name == "value" && strings.Count(buf.String(), redacted) != 3 {
			t.Errorf("log: %s", buf.String())
		}
	}
}

func TestSecretValue(t *testing.T) {
	s := NewSecret(hunter)
	if s.Reveal() != hunter || s.IsZero() {
		t.Error("Reveal does not give the value")
	}
	var zero Secret
	if !zero.IsZero() || !NewSecret("").IsZero() || zero.Reveal() != "" || zero.String() != redacted {
		t.Error("the empty secret is not zero")
	}
	if !s.Equal(NewSecret(hunter)) || s.Equal(NewSecret("hunter3")) || s.Equal(zero) || !zero.Equal(NewSecret("")) {
		t.Error("Equal")
	}
}
