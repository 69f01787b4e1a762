package i18n

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every key in the sources has its Chinese, with the same values in it, and the catalogue holds nothing else.
func TestChineseIsComplete(t *testing.T) {
	used := usedKeys(t)
	if len(used) < 10 {
		t.Fatalf("only %d keys found in the sources", len(used))
	}
	for key, place := range used {
		own, ok := Chinese.texts[key]
		if !ok && strings.TrimSpace(verbs.ReplaceAllString(string(key), "")) == "" {
			continue // nothing but values
		}
		if !ok {
			t.Errorf("%s: no Chinese for %q", place, key)
			continue
		}
		if got, want := values(own), values(string(key)); !slices.Equal(got, want) {
			t.Errorf("%q has the values %v, its Chinese %q has %v", key, want, own, got)
		}
	}
	for key := range Chinese.texts {
		if used[key] == "" {
			t.Errorf("no source says %q any more", key)
		}
	}
}

// An area says what no other one does, so that each text has one place.
func TestAreasDoNotOverlap(t *testing.T) {
	n := 0
	for _, area := range chineseAreas {
		n += len(area)
	}
	if n != len(Chinese.texts) {
		t.Errorf("%d texts stand in two areas", n-len(Chinese.texts))
	}
}

// values are the verbs of a text with the numbers of their arguments, sorted: "%[2]s of %d" has "1d" and "2s".
func values(s string) []string {
	var list []string
	next := 1
	for _, v := range verbs.FindAllString(s, -1) {
		if i := strings.IndexByte(v, ']'); i > 0 {
			next = int(v[2] - '0')
		}
		list = append(list, string(rune('0'+next))+v[len(v)-1:])
		next++
	}
	slices.Sort(list)
	return list
}

// listed is what go list tells of a package.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles, Imports        []string
}

// usedKeys finds every constant of type Key in Postern's sources, with its place.
func usedKeys(t *testing.T) map[Key]string {
	t.Helper()
	used := map[Key]string{}
	inSources(t, func(p source, n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		tv := p.info.Types[e]
		if tv.Type == nil || !isKey(tv.Type) {
			return true
		}
		if tv.Value != nil {
			key := Key(constant.StringVal(tv.Value))
			if key != "" && used[key] == "" {
				used[key] = p.at(n)
			}
			return false // its parts are no keys
		}
		if call, ok := e.(*ast.CallExpr); ok && p.info.Types[call.Fun].IsType() && p.path != "postern/internal/i18n" {
			t.Errorf("%s: this key is no constant, so nobody can tell whether it is in the catalogue", p.at(n))
		}
		return true
	})
	return used
}

// Every text is given as many values as it has places for; the form for one may leave its number out, and no other.
func TestValuesFitTheirTexts(t *testing.T) {
	said, counted := 0, 0
	inSources(t, func(p source, n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || call.Ellipsis.IsValid() || p.path == "postern/internal/i18n" {
			return true
		}
		function, _ := p.info.TypeOf(call.Fun).(*types.Signature)
		if function == nil || !function.Variadic() || function.Params().Len() < 2 {
			return true
		}
		last := function.Params().Len() - 2 // before the values
		if last >= len(call.Args) || !isKey(function.Params().At(last).Type()) {
			return true
		}
		key, known := p.text(call.Args[last])
		if !known {
			return true
		}
		given := len(call.Args) - last - 1
		if last == 0 || function.Params().At(last-1).Name() != "one" {
			if said++; len(values(key)) != given && !slices.Contains(filledByScript, key) {
				t.Errorf("%s: %q is given %d values", p.at(n), key, given)
			}
			return true
		}
		counted++
		if len(values(key)) != given+1 {
			t.Errorf("%s: %q is given %d values", p.at(n), key, given+1)
		}
		one, known := p.text(call.Args[last-1])
		may := !isKey(function.Params().At(last - 1).Type()) // which is a text of its own
		if have := len(values(one)); !known || have != given+1 && (!may || have != given) || have == given+1 && !slices.Equal(values(one), values(key)) {
			t.Errorf("%s: %q does not fit %q", p.at(n), one, key)
		}
		return true
	})
	if said < 100 || counted < 20 {
		t.Fatalf("only %d texts and %d that count found in the sources", said, counted)
	}
}

// source is a package that speaks, with its types.
type source struct {
	path string
	fset *token.FileSet
	info *types.Info
}

func (p source) at(n ast.Node) string { return p.fset.Position(n.Pos()).String() }

// text is the value of a constant text.
func (p source) text(e ast.Expr) (s string, known bool) {
	v := p.info.Types[e].Value
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}

// inSources has a look at every node of the sources of all packages that speak.
func inSources(t *testing.T, look func(p source, n ast.Node) bool) {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-export", "-json=ImportPath,Dir,Export,GoFiles,Imports", "postern/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	exports := map[string]string{}
	var speaking []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if p.ImportPath == "postern/internal/i18n" || slices.Contains(p.Imports, "postern/internal/i18n") {
			speaking = append(speaking, p)
		}
	}
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	for _, p := range speaking {
		var files []*ast.File
		for _, name := range p.GoFiles {
			if strings.HasPrefix(name, "zh") {
				continue // the catalogue itself
			}
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
		conf := types.Config{Importer: imports, Error: func(error) {}} // of the catalogue's names, which are missing
		_, _ = conf.Check(p.ImportPath, fset, files, info)
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool { return look(source{p.ImportPath, fset, info}, n) })
		}
	}
}

// filledByScript are texts whose values postern.js puts in.
var filledByScript = []string{"%d new messages", "%d selected", "%d conversation, %d messages selected", "%d conversations, %d messages selected", "%d selected: frees %s"}

func isKey(t types.Type) bool {
	named, ok := t.(*types.Named)
	return ok && named.Obj().Name() == "Key" && named.Obj().Pkg().Path() == "postern/internal/i18n"
}
