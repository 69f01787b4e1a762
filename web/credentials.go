package web

import (
	"slices"
	"strings"
	"unicode/utf8"

	"postern/internal/i18n"
	"postern/internal/seal"
)

// minPassword is how many characters a password has at least.
const minPassword = 8

// CheckUserName says in a sentence why a name cannot be a user's; nil: it can.
func CheckUserName(name string) error {
	switch {
	case name == "":
		return i18n.Say("Choose a name.")
	case utf8.RuneCountInString(name) > 64:
		return i18n.Say("A name has at most 64 characters.")
	case hasControl(name) || !utf8.ValidString(name):
		return i18n.Say("A name cannot hold control characters.")
	}
	return nil
}

// CheckPassword says in a sentence why a password cannot be a user's; nil: it can.
func CheckPassword(password seal.Secret) error {
	switch n := utf8.RuneCountInString(password.Reveal()); {
	case n == 0:
		return i18n.Say("Choose a password.")
	case n < minPassword:
		return i18n.Say("A password has at least eight characters.")
	case len(password.Reveal()) > seal.MaxPassword:
		return i18n.Say("A password has at most 1,024 octets.")
	case slices.Contains(guessedFirst, strings.ToLower(password.Reveal())):
		return i18n.Say("This is one of the passwords that are guessed first. Choose another.")
	}
	return nil
}

// guessedFirst are the passwords of eight characters and more that lead every published list of stolen ones.
var guessedFirst = strings.Fields(`
	password password1 password12 password123 password! passw0rd p@ssw0rd p@ssword
	12345678 123456789 1234567890 0123456789 87654321 987654321 0987654321 11111111 00000000 88888888 66666666 12341234 11223344 12344321
	qwertyui qwertyuiop qwerty123 qwerty12 qwertz123 azertyuiop asdfghjk asdfghjkl asdfasdf zxcvbnm1 1q2w3e4r 1q2w3e4r5t 1qaz2wsx q1w2e3r4 qazwsxedc
	abcd1234 abc12345 a1234567 a12345678 1234abcd aa123456 iloveyou iloveyou1 letmein1 welcome1 welcome123 sunshine princess football baseball superman
	trustno1 whatever computer internet michelle jennifer starwars admin123 admin1234 administrator changeme changeme1 postern1 woaini1314 5201314520
`)
