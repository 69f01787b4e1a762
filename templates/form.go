package templates

import (
	"context"
	"strings"

	"postern/internal/i18n"
)

// fieldView is one box of a form.
type fieldView struct {
	Name        string
	ID          string   // "" = from the name
	Label       i18n.Key // the accessible name
	Value       string
	Type        string // "" = text
	Hint        string
	Error       string
	Complete    string // autocomplete
	Mode        string // inputmode
	Placeholder string
	Class       string
	List        string // id of a list of values to choose from
	Focus       bool
}

func (f fieldView) id() string {
	if f.ID != "" {
		return f.ID
	}
	return "f-" + f.Name
}

func (f fieldView) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// described names the elements that explain the box.
func (f fieldView) described() string {
	switch {
	case f.Error != "" && f.Hint != "":
		return f.id() + "-error " + f.id() + "-hint"
	case f.Error != "":
		return f.id() + "-error"
	case f.Hint != "":
		return f.id() + "-hint"
	}
	return ""
}

// firstFault is the first of a form's fields that has to be looked at again; else the one to begin with.
func firstFault(errors map[string]string, begin string, fields ...string) string {
	for _, name := range fields {
		if errors[name] != "" {
			return name
		}
	}
	return begin
}

// accountFocus is the field of the account's form that has the focus: a new account begins with its address.
func accountFocus(p AccountFormPage) string {
	begin := ""
	if p.ID == "" {
		begin = "email"
	}
	return firstFault(p.Errors, begin, "email", "password", "host", "port", "username")
}

func passwordHint(ctx context.Context, p AccountFormPage) string {
	if p.Draft != "" {
		return i18n.T(ctx, "The password that you typed is kept for ten minutes, for this form and this server: leave the field empty to use it.")
	}
	if p.Errors["password"] != "" {
		return "" // it says what to do
	}
	if p.ID != "" {
		return i18n.T(ctx, "Leave it empty to keep the stored one. It is never shown.")
	}
	return i18n.T(ctx, "Stored sealed, never shown again. Some providers want an app password here.")
}

func testTone(r *TestResult) string {
	switch {
	case r.OK:
		return string(ToneOK)
	case r.Trust != nil && r.Trust.Checked:
		return string(ToneWarn)
	}
	return string(ToneBad)
}

// grouped sets a key in groups of four, as people type it.
func grouped(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func orNone(ctx context.Context, s string) string {
	if s == "" {
		return i18n.T(ctx, "none")
	}
	return s
}
