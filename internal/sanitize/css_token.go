package sanitize

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

// token is a CSS token (CSS Syntax 3) whose text has its escapes resolved:
// the name of an identifier, function or at-keyword, the content of a string,
// the digits of a hash, the number with its unit, the delimiter itself.
type token struct {
	kind  css.TokenType
	match int32 // of an opening bracket or function: index of its end
	text  string
}

// tokenize cuts CSS into tokens, without comments, and pairs the brackets.
// Every opening bracket has a match; one that is never closed ends at len.
func tokenize(src string, buf []token) []token {
	src = strings.ReplaceAll(src, "\x00", "\uFFFD")
	lexer := css.NewLexer(parse.NewInputString(src))
	toks := buf[:0]
	if few := len(src) / 5; cap(toks) < few { // most have as many
		toks = make([]token, 0, few+few/4)
	}
	for {
		kind, data := lexer.Next()
		text := src[:len(data)] // tokens follow one another
		src = src[len(data):]
		switch kind {
		case css.ErrorToken:
			pair(toks)
			return toks
		case css.CommentToken:
			continue
		}
		toks = append(toks, token{kind: kind, text: tokenText(kind, text)})
	}
}

// tokenText gives the text of a token that is written as s.
func tokenText(kind css.TokenType, s string) string {
	switch kind {
	case css.WhitespaceToken:
		return " "
	case css.FunctionToken:
		return unescape(s[:len(s)-1])
	case css.AtKeywordToken, css.HashToken:
		return unescape(s[1:])
	case css.StringToken:
		quote := s[0]
		s = s[1:]
		if n := len(s); n > 0 && s[n-1] == quote && !oddBackslashes(s[:n-1]) {
			s = s[:n-1]
		}
		return unescape(s)
	case css.IdentToken, css.CustomPropertyNameToken, css.DimensionToken:
		return unescape(s)
	}
	return s
}

// urlText gives the address in "url(address)" or "url('address')".
func urlText(s string) string {
	_, s, _ = strings.Cut(s, "(")
	s = strings.TrimSuffix(strings.TrimSpace(s), ")")
	s = strings.TrimSpace(s)
	if n := len(s); n > 1 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		s = s[1 : n-1]
	}
	return unescape(s)
}

func oddBackslashes(s string) bool {
	return (len(s)-len(strings.TrimRight(s, `\`)))%2 == 1
}

// unescape resolves CSS escapes (CSS Syntax 3, 4.3.7).
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		digits := 0
		for digits < 6 && i+1+digits < len(s) && isHex(s[i+1+digits]) {
			digits++
		}
		if digits == 0 {
			if i++; i < len(s) && s[i] != '\n' { // else a line continued
				b.WriteByte(s[i])
			}
			continue
		}
		n, _ := strconv.ParseUint(s[i+1:i+1+digits], 16, 32)
		if n == 0 || n > utf8.MaxRune || 0xD800 <= n && n <= 0xDFFF {
			n = utf8.RuneError
		}
		b.WriteRune(rune(n))
		i += digits
		if i+1 < len(s) && strings.IndexByte(" \t\n\r\f", s[i+1]) >= 0 {
			i++
		}
	}
	return b.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// pair finds the end of each bracket. As in CSS, a closing bracket of another
// kind than the innermost open one closes nothing.
func pair(toks []token) {
	var open []int32
	for i := range toks {
		switch toks[i].kind {
		case css.FunctionToken, css.LeftParenthesisToken, css.LeftBraceToken, css.LeftBracketToken:
			toks[i].match = int32(len(toks))
			open = append(open, int32(i))
		case css.RightParenthesisToken, css.RightBraceToken, css.RightBracketToken:
			if n := len(open); n > 0 && closes(toks[open[n-1]].kind, toks[i].kind) {
				toks[open[n-1]].match = int32(i)
				open = open[:n-1]
			}
		}
	}
}

func closes(open, end css.TokenType) bool {
	switch open {
	case css.LeftBraceToken:
		return end == css.RightBraceToken
	case css.LeftBracketToken:
		return end == css.RightBracketToken
	}
	return end == css.RightParenthesisToken
}

// cursor walks over a stretch of tokens; those in brackets have cursors of
// their own, so that nothing is copied.
type cursor struct {
	toks     []token
	pos, end int
}

func newCursor(toks []token) cursor { return cursor{toks: toks, end: len(toks)} }

func (c *cursor) more() bool { return c.pos < c.end }

// peek gives the next token, of kind css.ErrorToken at the end.
func (c *cursor) peek() token {
	if c.pos < c.end {
		return c.toks[c.pos]
	}
	return token{}
}

// next gives the next token and goes past it.
func (c *cursor) next() token {
	t := c.peek()
	if c.pos < c.end {
		c.pos++
	}
	return t
}

// inside gives what stands in the bracket that was the last token, and goes
// past its end.
func (c *cursor) inside() cursor {
	end := min(int(c.toks[c.pos-1].match), c.end)
	in := cursor{c.toks, c.pos, end}
	c.pos = min(end+1, c.end)
	return in
}

// until gives what stands before the first token of one of the kinds outside
// of brackets, and goes to that token or to the end.
func (c *cursor) until(kinds ...css.TokenType) cursor {
	from := c.pos
	for c.pos < c.end && !slices.Contains(kinds, c.toks[c.pos].kind) {
		c.pos = max(c.pos, min(int(c.toks[c.pos].match), c.end)) + 1
	}
	c.pos = min(c.pos, c.end)
	return cursor{c.toks, from, c.pos}
}

// space goes past white space and tells whether there was any.
func (c *cursor) space() bool {
	from := c.pos
	for c.pos < c.end && c.toks[c.pos].kind == css.WhitespaceToken {
		c.pos++
	}
	return c.pos > from
}

// delim tells whether the next token is the delimiter d, and goes past it.
func (c *cursor) delim(d string) bool {
	if t := c.peek(); t.kind == css.DelimToken && t.text == d {
		c.pos++
		return true
	}
	return false
}
