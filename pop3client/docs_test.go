package pop3client

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What docs/POP3.md says is tested is tested: it names tests that exist, and each of
// the 71 hostile scripts.
func TestDocumentedTestsExist(t *testing.T) {
	text, err := os.ReadFile("../docs/POP3.md")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	for _, pattern := range []string{"*_test.go", "../syncer/*_test.go", "../internal/dialer/*_test.go"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tests.Write(source)
		}
	}
	for _, name := range regexp.MustCompile(`\b(Test|Fuzz)[A-Z]\w+`).FindAllString(string(text), -1) {
		if !strings.Contains(tests.String(), "func "+name+"(") {
			t.Errorf("there is no %s", name)
		}
	}
	for n := 1; n <= 71; n++ {
		if !strings.Contains(string(text), fmt.Sprintf("\n| %d | ", n)) {
			t.Errorf("script %d is not in the table", n)
		}
		if !strings.Contains(tests.String(), fmt.Sprintf(`"%02d `, n)) {
			t.Errorf("no test is named for script %d", n)
		}
	}
}
