package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"postern/internal/i18n"
	"postern/internal/seal"
	"postern/store"
	"postern/templates"
)

// settings: GET /settings
func (s *Server) settings(w http.ResponseWriter, r *http.Request, v *visitor) error {
	return s.showSettings(w, r, v, http.StatusOK, nil)
}

func (s *Server) showSettings(w http.ResponseWriter, r *http.Request, v *visitor, code int, errs fieldErrors) error {
	shell, err := s.shell(r, v, i18n.T(r.Context(), "Settings"))
	if err != nil {
		return err
	}
	rows, err := s.store.Sessions(r.Context(), v.ID)
	if err != nil {
		return err
	}
	p := templates.SettingsPage{
		Shell: shell, PasswordURL: "/settings/password", ThemeURL: "/settings/theme", Errors: errs.in(r.Context()),
		Keys: !v.Preferences.NoKeys, Conversations: !v.Preferences.Apart, Compact: v.Preferences.Compact, Beside: v.Preferences.Beside,
		Hint: i18n.T(r.Context(), "At least eight characters. All other browsers are signed out."),
	}
	p.Import = "postern import --user " + shellWord(v.Name) + " PATH"
	if v.Owner && s.dataDir != "" { // others have no business in it
		p.Import = "postern import --data-dir " + shellWord(s.dataDir) + " --user " + shellWord(v.Name) + " PATH"
	}
	p.Trash, p.TrashDays = strconv.Itoa(v.Preferences.DaysInTrash()), trashOptions(i18n.From(r.Context()))
	p.Language = s.languageForm(r.Context(), v)
	if code != http.StatusOK {
		p.Language.Error = p.Errors["zone"]
		p.Language.Zone = cmp.Or(field(r, "zone"), p.Language.Zone)
	}
	if p.SecondStep, err = s.secondStepPanel(r.Context(), v); err != nil {
		return err
	}
	if v.Owner {
		p.UsersURL = "/settings/users"
	}
	for _, row := range rows {
		if !s.sessions.over(row) {
			p.Sessions = append(p.Sessions, s.webSession(r.Context(), row, v))
		}
	}
	if len(p.Sessions) > 1 {
		p.SignOutAll = &templates.Post{Label: i18n.T(r.Context(), "Sign out all other browsers"), URL: "/settings/sessions/end", Fields: []templates.Field{{Name: "session", Value: "others"}}}
	}
	return s.render(w, r, code, templates.Settings(p))
}

func (s *Server) webSession(ctx context.Context, row store.Session, v *visitor) templates.WebSession {
	web := templates.WebSession{
		Device: device(row.Device).In(i18n.From(ctx)), Address: sessionAddress(row).In(i18n.From(ctx)),
		LastSeen: i18n.T(ctx, "last used %s", s.clock(ctx).ago(row.Used)), Current: bytes.Equal(row.ID, v.row.ID),
	}
	if !web.Current {
		web.SignOut = &templates.Post{Label: i18n.T(ctx, "Sign out"), URL: "/settings/sessions/end", Fields: []templates.Field{{Name: "session", Value: hex.EncodeToString(row.ID)}}}
	}
	return web
}

// device names a browser and its system, as far as its User-Agent tells.
func device(agent string) i18n.Text {
	first := func(names ...[2]string) string {
		for _, n := range names {
			if strings.Contains(agent, n[0]) {
				return n[1]
			}
		}
		return ""
	}
	browser := first([2]string{"Firefox/", "Firefox"}, [2]string{"Edg/", "Edge"}, [2]string{"OPR/", "Opera"}, [2]string{"Chrome/", "Chrome"}, [2]string{"Safari/", "Safari"})
	system := first([2]string{"Android", "Android"}, [2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"}, [2]string{"Windows", "Windows"}, [2]string{"Mac OS X", "macOS"}, [2]string{"Linux", "Linux"})
	switch {
	case browser != "" && system != "":
		return i18n.Say("%s on %s", browser, system)
	case browser != "":
		return i18n.Verbatim(browser)
	}
	if name, _, _ := strings.Cut(oneLine(agent), "/"); name != "" {
		return i18n.Verbatim(truncate(name, 40))
	}
	return i18n.Say("Unknown browser")
}

// changePassword: POST /settings/password
func (s *Server) changePassword(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	ctx := r.Context()
	password := seal.NewSecret(r.PostForm.Get("password"))
	errs := fieldErrors{}
	errs.newPassword(v.Name, password, seal.NewSecret(r.PostForm.Get("repeat")))
	if err := s.checkCurrent(r, v, errs, "current"); err != nil {
		return err
	}
	if len(errs) > 0 {
		return s.showSettings(w, r, v, http.StatusUnprocessableEntity, errs)
	}
	hash, err := seal.HashPasswordContext(ctx, password)
	if err != nil {
		return err
	}
	// A new id for this browser as well: whoever copied the old one is out with all the others.
	data := v.data
	data.Toast = &toast{Text: i18n.T(ctx, "Password changed. All other browsers are signed out.")}
	fresh, err := s.signIn(w, r, v.User, data)
	if err != nil {
		return err
	}
	if err := s.store.SetPassword(ctx, v.ID, hash, fresh.row.ID); err != nil {
		return err
	}
	s.redirect(w, "/settings")
	return nil
}

// changeTheme: POST /settings/theme
func (s *Server) changeTheme(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	switch theme := r.PostForm.Get("theme"); theme {
	case "", "light", "dark":
		v.data.Theme = theme
	default:
		return &pageError{code: http.StatusUnprocessableEntity, title: "There is no such look", text: "Choose one of those on the page."}
	}
	if err := v.save(w, r); err != nil {
		return err
	}
	s.redirect(w, "/settings")
	return nil
}

// endSessions: POST /settings/sessions/end. Field session: an id's hash in hex, or others.
func (s *Server) endSessions(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	var err error
	text := i18n.T(r.Context(), "All other browsers are signed out.")
	if which := r.PostForm.Get("session"); which == "others" {
		err = s.store.EndSessions(r.Context(), v.ID, v.row.ID)
	} else {
		var id []byte
		if id, err = hex.DecodeString(which); err != nil || len(id) == 0 {
			return noPage
		}
		text = i18n.T(r.Context(), "That browser is signed out.")
		err = s.store.EndSession(r.Context(), v.ID, id)
	}
	if err != nil {
		return err
	}
	if err := v.say(w, r, toast{Text: text}); err != nil {
		return err
	}
	s.redirect(w, "/settings")
	return nil
}

// shellWord writes a word as it is typed at a shell.
func shellWord(s string) string {
	odd := func(r rune) bool {
		return !strings.ContainsRune("/._-@", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}
	if s != "" && !strings.ContainsFunc(s, odd) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
