package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/store"
)

func TestUsers(t *testing.T) {
	p := newPortal(t)
	account := p.addAccount(p.bob, "bob's")
	ann, bob := p.as(p.ann), p.as(p.bob)
	ann.get("/settings").has(t, `href="/settings/users"`)
	bob.get("/settings").hasNot(t, `/settings/users`)
	page := ann.get("/settings/users").want(t, 200).has(t, "ann", "bob", "owner, since")
	if n := strings.Count(page.body, "/remove"); n != 1 {
		t.Errorf("%d people to remove, want only the other", n)
	}
	ok := []string{"name", "carla", "password", "a long password", "repeat", "a long password", "current", annPassword}
	for name, bad := range map[string][2]string{
		"somebody has": {"name", "BOB"}, "at least eight": {"password", "short"}, "differ": {"repeat", "another password"},
		"not your current": {"current", "wrong"}, "Choose a name": {"name", ""}, "guessed first": {"password", "Password123"},
	} {
		form := append([]string{}, ok...)
		for i := 0; i < len(form); i += 2 {
			if form[i] == bad[0] {
				form[i+1] = bad[1]
			}
		}
		if a := ann.post("/settings/users", form...).want(t, 422); !strings.Contains(strings.ToLower(a.body), strings.ToLower(name)) {
			t.Errorf("%s: the page does not say so", name)
		}
	}
	ann.post("/settings/users", ok...).leads(t, "/settings/users")
	ann.get("/settings/users").has(t, "carla can sign in now.")
	carla := p.browser()
	carla.post("/login", "name", "Carla", "password", "a long password").leads(t, "/mail/inbox")
	carla.get("/settings/users").want(t, http.StatusNotFound)
	carla.post("/settings/users", ok...).want(t, http.StatusNotFound)

	remove := "/settings/users/" + formatID(p.bob.ID) + "/remove"
	carla.get(remove).want(t, http.StatusNotFound)
	carla.post(remove, "current", "a long password").want(t, http.StatusNotFound)
	ann.get(remove).want(t, 200).has(t, "All their accounts and all their mail")
	ann.post(remove, "current", "wrong").want(t, 422)
	bobs, err := p.store.Account(t.Context(), p.bob.ID, account)
	p.must(err)
	p.must(p.store.Quitting(t.Context(), bobs))
	ann.post(remove, "current", annPassword).want(t, 409).has(t, "A server may be deleting mail at this moment.", "All their accounts and all their mail")
	p.clock.pass(5 * time.Minute)
	bob.get("/mail/inbox").want(t, 200)
	ann.post(remove, "current", annPassword).leads(t, "/settings/users")
	bob.get("/mail/inbox").want(t, 303)
	if len(p.worker.stopped) != 1 || p.worker.stopped[0] != account {
		t.Errorf("stopped: %v, want bob's account", p.worker.stopped)
	}
	ann.get(remove).want(t, http.StatusNotFound)
	self := "/settings/users/" + formatID(p.ann.ID) + "/remove"
	ann.get(self).want(t, http.StatusNotFound)
	ann.post(self, "current", annPassword).want(t, http.StatusNotFound)

	ann.post("/settings/users", "name", "dora", "password", "a long password", "repeat", "a long password", "owner", "1", "current", annPassword).want(t, 303)
	dora := p.browser()
	dora.post("/login", "name", "dora", "password", "a long password").want(t, 303)
	dora.get("/settings/users").want(t, 200)
	if u, err := p.store.UserNamed(t.Context(), "dora"); err != nil || !u.Owner || u.ID == store.UserID(0) {
		t.Errorf("dora: %+v, %v", u, err)
	}
}
