package templates

import (
	"context"
	"strings"

	"postern/internal/i18n"
)

// SyncsPage is the history of an account's sessions.
type SyncsPage struct {
	Shell
	Name     string
	Colour   int
	Back     Link // the account's page
	Sessions []SyncSession
	Note     string // "The last 200 sessions."; "" for all there were
}

// SyncPage is one past session of an account.
type SyncPage struct {
	Shell
	Name        string // the account's
	Colour      int
	Back        Link // the history
	When        string
	WhenISO     string
	Tone        Tone
	Result      string   // one sentence
	Figures     []Fact   // how much of each: fetched, deleted, gone …
	Remarks     []string // sentences
	Transcript  string   // the dialogue, secrets blanked; "" when none was kept
	DownloadURL string   // the same as a file, with a head
}

// sums tells on a narrow screen what the columns of the history hold; "" when nothing happened.
func (s SyncSession) sums(ctx context.Context) string {
	var sums []string
	for _, part := range []struct {
		n    string
		what i18n.Key
	}{{s.Retrieved, "%s fetched"}, {s.Deleted, "%s deleted"}, {s.Gone, "%s gone"}, {s.Skipped, "%s skipped"}} {
		if part.n == "" || part.n == "0" {
			continue
		}
		sums = append(sums, i18n.T(ctx, part.what, part.n))
	}
	return strings.Join(sums, i18n.T(ctx, ", "))
}
