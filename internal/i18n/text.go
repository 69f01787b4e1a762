package i18n

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// Key is a text in English, with the verbs of package fmt where values go. It must be a constant. Where English has one
// word for what are two in other languages, a bar and a remark behind it tell them apart: "Junk|move there".
type Key string

func (k Key) english() string {
	text, _, _ := strings.Cut(string(k), "|")
	return text
}

// Text is a text with its values, not yet in any language. The zero value is empty.
type Text struct {
	one  string // English where n is 1; "": the text does not count
	n    int
	key  Key
	args []any
}

// Say returns the text of key with args in the places of its verbs. An int is written as [Number] does; a Key or a
// Text is translated along.
func Say(key Key, args ...any) Text { return Text{key: key, args: args} }

// Count returns one or many, as the language's plural rules want it for n, which fills the first verb; args fill the
// rest. In one, the verb of n may be left out: "the newest message". Catalogues hold the translation under many.
func Count(n int, one string, many Key, args ...any) Text {
	return Text{one: one, n: n, key: many, args: append([]any{n}, args...)}
}

// Verbatim returns a text that is the same in each language, such as words of a server.
func Verbatim(s string) Text { return Text{key: "%s", args: []any{s}} }

// IsZero tells whether there is nothing to say.
func (t Text) IsZero() bool { return t.key == "" }

// String returns the text in English, for logs and command lines.
func (t Text) String() string { return t.In(Locale{}) }

// Error is String: a Text is also an error that is meant for a person.
func (t Text) Error() string { return t.String() }

// In returns the text as the reader reads it.
func (t Text) In(l Locale) string {
	if t.key == "" {
		return ""
	}
	format, values := l.language().text(t.key), t.args
	if t.one != "" && l.language().singular(t.n) {
		format = l.language().ownSingular(t.one)
		if len(verbs.FindAllString(t.one, -1)) < len(values) {
			values = values[1:] // that it is one goes without saying
		}
	}
	if len(values) == 0 {
		return format
	}
	args := make([]any, len(values))
	for i, a := range values {
		switch a := a.(type) {
		case Key:
			args[i] = l.language().text(a)
		case Text:
			args[i] = a.In(l)
		case int:
			args[i] = figure(a)
		default:
			args[i] = a
		}
	}
	return fmt.Sprintf(format, args...)
}

// T returns the text of key in the language of ctx; see [Say].
func T(ctx context.Context, key Key, args ...any) string { return From(ctx).T(key, args...) }

// N returns one or many in the language of ctx; see [Count].
func N(ctx context.Context, n int, one string, many Key, args ...any) string {
	return From(ctx).N(n, one, many, args...)
}

// T returns the text of key; see [Say].
func (l Locale) T(key Key, args ...any) string { return Text{key: key, args: args}.In(l) }

// N returns one or many; see [Count].
func (l Locale) N(n int, one string, many Key, args ...any) string {
	return Count(n, one, many, args...).In(l)
}

// List writes names one after the other: "a, b, c".
func (l Locale) List(names []string) string { return strings.Join(names, l.T(", |between names")) }

// List writes names one after the other in the language of ctx.
func List(ctx context.Context, names []string) string { return From(ctx).List(names) }

// Number writes 8310 as "8,310", which English and Chinese both do.
func Number(n int) string {
	s := strconv.Itoa(n)
	digits := strings.TrimPrefix(s, "-")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if n < 0 {
		return "-" + digits
	}
	return digits
}

// figure is a number within a text.
type figure int

// Format writes it with its thousands apart for %d, and as an int for all else.
func (f figure) Format(s fmt.State, verb rune) {
	if verb == 'd' {
		_, _ = s.Write([]byte(Number(int(f)))) // into the memory of Sprintf
		return
	}
	fmt.Fprintf(s, fmt.FormatString(s, verb), int(f))
}
