package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"postern/internal/seal"
	"postern/store"
)

// TestOneAccountForEachMailbox: a mailbox that is added several times at once is there once.
func TestOneAccountForEachMailbox(t *testing.T) {
	h := newHousehold(t)
	ctx := context.Background()
	v := h.acct().Settings
	v.Host, v.Username = "pop.example.org", "zoe"
	var adding sync.WaitGroup
	ids, errs := make([]store.AccountID, 6), make([]error, 6)
	for i := range ids {
		adding.Go(func() { ids[i], errs[i] = h.AddAccount(ctx, h.user, v, seal.NewSecret("secret words")) })
	}
	adding.Wait()
	added := 0
	for i, err := range errs {
		switch {
		case err == nil:
			added++
		case !errors.Is(err, store.ErrMailboxHere):
			t.Errorf("add: %v", err)
		}
		if ids[i] != ids[0] || ids[i] == 0 {
			t.Errorf("added as %d and %d", ids[0], ids[i])
		}
	}
	all, err := h.Accounts(ctx, h.user)
	h.check(err)
	if added != 1 || len(all) != 2 {
		t.Errorf("added %d times, %d accounts", added, len(all))
	}

	changed := all[0].Settings
	changed.Host, changed.Username = "POP.example.org", "zoe"
	if err := h.UpdateAccount(ctx, h.user, h.account, changed, seal.Secret{}); !errors.Is(err, store.ErrMailboxHere) {
		t.Errorf("one account becomes another: %v", err)
	}
	if h.acct().Settings != all[0].Settings {
		t.Error("the account was changed all the same")
	}
	for name, change := range map[string]func(*store.Settings){
		"port": func(v *store.Settings) { v.Port = 110 }, "user name": func(v *store.Settings) { v.Username = "Zoe" }, "server": func(v *store.Settings) { v.Host = "mail.example.org" },
	} {
		other := v
		change(&other)
		if _, err := h.AddAccount(ctx, h.user, other, seal.NewSecret("secret words")); err != nil {
			t.Errorf("another %s: %v", name, err)
		}
	}
	if _, err := h.AddAccount(ctx, h.addUser("bob"), v, seal.NewSecret("secret words")); err != nil {
		t.Errorf("somebody else's: %v", err)
	}
	h.check(h.RemoveAccount(ctx, h.user, ids[0], true))
	if id, err := h.AddAccount(ctx, h.user, v, seal.NewSecret("secret words")); err != nil || id == ids[0] {
		t.Errorf("added after it was removed: %d, %v", id, err)
	}
}
