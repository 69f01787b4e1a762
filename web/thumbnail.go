package web

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net/http"
	"strconv"

	_ "image/gif" // what thumbnails are made of
	_ "image/png"

	"github.com/go-chi/chi/v5"
	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"

	"postern/internal/message"
)

// Bounds on what thumbnails are made of. A picture says how large it is before it is unpacked.
const (
	maxThumbSource = 25 << 20 // octets
	maxThumbPixels = 40 << 20
	thumbWidth     = 320 // twice what is shown, for fine screens
	thumbHeight    = 200
)

// errNoThumb is why there is none: no picture, or one that is too large.
var errNoThumb = errors.New("not a picture that a thumbnail is made of")

// thumbnail: GET /messages/{id}/parts/{path}/thumbnail. A small picture of a picture, drawn anew.
func (s *Server) thumbnail(w http.ResponseWriter, r *http.Request, v *visitor) error {
	m, octets, err := s.stored(r, v)
	if err != nil {
		return err
	}
	part := m.Structure.Find(chi.URLParam(r, "path"))
	if part == nil || part.Size > maxThumbSource {
		return noPage
	}
	raster := rasterType(partHead(part, octets))
	if err := octets.Err(); err != nil {
		return err
	}
	if raster == "" {
		return noPage
	}
	ctx := r.Context()
	select { // unpacked pictures are large: one at a time
	case s.thumbs <- struct{}{}:
		defer func() { <-s.thumbs }()
	case <-ctx.Done():
		return ctx.Err()
	}
	small, err := shrink(ctx, part, octets)
	if damage := octets.Err(); damage != nil {
		return damage
	}
	if errors.Is(err, errNoThumb) {
		return noPage
	}
	if err != nil {
		return err
	}
	setPolicy(w, filePolicy)
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Content-Length", strconv.Itoa(len(small)))
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = w.Write(small) // the browser went away: nobody is left to tell
	return nil
}

// shrink draws a picture into thumbWidth by thumbHeight.
func shrink(ctx context.Context, part *message.Part, raw io.ReaderAt) ([]byte, error) {
	size, _, err := image.DecodeConfig(io.LimitReader(part.Open(raw), maxThumbSource))
	if err != nil || size.Width <= 0 || size.Height <= 0 || int64(size.Width)*int64(size.Height) > maxThumbPixels {
		return nil, errNoThumb
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	full, _, err := image.Decode(io.LimitReader(part.Open(raw), maxThumbSource))
	if err != nil {
		return nil, errNoThumb
	}
	scale := min(1, min(thumbWidth/float64(size.Width), thumbHeight/float64(size.Height)))
	small := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(size.Width)*scale)), max(1, int(float64(size.Height)*scale))))
	draw.Draw(small, small.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(small, small.Bounds(), full, full.Bounds(), draw.Over, nil)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, small, &jpeg.Options{Quality: 80}); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
