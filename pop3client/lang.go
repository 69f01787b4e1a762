package pop3client

import (
	"context"
	"strings"
)

// Language is a language that a server can speak (RFC 6856, section 3).
type Language struct {
	Tag  string // RFC 5646: "en", "zh-Hans"
	Name string // in that language
}

// Languages asks for the languages in which the server can word its replies.
func (c *Client) Languages(ctx context.Context) ([]Language, error) {
	x, err := c.begin(ctx, "LANG", c.opt.Timeouts.Reply)
	if err != nil {
		return nil, err
	}
	defer x.end()
	if err := x.send("LANG", "LANG"); err != nil {
		return nil, err
	}
	if _, err := x.status(); err != nil {
		return nil, err
	}
	var languages []Language
	err = x.lines("CapabilityLines", c.opt.Limits.CapabilityLines, func(line []byte) {
		tag, name, _ := strings.Cut(string(trimBlanks(line)), " ")
		if tag != "" {
			languages = append(languages, Language{Tag: tag, Name: name})
		}
	})
	if err != nil {
		return nil, err
	}
	return languages, nil
}

// Lang asks the server to word its replies in a language; "*" is its own choice
// of the user's language. It gives the tag of the language chosen.
func (c *Client) Lang(ctx context.Context, tag string) (string, error) {
	if tag == "" || !sendable(tag) || strings.ContainsAny(tag, " \t") {
		return "", &ArgumentError{Command: "LANG", Argument: "language"}
	}
	text, err := c.command(ctx, "LANG "+tag, c.opt.Timeouts.Reply)
	if err != nil {
		return "", err
	}
	chosen, _, _ := strings.Cut(text, " ")
	return chosen, nil
}
