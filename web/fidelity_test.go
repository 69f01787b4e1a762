package web

import (
	"encoding/json"
	"fmt"
	"image"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"postern/internal/browsertest"
)

// TestFidelity holds our reading of each designed mail against the mail as it came, in a wide and a narrow window, and
// writes the table of docs/HTML-MAIL.md. `make fidelity` asks for it; POSTERN_FIDELITY_ONLY is a regular expression for
// the names of those wanted. What it compares is described there.
func TestFidelity(t *testing.T) {
	out := os.Getenv("POSTERN_FIDELITY")
	if out == "" {
		t.Skip("set POSTERN_FIDELITY to a folder for the pictures, or use make fidelity")
	}
	list := designedMails(t)
	t.Logf("%d designed mails", len(list))
	only := regexp.MustCompile(os.Getenv("POSTERN_FIDELITY_ONLY"))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		var what string
		if _, err := fmt.Sscanf(strings.ReplaceAll(r.URL.Path, "/", " "), "%s %d", &what, &n); err != nil || n >= len(list) {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
		if what == "raw" {
			_, _ = w.Write([]byte(list[n].raw + unwanted))
		} else {
			_, _ = w.Write([]byte(list[n].ours))
		}
	}))
	t.Cleanup(srv.Close)
	b := browsertest.New(t)
	results := make([]fidelity, len(list))
	work := make(chan int)
	t.Run("tabs", func(t *testing.T) {
		for range 3 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				var pages [len(windows)]*browsertest.Page
				for i, width := range windows {
					pages[i] = b.Page(t, width, 800, false)
					pages[i].DisableScripts()
				}
				for n := range work {
					results[n] = compareMail(t, pages, srv.URL, out, n, list[n])
				}
			})
		}
		go func() {
			defer close(work)
			for n := range list {
				if only.MatchString(list[n].set + "/" + list[n].name) {
					work <- n
				}
			}
		}()
	})
	report(t, out, list, results)
}

// unwanted hides in the mail as it came what is taken out on purpose: that says nothing of how well the rest is kept.
const unwanted = "<style>input,select,textarea,button,iframe,object,embed,video,audio{display:none!important}</style>"

// windows are the widths of the frame, in CSS px.
var windows = [...]int{1000, 390}

// fidelity is what one mail was like, for each window.
type fidelity struct{ at [len(windows)]likeness }

// compareMail shows a mail both ways.
func compareMail(t *testing.T, pages [len(windows)]*browsertest.Page, base, out string, n int, d laidOut) (f fidelity) {
	t.Helper()
	for what, html := range map[string]string{"raw": d.raw, "ours": d.ours} { // to look closer at, beside the pictures
		if err := os.WriteFile(filepath.Join(out, fmt.Sprintf("%03d-%s.html", n, what)), []byte(html), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i, page := range pages {
		var seen [2]layoutSeen
		var shots [2]image.Image
		for k, what := range []string{"raw", "ours"} {
			page.Goto(fmt.Sprintf("%s/%s/%d", base, what, n))
			time.Sleep(30 * time.Millisecond)
			answers := page.InDocuments(seeLayout)
			if len(answers) == 0 {
				t.Fatalf("%s/%s: no answer from the browser", d.set, d.name)
			}
			if err := json.Unmarshal([]byte(answers[0]), &seen[k]); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(out, fmt.Sprintf("%03d-%d-%s.png", n, windows[i], what))
			page.Screenshot(file)
			shots[k] = readPNG(t, file)
		}
		f.at[i] = compare(seen[0], seen[1], shots[0], shots[1], windows[i])
	}
	return f
}

// seeLayout asks a document where each of its words and images stands, and how the words look.
const seeLayout = `function() {
	const words = [], walk = this.createTreeWalker(this.body || this.documentElement, NodeFilter.SHOW_ALL), view = this.defaultView;
	const range = this.createRange();
	for (let n; (n = walk.nextNode()) && words.length < 2500;) {
		if (n.nodeName === "IMG") {
			const r = n.getBoundingClientRect();
			if (r.width > 4 && r.height > 4) words.push({t: "\u25a1", x: r.left, y: r.top, w: r.width, h: r.height, s: "", c: ""});
		}
		if (n.nodeType !== Node.TEXT_NODE || /^(SCRIPT|STYLE|TITLE|NOSCRIPT|TEXTAREA|OPTION|SELECT|IFRAME)$/.test(n.parentNode.nodeName)) continue;
		const style = view.getComputedStyle(n.parentNode);
		if (style.visibility !== "visible" || parseFloat(style.fontSize) < 3) continue;
		for (const m of n.data.matchAll(/[^\s\u00a0\u200b-\u200f]+/g)) {
			range.setStart(n, m.index); range.setEnd(n, m.index + m[0].length);
			const r = range.getClientRects()[0];
			if (r && r.width && r.height) words.push({t: m[0], x: r.left, y: r.top, w: r.width, h: r.height, s: style.fontSize + " " + style.fontWeight + " " + style.fontStyle, c: style.color});
		}
	}
	const page = this.documentElement;
	return JSON.stringify({width: Math.max(page.scrollWidth, this.body ? this.body.scrollWidth : 0), height: page.scrollHeight, words: words});
}`

type layoutSeen struct {
	Width, Height float64
	Words         []wordSeen
}

type wordSeen struct {
	T          string
	X, Y, W, H float64
	S, C       string
}

func (w wordSeen) within(window int) bool { return w.X >= -1 && w.X+w.W <= float64(window)+1 }

// likeness says how like our reading is to the mail as it came, in one window; shares are of 1.
type likeness struct {
	words             int
	said              float64 // words and images that stand in both, in the same order
	placed            float64 // and stand at the same place beside the one before
	looks             float64 // with the same size, weight and colour of letters
	paper             float64 // blocks of the picture of the same colour
	rawWide, oursWide bool    // wider than the window
	looked, moved     string  // the most frequent difference of looks, the first of place
	shown, rawShown   float64 // words that are within the window, without scrolling sideways
}

const near = 6 // CSS px: as far as the browser's own roundings and our margin may move a word

func compare(raw, ours layoutSeen, rawShot, ourShot image.Image, window int) likeness {
	l := likeness{rawWide: raw.Width > float64(window)+1, oursWide: ours.Width > float64(window)+1}
	pairs := align(raw.Words, ours.Words)
	l.words = max(len(raw.Words), len(ours.Words))
	if l.words == 0 {
		l.said, l.placed, l.looks, l.paper, l.shown, l.rawShown = 1, 1, 1, 1, 1, 1
		return l
	}
	said, placed, looks, shown, rawShown := 0, 0, 0, 0, 0
	changes := map[string]int{}
	for i, p := range pairs {
		a, b := raw.Words[p[0]], ours.Words[p[1]]
		said++
		if a.S == b.S && a.C == b.C {
			looks++
		} else if change := fmt.Sprintf("%s %s for %s %s", b.S, b.C, a.S, a.C); a.S != "" {
			if changes[change]++; changes[change] > changes[l.looked] {
				l.looked = change
			}
		}
		if b.within(window) {
			shown++
		}
		if a.within(window) {
			rawShown++
		}
		here := math.Abs(a.X-b.X) <= near
		if i > 0 { // how far below the word before, wherever that one is
			before, after := raw.Words[pairs[i-1][0]], ours.Words[pairs[i-1][1]]
			here = here && math.Abs((a.Y-before.Y)-(b.Y-after.Y)) <= near
		}
		if a.T == "\u25a1" {
			here = here && math.Abs(a.W-b.W) <= near && math.Abs(a.H-b.H) <= near
		}
		if here {
			placed++
		} else if l.moved == "" {
			l.moved = fmt.Sprintf("%q is at %.0f, %.0f (%.0f by %.0f) for %.0f, %.0f (%.0f by %.0f)", truncate(a.T, 20), b.X, b.Y, b.W, b.H, a.X, a.Y, a.W, a.H)
		}
	}
	all := float64(l.words)
	both := float64(max(said, 1))
	l.said, l.placed, l.looks, l.shown, l.rawShown = float64(said)/all, float64(placed)/all, float64(looks)/both, float64(shown)/both, float64(rawShown)/both
	l.paper = samePaper(raw, ours, pairs, rawShot, ourShot)
	return l
}

// align pairs the words of two readings: the longest common subsequence.
func align(a, b []wordSeen) (pairs [][2]int) {
	length := make([][]uint16, len(a)+1)
	for i := range length {
		length[i] = make([]uint16, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i].T == b[j].T {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i].T == b[j].T:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}

// blockSize is the side of the blocks whose colours are compared, in px.
const blockSize = 16

// samePaper compares the pictures in blocks: each block of ours is looked for where the words near it have gone.
func samePaper(raw, ours layoutSeen, pairs [][2]int, a, b image.Image) float64 {
	drift := func(y float64) int { // of the paired word nearest below or above
		best, by := math.Inf(1), 0.0
		for _, p := range pairs {
			if d := math.Abs(raw.Words[p[0]].Y - y); d < best {
				best, by = d, ours.Words[p[1]].Y-raw.Words[p[0]].Y
			}
		}
		return int(math.Round(by))
	}
	same, all := 0, 0
	size := a.Bounds().Size()
	for y := 0; y+blockSize <= size.Y && y < 12000; y += blockSize {
		by := drift(float64(y) + blockSize/2)
		for x := 0; x+blockSize <= min(size.X, b.Bounds().Dx()); x += blockSize {
			all++
			if alike(blockColour(a, x, y), blockColour(b, x, y+by)) {
				same++
			}
		}
	}
	if all == 0 {
		return 1
	}
	return float64(same) / float64(all)
}

// blockColour is the mean colour of a block; what lies outside of the picture is white.
func blockColour(img image.Image, x, y int) (mean [3]float64) {
	bounds := img.Bounds()
	for dy := 0; dy < blockSize; dy += 2 {
		for dx := 0; dx < blockSize; dx += 2 {
			c := [3]uint32{0xffff, 0xffff, 0xffff}
			if at := image.Pt(x+dx, y+dy); at.In(bounds) {
				c[0], c[1], c[2], _ = img.At(at.X, at.Y).RGBA()
			}
			for i := range mean {
				mean[i] += float64(c[i]>>8) / (blockSize * blockSize / 4)
			}
		}
	}
	return mean
}

func alike(a, b [3]float64) bool {
	for i := range a {
		if math.Abs(a[i]-b[i]) > 40 {
			return false
		}
	}
	return true
}
