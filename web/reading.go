package web

import (
	"net/http"
	"net/url"

	"postern/internal/authres"
	"postern/internal/i18n"
	"postern/internal/message"
	"postern/internal/query"
	"postern/internal/sanitize"
	"postern/store"
)

// reading is how a message is shown to a person: what they decided about its sender, and what they ask for now.
type reading struct {
	m       *store.Message
	raw     *store.Octets
	html    string
	hasHTML bool
	origin  authres.Verdict  // of its sender
	rule    store.SenderRule // for its sender
	asked   url.Values
	once    bool        // remote images are asked for, this time
	marks   query.Query // hits of which stand out; the zero one marks nothing
	fold    string      // what it quotes at its end is folded behind a mark of this name; "": not
}

// read prepares a message for being shown.
func (s *Server) read(r *http.Request, v *visitor, m *store.Message, raw *store.Octets) (*reading, error) {
	rd := &reading{m: m, raw: raw, asked: r.URL.Query()}
	rd.html, rd.hasHTML = message.BodyHTML(m.Structure, raw)
	rd.once = rd.asked.Get("images") == "once" && ownRequest(r)
	rd.marks = s.marksOf(rd.asked)
	var err error
	if rd.origin, err = s.origin(r.Context(), v, m, raw); err != nil {
		return nil, err
	}
	if from := sender(m); from != "" {
		rd.rule, err = s.store.SenderRule(r.Context(), v.ID, from)
	}
	return rd, err
}

// ownRequest tells that a request came from a page of the portal, or that a person typed it: a link elsewhere must not
// load what the reader holds back.
func ownRequest(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return false
}

// loads tells whether remote images are loaded: asked for once, or always for this sender, if the provider of the
// account says that it was this sender.
func (rd *reading) loads() bool { return rd.once || rd.rule.Images && rd.origin == authres.Passed }

// asText tells whether the text is shown though there is HTML.
func (rd *reading) asText() bool {
	switch rd.asked.Get("view") {
	case "text":
		return true
	case "html":
		return false
	}
	return rd.rule.View == store.ViewText
}

// dark tells that a person wants this message dark though it brings its own paper.
func (rd *reading) dark() bool { return rd.asked.Get("dark") == "1" }

// bodyQuery is what the frame has to be told of what was asked.
func (rd *reading) bodyQuery() string {
	q := url.Values{}
	if rd.once {
		q.Set("images", "once")
	}
	if rd.dark() {
		q.Set("dark", "1")
	}
	fragment := ""
	if rd.marks.Root != nil {
		q.Set("mark", rd.marks.Source)
		fragment = "#" + sanitize.FirstHit
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode() + fragment
}

// folds has the frame of a page fold what the mail quotes at its end; not where hits of a search stand out, which might
// be in there.
func (rd *reading) folds(reader i18n.Locale) {
	if rd.marks.Root == nil {
		rd.fold = reader.T("Quoted text")
	}
}

// clean makes the HTML inert.
func (s *Server) clean(v *visitor, rd *reading, cid func(string) string) sanitize.Result {
	opt := sanitize.Options{CID: cid, FoldQuote: rd.fold}
	if rd.marks.Root != nil {
		opt.Mark = rd.hits
	}
	if rd.loads() {
		opt.LoadRemote = s.imageLinks(v, rd.m.ID)
	}
	return s.sanitize(rd.html, opt)
}
