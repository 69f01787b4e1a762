package templates

// LanguageForm is a person's choice of language and time zone. It posts language and zone.
type LanguageForm struct {
	Language  string // the tag that was chosen; "": as the browser asks
	Languages []Option
	Zone      string // what was typed; "": the browser's
	Now       string // the time there: "Wednesday, 25 November 2026, 14:05"
	Error     string // about the zone
}

// Option is one of several values to choose from.
type Option struct {
	Value string
	Label string
	Lang  string // BCP 47, where the label is in a language of its own; "": the page's
}
