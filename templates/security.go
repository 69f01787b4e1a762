package templates

// SecondFactorPanel is the part of the settings that tells of the second factor.
type SecondFactorPanel struct {
	On   bool
	Text string // "On. 8 recovery codes are left."
	URL  string
}

// SecondFactorPage turns the second factor on or, where it is on, off. Each form also posts current, the password.
type SecondFactorPage struct {
	Shell
	On        bool
	Left      string // "8 recovery codes are left."
	Action    string // POST: secret, code
	Secret    string // base32
	QR        string // an image as a data: URL
	CodesURL  string // POST: makes new recovery codes
	RemoveURL string // POST
	BackURL   string
	Errors    map[string]string // by field name
}

// RecoveryCodesPage shows recovery codes, once.
type RecoveryCodesPage struct {
	Shell
	Codes   []string
	BackURL string
}

// CodePage asks for the second factor. It posts ticket, code and next.
type CodePage struct {
	Head
	Action string // POST: "/login/code"
	Ticket string
	Next   string
	Error  string
}

// UsersPage is who may sign in; for owners. Its form posts name, password, repeat, owner and current.
type UsersPage struct {
	Shell
	Users  []PortalUser
	Action string // POST
	Name   string
	Owner  bool
	Hint   string            // the rule for passwords
	Errors map[string]string // by field name
}

// PortalUser is one of them.
type PortalUser struct {
	Name      string
	Facts     string // "owner, two-step sign-in, since 3 March 2026"
	Current   bool   // the one who looks
	RemoveURL string // "" where that cannot be
}

// RemoveUserPage asks before a user goes with all their mail. It posts current.
type RemoveUserPage struct {
	Shell
	Name      string
	Action    string // POST
	CancelURL string
	Errors    map[string]string
}
