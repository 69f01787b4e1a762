package web

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"

	"postern/internal/autoconfig"
	"postern/internal/i18n"
	"postern/internal/seal"
	"postern/store"
	"postern/templates"
)

// serverAddress names the server that a certificate is trusted for.
func serverAddress(v store.Settings) string {
	return net.JoinHostPort(v.Host, strconv.Itoa(v.Port))
}

// checkPin: a certificate is trusted for the server that showed it, by host and port. What was trusted before stays for as
// long as these do.
func (f accountForm) checkPin(before *store.Account, v *store.Settings, errs fieldErrors) {
	v.Pin = store.Fingerprint{}
	if v.Security == store.Plain {
		return
	}
	server := serverAddress(*v)
	if before != nil && server == serverAddress(before.Settings) {
		v.Pin = before.Pin
	}
	if f.pin == "" {
		return
	}
	digits, showed, _ := strings.Cut(f.pin, " ")
	shown, err := store.ParseFingerprint(digits)
	provider := autoconfig.ByHost(v.Host)
	switch {
	case err != nil:
		errs.add("pin", "This is not the fingerprint of a certificate. Test the connection again.")
	case showed != server:
		errs.add("pin", "The certificate that you trusted is another server's. Test the connection again.")
	case provider != nil:
		errs.add("pin", "%s has a certificate that every machine can verify: do not trust another one in its place.", provider.Name)
	default:
		v.Pin = shown
	}
}

// offerTrust is the box in which a person says that they trust a certificate; nil where nobody should: the certificates
// of well-known providers verify, and what does not is somebody else's.
func offerTrust(v store.Settings, shown store.Fingerprint, trusted bool) *templates.Trust {
	if shown.IsZero() || autoconfig.ByHost(v.Host) != nil {
		return nil
	}
	starttls, port := "", strconv.Itoa(v.Port)
	if v.Security == store.STARTTLS {
		starttls = "-starttls pop3 "
	}
	return &templates.Trust{
		Value: shown.Hex() + " " + serverAddress(v), Host: v.Host, Port: port, Checked: trusted,
		Command: "openssl s_client " + starttls + "-connect localhost:" + port + " </dev/null | openssl x509 -noout -fingerprint -sha256",
	}
}

// keptTrust shows again, in a form that is not in order, the certificate that was chosen to be trusted; nil: none was.
func keptTrust(ctx context.Context, form accountForm, v store.Settings, errs fieldErrors) *templates.TestResult {
	if _, wrong := errs["pin"]; wrong || form.pin == "" || v.Pin.IsZero() {
		return nil
	}
	return &templates.TestResult{
		Summary: i18n.T(ctx, "This certificate is trusted once the form is saved."),
		Facts:   []templates.Fact{{Name: i18n.T(ctx, "SHA-256 fingerprint"), Value: v.Pin.String()}},
		Trust:   offerTrust(v, v.Pin, true),
	}
}

// forgetCertificate: POST /accounts/{id}/forget-certificate. To trust less takes no password.
func (s *Server) forgetCertificate(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	a, err := s.accountOf(r, v)
	if err != nil {
		return err
	}
	settings := a.Settings
	settings.Pin = store.Fingerprint{}
	if err := s.store.UpdateAccount(r.Context(), v.ID, a.ID, settings, seal.Secret{}); err != nil {
		return missing(err, noAccount)
	}
	s.worker.Wake()
	if err := v.say(w, r, toast{Text: i18n.T(r.Context(), "The certificate of %s is no longer trusted.", a.Host)}); err != nil {
		return err
	}
	s.redirect(w, accountURL(a.ID, ""))
	return nil
}
