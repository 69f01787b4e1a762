// Package browsertest drives a headless Chromium for tests of pages. What a test names
// is what a person or a screen reader perceives: roles, accessible names and visible
// text. Every step waits for what it needs, for a bounded time, and a step that cannot
// be done fails the test with the reason and what the page shows instead.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// A Browser is one Chromium with a profile of its own. Its pages share cookies, so that
// a test signs in once and then looks at pages of several sizes.
type Browser struct {
	ctx context.Context
}

// New starts a browser, and ends it with the test. Its only network is 127.0.0.1; a
// host rule such as "tracker.test 127.0.0.1:4711" adds a name for an address there.
// Where Chromium is not installed the test is skipped, or fails when the environment
// says CI=true.
func New(tb testing.TB, hosts ...string) *Browser {
	tb.Helper()
	return start(tb, hosts)
}

// NewLogged is New for a browser that writes what its network does (look-ups of names, connections) to a file, in the
// format of chrome://net-export. The file is whole when the returned function has ended the browser.
func NewLogged(tb testing.TB, file string, hosts ...string) (*Browser, func()) {
	tb.Helper()
	b := start(tb, hosts, chromedp.Flag("log-net-log", file))
	return b, func() {
		if err := chromedp.Cancel(b.ctx); err != nil {
			tb.Errorf("browsertest: end the browser: %v", err)
		}
	}
}

func start(tb testing.TB, hosts []string, more ...chromedp.ExecAllocatorOption) *Browser {
	tb.Helper()
	program := findChromium(tb)
	temp, err := os.MkdirTemp("", "browsertest")
	if err != nil {
		tb.Fatalf("browsertest: %v", err)
	}
	// Chromium leaves some of what it puts there, also after a clean end.
	tb.Cleanup(func() { os.RemoveAll(temp) })
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.DisableGPU,
		chromedp.Env("TMPDIR="+temp),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("host-resolver-rules", resolverRules(hosts)),
		chromedp.Flag("lang", "en-US"),
		chromedp.Flag("hide-scrollbars", true),
		// Frames of other origins would be targets of their own, out of the sight of
		// the page's events. One process for all changes nothing in what they may do.
		chromedp.Flag("disable-site-isolation-trials", true),
		chromedp.Flag("disable-features", "Translate,IsolateSandboxedIframes,MediaRouter,OptimizationHints"),
	)
	options = append(options, more...)
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	// Not tb.Context, which ends before the cleanups and would kill the browser there.
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	tb.Cleanup(stop) // returns when the process has ended and its profile is removed
	ctx, cancel := chromedp.NewContext(alloc)
	tb.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		tb.Fatalf("browsertest: start %s: %v", program, err)
	}
	_, err = chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorDeny,
	})
	if err != nil {
		tb.Fatalf("browsertest: refuse downloads: %v", err)
	}
	return &Browser{ctx: ctx}
}

// resolverRules returns Chromium's rules that send every host but 127.0.0.1 and the
// named ones nowhere.
func resolverRules(hosts []string) string {
	var rules strings.Builder
	for _, host := range hosts {
		rules.WriteString("MAP " + host + ", ")
	}
	rules.WriteString("MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
	return rules.String()
}

// findChromium returns the program, or ends the test.
func findChromium(tb testing.TB) string {
	tb.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if program, err := exec.LookPath(name); err == nil {
			return program
		}
	}
	const missing = "Chromium is not installed (Debian package chromium; `make check` as root installs it)"
	if os.Getenv("CI") == "true" {
		tb.Fatal(missing)
	}
	tb.Skip(missing)
	return ""
}
