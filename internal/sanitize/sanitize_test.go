package sanitize

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
)

// vector is one case of testdata/*.txt.
type vector struct{ file, name, in, want string }

// readVectors reads the cases of testdata. A case begins with "== name"; the
// input follows, then "--" and the expected content of the wrapper.
func readVectors(t testing.TB) []vector {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	var list []vector
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range strings.Split("\n"+string(raw), "\n== ")[1:] {
			name, c, _ := strings.Cut(c, "\n")
			in, want, ok := strings.Cut(c, "\n--\n")
			if !ok {
				t.Fatalf("%s: %s has no expectation", file, name)
			}
			list = append(list, vector{filepath.Base(file), name, in, strings.TrimRight(want, "\n")})
		}
	}
	return list
}

const (
	open = `<div class="mail-view">`
	end  = `</div>`
)

func TestVectors(t *testing.T) {
	for _, v := range readVectors(t) {
		t.Run(strings.TrimSuffix(v.file, ".txt")+"/"+v.name, func(t *testing.T) {
			got := HTML(v.in, Options{}).HTML
			content := strings.TrimSuffix(strings.Replace(got, open, "", 1), end)
			content = strings.ReplaceAll(content, realHostStyle, "unhidden")
			if strings.TrimRight(content, "\n") != v.want {
				t.Errorf("\n  in: %s\n got: %s\nwant: %s", v.in, content, v.want)
			}
			if why := inert(got, nil); why != "" {
				t.Error(why)
			}
			if again := HTML(got, Options{}).HTML; again != got {
				t.Errorf("not a fixpoint\n1st: %s\n2nd: %s", got, again)
			}
		})
	}
}

// TestMemoryUsedAgain: what one mail leaves behind in memory is not seen in the next, nor in one beside it.
func TestMemoryUsedAgain(t *testing.T) {
	vectors := readVectors(t)
	want := make([]Result, len(vectors))
	for i, v := range vectors {
		want[i] = HTML(v.in, Options{})
	}
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range vectors {
				i = (i*7 + worker*31) % len(vectors)
				if got := HTML(vectors[i].in, Options{}); !reflect.DeepEqual(got, want[i]) {
					t.Errorf("%s: %+v, and before it was %+v", vectors[i].name, got, want[i])
				}
			}
		})
	}
	wg.Wait()
}
