package sanitize

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// attrTable holds the attributes of a mail's tags while the tree is built. A
// newsletter has the same ones on thousands of its cells: each different lot
// is read once, and the tags carry its number to the parser, as an attribute
// of that name.
type attrTable struct {
	number    map[string]int // by the text behind the tag's name
	lists     [][]html.Attribute
	room      []html.Attribute // that further lists are cut from
	disclosed bool             // a class holds RealHost
}

// attrRoom is how many attributes there is room for at first, and how many more each time.
const attrRoom = 1024

// numberBase is the base that numbers are written in: few mails have more lots than can have a number of one digit,
// and names of one character are what the parser has least work with.
const numberBase = 36

// reset makes the table as good as new. Only memory that most mails need is kept.
func (t *attrTable) reset() {
	clear(t.room)
	clear(t.lists)
	*t = attrTable{number: t.number, lists: t.lists[:0], room: t.room[:0]}
	if len(t.number) > attrRoom || cap(t.lists) > attrRoom {
		t.number, t.lists = nil, nil
	}
	clear(t.number)
}

// add gives the number of the attributes in the text behind a tag's name. ok
// is false when there are none, or more than any author would write. Those of
// links and images are not looked for among others: each has its own.
func (t *attrTable) add(name []byte, text string) (n int, ok bool) {
	if text == "" || text == "/" || text == " /" { // most tags; others without attributes have an empty lot
		return 0, false
	}
	own := string(name) == "a" || string(name) == "img"
	if !own {
		if n, ok = t.number[text]; ok {
			return n, len(t.lists[n]) > 0
		}
	}
	n = len(t.lists)
	t.lists = append(t.lists, t.read(text))
	if !own {
		if t.number == nil {
			t.number = make(map[string]int)
		}
		t.number[text] = n
	}
	return n, len(t.lists[n]) > 0
}

// read reads attributes. Of several of the same name the first counts. The list is good until reset.
func (t *attrTable) read(text string) []html.Attribute {
	if cap(t.room)-len(t.room) < maxTagAttrs {
		t.room = make([]html.Attribute, 0, attrRoom)
	}
	from := len(t.room)
	list := t.room[from:from]
	for a := (attrCursor{s: text}); a.next(); {
		key := strings.ReplaceAll(lowerASCII(a.key), "\x00", "\uFFFD")
		if hasAttr(list, key) {
			continue
		}
		if len(list) == maxTagAttrs {
			clear(list)
			return nil
		}
		list = append(list, html.Attribute{Key: key, Val: attributeText(a.value)})
		t.disclosed = t.disclosed || key == "class" && strings.Contains(a.value, RealHost)
	}
	t.room = t.room[:from+len(list)]
	return list[:len(list):len(list)]
}

// attributeText resolves what an attribute's value is written with (HTML
// 13.2.5.36 and 13.2.5.72): in an attribute, a reference without its semicolon
// is none when the text goes on as a name would, as it does in addresses.
func attributeText(s string) string {
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	}
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	var b strings.Builder
	for {
		text, rest, found := strings.Cut(s, "&")
		b.WriteString(text)
		if !found {
			return b.String()
		}
		n := referenceEnd(rest)
		b.WriteString(reference("&"+rest[:n], rest[n:]))
		s = rest[n:]
	}
}

// referenceEnd gives the length of what may be a character reference, behind
// its "&".
func referenceEnd(s string) int {
	digit := isAlnum
	i := 0
	if strings.HasPrefix(s, "#") {
		i++
		digit = func(c byte) bool { return '0' <= c && c <= '9' }
		if strings.HasPrefix(s[i:], "x") || strings.HasPrefix(s[i:], "X") {
			i++
			digit = isHex
		}
	}
	for i < len(s) && digit(s[i]) {
		i++
	}
	if i < len(s) && s[i] == ';' {
		i++
	}
	return i
}

// reference gives the character that ref stands for in an attribute before
// rest; ref itself when it stands for none.
func reference(ref, rest string) string {
	c := html.UnescapeString(ref)
	if strings.HasPrefix(ref, "&#") || ref == "&semi;" {
		return c
	}
	last := c[len(c)-1] // what is left when only the beginning of ref has a meaning
	if last == ';' || isAlnum(last) || !strings.HasSuffix(ref, ";") && strings.HasPrefix(rest, "=") {
		return ref
	}
	return c
}

func isAlnum(c byte) bool { return isLetter(c) || '0' <= c && c <= '9' }

// restore gives every element of a tree its attributes. Elements share them:
// they are only read.
func (t *attrTable) restore(doc *html.Node) {
	for n := doc; n != nil; n = following(n, doc) {
		switch len(n.Attr) {
		case 0:
		case 1:
			n.Attr = t.list(n.Attr[0])
		default: // an html or body with what several tags of that name said
			var all []html.Attribute
			for _, a := range n.Attr {
				for _, one := range t.list(a) {
					if !hasAttr(all, one.Key) {
						all = append(all, one)
					}
				}
			}
			n.Attr = all
		}
	}
}

// list gives the attributes that one stands for.
func (t *attrTable) list(a html.Attribute) []html.Attribute {
	n, err := strconv.ParseUint(a.Key, numberBase, 32)
	if err != nil || n >= uint64(len(t.lists)) {
		return nil // not ours
	}
	return t.lists[n]
}

func hasAttr(list []html.Attribute, key string) bool {
	for _, a := range list {
		if a.Key == key {
			return true
		}
	}
	return false
}
