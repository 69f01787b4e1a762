package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"postern/store"
)

func TestSenderRules(t *testing.T) {
	h := newHousehold(t)
	ctx := t.Context()
	rule := func(address string) store.SenderRule {
		t.Helper()
		r, err := h.SenderRule(ctx, h.user, address)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := rule("lina@example.net"); r.Images || r.View != store.ViewDefault {
		t.Errorf("without a rule: %+v", r)
	}
	h.check(h.SetSenderImages(ctx, h.user, "Lina@Example.net", true))
	h.check(h.SetSenderView(ctx, h.user, "lina@example.net", store.ViewText))
	h.check(h.SetSenderImages(ctx, h.user, "@shop.example", true))
	if r := rule("LINA@example.NET"); !r.Images || r.View != store.ViewText {
		t.Errorf("own rule: %+v", r)
	}
	if r := rule("news@shop.example"); !r.Images || r.View != store.ViewDefault {
		t.Errorf("rule of the domain: %+v", r)
	}
	for _, other := range []string{"news@mail.shop.example", "news@myshop.example", "shop.example", "", "@", "x@"} {
		if rule(other).Images {
			t.Errorf("the rule of a domain holds for %q", other)
		}
	}
	if r, err := h.SenderRule(ctx, h.user+1, "lina@example.net"); err != nil || r.Images {
		t.Error("a rule holds for another user")
	}
	all, err := h.SenderRules(ctx, h.user)
	if err != nil || len(all) != 2 || all[0].Sender != "lina@example.net" || all[1].Sender != "@shop.example" {
		t.Fatalf("%+v %v", all, err)
	}
	h.check(h.SetSenderImages(ctx, h.user, "lina@example.net", false))
	if r := rule("lina@example.net"); r.Images || r.View != store.ViewText {
		t.Errorf("images held back again: %+v", r)
	}
	h.check(h.SetSenderView(ctx, h.user, "lina@example.net", store.ViewDefault))
	h.check(h.RemoveSenderRule(ctx, h.user, "@shop.example"))
	if err := h.RemoveSenderRule(ctx, h.user, "@shop.example"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	if all, _ := h.SenderRules(ctx, h.user); len(all) != 0 {
		t.Errorf("left over: %+v", all)
	}
}

func TestWroteBefore(t *testing.T) {
	h := newHousehold(t)
	first := h.message(h.deliver(mail(1, "First", "x")))
	second := h.message(h.deliver(mail(2, "Second", "y")))
	address := strings.ToUpper(first.From.Address)
	for _, tt := range []struct {
		address string
		before  time.Time
		want    bool
	}{
		{address, first.Received, false},
		{address, second.Received.Add(time.Hour), true},
		{"nobody@example.org", second.Received.Add(time.Hour), false},
	} {
		if wrote, err := h.WroteBefore(t.Context(), h.user, tt.address, tt.before); err != nil || wrote != tt.want {
			t.Errorf("%s before %v: %v %v, want %v", tt.address, tt.before, wrote, err, tt.want)
		}
	}
	h.act(store.ToJunk, first.ID, second.ID)
	if wrote, _ := h.WroteBefore(t.Context(), h.user, address, second.Received.Add(time.Hour)); wrote {
		t.Error("junk makes a sender known")
	}
}
