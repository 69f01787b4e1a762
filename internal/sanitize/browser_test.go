package sanitize

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestBrowserParse lets Chromium parse outputs, in both of its modes, and holds
// that it builds the very tree that was judged: its own serialisation, cleaned
// again, is the output.
func TestBrowserParse(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		noBrowser(t, "no chromium here: %v", err)
	}
	ins := soups(2000)
	for _, v := range readVectors(t) {
		ins = append(ins, v.in)
	}
	ins = append(ins, newsletter(100<<10))
	outs := map[string][]string{}
	inOf := map[string][]string{}
	for _, in := range ins {
		got := HTML(in, Options{})
		outs[got.Doctype] = append(outs[got.Doctype], got.HTML)
		inOf[got.Doctype] = append(inOf[got.Doctype], in)
	}
	if len(outs) < 2 {
		t.Error("no mail of another mode")
	}
	for doctype, outs := range outs {
		for i, tree := range browserTrees(t, chromium, doctype, outs) {
			if again := HTML(tree, Options{}).HTML; again != outs[i] {
				t.Errorf("%q: Chromium sees another tree\n in: %.400q\nout: %.400q\ngot: %.400q", doctype, inOf[doctype][i], outs[i], tree)
			}
		}
	}
}

// browserTrees gives Chromium's serialisation of each body it parsed. A pre
// gets one line feed more, which serialising leaves out and parsing drops.
func browserTrees(t *testing.T, chromium, doctype string, bodies []string) []string {
	t.Helper()
	const page = `<!doctype html><meta charset=utf-8><body><script>
const bytes = Uint8Array.from(atob(%q), c => c.charCodeAt(0));
const trees = JSON.parse(new TextDecoder().decode(bytes)).map(body => {
	const d = new DOMParser().parseFromString(%q + "<html><head></head><body>" + body + "</body></html>", "text/html");
	d.querySelectorAll("pre").forEach(p => p.prepend("\n"));
	return d.head.innerHTML + d.body.innerHTML;
});
let s = "";
for (const b of new TextEncoder().encode(JSON.stringify(trees))) s += String.fromCharCode(b);
document.body.innerHTML = "<pre id=trees>" + btoa(s) + "</pre>";
</script>`
	in, err := json.Marshal(bodies)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "sanitize") // the browser may still write to it when the test ends
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	file := filepath.Join(dir, "page.html")
	if err := os.WriteFile(file, fmt.Appendf(nil, page, base64.StdEncoding.EncodeToString(in), doctype), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dom, err := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu",
		"--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND",
		"--user-data-dir="+filepath.Join(dir, "profile"), "--dump-dom", "file://"+file).Output()
	if err != nil {
		noBrowser(t, "chromium does not run here: %v", err)
	}
	m := regexp.MustCompile(`<pre id="trees">([^<]*)</pre>`).FindSubmatch(dom)
	if m == nil {
		t.Fatalf("no answer from the browser: %.300s", dom)
	}
	raw, err := base64.StdEncoding.DecodeString(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	var trees []string
	if err := json.Unmarshal(raw, &trees); err != nil || len(trees) != len(bodies) {
		t.Fatalf("%d trees of %d: %v", len(trees), len(bodies), err)
	}
	for i := range trees {
		trees[i] = strings.TrimSpace(trees[i])
	}
	return trees
}

// noBrowser ends a test without a browser; in continuous integration that is a failure.
func noBrowser(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}
