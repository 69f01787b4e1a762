package browsertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	jsonv2 "github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// stepTimeout bounds a step, and the wait for what it needs. Machines that run many
// packages' tests at once are slow.
const stepTimeout = time.Minute

// pollPause is the time between two looks at a page.
const pollPause = 25 * time.Millisecond

// A Page is one tab. Its methods fail the test that opened it, and are for that test's
// goroutine only.
type Page struct {
	tb     testing.TB
	ctx    context.Context
	limit  time.Duration // stepTimeout; a field for this package's own tests
	record recorder
}

// Page opens a tab with a viewport of width by height CSS pixels, whose reader prefers
// a dark or a light colour scheme. The tab is closed with tb.
func (b *Browser) Page(tb testing.TB, width, height int, dark bool) *Page {
	tb.Helper()
	p := &Page{tb: tb, limit: stepTimeout}
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithListener(p.record.event))
	tb.Cleanup(cancel)
	p.ctx = ctx
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	// Not a step: the tab lives as long as the context of its first action.
	p.check("open a tab", chromedp.Do(ctx))
	p.step("set the size", chromedp.EmulateViewport(int64(width), int64(height)))
	p.record.start(p)
	send(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme},
			// Animations would make screenshots differ from run to run.
			{Name: "prefers-reduced-motion", Value: "reduce"},
		},
	})
	send(p, log.Enable, cdp.Empty{})
	return p
}

// step runs actions, within p.limit.
func (p *Page) step(what string, actions ...chromedp.Action[chromedp.Void]) {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, p.limit)
	defer cancel()
	p.check(what, chromedp.Do(ctx, actions...))
}

// send sends one command, within p.limit, and returns its result.
func send[P, R any](p *Page, command cdp.Command[P, R], params P) R {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, p.limit)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	p.check(command.Method, err)
	return result
}

// check fails the test with the step that failed.
func (p *Page) check(what string, err error) {
	p.tb.Helper()
	if err != nil {
		p.tb.Fatalf("browsertest: %s: %v", what, err)
	}
}

// await looks at the page again and again until done says that it is as it should be
// or the time is over, and returns done's last error.
func (p *Page) await(limit time.Duration, done func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	last := errors.New("no answer from the browser")
	for {
		err := done(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() == nil {
			last = err // and not merely "time is over"
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (after %v)", last, limit)
		case <-time.After(pollPause):
		}
	}
}

// Goto opens url, waits until it has loaded, and returns the HTTP status.
func (p *Page) Goto(url string) int {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, p.limit)
	defer cancel()
	response, err := chromedp.Run(ctx, chromedp.NavigateResponse(url))
	p.check("go to "+url, err)
	if response == nil { // about:blank and the like
		return 0
	}
	return int(response.Status)
}

// URL returns the address the page has now.
func (p *Page) URL() string {
	p.tb.Helper()
	return eval[string](p, "location.href")
}

// HTML returns the whole document as it stands now, serialised.
func (p *Page) HTML() string {
	p.tb.Helper()
	return eval[string](p, "document.documentElement.outerHTML")
}

// Text waits for an element that matches a CSS selector, and returns the text of the
// first as it is shown.
func (p *Page) Text(selector string) string {
	p.tb.Helper()
	quoted := quote(selector)
	var text string
	err := p.await(p.limit, func(ctx context.Context) error {
		found, err := chromedp.Run(ctx, chromedp.Evaluate[*string](
			"(e => e ? e.innerText : null)(document.querySelector("+quoted+"))"))
		if err != nil {
			return err
		}
		if found == nil {
			return errors.New("no such element")
		}
		text = *found
		return nil
	})
	p.check("text of "+selector, err)
	return text
}

// WaitText waits until text is somewhere on the page, as shown.
func (p *Page) WaitText(text string, timeout time.Duration) {
	p.tb.Helper()
	p.waitText(text, timeout, true)
}

// WaitNoText waits until text is nowhere on the page any more.
func (p *Page) WaitNoText(text string, timeout time.Duration) {
	p.tb.Helper()
	p.waitText(text, timeout, false)
}

func (p *Page) waitText(text string, timeout time.Duration, want bool) {
	p.tb.Helper()
	var shown string
	err := p.await(timeout, func(ctx context.Context) error {
		now, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body ? document.body.innerText : ''"))
		if err != nil {
			return err
		}
		shown = now
		if strings.Contains(shown, text) != want {
			return errors.New("not so")
		}
		return nil
	})
	if err != nil {
		p.tb.Fatalf("browsertest: wait for text %q to be there: %t: %v; the page shows:\n%s", text, want, err, shown)
	}
}

// Eval returns the value of a JavaScript expression, as JSON. A promise is waited for.
func (p *Page) Eval(expression string) string {
	p.tb.Helper()
	return string(eval[[]byte](p, expression, chromedp.EvalAwaitPromise))
}

// WaitEval waits until a JavaScript expression has a value, written as JSON but for the quotation marks of a string.
// Meanwhile the page may go elsewhere.
func (p *Page) WaitEval(expression, want string, timeout time.Duration) {
	p.tb.Helper()
	var got string
	err := p.await(timeout, func(ctx context.Context) error {
		now, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](expression, chromedp.EvalAwaitPromise))
		if err != nil {
			return err
		}
		if got = strings.Trim(string(now), `"`); got != want {
			return errors.New("not so")
		}
		return nil
	})
	if err != nil {
		p.tb.Fatalf("browsertest: %s is %q, want %q: %v", expression, got, want, err)
	}
}

// eval evaluates an expression in the page, within p.limit.
func eval[T any](p *Page, expression string, options ...chromedp.EvaluateOption) T {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, p.limit)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, options...))
	p.check("evaluate "+expression, err)
	return value
}

// quote returns s as a JavaScript string.
func quote(s string) string {
	quoted, err := jsonv2.Marshal(s)
	if err != nil {
		return `""` // s is not UTF-8
	}
	return string(quoted)
}

// keys are the keys that Press knows by name, beside characters.
var keys = map[string]string{
	"Enter": kb.Enter, "Escape": kb.Escape, "Tab": kb.Tab, "Space": " ", "Backspace": kb.Backspace,
	"Delete": kb.Delete, "Home": kb.Home, "End": kb.End, "PageUp": kb.PageUp, "PageDown": kb.PageDown,
	"ArrowUp": kb.ArrowUp, "ArrowDown": kb.ArrowDown, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight,
}

// Press presses a key, as "j", "/", "#" or "Enter", wherever the focus is, and waits
// for the page that this may lead to.
func (p *Page) Press(key string) {
	p.tb.Helper()
	if named, ok := keys[key]; ok {
		key = named
	}
	for _, r := range key {
		p.stroke(r)
	}
	p.settle()
}

// stroke presses a key and lets go of it. The character goes with the pressing, as from a
// keyboard: a page that takes the key for itself keeps it out.
func (p *Page) stroke(r rune) {
	p.tb.Helper()
	events := kb.Encode(r)
	down, up := events[0], events[len(events)-1]
	if len(events) == 3 {
		down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
	}
	send(p, input.DispatchKeyEvent, *down)
	send(p, input.DispatchKeyEvent, *up)
}

// DisableScripts makes the page one without JavaScript, from its next address on.
func (p *Page) DisableScripts() {
	p.tb.Helper()
	send(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// IgnorePolicy has the page keep to no Content-Security-Policy from its next address on. In a document whose policy
// forbids all scripts, axe-core does not come to its end either.
func (p *Page) IgnorePolicy() {
	p.tb.Helper()
	send(p, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true})
}

// Picture writes what the window shows to a PNG file, as small as it gets without loss, and makes the file's folder where
// need be.
func (p *Page) Picture(file string) {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, p.limit)
	defer cancel()
	shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	p.check("picture", err)
	img, err := png.Decode(bytes.NewReader(shot))
	p.check("picture", err)
	var small bytes.Buffer
	p.check("picture", (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, img))
	p.check("picture", os.MkdirAll(filepath.Dir(file), 0o755))
	p.check("picture", os.WriteFile(file, small.Bytes(), 0o644))
}

// Screenshot writes the whole page, also what is below the viewport, to a PNG file,
// and makes the file's folder where need be.
func (p *Page) Screenshot(file string) {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, p.limit)
	defer cancel()
	shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	p.check("screenshot", err)
	p.check("screenshot", os.MkdirAll(filepath.Dir(file), 0o755))
	p.check("screenshot", os.WriteFile(file, shot, 0o644))
}
