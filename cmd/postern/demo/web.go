package demo

import (
	"bytes"
	"hash/fnv"
	"image/color"
	"io"
	"net/http"
	"path"
)

// Web answers in place of the hosts that the sample mail names: with a drawing for each picture, a dot for what only
// counts its readers, and consent for whoever leaves a list. Nobody is contacted.
type Web struct{}

// RoundTrip implements [http.RoundTripper].
func (Web) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body.Close()
	}
	answer := &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"image/png"}}, Request: r,
	}
	picture, err := pictureOf(r.URL.Path)
	if err != nil {
		return nil, err
	}
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(picture)), int64(len(picture))
	return answer, nil
}

// pictureOf draws the same picture for the same path.
func pictureOf(file string) ([]byte, error) {
	if ext := path.Ext(file); ext != ".jpg" && ext != ".png" {
		return landscape(1, 1, color.RGBA{}, color.RGBA{})
	}
	width, height := 600, 220
	if path.Base(file) == "waves.png" { // below white letters
		return landscape(620, 76, color.RGBA{0x14, 0x42, 0x5c, 255}, color.RGBA{0x1d, 0x5a, 0x7a, 255})
	}
	if path.Base(path.Dir(file)) == "covers" {
		width, height = 150, 220
	}
	h := fnv.New32a()
	io.WriteString(h, file)
	tone := h.Sum32()
	light := func(shift int) uint8 { return 0xb0 + uint8(tone>>shift)%0x50 }
	dark := func(shift int) uint8 { return 0x40 + uint8(tone>>shift)%0x50 }
	return landscape(width, height, color.RGBA{light(0), light(7), light(14), 255}, color.RGBA{dark(4), dark(11), dark(18), 255})
}
