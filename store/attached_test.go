package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"postern/internal/message"
	"postern/internal/seal"
	"postern/store"
)

// plainReader takes attachments that are no images for plain text, but for those that say
// what else is to happen.
type plainReader struct {
	read  []string // what it was asked for
	stops func()   // what an attachment that says "stop" does
}

func (r *plainReader) Reads(p *message.Part) bool { return !strings.HasPrefix(p.Type, "image/") }
func (r *plainReader) Rest()                      {}

func (r *plainReader) Read(_ context.Context, p *message.Part, raw io.ReaderAt) (string, error) {
	octets, err := io.ReadAll(p.Open(raw))
	text := strings.TrimSpace(string(octets))
	r.read = append(r.read, text)
	switch text {
	case "broken":
		return "", errors.New("it is broken")
	case "later":
		return "", fmt.Errorf("%w: no process", store.ErrNotNow)
	case "stop":
		r.stops()
	}
	return text, err
}

func withAttachments(n int, texts ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "From: bob@example.net\nSubject: mail %d\nMessage-ID: <%d@x.example>\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSee attachment\n", n, n)
	for i, text := range texts {
		fmt.Fprintf(&b, "--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=file%d.pdf\n\n%s\n", i+1, text)
	}
	return b.String() + "--b--\n"
}

func (h *household) readAttachments(r store.AttachmentReader) {
	h.t.Helper()
	h.check(h.ReadAttachments(context.Background(), r))
	h.check(h.IndexAll(context.Background()))
}

func TestAttachmentsAreFoundByTheirText(t *testing.T) {
	dir, key := t.TempDir(), seal.NewKey()
	h := &household{Store: openIn(t, dir, key), t: t}
	h.user = h.addUser("ann")
	h.account = h.addAccount(store.Keep)
	id := h.deliver(withAttachments(1, "annual walnut report", "发票编号"))
	other := h.deliver(withAttachments(2, "annual cherry report"))
	if got := h.found("walnut"); len(got) != 0 {
		t.Errorf("found %q before it was read", got)
	}
	r := &plainReader{}
	h.readAttachments(r)
	looks := func() {
		t.Helper()
		for search, want := range map[string][]string{
			"walnut": {"mail 1"}, "发票": {"mail 1"}, `"walnut report"`: {"mail 1"}, `"annual report"`: nil, "annual -walnut": {"mail 2"},
			"annual from:bob": {"mail 2", "mail 1"}, "body:walnut": nil, "filename:walnut": nil, "walnut 发票编号": {"mail 1"},
		} {
			got := h.found(search)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s finds %q, want %q", search, got, want)
			}
		}
	}
	looks()
	h.readAttachments(r)
	if len(r.read) != 3 {
		t.Errorf("read %q: something twice", r.read)
	}
	// An index that is built again has it without reading anything again.
	h.check(h.Close())
	removeIndex(t, dir)
	h.Store = openIn(t, dir, key)
	looks()
	if texts, err := h.AttachmentTexts(t.Context(), h.addUser("eve"), id); err != nil || len(texts) != 0 {
		t.Errorf("another user's: %v, %v", texts, err)
	}
	h.act(store.Delete, id, other)
	h.act(store.Purge, id)
	h.check(h.Housekeep(t.Context()))
	h.check(h.Exec("CREATE TABLE t (n INTEGER CHECK (n = 1)); INSERT INTO t SELECT count(*) FROM attachment_texts; DROP TABLE t"))
}

func TestAttachmentsThatFailAreNotReadForEver(t *testing.T) {
	h := newHousehold(t)
	id := h.deliver(withAttachments(1, "broken", "fine"))
	r := &plainReader{}
	h.readAttachments(r)
	h.readAttachments(r)
	texts, err := h.AttachmentTexts(t.Context(), h.user, id)
	h.check(err)
	if want := []store.AttachmentText{{Part: "2", Trouble: "it is broken"}, {Part: "3", Text: "fine"}}; !slices.Equal(texts, want) || len(r.read) != 2 {
		t.Errorf("%+v, want %+v; read %q", texts, want, r.read)
	}
	// What says nothing of the attachment is no failure of it.
	h.deliver(withAttachments(2, "later"))
	for range 3 {
		if err := h.ReadAttachments(t.Context(), r); !errors.Is(err, store.ErrNotNow) {
			t.Fatalf("no process: %v", err)
		}
	}
	if len(r.read) != 5 {
		t.Errorf("read %q", r.read)
	}
}

// An attachment in which Postern ends is tried once more, and then left alone; what else its
// message holds is read.
func TestAttachmentThatEndsPostern(t *testing.T) {
	dir, key := t.TempDir(), seal.NewKey()
	h := &household{Store: openIn(t, dir, key), t: t}
	h.user = h.addUser("ann")
	h.account = h.addAccount(store.Keep)
	id := h.deliver(withAttachments(1, "before", "stop", "behind"))
	for range 2 {
		next := t.TempDir()
		r := &plainReader{stops: func() { copyStore(t, dir, next) }}
		h.readAttachments(r)
		if !slices.Contains(r.read, "stop") {
			t.Fatalf("read %q", r.read)
		}
		h.check(h.Close())
		dir = next // as it was in the middle of reading
		h.Store = openIn(t, dir, key)
	}
	r := &plainReader{}
	h.readAttachments(r)
	if !slices.Equal(r.read, []string{"behind"}) {
		t.Errorf("the third time it reads %q", r.read)
	}
	texts, err := h.AttachmentTexts(t.Context(), h.user, id)
	h.check(err)
	if len(texts) != 3 || texts[0].Text != "before" || texts[1].Trouble == "" || texts[2].Text != "behind" {
		t.Errorf("%+v", texts)
	}
}
