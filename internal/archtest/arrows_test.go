// Package archtest holds the arrows of docs/ARCHITECTURE.md: who may import whom.
package archtest

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows are the imports each room may have of Postern's own packages; a name ending
// in "/" stands for all below it. What is not named may have none; commands and what
// serves tests (see free) may import all.
var arrows = map[string][]string{
	"postern/web":        {"postern/store", "postern/templates", "postern/static", "postern/internal/"},
	"postern/syncer":     {"postern/store", "postern/pop3client", "postern/internal/autoconfig", "postern/internal/i18n", "postern/internal/message", "postern/internal/dialer", "postern/internal/seal"},
	"postern/store":      {"postern/internal/message", "postern/internal/query", "postern/internal/seal", "postern/internal/unbase64"},
	"postern/templates":  {"postern/static", "postern/internal/i18n"},
	"postern/pop3client": nil,

	"postern/internal/autoconfig": {"postern/internal/i18n"},
	"postern/internal/message":    {"postern/internal/i18n"},
	"postern/internal/query":      {"postern/internal/i18n"},
}

// homes are the only rooms that may import a module.
var homes = map[string][]string{
	"github.com/go-chi/chi/v5":        {"postern/web"},
	"github.com/gorilla/sessions":     {"postern/web"},
	"modernc.org/sqlite":              {"postern/store"},
	"modernc.org/libc":                {"postern/store"},
	"github.com/a-h/templ":            {"postern/templates", "postern/web"},
	"github.com/alecthomas/kong":      {"postern/cmd/postern"},
	"github.com/klauspost/compress":   {"postern/store", "postern/internal/mailfile"},
	"golang.org/x/net/html":           {"postern/internal/message", "postern/internal/sanitize"},
	"github.com/tdewolff/parse/v2":    {"postern/internal/sanitize"},
	"database/sql":                    {"postern/store"},
	"github.com/pquerna/otp":          {"postern/internal/totp"},
	"github.com/klippa-app/go-pdfium": {"postern/internal/attachtext"},
	"github.com/tetratelabs/wazero":   {"postern/internal/attachtext"},
}

func TestArrowsPointDown(t *testing.T) {
	for pkg, imports := range packages(t) {
		if free(pkg) {
			continue
		}
		for _, imp := range imports {
			if !strings.HasPrefix(imp, "postern/") || strings.HasPrefix(imp, pkg+"/") {
				continue
			}
			if !slices.ContainsFunc(arrows[pkg], func(a string) bool {
				return imp == a || strings.HasSuffix(a, "/") && strings.HasPrefix(imp, a)
			}) {
				t.Errorf("%s imports %s", pkg, imp)
			}
		}
	}
}

func TestModulesHaveFewHomes(t *testing.T) {
	for pkg, imports := range packages(t) {
		if serves(pkg) {
			continue
		}
		for _, imp := range imports {
			for module, rooms := range homes {
				if (imp == module || strings.HasPrefix(imp, module+"/")) && !slices.ContainsFunc(rooms, func(r string) bool { return pkg == r || strings.HasPrefix(pkg, r+"/") }) {
					t.Errorf("%s imports %s, which belongs to %s", pkg, imp, strings.Join(rooms, " and "))
				}
			}
		}
	}
}

// free tells which packages may import all of Postern's own.
func free(pkg string) bool { return strings.HasPrefix(pkg, "postern/cmd/") || serves(pkg) }

// serves tells which packages are there for tests only: their names end in "test"
// (browsertest, dovecottest, servertest), beside interop, which is one big test.
func serves(pkg string) bool {
	return strings.HasSuffix(pkg, "test") || pkg == "postern/internal/interop"
}

func TestOnlyTestsImportTheirHelpers(t *testing.T) {
	for pkg, imports := range packages(t) {
		for _, imp := range imports {
			if strings.HasPrefix(imp, "postern/") && serves(imp) && !free(pkg) {
				t.Errorf("%s imports %s, which is for tests", pkg, imp)
			}
		}
	}
}

// packages are the imports of every package, without those of its tests.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "postern/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		all[f[0]] = f[1:]
	}
	if len(all) < 10 {
		t.Fatalf("only %d packages listed", len(all))
	}
	return all
}
