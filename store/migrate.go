package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
)

// Migrations of postern.db: the script at position n brings version n to n+1,
// and the version stands in PRAGMA user_version. A script that has landed is
// never edited.
//
//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks the file as ours ("Post"), so that a stranger's database is
// refused and not migrated.
const applicationID = 0x506f7374

// schemaVersion returns the version of the schema of f, 0 for a new file. The error
// matches ErrForeign or ErrNewer when f is not ours to change.
func schemaVersion(ctx context.Context, f *file) (int, error) {
	var app, version int
	err := f.read.QueryRowContext(ctx, "SELECT application_id, user_version FROM pragma_application_id, pragma_user_version").Scan(&app, &version)
	if err == nil {
		err = ours(app, version, newestVersion())
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", f.path, err)
	}
	return version, nil
}

// ours says why a file must be left alone; nil: it is ours, and not of a version after newest.
func ours(app, version, newest int) error {
	switch {
	case version > 0 && app != applicationID:
		return ErrForeign
	case version > newest:
		return ErrNewer
	}
	return nil
}

// newestVersion is the version that this program's migrations lead to.
func newestVersion() int {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		panic(err) // a constant pattern
	}
	return len(names)
}

// migrate brings f to the newest version, each step in a transaction of its own.
func migrate(ctx context.Context, f *file, dir fs.FS) error {
	names, err := fs.Glob(dir, "migrations/*.sql") // sorted
	if err != nil {
		return err
	}
	for done := false; !done; {
		err := f.write.do(ctx, func(t *tx) error {
			// Read inside the transaction: another process may have migrated just now.
			var app, version int
			if err := t.row("SELECT application_id, user_version FROM pragma_application_id, pragma_user_version", nil, &app, &version); err != nil {
				return err
			}
			if err := ours(app, version, len(names)); err != nil {
				return err
			}
			if version == len(names) {
				done = true
				return nil
			}
			return migrateStep(t, dir, names[version], version+1)
		})
		if err != nil {
			return fmt.Errorf("migrate %s: %w", f.path, err)
		}
	}
	return nil
}

func migrateStep(t *tx, dir fs.FS, name string, version int) error {
	script, err := fs.ReadFile(dir, name)
	if err != nil {
		return err
	}
	if err := t.w.exec(string(script)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return t.w.exec(fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, version))
}
