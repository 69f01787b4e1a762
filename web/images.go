package web

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"postern/internal/dialer"
	"postern/internal/message"
	"postern/internal/remoteimage"
	"postern/store"
)

// Bounds on the remote images of one message.
const (
	imageLinkTime = time.Hour // how long an address of the proxy is good for
	maxRemote     = 400       // different images loaded in one message
)

// newImages is the way by which remote images come: to public addresses only, on the ports of the web; or over web.
func newImages(web http.RoundTripper) *remoteimage.Fetcher {
	if web != nil {
		return remoteimage.Over(web, rasterType)
	}
	d := &dialer.Dialer{Ports: []int{80, 443}, Timeout: 5 * time.Second}
	return remoteimage.New(d.DialContext, rasterType)
}

// partURL is how the address of an image that came with its message begins, within an imageLink; the path of the part follows.
const partURL = "part:"

// imageLink is what a signed address says: who may have an image, of which message, and which. A
// sandboxed frame sends no cookies, so the address is all there is to go by. It is signed: nobody but the portal can
// make one, and the portal makes them only for images that stand in the message.
type imageLink struct {
	user    store.UserID
	message store.MessageID
	until   int64 // unix seconds
	url     string
}

const macSize = 16

// imagePath signs a link: the path of the image within the portal.
func (s *Server) imagePath(l imageLink) string {
	said := binary.AppendVarint(nil, int64(l.user))
	said = binary.AppendVarint(said, int64(l.message))
	said = binary.AppendVarint(said, l.until)
	said = append(said, l.url...)
	return "/images/" + base64.RawURLEncoding.EncodeToString(append(s.imageMAC(said), said...))
}

// readImagePath reads a signed link back; ok is false when the portal has not signed it.
func (s *Server) readImagePath(token string) (l imageLink, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) < macSize {
		return l, false
	}
	said := raw[macSize:]
	if !hmac.Equal(raw[:macSize], s.imageMAC(said)) {
		return l, false
	}
	var numbers [3]int64
	for i := range numbers {
		n, size := binary.Varint(said)
		if size <= 0 {
			return l, false
		}
		numbers[i], said = n, said[size:]
	}
	return imageLink{store.UserID(numbers[0]), store.MessageID(numbers[1]), numbers[2], string(said)}, true
}

func (s *Server) imageMAC(said []byte) []byte {
	mac := hmac.New(sha256.New, s.imageKey)
	mac.Write(said)
	return mac.Sum(nil)[:macSize]
}

// newImageKey signs for as long as the process lives: pages that are open then reload their images.
func newImageKey() []byte {
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	return key[:]
}

// image: GET /images/{token}. A remote image of a message, fetched for the reader; or one that came with the message.
func (s *Server) image(w http.ResponseWriter, r *http.Request) error {
	l, ok := s.readImagePath(chi.URLParam(r, "token"))
	if !ok || s.now().Unix() > l.until {
		return noPage
	}
	ctx := r.Context()
	here, err := s.store.HasMessage(ctx, l.user, l.message)
	if err != nil {
		return err
	}
	if !here {
		return noPage
	}
	if path, ok := strings.CutPrefix(l.url, partURL); ok {
		return s.imagePart(w, r, l, path)
	}
	img, err := s.images.Get(ctx, formatID(l.user), l.url)
	if err != nil {
		s.log.DebugContext(ctx, "remote image", "message", l.message, "err", err)
		return &pageError{code: http.StatusNotFound, title: "This image could not be loaded", text: "Its server did not give it, or gave something else.", err: err}
	}
	imageHeaders(w, img.Type)
	w.Header().Set("Content-Length", strconv.Itoa(len(img.Data)))
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = w.Write(img.Data) // the browser went away: nobody is left to tell
	return nil
}

// imagePart answers with an image that came with its message, and was too large to stand in its HTML.
func (s *Server) imagePart(w http.ResponseWriter, r *http.Request, l imageLink, path string) error {
	m, err := s.store.Message(r.Context(), l.user, l.message)
	if err != nil {
		return err
	}
	raw, err := s.store.Octets(r.Context(), l.user, l.message)
	if err != nil {
		return err
	}
	part := m.Structure.Find(path)
	if part == nil {
		return noPage
	}
	mediaType := rasterType(partHead(part, raw))
	if err := raw.Err(); err != nil {
		return err
	}
	if mediaType == "" {
		return noPage
	}
	imageHeaders(w, mediaType)
	if r.Method == http.MethodHead {
		return nil
	}
	_, err = io.Copy(w, part.Open(raw))
	return cmp.Or(err, raw.Err())
}

func imageHeaders(w http.ResponseWriter, mediaType string) {
	setPolicy(w, filePolicy)
	h := w.Header()
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // the frame of a mail has an origin of its own
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", "inline")
}

// partLinks gives the addresses under which the frame of a message asks for images that came with it.
func (s *Server) partLinks(v *visitor, id store.MessageID) func(part *message.Part) string {
	until := s.now().Add(imageLinkTime).Unix()
	return func(part *message.Part) string {
		return s.address.path + s.imagePath(imageLink{v.ID, id, until, partURL + part.Path})
	}
}

// imageLinks gives the addresses under which the frame of a message asks for its remote images.
func (s *Server) imageLinks(v *visitor, id store.MessageID) func(url string) string {
	paths, until := map[string]string{}, s.now().Add(imageLinkTime).Unix()
	return func(url string) string {
		path, known := paths[url] // spacers stand in many places
		if !known && len(paths) < maxRemote {
			path = s.address.path + s.imagePath(imageLink{v.ID, id, until, url})
			paths[url] = path
		}
		return path
	}
}
