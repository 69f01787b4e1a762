package web

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hostile is a mail that tries something, and what it must not achieve.
type hostile struct {
	id      string
	kind    string   // html, text: a body; eml: a whole message
	body    string   //
	mustNot []string // script, network, navigate, overlay, spoof
	act     []string // what the reader does, see browsertest's Page.Act
	live    bool     // it does what it must not when nothing protects the reader
	inline  bool     // only when it stands in the page itself
	want    []string // texts that the page shows
	not     []string // texts that it does not show
}

// ownVectors reads testdata/vectors: files of vectors of one class, and what the sanitiser's own tests are fed with,
// which must do nothing at all. A vector begins with a line
//
//	== NAME | script network | live | click #x | want TEXT | not TEXT
//
// of which all but the name and the first list may be missing, or stand several times.
func ownVectors(t testing.TB) []hostile {
	t.Helper()
	list := sanitiserVectors(t)
	files, err := filepath.Glob(filepath.Join("testdata", "vectors", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no vectors in testdata: ", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		class, kind := strings.TrimSuffix(filepath.Base(file), ".txt"), "html"
		if base, k, ok := strings.Cut(class, "."); ok { // headers.eml.txt
			class, kind = base, k
		}
		for n, one := range strings.Split("\n"+string(raw), "\n== ")[1:] {
			head, body, _ := strings.Cut(one, "\n")
			fields := strings.Split(head, " | ")
			if len(fields) < 2 {
				t.Fatalf("%s: %q says not what it must not do", file, head)
			}
			v := hostile{id: fmt.Sprintf("%s-%02d", class, n+1), kind: kind, body: body, mustNot: strings.Fields(fields[1])}
			for _, f := range fields[2:] {
				word, rest, _ := strings.Cut(f, " ")
				switch word {
				case "live":
					v.live = true
				case "want":
					v.want = append(v.want, rest)
				case "not":
					v.not = append(v.not, rest)
				default:
					v.act = append(v.act, f)
				}
			}
			list = append(list, v)
		}
	}
	return list
}

// sanitiserVectors reads the inputs of internal/sanitize's tests.
func sanitiserVectors(t testing.TB) (list []hostile) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "internal", "sanitize", "testdata", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("the sanitiser has no vectors: ", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for n, one := range strings.Split("\n"+string(raw), "\n== ")[1:] {
			_, body, _ := strings.Cut(one, "\n")
			body, _, _ = strings.Cut(body, "\n--\n")
			list = append(list, hostile{
				id: fmt.Sprintf("%s-%03d", strings.TrimSuffix(filepath.Base(file), ".txt"), n+1), kind: "html",
				body: strings.ReplaceAll(body, "tracker.example", trackerHost), mustNot: []string{"script", "network", "navigate", "overlay"},
			})
		}
	}
	return list
}

// sharedVectors reads a collection that is not part of this repository; without it there are none.
func sharedVectors(t testing.TB) []hostile {
	t.Helper()
	dir := filepath.Join("..", "..", "shared", "html-vectors")
	raw, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		t.Logf("no shared vectors here: %v", err)
		return nil
	}
	var index struct {
		Vectors []struct {
			ID, File, Kind, Live, Render string
			MustNot                      []string `json:"must_not"`
			Act                          json.RawMessage
		}
	}
	if err := json.Unmarshal(raw, &index); err != nil {
		t.Fatal(err)
	}
	var list []hostile
	for _, one := range index.Vectors {
		body, err := os.ReadFile(filepath.Join(dir, one.File))
		if err != nil {
			t.Fatal(err)
		}
		v := hostile{id: one.ID, kind: one.Kind, body: string(body), mustNot: one.MustNot, live: one.Live == "raw", inline: one.Render == "inline"}
		if json.Unmarshal(one.Act, &v.act) != nil {
			var act string
			_ = json.Unmarshal(one.Act, &act) // one or several
			for one := range strings.SplitSeq(act, ";") {
				if one = strings.TrimSpace(one); one != "" {
					v.act = append(v.act, one)
				}
			}
		}
		list = append(list, v)
	}
	return list
}

// trackerHost stands for every server that a mail wants to reach.
const trackerHost = "tracker.test"

// tracked is the vector with a host of its own in place of trackerHost, so that requests can be told apart.
func (v *hostile) tracked() string {
	return strings.ReplaceAll(v.body, trackerHost, v.id+"."+trackerHost)
}

// mail is the vector as a message.
func (v *hostile) mail() string {
	body := v.tracked()
	if v.kind == "eml" {
		if !strings.Contains(body, "\r\n") {
			body = strings.ReplaceAll(body, "\n", "\r\n")
		}
		return body
	}
	media := "text/html"
	if v.kind != "html" {
		media = "text/plain"
	}
	coded, lines := base64.StdEncoding.EncodeToString([]byte(body)), []string(nil)
	for len(coded) > 76 {
		lines, coded = append(lines, coded[:76]), coded[76:]
	}
	return mail("Vector "+v.id, strings.Join(append(lines, coded, ""), "\r\n"), "MIME-Version: 1.0", "Content-Type: "+media+"; charset=utf-8", "Content-Transfer-Encoding: base64")
}

func (v *hostile) mayNot(what string) bool {
	for _, w := range v.mustNot {
		if w == what {
			return true
		}
	}
	return false
}

// clicks tells that the reader opens something, which may lead elsewhere.
func (v *hostile) clicks() bool {
	for _, a := range v.act {
		if strings.HasPrefix(a, "click") || strings.HasPrefix(a, "enter") || strings.HasPrefix(a, "type") {
			return true
		}
	}
	return false
}
