package interop

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"postern/internal/servertest"
)

// installed gives the path of a program and the version of its package, or ends the
// test where it is not installed.
func installed(t *testing.T, program, pkg string) (path, version string) {
	t.Helper()
	path = servertest.Program(program)
	out, err := exec.Command("dpkg-query", "-W", "-f", "${Version}", pkg).Output()
	if err != nil || path == "" {
		missing(t, pkg)
	}
	return path, string(out)
}

// unpacked gives the folder into which .ci/install has unpacked a package that cannot be
// installed beside the other servers, and its version, or ends the test.
func unpacked(t *testing.T, pkg string) (root, version string) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	root = filepath.Join(cache, "postern", "servers", pkg)
	text, err := os.ReadFile(filepath.Join(root, ".version"))
	if err != nil {
		missing(t, pkg)
	}
	return root, strings.TrimSpace(string(text))
}

// missing ends the test: it is skipped, or fails when the environment says CI=true.
func missing(t *testing.T, pkg string) {
	t.Helper()
	sentence := "the Debian package " + pkg + " is missing (`make check` or `make interop` as root fetches it)"
	if os.Getenv("CI") == "true" {
		t.Fatal(sentence)
	}
	t.Skip(sentence)
}

// copyOf copies an unpacked package into the lab, where the owner can reach it.
func (l *lab) copyOf(root string) {
	l.Helper()
	if err := os.CopyFS(l.path("root/usr"), os.DirFS(filepath.Join(root, "usr"))); err != nil {
		l.Fatal(err)
	}
}

// upstream takes Debian's additions off a version: "1:2.3.19.1+dfsg1-2.1" is 2.3.19.1.
func upstream(version string) string {
	if _, rest, ok := strings.Cut(version, ":"); ok {
		version = rest
	}
	version, _, _ = strings.Cut(version, "-")
	version, _, _ = strings.Cut(version, "+")
	return version
}
