package sanitize

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDump(t *testing.T) {
	out := os.Getenv("DUMP")
	if out == "" {
		t.Skip()
	}
	css, _ := os.ReadFile("/work/shared/corpus/html-foundation/dist/foundation-emails.css")
	for _, g := range []string{"html-foundation/templates/*.html", "html-mailgun/templates/*/*.html", "html-caniemail/tests/*.html"} {
		files, _ := filepath.Glob("/work/shared/corpus/" + g)
		for _, f := range files {
			b, _ := os.ReadFile(f)
			src := string(b)
			if strings.Contains(f, "foundation") {
				src = strings.Replace(src, "</head>", "<style>"+string(css)+"</style></head>", 1)
			}
			name := strings.TrimSuffix(filepath.Base(f), ".html")
			if strings.Contains(f, "inlined") {
				name = "mg-" + name
			}
			os.WriteFile(out+"/"+name+".raw.html", []byte(src), 0o644)
			r := HTML(src, Options{})
			os.WriteFile(out+"/"+name+".clean.html", []byte("<!doctype html><html><head><meta charset=utf-8><style>"+FrameCSS+"</style></head><body>"+r.HTML+"</body></html>"), 0o644)
		}
	}
}
