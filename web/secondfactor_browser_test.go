package web

import (
	"strings"
	"testing"
	"time"
)

// TestTwoStepsInBrowser turns the second factor on, signs out, and in again with a code and with a recovery code.
func TestTwoStepsInBrowser(t *testing.T) {
	w, page, base := seen(t)
	page.Goto(base + "/settings")
	page.Click("link", "Set it up")
	secret := strings.Trim(page.Eval(`document.querySelector("input[name=secret]").value`), `"`)
	page.Fill("Code", w.code(secret, 0))
	page.Fill("Password", annPassword)
	page.Click("button", "Turn on")
	page.WaitText("Your recovery codes", 10*time.Second)
	recovery := strings.Trim(page.Eval(`document.querySelector(".recovery code").textContent`), `"`)
	for _, code := range []func() string{func() string { return w.code(secret, 1) }, func() string { return recovery }} {
		page.Eval(`document.querySelector("form[action='/logout']").submit()`)
		page.WaitText("You are signed out.", 10*time.Second)
		page.Fill("User name", "ann")
		page.Fill("Password", annPassword)
		page.Click("button", "Sign in")
		page.WaitText("One more step", 10*time.Second)
		page.Fill("Code", code())
		page.Click("button", "Sign in")
		page.WaitText("Newsletter", 10*time.Second)
	}
	page.Goto(base + "/settings")
	page.WaitText("9 recovery codes are left", 10*time.Second)
	for _, line := range page.Console() {
		t.Errorf("console: %s", line)
	}
}
