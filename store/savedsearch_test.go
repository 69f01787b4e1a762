package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/store"
)

func TestSavedSearches(t *testing.T) {
	ctx := context.Background()
	h := newHousehold(t)
	stranger := h.addUser("bob")
	save := func(v store.SavedSearch) store.SavedSearch {
		t.Helper()
		id, err := h.SaveSearch(ctx, h.user, v)
		h.check(err)
		v.ID = id
		return v
	}
	bills := save(store.SavedSearch{Name: "bills", Query: "invoice OR 发票"})
	work := save(store.SavedSearch{Name: "Against\x00 Work", Query: "from:boss", Account: h.account, Mailbox: store.Trash})
	work.Name = "Against Work"
	want := func(want ...store.SavedSearch) {
		t.Helper()
		got, err := h.SavedSearches(ctx, h.user)
		h.check(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("saved searches (-want +got):\n%s", diff)
		}
	}
	want(work, bills)
	for _, v := range []store.SavedSearch{{Query: "x"}, {Name: " \x00", Query: "x"}, {Name: "x", Query: "  "}, {Name: "\xff", Query: "x"}, {Name: strings.Repeat("x", 401), Query: "x"}, {Name: "x", Query: strings.Repeat("x", 5000)}} {
		if _, err := h.SaveSearch(ctx, h.user, v); !errors.Is(err, store.ErrSearchName) {
			t.Errorf("%.20q, %.20q: %v, want ErrSearchName", v.Name, v.Query, err)
		}
	}
	for what, err := range map[string]error{
		"rename": h.RenameSearch(ctx, stranger, bills.ID, "mine"), "remove": h.RemoveSearch(ctx, stranger, bills.ID),
		"use the account of": func() error {
			_, err := h.SaveSearch(ctx, stranger, store.SavedSearch{Name: "x", Query: "x", Account: h.account})
			return err
		}(),
	} {
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s another: %v, want ErrNotFound", what, err)
		}
	}
	h.check(h.RenameSearch(ctx, h.user, bills.ID, "Accounts payable"))
	h.check(h.RemoveAccount(ctx, h.user, h.account, false))
	bills.Name, work.Account = "Accounts payable", 0
	want(bills, work)
	h.check(h.RemoveSearch(ctx, h.user, work.ID))
	want(bills)
	for i := range 99 {
		save(store.SavedSearch{Name: fmt.Sprint(i), Query: "x"})
	}
	if _, err := h.SaveSearch(ctx, h.user, store.SavedSearch{Name: "one more", Query: "x"}); !errors.Is(err, store.ErrManySearches) {
		t.Errorf("the 101st: %v, want ErrManySearches", err)
	}
}

func TestRecentSearches(t *testing.T) {
	ctx := context.Background()
	h := newHousehold(t)
	for i := range 40 {
		h.check(h.NoteSearch(ctx, h.user, fmt.Sprint("word", i)))
	}
	for _, q := range []string{" word20 ", "", "\xff", strings.Repeat("x", 5000)} {
		h.check(h.NoteSearch(ctx, h.user, q))
	}
	recent, err := h.RecentSearches(ctx, h.user)
	h.check(err)
	if len(recent) != 30 || recent[0] != "word20" || recent[1] != "word39" || recent[29] != "word10" {
		t.Errorf("%d recent searches: %q", len(recent), recent)
	}
	if theirs, err := h.RecentSearches(ctx, h.addUser("bob")); err != nil || len(theirs) != 0 {
		t.Errorf("another has %q, %v", theirs, err)
	}
	h.check(h.ForgetSearches(ctx, h.user))
	h.check(h.ForgetSearches(ctx, h.user))
	if recent, err := h.RecentSearches(ctx, h.user); err != nil || len(recent) != 0 {
		t.Errorf("after they were forgotten: %q, %v", recent, err)
	}
}
