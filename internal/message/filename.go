package message

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// safeFilename makes a declared name one that can be shown and saved: its last path element, in
// one line, without control characters and without marks that turn the direction of writing, so
// that "exe.txt" cannot pose as "txt.exe". "" when nothing is left.
func safeFilename(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == 0xa0:
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r) && r != 0x200d, r == utf8.RuneError,
			r == 0x2028, r == 0x2029:
			return -1
		}
		return r
	}, name)
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		if rest := strings.Trim(name[i+1:], ". "); rest != "" {
			name = name[i+1:]
		}
	}
	if strings.Trim(name, `/\. `) == "" {
		return ""
	}
	name = pathMarks.Replace(name)
	for strings.Contains(name, "   ") { // "invoice.pdf         .exe" hides its end
		name = strings.ReplaceAll(name, "   ", " ")
	}
	name = strings.TrimRight(strings.TrimSpace(name), ". ")
	if strings.Trim(name, ".") == "" {
		return ""
	}
	return clipName(name)
}

// pathMarks cannot stand in a file name, somewhere.
var pathMarks = strings.NewReplacer("/", "_", `\`, "_")

// clipName shortens a name to maxFilename octets and keeps its extension.
func clipName(name string) string {
	if len(name) <= maxFilename {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	return clip(strings.TrimSuffix(name, ext), maxFilename-len(ext)) + ext
}

// clip shortens s to at most n octets without cutting a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// validText replaces what is not UTF-8.
func validText(s string) string {
	if utf8.ValidString(s) { // many times faster than to look for what is not
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
