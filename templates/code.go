package templates

import "strings"

// run is some lines of a text; the columns of code mean something, so it wants letters of one width.
type run struct {
	lines []string
	code  bool
}

// runs cuts lines into prose and code: patches, what stands between ``` and ```, and paragraphs that are mostly indented
// or set in columns. There are at most limit of them.
func runs(lines []string, limit int) (list []run) {
	add := func(code bool, more []string) {
		if n := len(list); n > 0 && (list[n-1].code == code || n >= limit) {
			list[n-1].lines = append(list[n-1].lines, more...)
			return
		}
		list = append(list, run{append([]string(nil), more...), code})
	}
	unfenced := false
	for len(lines) > 0 {
		if n := patchLength(lines); n > 0 {
			add(true, lines[:n])
			lines = lines[n:]
			continue
		}
		if !unfenced && strings.HasPrefix(lines[0], fence) {
			if n := fenceLength(lines); n > 0 {
				add(true, lines[:n])
				lines = lines[n:]
				continue
			}
			unfenced = true // and none ends further down either
		}
		n := paragraphLength(lines)
		add(inColumns(lines[:n]), lines[:n])
		blank := n
		for blank < len(lines) && strings.TrimSpace(lines[blank]) == "" {
			blank++
		}
		if blank > n {
			list[len(list)-1].lines = append(list[len(list)-1].lines, lines[n:blank]...)
		}
		lines = lines[blank:]
	}
	return list
}

// patchLength counts the lines of a patch that begins here. It goes on to the signature, or to the end.
func patchLength(lines []string) int {
	if !beginsPatch(lines) {
		return 0
	}
	for n, line := range lines {
		if line == "-- " || line == "--" {
			return n
		}
	}
	return len(lines)
}

func beginsPatch(lines []string) bool {
	next := ""
	if len(lines) > 1 {
		next = lines[1]
	}
	switch line := lines[0]; {
	case strings.HasPrefix(line, "diff --git "), strings.HasPrefix(line, "diff -"):
		return true
	case strings.HasPrefix(line, "--- "):
		return strings.HasPrefix(next, "+++ ")
	case strings.HasPrefix(line, "*** "):
		return strings.HasPrefix(next, "--- ")
	case strings.HasPrefix(line, "Index: "):
		return strings.HasPrefix(next, "=====")
	case strings.HasPrefix(line, "@@ -"):
		return strings.Contains(line[4:], " @@")
	}
	return false
}

// fence stands above and below code, as in Markdown.
const fence = "```"

// fenceLength counts the lines from a fence to the next; 0 when there is none.
func fenceLength(lines []string) int {
	for n, line := range lines[1:] {
		if strings.TrimSpace(line) == fence {
			return n + 2
		}
	}
	return 0
}

// paragraphLength counts the lines up to an empty one, a patch or a fence.
func paragraphLength(lines []string) int {
	for n, line := range lines {
		if strings.TrimSpace(line) == "" || n > 0 && (beginsPatch(lines[n:]) || strings.HasPrefix(line, fence)) {
			return n
		}
	}
	return len(lines)
}

// inColumns tells whether most lines of a paragraph are indented as code is, or set in columns.
func inColumns(lines []string) bool {
	set := 0
	for _, line := range lines {
		body := strings.TrimLeft(line, " ")
		indent := len(line) - len(body)
		if indent >= 4 || strings.HasPrefix(body, "\t") || strings.HasPrefix(body, "|") || strings.HasPrefix(body, "+-") ||
			strings.Contains(body, " | ") || strings.Contains(strings.TrimRight(body, " "), "   ") || strings.Contains(strings.TrimRight(body, "\t"), "\t") {
			set++
		}
	}
	return len(lines) > 1 && 2*set > len(lines)
}
