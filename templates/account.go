package templates

// AccountsPage lists the accounts.
type AccountsPage struct {
	Shell
	Accounts []AccountSummary // empty: the page invites to add the first one
	NewURL   string
}

// AccountSummary is one account in the list of them.
type AccountSummary struct {
	ID        string
	Name      string
	Address   string
	Colour    int
	URL       string
	State     AccountState
	StateText string // "Checked 2 minutes ago, 3 new." or the error's sentence
	Counts    string // "8,310 here, 8,310 on the server"
	Policy    string // "Deleted on the server when deleted here"
	Progress  *Progress
	SyncURL   string
}

// Progress is a session under way.
type Progress struct {
	Account string // id
	Name    string // the account's name
	Colour  int
	Text    string // "1,240 of 8,310 · 96 MB · 3 min left"
	Done    int    // messages
	Total   int    // 0: not known yet
}

// Policies of an account, the values of the form field policy.
const (
	PolicyOnDelete      = "on-delete"
	PolicyKeep          = "keep"
	PolicyDays          = "days"
	PolicyAfterDownload = "after-download"
)

// Ways to secure a connection, the values of the form field security.
const (
	SecurityTLS      = "tls"
	SecuritySTARTTLS = "starttls"
	SecurityNone     = "none"
)

// AccountFormPage is the form to add or to change an account. Its fields are posted as email, name, host, port,
// security, username, password, policy, days, read_after_days, interval_minutes, adaptive, max_size_mb, pin and draft.
type AccountFormPage struct {
	Shell
	ID              string // "" for a new account; else sent as the field account, so that a test may use the stored password
	Heading         string // "Add an account", "Edit Work"
	Action          string // where it posts: "/accounts" or "/accounts/3"
	TestURL         string // "/accounts/test"
	CancelURL       string // "" leaves Cancel out
	Email           string
	Name            string
	Host            string
	Port            string
	Security        string
	Username        string
	Policy          string
	Days            string
	ReadAfterDays   string
	IntervalMinutes string
	Adaptive        bool
	MaxMegabytes    string            // "": fetch mail of every size
	Error           string            // about the form as a whole
	Errors          map[string]string // by field name
	Finding         *Finding          // what the search for the settings found; nil: there was none
	Test            *TestResult       // what the last test of the connection found
	Draft           string            // names the password that was typed, which is kept for a while; "": it is not
	First           bool              // the person's first account: the page says hello
}

// Finding is what the search for an account's settings found. The script fills them into the form; without a host
// there is nothing to fill in.
type Finding struct {
	Tone     Tone
	Text     string   // "Gmail: pop.gmail.com, port 995."
	Hints    []string // what must be done at the provider first
	Host     string
	Port     string
	Security string
	Username string
}

// TestResult is what a test of the connection found.
type TestResult struct {
	OK      bool
	Summary string // "It works: 8,310 messages, 1.2 GB."
	Advice  string // what to do about it
	Facts   []Fact
	Trust   *Trust // nil: there is no certificate to decide about
}

// Trust is a certificate that does not verify, and that a person may trust. Value is posted as the field pin.
type Trust struct {
	Value   string
	Host    string
	Port    string
	Command string // shows the certificate's fingerprint, on the server itself
	Checked bool
}

// Fact is one thing known, with its name.
type Fact struct {
	Name  string // "TLS"
	Value string // "TLS 1.3, certificate valid until 3 March 2027"
	Tone  Tone   // "" for neither good nor bad
}

// AccountPage tells how one account fares.
type AccountPage struct {
	Shell
	ID         string
	Name       string
	Address    string
	Colour     int
	State      AccountState
	LastResult string // "Checked at 14:02: 3 new, 1 deleted on the server."
	Advice     string // what to do when it fails
	NextRun    string // "in 4 minutes"; "" when none is planned
	NextRunISO string
	Server     string // messages on the server: "8,310"
	Here       string // messages here: "8,312"
	Partial    string // messages of which only the header is here: "3"; "" for none
	Waiting    string // deletions waiting: "3"; "" for none
	Facts      []Fact // server, security, user name, policy, interval
	Progress   *Progress
	MailURL    string
	SyncURL    string // POST
	StopURL    string // POST; shown while a session runs
	EditURL    string
	MainText   string // what Edit is called where it is the remedy: then it is the first button; "" where it is not
	ForgetURL  string // POST: the pinned certificate is trusted no longer; "" without one

	ReviewURL    string // POST: shows the certificate that is not trusted; "" where that is not the trouble
	ReviewFields []Field

	RemoveURL  string // GET: the page that asks
	Sessions   []SyncSession
	HistoryURL string // "" leaves it out
}

// SyncSession is one past session of an account.
type SyncSession struct {
	When      string
	WhenFull  string
	WhenISO   string
	Took      string // "1.2 s"
	Retrieved string
	Deleted   string // on the server
	Gone      string // not listed any more, without Postern's doing
	Skipped   string // could not be fetched
	Octets    string // "1.2 MB"
	Result    string // one sentence
	Remarks   string // "2 remarks"; "" for none
	Tone      Tone
	URL       string // "" makes no link
}

// RemoveAccountPage asks whether an account is to go, and whether its mail stays here. It posts the field mail with
// the value keep or delete.
type RemoveAccountPage struct {
	Shell
	Name      string
	Address   string
	Colour    int
	Action    string // POST
	CancelURL string
	Here      string // "8,310 messages of this account are stored here."
	Waiting   string // "3 deletions that wait for the server will be cancelled."; "" for none
	Error     string
}
