package templates

// SettingsPage is the person's own settings.
type SettingsPage struct {
	Shell
	PasswordURL string            // POST: current, password, repeat
	Hint        string            // the rule for passwords; "" for none
	Errors      map[string]string // by field name
	Notice      string            // "Password changed."
	ThemeURL    string            // POST: theme = "", light or dark; "" leaves the choice out
	Keys        bool              // single keys do something

	Conversations bool // messages that belong together are shown together
	Compact       bool // lists have low rows
	Beside        bool // in a wide window the list stands beside a message

	Trash     string   // the value of the one of TrashDays that was chosen
	TrashDays []Option // how long mail stays in Trash

	Language   LanguageForm
	SecondStep SecondFactorPanel
	UsersURL   string // for owners; "" leaves it out
	Import     string // the command that brings mail in from files
	Sessions   []WebSession
	SignOutAll *Post // signs out all other sessions; nil leaves it out
}

// WebSession is one browser that is signed in.
type WebSession struct {
	Device   string // "Firefox on Linux"
	Address  string // "192.0.2.7"
	LastSeen string
	Current  bool
	SignOut  *Post
}
