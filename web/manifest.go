package web

import (
	"encoding/json"
	"net/http"

	"postern/static"
)

// manifest is what a browser wants to know before it installs the portal as an application (W3C Web Application
// Manifest).
type manifest struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	ShortName  string         `json:"short_name"`
	StartURL   string         `json:"start_url"`
	Scope      string         `json:"scope"`
	Display    string         `json:"display"`
	Background string         `json:"background_color"`
	Theme      string         `json:"theme_color"`
	Icons      []manifestIcon `json:"icons"`
}

type manifestIcon struct {
	Source string `json:"src"`
	Sizes  string `json:"sizes"`
	Type   string `json:"type"`
}

// webManifest: GET /manifest.webmanifest. Browsers ask for it without cookies.
func (s *Server) webManifest(w http.ResponseWriter, _ *http.Request) error {
	base := s.address.path
	data, err := json.Marshal(manifest{
		ID: base + "/", Name: "Postern", ShortName: "Postern", StartURL: base + "/mail/inbox", Scope: base + "/",
		Display: "standalone", Background: "#f0ede5", Theme: "#f0ede5",
		Icons: []manifestIcon{
			{base + static.Path("icon-192.png"), "192x192", "image/png"},
			{base + static.Path("icon-512.png"), "512x512", "image/png"},
			{base + static.Path("mark.svg"), "any", "image/svg+xml"},
		},
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/manifest+json")
	_, _ = w.Write(data) // the browser went away: nobody is left to tell
	return nil
}
