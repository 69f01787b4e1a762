package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/internal/query"
	"postern/store"
)

func (h *household) label(on bool, name string, ids ...store.MessageID) store.Done {
	h.t.Helper()
	done, err := h.Label(context.Background(), h.user, name, on, ids)
	h.check(err)
	return done
}

// labels are the user's labels with their counters: "Work 2/1".
func (h *household) labels() map[string][2]int {
	h.t.Helper()
	all, err := h.Labels(context.Background(), h.user)
	h.check(err)
	counts := map[string][2]int{}
	for _, l := range all {
		counts[l.Name] = [2]int{l.Total, l.Unread}
	}
	return counts
}

// labelled is the list of a label.
func (h *household) labelled(name string, v store.View) store.Page {
	h.t.Helper()
	l, err := h.LabelNamed(context.Background(), h.user, name)
	h.check(err)
	v.Label = l.ID
	p, err := h.Messages(context.Background(), h.user, v)
	h.check(err)
	return p
}

func (h *household) wantLabels(want map[string][2]int) {
	h.t.Helper()
	if diff := cmp.Diff(want, h.labels()); diff != "" {
		h.t.Errorf("labels (-want +got):\n%s", diff)
	}
	if found := h.checkStore(false); len(found) > 0 {
		h.t.Errorf("check: %v", found)
	}
}

func (h *household) checkStore(fix bool) (found []string) {
	h.t.Helper()
	_, err := h.Check(context.Background(), fix, func(s string) { found = append(found, s) })
	h.check(err)
	return found
}

func TestLabelsCountWhatTheirListsShow(t *testing.T) {
	h := newHousehold(t)
	a, b, c := h.deliver(mail(1, "one", "x")), h.deliver(mail(2, "two", "x")), h.deliver(mail(3, "three", "x"))
	if done := h.label(true, "Work", a, b, c); done.Count != 3 {
		t.Errorf("labelled %d messages, want 3", done.Count)
	}
	if done := h.label(true, "WORK", a); done.Count != 0 || done.Undo != "" {
		t.Errorf("labelled again: %+v, want nothing to do", done)
	}
	h.label(true, "2026/Tax", a)
	h.wantLabels(map[string][2]int{"Work": {3, 3}, "2026/Tax": {1, 1}})

	h.act(store.Read, a)
	trashed := h.act(store.Delete, b)
	h.wantLabels(map[string][2]int{"Work": {2, 1}, "2026/Tax": {1, 0}})
	if got := subjects(h.labelled("work", store.View{})); strings.Join(got, " ") != "three one" {
		t.Errorf("list of the label: %v, want three, one", got)
	}
	if _, err := h.Undo(context.Background(), h.user, trashed.Undo); err != nil {
		t.Fatal(err)
	}
	h.act(store.ToJunk, c)
	h.wantLabels(map[string][2]int{"Work": {2, 1}, "2026/Tax": {1, 0}})

	h.act(store.Delete, a)
	h.act(store.Purge, a)
	h.check(h.Housekeep(context.Background()))
	h.wantLabels(map[string][2]int{"Work": {1, 1}, "2026/Tax": {0, 0}})
}

func TestLabelIsUndone(t *testing.T) {
	h := newHousehold(t)
	a, b := h.deliver(mail(1, "one", "x")), h.deliver(mail(2, "two", "x"))
	h.label(true, "Work", a)
	on := h.label(true, "Work", a, b)
	off := h.label(false, "work", a)
	h.wantLabels(map[string][2]int{"Work": {1, 1}})
	for _, step := range []struct {
		token string
		want  int
	}{{off.Undo, 2}, {on.Undo, 1}} {
		done, err := h.Undo(context.Background(), h.user, step.token)
		if err != nil || done.Count != 1 {
			t.Errorf("undone: %+v, %v, want one message", done, err)
		}
		h.wantLabels(map[string][2]int{"Work": {step.want, step.want}})
	}
	// A label that is gone by then stays gone.
	off = h.label(false, "Work", a)
	l, err := h.LabelNamed(context.Background(), h.user, "Work")
	h.check(err)
	h.check(h.RemoveLabel(context.Background(), h.user, l.ID))
	if _, err := h.Undo(context.Background(), h.user, off.Undo); err != nil {
		t.Error(err)
	}
	h.wantLabels(map[string][2]int{})
}

func TestLabelsAreNamedOnce(t *testing.T) {
	ctx := context.Background()
	h := newHousehold(t)
	id, err := h.AddLabel(ctx, h.user, "  To \t do ", 3)
	h.check(err)
	other, err := h.AddLabel(ctx, h.user, "Später", 4)
	h.check(err)
	for name, want := range map[string]error{
		"TO-DO": store.ErrLabelTaken, "\x00to do": store.ErrLabelTaken, "spÄter": store.ErrLabelTaken,
		" ": store.ErrLabelName, "..": store.ErrLabelName, "a//b": store.ErrLabelName, "a/./b": store.ErrLabelName,
		strings.Repeat("x", 101): store.ErrLabelName, "\xff": store.ErrLabelName,
	} {
		if _, err := h.AddLabel(ctx, h.user, name, 0); !errors.Is(err, want) {
			t.Errorf("AddLabel(%q) = %v, want %v", name, err, want)
		}
		if err := h.ChangeLabel(ctx, h.user, other, name, 0); !errors.Is(err, want) && name != "spÄter" {
			t.Errorf("ChangeLabel(%q) = %v, want %v", name, err, want)
		}
	}
	h.check(h.ChangeLabel(ctx, h.user, id, "to DO", 5))
	l, err := h.LabelNamed(ctx, h.user, "to_do")
	if err != nil || l.Name != "to DO" || l.Colour != 5 || l.ID != id {
		t.Errorf("changed label: %+v, %v", l, err)
	}
	stranger := h.addUser("bob")
	for what, err := range map[string]error{
		"change": h.ChangeLabel(ctx, stranger, id, "mine", 0), "remove": h.RemoveLabel(ctx, stranger, id),
	} {
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s another's label: %v, want ErrNotFound", what, err)
		}
	}
	if _, err := h.Label(ctx, h.user, "nothing", false, []store.MessageID{1}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("take off a label that does not exist: %v, want ErrNotFound", err)
	}
	m := h.deliver(mail(1, "one", "x"))
	if done, err := h.Label(ctx, stranger, "theirs", true, []store.MessageID{m}); err != nil || done.Count != 0 {
		t.Errorf("label another's message: %+v, %v", done, err)
	}
}

func TestLabelsAreSearched(t *testing.T) {
	h := newHousehold(t)
	a := h.deliver(mail(1, "one apple", "x"))
	b := h.deliver(mail(2, "two apple", "x"))
	h.deliver(mail(3, "three apple", "x"))
	h.label(true, "Fruit", a, b)
	h.label(true, "Needs action", b)
	for q, want := range map[string]string{
		"label:fruit":                      "two apple, one apple",
		"label:needs-action":               "two apple",
		`label:"needs action" label:fruit`: "two apple",
		"label:fruit -label:needs-action":  "one apple",
		"apple label:fruit":                "two apple, one apple",
		"apple -label:fruit":               "three apple",
		"(three OR label:needs-action)":    "three apple, two apple",
		"label:none":                       "",
	} {
		if got := strings.Join(h.found(q), ", "); got != want {
			t.Errorf("%s finds %q, want %q", q, got, want)
		}
	}
	p := h.labelled("fruit", store.View{Query: query.Parse("apple", time.Now())})
	if got := strings.Join(subjects(p), ", "); got != "two apple, one apple" {
		t.Errorf("search within a label: %q", got)
	}
	p = h.labelled("fruit", store.View{Query: query.Parse("is:unread", time.Now())})
	if got := strings.Join(subjects(p), ", "); got != "two apple, one apple" {
		t.Errorf("filter within a label: %q", got)
	}
}

func TestLabelListHasPages(t *testing.T) {
	h := newHousehold(t)
	var ids []store.MessageID
	for n := range 5 {
		ids = append(ids, h.deliver(mail(n/2, string(rune('a'+n)), "x")))
	}
	h.label(true, "Work", ids...)
	var got []string
	v := store.View{Limit: 2}
	for {
		p := h.labelled("Work", v)
		got = append(got, subjects(p)...)
		if p.Total != 5 {
			t.Errorf("total %d, want 5", p.Total)
		}
		if p.Older == "" {
			break
		}
		v.Cursor = p.Older
	}
	if strings.Join(got, "") != "edcba" {
		t.Errorf("pages give %v", got)
	}
	if l := h.message(ids[0]).Labels; len(l) != 1 {
		t.Errorf("a message knows of %v", l)
	}
	all, err := h.MessageIDs(context.Background(), h.user, store.View{Label: h.message(ids[0]).Labels[0]}, 3)
	if err != nil || len(all) != 3 || all[0] != ids[4] {
		t.Errorf("ids of the list: %v, %v", all, err)
	}
}

func TestCheckMendsLabels(t *testing.T) {
	h := newHousehold(t)
	a := h.deliver(mail(1, "one", "x"))
	h.label(true, "Work", a)
	h.check(h.Exec("UPDATE message_labels SET unread = 0; UPDATE labels SET total = 7"))
	if found := h.checkStore(true); len(found) != 2 {
		t.Errorf("check found %q, want the list and the counters", found)
	}
	h.wantLabels(map[string][2]int{"Work": {1, 1}})
}

func TestImportMessages(t *testing.T) {
	ctx := context.Background()
	h := newHousehold(t)
	here := h.deliver(mail(1, "one", "x"))
	old := incoming(t, "", mail(1, "one", "x"))
	old.Labels = []string{"Old"}
	read := incoming(t, "", mail(2, "two", "x"))
	read.Unread, read.Starred, read.Mailbox, read.Labels = false, true, store.Archive, []string{"Old", "Tax"}
	kept, err := h.ImportMessages(ctx, h.user, []store.Incoming{old, read, read})
	h.check(err)
	want := []store.Kept{{ID: here, Outcome: store.Known}, {ID: kept[1].ID, Outcome: store.Added}, {ID: kept[1].ID, Outcome: store.Known}}
	if d := cmp.Diff(want, kept); d != "" {
		t.Error(d)
	}
	m := h.message(kept[1].ID)
	if m.Unread || !m.Starred || m.Mailbox != store.Archive || m.Account != 0 || m.Server != store.ServerNone || len(m.Labels) != 2 {
		t.Errorf("imported message: %+v", m.Summary)
	}
	h.wantLabels(map[string][2]int{"Old": {2, 1}, "Tax": {1, 0}})
	if got := strings.Join(h.found("label:tax two"), ", "); got != "two" {
		t.Errorf("search finds %q", got)
	}
}
