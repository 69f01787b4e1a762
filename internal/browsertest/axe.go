package browsertest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// axeVersion of axe-core is what .ci/install brings; both name the same one.
const axeVersion = "4.14.1"

// axeSource reads axe-core once for all pages of a test program.
var axeSource = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	source, err := os.ReadFile(filepath.Join(cache, "postern", "axe-core-"+axeVersion, "axe.min.js"))
	return string(source), err
})

// NeedAxe skips the test where axe-core is not installed, or fails it when the environment says CI=true.
func NeedAxe(tb testing.TB) {
	tb.Helper()
	if _, err := axeSource(); err != nil {
		missing := fmt.Sprintf("axe-core is not installed (.ci/install does it): %v", err)
		if os.Getenv("CI") == "true" {
			tb.Fatal(missing)
		}
		tb.Skip(missing)
	}
}

// Violations has axe-core look at the page as it is now, with all rules of its own but the experimental ones, and returns
// what it finds wrong: the rule, what it wants and where. Frames without scripts are left out: axe cannot run in them.
func (p *Page) Violations() []string {
	p.tb.Helper()
	source, err := axeSource()
	p.check("read axe-core", err)
	eval[bool](p, "(() => {"+source+"\n})(), true") // the page's policy does not bind what the browser's owner runs
	var found []struct {
		ID    string
		Help  string
		Nodes []struct {
			Target         []any
			FailureSummary string
		}
	}
	answer := p.Eval(`axe.run(document, {iframes: false, resultTypes: ["violations"]}).then(r => r.violations.map(
		v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => ({target: n.target, failureSummary: n.failureSummary}))})))`)
	p.check("read what axe-core found", json.Unmarshal([]byte(answer), &found))
	var list []string
	for _, v := range found {
		for _, n := range v.Nodes {
			list = append(list, fmt.Sprintf("%s (%s) at %v: %s", v.ID, v.Help, n.Target, n.FailureSummary))
		}
	}
	return list
}
