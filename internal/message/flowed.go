package message

import "strings"

// unflow joins the lines of format=flowed text into paragraphs (RFC 3676 §4): a line that ends in
// a blank goes on in the next one of the same quote depth. The signature mark "-- " never does.
func unflow(s string, delSp bool) string {
	var out strings.Builder
	out.Grow(len(s))
	depth, open := 0, false // of the paragraph being joined
	for len(s) > 0 {
		line, rest, _ := strings.Cut(s, "\n")
		s = rest
		d := len(line) - len(strings.TrimLeft(line, ">"))
		text := strings.TrimPrefix(line[d:], " ") // space-stuffing, §4.4
		signature := text == "-- "
		if open && (d != depth || signature) {
			out.WriteByte('\n') // QUIRK: a paragraph that its quote depth cut off
			open = false
		}
		if !open && d > 0 {
			out.WriteString(strings.Repeat(">", min(d, 100)) + " ")
		}
		depth = d
		flows := strings.HasSuffix(text, " ") && !signature
		if flows && delSp {
			text = text[:len(text)-1]
		}
		out.WriteString(text)
		if open = flows; !open {
			out.WriteByte('\n')
		}
	}
	if open {
		out.WriteByte('\n')
	}
	return out.String()
}
