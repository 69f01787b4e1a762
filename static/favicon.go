package static

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
)

// badge is drawn over the mark: how many messages are unread.
const badge = `<circle cx="21" cy="21" r="11" fill="#b3261e" stroke="#fff" stroke-width="1.5"/>
<text x="21" y="%s" font-family="system-ui,sans-serif" font-size="%s" font-weight="700" fill="#fff" text-anchor="middle">%d</text>
</svg>`

// Favicon serves the mark with the number of the query's n on it, at most 99: a browser's tab then tells how many
// messages are unread. What is no number gives the mark alone.
func Favicon(w http.ResponseWriter, r *http.Request) {
	icon := byName["mark.svg"].plain
	if n, err := strconv.Atoi(r.URL.Query().Get("n")); err == nil && n > 0 {
		y, size := "26.5", "16"
		if n > 9 {
			y, size = "25.5", "13"
		}
		icon = bytes.Replace(icon, []byte("</svg>"), fmt.Appendf(nil, badge, y, size, min(n, 99)), 1)
	}
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Cache-Control", "public, max-age=86400")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(icon) // the browser went away: nobody is left to tell
}
