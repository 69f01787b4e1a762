package templates

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
func (s SyncSession) sums() string {
	text := ""
	for _, part := range []struct{ n, what string }{{s.Retrieved, "fetched"}, {s.Deleted, "deleted"}, {s.Gone, "gone"}, {s.Skipped, "skipped"}} {
		if part.n == "" || part.n == "0" {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += part.n + " " + part.what
	}
	return text
}
