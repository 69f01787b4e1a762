package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/sessions"

	"postern/internal/i18n"
	"postern/store"
)

// How long a browser stays signed in.
const (
	sessionIdle     = 14 * 24 * time.Hour // without being used
	sessionAbsolute = 90 * 24 * time.Hour // whatever happens
	sessionTouch    = time.Minute         // how exactly its last use is known
)

// visitor is a person who is signed in, with the session they are in.
type visitor struct {
	store.User
	data    sessionData
	row     store.Session
	session *sessions.Session
}

// sessionData is what a session's row remembers for its browser.
type sessionData struct {
	Address string `json:"address,omitempty"` // where it signed in from
	Theme   string `json:"theme,omitempty"`   // "light", "dark" or "": as the system
	Zone    string `json:"zone,omitempty"`    // the browser's time zone, as IANA names it
	Toast   *toast `json:"toast,omitempty"`   // for the next page
}

// toast is what the next page says of the last action.
type toast struct {
	Text   string `json:"text"`
	Undo   string `json:"undo,omitempty"` // token
	Return string `json:"return,omitempty"`

	Account string `json:"account,omitempty"` // the one that is being checked
	After   string `json:"after,omitempty"`   // its last session before
}

// sessionStore keeps gorilla's sessions as rows: the cookie carries a random id and nothing else, the row its hash. A
// copied database signs nobody in, and a session that was ended is over, whoever copied its cookie.
type sessionStore struct {
	store   *store.Store
	address publicAddress
	now     func() time.Time
}

// visitorKey is where a gorilla session holds its visitor.
type visitorKey struct{}

// cookieName is the name of the session's cookie. Over TLS the prefix makes browsers refuse one that was set by
// another host or in the clear. Without, it carries the port, since cookies know no ports and several portals may run
// on one machine.
func (st *sessionStore) cookieName(r *http.Request) string {
	if st.address.secure(r) {
		return "__Host-postern"
	}
	if port := (&url.URL{Host: r.Host}).Port(); port != "" {
		return "postern-" + port
	}
	return "postern"
}

func (st *sessionStore) options(r *http.Request) *sessions.Options {
	o := &sessions.Options{
		Path:     st.address.path + "/",
		MaxAge:   int(sessionAbsolute / time.Second),
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
	if st.address.secure(r) {
		o.Secure, o.Path = true, "/" // what __Host- asks for
	}
	return o
}

// Get returns the session of a request, once read and then remembered with it.
func (st *sessionStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(st, name)
}

// New reads the session of a request. One that is unknown, over or too old is a new one, without a visitor.
func (st *sessionStore) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(st, name)
	session.Options = st.options(r)
	session.IsNew = true
	cookie, err := r.Cookie(name)
	if err != nil {
		return session, nil
	}
	row, err := st.store.Session(r.Context(), hashID(cookie.Value))
	if errors.Is(err, store.ErrNotFound) || err == nil && st.over(row) {
		return session, nil
	}
	if err != nil {
		return session, err
	}
	v := &visitor{row: row, session: session}
	v.User, err = st.store.User(r.Context(), row.User)
	if errors.Is(err, store.ErrNotFound) {
		return session, nil // removed since the row was read
	}
	if err != nil {
		return session, err
	}
	if err := json.Unmarshal(row.Data, &v.data); err != nil {
		return session, err
	}
	session.ID, session.IsNew = cookie.Value, false
	session.Values[visitorKey{}] = v
	return session, nil
}

func (st *sessionStore) over(row store.Session) bool {
	now := st.now()
	return now.Sub(row.Used) > sessionIdle || now.Sub(row.Created) > sessionAbsolute
}

// Save writes a session: a new one gets its id and its cookie, one with a negative age ends.
func (st *sessionStore) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	v, ok := session.Values[visitorKey{}].(*visitor)
	if !ok {
		return errors.New("session without a visitor")
	}
	ctx := r.Context()
	if session.Options.MaxAge < 0 {
		http.SetCookie(w, sessions.NewCookie(session.Name(), "", session.Options))
		return st.store.EndSession(ctx, v.ID, v.row.ID)
	}
	data, err := json.Marshal(v.data)
	if err != nil {
		return err
	}
	if !session.IsNew {
		return st.store.UpdateSession(ctx, v.ID, v.row.ID, data)
	}
	session.ID = newID()
	v.row.ID, v.row.User, v.row.Data = hashID(session.ID), v.ID, data
	v.row.Device = truncate(strings.ToValidUTF8(r.UserAgent(), "\uFFFD"), 300)
	if err := st.store.AddSession(ctx, v.row); err != nil {
		return err
	}
	session.IsNew = false
	http.SetCookie(w, sessions.NewCookie(session.Name(), session.ID, session.Options))
	return nil
}

// newID is what a cookie carries: 256 random bits.
func newID() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func hashID(id string) []byte {
	sum := sha256.Sum256([]byte(id))
	return sum[:]
}

// current returns who is signed in, or nil.
func (s *Server) current(r *http.Request) (*visitor, error) {
	session, err := s.sessions.Get(r, s.sessions.cookieName(r))
	if err != nil {
		return nil, err
	}
	v, _ := session.Values[visitorKey{}].(*visitor)
	return v, nil
}

// signIn begins a session with an id of its own and ends the one the browser was in: an id that somebody planted
// before is worth nothing afterwards.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request, user store.User, data sessionData) (*visitor, error) {
	name := s.sessions.cookieName(r)
	before, err := s.current(r)
	if err != nil {
		return nil, err
	}
	session := sessions.NewSession(s.sessions, name)
	session.Options = s.sessions.options(r)
	session.IsNew = true
	v := &visitor{User: user, data: data, session: session}
	session.Values[visitorKey{}] = v
	if err := session.Save(r, w); err != nil {
		return nil, err
	}
	if before != nil {
		err = s.store.EndSession(r.Context(), before.ID, before.row.ID)
	}
	return v, err
}

// visitor makes a handler for people who are signed in; all others are led to where they can.
func (s *Server) visitor(h visitorFunc) http.HandlerFunc {
	return s.handle(func(w http.ResponseWriter, r *http.Request) error {
		v, err := s.current(r)
		if err != nil {
			return err
		}
		if v == nil {
			return s.turnAway(w, r)
		}
		if s.now().Sub(v.row.Used) > sessionTouch {
			if err := s.store.TouchSession(r.Context(), v.ID, v.row.ID); err != nil {
				s.log.WarnContext(r.Context(), "the last use of a session was not noted", "err", err)
			}
		}
		return h(w, r.WithContext(v.ownLocale(r.Context())), v)
	})
}

// turnAway leads to the setup of a new portal, or to the sign-in page and from there back.
func (s *Server) turnAway(w http.ResponseWriter, r *http.Request) error {
	hasOwner, err := s.hasOwner(r.Context())
	switch {
	case err != nil:
		return err
	case asksData(r):
		return &pageError{code: http.StatusUnauthorized, title: "You are not signed in"}
	case !hasOwner:
		s.redirect(w, "/setup")
	case r.Method == http.MethodGet && r.URL.Path != "/":
		s.redirect(w, "/login?next="+url.QueryEscape(r.URL.RequestURI()))
	default:
		s.redirect(w, "/login")
	}
	return nil
}

// say puts a sentence onto the visitor's next page.
func (v *visitor) say(w http.ResponseWriter, r *http.Request, t toast) error {
	v.data.Toast = &t
	return v.save(w, r)
}

// save writes what the session remembers. A session that was ended meanwhile stays so.
func (v *visitor) save(w http.ResponseWriter, r *http.Request) error {
	err := v.session.Save(r, w)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// sessionAddress is where a session signed in from.
func sessionAddress(row store.Session) i18n.Text {
	var data sessionData
	if json.Unmarshal(row.Data, &data) != nil || data.Address == "" {
		return i18n.Say("unknown address")
	}
	return i18n.Verbatim(data.Address)
}
