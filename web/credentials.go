package web

import (
	"errors"
	"unicode/utf8"

	"postern/internal/seal"
)

// minPassword is how many characters a password has at least.
const minPassword = 8

// CheckUserName says in a sentence why a name cannot be a user's; nil: it can.
func CheckUserName(name string) error {
	switch {
	case name == "":
		return errors.New("Choose a name.")
	case utf8.RuneCountInString(name) > 64:
		return errors.New("A name has at most 64 characters.")
	case hasControl(name) || !utf8.ValidString(name):
		return errors.New("A name cannot hold control characters.")
	}
	return nil
}

// CheckPassword says in a sentence why a password cannot be a user's; nil: it can.
func CheckPassword(password seal.Secret) error {
	switch n := utf8.RuneCountInString(password.Reveal()); {
	case n == 0:
		return errors.New("Choose a password.")
	case n < minPassword:
		return errors.New("A password has at least eight characters.")
	case len(password.Reveal()) > seal.MaxPassword:
		return errors.New("A password has at most 1,024 octets.")
	}
	return nil
}
