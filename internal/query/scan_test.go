package query

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// Searches over random texts give what a naive look at the text gives: the
// words of an English text, the substrings of a Chinese one.
func TestAgainstNaiveScan(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(words []string, n int, between string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = words[rnd.IntN(len(words))]
		}
		return strings.Join(parts, between)
	}
	english := strings.Fields("invoice invoices report annual order march anna the of 2026 0042")
	chinese := strings.Split("发票邮件中文信，。 ", "")
	var found int
	check := func(query, text string, want bool) {
		t.Helper()
		root := Parse(query, now).Root
		leaf, ok := root.(Text)
		if !ok {
			return
		}
		checkWords(t, leaf, text)
		if got := leaf.Match(in(Subject, text)); got != want {
			t.Errorf("%s in %q: %v, want %v", query, text, got, want)
		}
		if want {
			found++
		}
	}
	for range 50 {
		text := pick(english, 30, " ")
		for range 20 {
			one, two := pick(english, 1, ""), pick(english, 1+rnd.IntN(3), " ")
			prefix := one[:1+rnd.IntN(len(one))]
			check(one, text, strings.Contains(" "+text+" ", " "+one+" "))
			check(fmt.Sprintf("%q", two), text, strings.Contains(" "+text+" ", " "+two+" "))
			check(prefix+"*", text, strings.Contains(" "+text, " "+prefix))
		}
		text = pick(chinese, 40, "")
		for range 20 {
			run := pick(chinese[:7], 1+rnd.IntN(4), "")
			check(run, text, strings.Contains(text, run))
		}
	}
	if found < 1000 {
		t.Errorf("only %d searches found something", found)
	}
}
