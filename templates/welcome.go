package templates

// SetupPage makes the first user. It posts token, name, password and repeat.
type SetupPage struct {
	Head
	Action string // POST: "/setup"
	Token  string // from the one-time link
	Name   string
	Hint   string // the rule for passwords: "At least eight characters."; "" for none
	Error  string
	Errors map[string]string // by field name
}

// LoginPage signs a person in. It posts name, password and next.
type LoginPage struct {
	Head
	Action string // POST: "/login"
	Name   string
	Next   string // path to go to afterwards
	Notice string // "You are signed out."
	Error  string
}

func setupFocus(p SetupPage) string {
	return firstFault(p.Errors, "name", "name", "password", "repeat")
}
