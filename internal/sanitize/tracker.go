package sanitize

import (
	"strconv"
	"strings"
)

// isTracker tells whether an image is there to be fetched and not to be seen: by its size, or by its address.
func isTracker(url, width, height, style string) bool {
	return unseen(width, height, style) || tracking(url)
}

// unseen tells whether an image is at most two pixels large, or as thin and
// not shown at all. (Hidden alone is how a mail brings an image for phones.)
func unseen(width, height, style string) bool {
	tiny := func(v string) bool {
		if v = strings.TrimSuffix(strings.TrimSpace(v), "px"); v == "" {
			return false
		}
		n, err := strconv.ParseFloat(v, 64)
		return err == nil && n <= 2
	}
	w, h, hidden := tiny(width), tiny(height), false
	for decl := range strings.SplitSeq(style, ";") {
		name, value, _ := strings.Cut(strings.TrimSuffix(decl, "!important"), ":")
		switch {
		case name == "width" || name == "max-width":
			w = w || tiny(value)
		case name == "height" || name == "max-height":
			h = h || tiny(value)
		case name == "display" && value == "none", name == "visibility" && value == "hidden", name == "opacity" && value == "0":
			hidden = true
		}
	}
	return w && h || hidden && (w || h)
}

// trackers are the addresses at which services that send mail for others
// count openings: a host, or "" for any, with all below it, and how a path
// begins, or after "*" what it holds.
var trackers = []struct{ host, path string }{
	{"list-manage.com", "/track/open"}, {"mandrillapp.com", "/track/open"}, {"", "/track/open.php"},
	{"sendgrid.net", "/wf/open"}, {"", "/wf/open"}, {"", "/ls/open"}, {"awstrack.me", "/I0/"}, {"", "*/O0/"},
	{"mailgun.org", "/o/"}, {"", "/e/o/eyJ"}, {"sparkpostmail.com", "/q/"}, {"pstmrk.it", "/open"}, {"mjt.lu", "/oo/"}, {"", "*/oo/"},
	{"hubspotemail.net", "/e3t/"}, {"hubspotlinks.com", "/e3t/"}, {"", "*/e3t/cto/"}, {"mailtrack.io", "/trace/"}, {"mltrk.io", "/"},
	{"yesware.com", "/t/"}, {"bananatag.com", "/"}, {"getnotify.com", "/"}, {"readnotify.com", "/"}, {"didtheyreadit.com", "/"},
	{"cmail19.com", "/t/"}, {"cmail20.com", "/t/"}, {"createsend.com", "/t/"}, {"exct.net", "/open.aspx"}, {"", "/open.aspx"},
	{"klclick.com", "/o/"}, {"trk.klclick.com", "/"}, {"customeriomail.com", "/e/o/"}, {"intercom-mail.com", "/via/e/o"}, {"intercom-mail.com", "*/o?"},
	{"rs6.net", "/on.jsp"}, {"", "*/on.jsp"}, {"aweber.com", "/1x1"}, {"openrate.aweber.com", "/"}, {"substack.com", "*/o/"}, {"google-analytics.com", "/"},
	{"doubleclick.net", "/"}, {"facebook.com", "/tr"}, {"bat.bing.com", "/"}, {"pixel.app.returnpath.net", "/"}, {"emltrk.com", "/"}, {"litmus.com", "/"},
	{"", "*/pixel.gif"}, {"", "*/spacer-track"}, {"", "*/beacon.gif"}, {"", "*/track/open"}, {"", "*/email_open"}, {"", "*/opens/"}, {"", "*/openpixel"},
}

// trackersOf are the paths by host, "" for those of any.
var trackersOf = func() map[string][]string {
	m := make(map[string][]string)
	for _, t := range trackers {
		m[t.host] = append(m[t.host], t.path)
	}
	return m
}()

// tracking tells whether an absolute URL is one of a known tracker.
func tracking(url string) bool {
	_, rest, _ := strings.Cut(url, "://")
	at := strings.IndexAny(rest, "/?#")
	if at < 0 {
		return false
	}
	_, host := authority(rest)
	host, path := lowerASCII(host), rest[at:]
	for { // the host, each that it is below, and any
		for _, p := range trackersOf[host] {
			if part, anywhere := strings.CutPrefix(p, "*"); anywhere && strings.Contains(path, part) || !anywhere && strings.HasPrefix(path, p) {
				return true
			}
		}
		if host == "" {
			return false
		}
		_, host, _ = strings.Cut(host, ".")
	}
}
