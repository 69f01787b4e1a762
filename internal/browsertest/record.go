package browsertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// recorder keeps what the browser tells about a page while the test does other things.
type recorder struct {
	mu       sync.Mutex
	main     cdp.FrameID
	loading  bool
	console  []string
	requests []string
	dialogs  chan string
}

// start names the page's main frame, and begins to answer dialogs, which would hold
// up every step.
func (r *recorder) start(p *Page) {
	dialogs := make(chan string, 16)
	r.mu.Lock()
	r.main = cdp.FrameID(chromedp.FromContext(p.ctx).Target.TargetID)
	r.dialogs = dialogs
	r.mu.Unlock()
	go func() {
		for {
			select {
			case <-dialogs:
				// Fails only when the page has gone, and the dialog with it.
				_, _ = chromedp.Call(p.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
			case <-p.ctx.Done():
				return
			}
		}
	}()
}

// event takes one event. It runs on the goroutine that reads from the browser.
func (r *recorder) event(ev any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch ev := ev.(type) {
	case *page.EventFrameRequestedNavigation:
		if ev.FrameID == r.main && ev.Disposition == page.ClientNavigationDispositionCurrentTab {
			r.loading = true
		}
	case *page.EventFrameStartedLoading:
		r.loading = r.loading || ev.FrameID == r.main
	case *page.EventFrameStoppedLoading:
		r.loading = r.loading && ev.FrameID != r.main
	case *network.EventRequestWillBeSent:
		if ev.Request != nil {
			r.requests = append(r.requests, ev.Request.URL)
		}
	case *page.EventJavascriptDialogOpening:
		r.console = append(r.console, fmt.Sprintf("dialog: %s", ev.Message))
		select {
		case r.dialogs <- ev.Message:
		default: // a page that floods us with dialogs hangs, and its next step says so
		}
	default:
		if line := complaint(ev); line != "" {
			r.console = append(r.console, line)
		}
	}
}

// complaint returns the line for the console that an event is worth, or "".
func complaint(ev any) string {
	switch ev := ev.(type) {
	case *log.EventEntryAdded:
		if ev.Entry != nil && (ev.Entry.Level == log.EntryLevelError || ev.Entry.Source == log.EntrySourceSecurity) {
			return fmt.Sprintf("%s: %s (%s)", ev.Entry.Source, ev.Entry.Text, ev.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.ConsoleAPICalledTypeError || ev.Type == runtime.ConsoleAPICalledTypeAssert {
			line := "console." + string(ev.Type) + ":"
			for _, arg := range ev.Args {
				line += " " + describe(arg)
			}
			return line
		}
	case *runtime.EventExceptionThrown:
		if ev.ExceptionDetails != nil {
			return "exception: " + ev.ExceptionDetails.Text + " " + describe(ev.ExceptionDetails.Exception)
		}
	}
	return ""
}

// describe returns what a console shows of a value.
func describe(o *runtime.RemoteObject) string {
	switch {
	case o == nil:
		return ""
	case o.Description != "":
		return o.Description
	default:
		return string(o.Value)
	}
}

// Console returns what has gone wrong on the page so far: failed requests, violations
// of the content security policy, blocked scripts, uncaught exceptions, console.error,
// and every dialog (which is accepted at once).
func (p *Page) Console() []string {
	p.record.mu.Lock()
	defer p.record.mu.Unlock()
	return slices.Clone(p.record.console)
}

// Requests returns the address of every request of the page and of its frames so far,
// also of those that found no server.
func (p *Page) Requests() []string {
	p.record.mu.Lock()
	defer p.record.mu.Unlock()
	return slices.Clone(p.record.requests)
}

// settlePause is how long a page may take to say that it goes elsewhere.
const settlePause = 50 * time.Millisecond

// settle waits until a navigation that the last step may have begun is over.
func (p *Page) settle() {
	p.tb.Helper()
	time.Sleep(settlePause)
	err := p.await(p.limit, func(context.Context) error {
		p.record.mu.Lock()
		defer p.record.mu.Unlock()
		if p.record.loading {
			return errors.New("still loading")
		}
		return nil
	})
	p.check("wait for the page", err)
}
