package demo

import (
	"image/png"
	"net/http"
	"net/url"
	"testing"
)

// TestWeb: each picture that the sample mail names is drawn, a list lets go, and the same address gives the same.
func TestWeb(t *testing.T) {
	client := http.Client{Transport: Web{}}
	for address, width := range map[string]int{
		"https://img.slowkettle.example/letters/48/terrace.jpg":    600,
		"https://img.harbourbooks.example/covers/1.jpg":            150,
		"https://track.slowkettle.example/open?letter=48&reader=r": 1,
		"https://account-check.invalid/pixel.gif":                  1,
	} {
		res, err := client.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(res.Body)
		if err != nil || img.Bounds().Dx() != width {
			t.Errorf("%s: %v, %v", address, img, err)
		}
	}
	res, err := client.PostForm("https://slowkettle.example/leave", url.Values{"List-Unsubscribe": {"One-Click"}})
	if err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("leaving a list: %v, %v", res, err)
	}
}
