package web

import (
	"html"
	"strings"

	"postern/internal/sanitize"
)

// look is how the body of a mail is put on the screen or on paper.
type look int

const (
	// lookTheme follows the portal's colours. It is for mail that brings a dark style, or no paper of its own.
	lookTheme look = iota
	// lookPaper is mail on the light paper that it was designed for.
	lookPaper
	// lookInverted turns such mail dark: every lightness becomes its opposite, so that what could be read still can be;
	// hues stay, and pictures are as they are.
	lookInverted
	// lookPrint is for paper indeed.
	lookPrint
)

// lookOf is the look of a body, asked to be dark or not.
func lookOf(result sanitize.Result, dark bool) look {
	switch {
	case result.Dark || !result.Painted:
		return lookTheme
	case dark:
		return lookInverted
	}
	return lookPaper
}

// lookCSS is what each look adds to the frame's style sheet. The frame is told of the portal's colours by its
// element's color-scheme, which is what prefers-color-scheme asks for there.
var lookCSS = [...]string{
	lookTheme: "",
	lookPaper: "html{background:#fff}",
	lookInverted: "html{background:#000}.mail-view{background-color:#fff;color:#000;filter:invert(1) hue-rotate(180deg)}" +
		".mail-view img:not(.mail-held){filter:invert(1) hue-rotate(180deg)}",
	lookPrint: ".mail-view{min-height:0!important;padding:0!important}.head{margin:0 0 1em;padding:0 0 .6em;border-bottom:1px solid #888;font:11pt/1.4 sans-serif}" +
		".head h1{margin:0 0 .3em;font-size:15pt}.head dl{display:grid;grid-template-columns:max-content 1fr;gap:0 1em;margin:0}.head dt{color:#555}.head dd{margin:0;overflow-wrap:anywhere}" +
		".words{white-space:pre-wrap;overflow-wrap:anywhere;font:11pt/1.45 sans-serif}.words.code{font:9.5pt/1.4 monospace}blockquote.words{margin:.3em 0;padding-left:.8em;border-left:2px solid #999}" +
		"@media screen{body{max-width:52rem;margin:1.5rem auto;padding:0 1rem;background:#fff;color:#000}}",
}

// plainDark lets mail without paper of its own be read on the portal's dark one, whatever it says of its letters: they
// were chosen for white.
const plainDark = "@media (prefers-color-scheme:dark){.mail-view,.mail-view *{color:inherit!important;background:none!important;border-color:#555!important}" +
	".mail-view a,.mail-view a *{color:#8ab4f8!important}.mail-view .mail-host{color:#ff8a80!important}.mail-view .mail-held{background:rgba(128,128,128,.25)!important}}"

// sheet is what a body on paper has around it. Its texts are HTML made by the portal's templates.
type sheet struct {
	lang, title string // plain
	head, text  string
}

// bodyDocument puts sanitised HTML into a document of its own, on a sheet of paper where one is given. In which language
// a mail is written is not known.
func bodyDocument(result sanitize.Result, l look, paper *sheet) string {
	scheme := "light"
	if l == lookTheme {
		scheme = "light dark"
	}
	var b strings.Builder
	open, title, before, after := `<html>`, "Message body", "", ""
	if paper != nil {
		open, title = `<html lang="`+html.EscapeString(paper.lang)+`">`, paper.title
		before, after = paper.head+`<main lang="">`+paper.text, `</main>`
	}
	b.WriteString(result.Doctype) // old mail counts on quirks mode
	b.WriteString(open + `<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">`)
	b.WriteString(`<meta name="color-scheme" content="` + scheme + `"><title>` + html.EscapeString(title) + `</title><style>`)
	b.WriteString(sanitize.FrameCSS)
	b.WriteString(`.postern-note{margin:8px;font:13px/1.4 sans-serif;color:#666}`)
	b.WriteString(lookCSS[l])
	if l == lookTheme && !result.Dark {
		b.WriteString(plainDark)
	}
	b.WriteString(`</style>`)
	for _, url := range result.Backgrounds { // now, whether or not a rule of the mail shows them
		b.WriteString(`<link rel="preload" as="image" href="` + html.EscapeString(url) + `">`)
	}
	b.WriteString(`</head><body>`)
	b.WriteString(before)
	b.WriteString(result.HTML)
	for _, note := range result.Notes {
		b.WriteString(`<p class="postern-note">` + html.EscapeString(note) + `</p>`)
	}
	b.WriteString(after + "</body></html>\n")
	return b.String()
}
