package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"postern/store"
)

// version is set by the linker in releases.
var version = "dev"

type versionCmd struct{}

func (versionCmd) Help() string { return "Example:\n\n    postern version" }

func (versionCmd) Run(p *program) error {
	commit := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = s.Value
			}
		}
	}
	_, err := fmt.Fprintf(p.out, "postern %s\ncommit %s\n%s %s/%s\nSQLite %s\n", version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH, store.SQLiteVersion())
	return err
}
