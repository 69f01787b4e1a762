package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"postern/internal/i18n"
	"postern/internal/query"
	"postern/store"
	"postern/templates"
)

// deed is an action as a form names it and as people are told of it.
type deed struct {
	action store.Action
	done   i18n.Key // "moved to Trash", said after "3 messages"
	silent bool     // the list itself shows it: nothing is said
	ask    i18n.Key // what a page that asks first says of the messages
	button i18n.Key // its button, before "3 messages"
	from   i18n.Key // where the messages leave, after "Remove 3 messages"
	none   i18n.Key // what is said when nothing had to be changed; "" for the usual
	leaves bool     // not to be undone: asked for first, always

	wakes bool // the worker has something to do at once
	alone bool // it is done to the messages chosen, never to their whole conversations

	label string // when not "": it is put on, or taken off, instead of action
	off   bool
}

// deeds are the values of the field action.
var deeds = map[string]deed{
	"delete":   {action: store.Delete, done: "moved to Trash", ask: "will be moved to Trash, and deleted on their servers where their accounts say so", button: "Delete"},
	"restore":  {action: store.Restore, done: "restored", ask: "will be moved back to where they came from", button: "Restore"},
	"archive":  {action: store.ToArchive, done: "archived", ask: "will be archived", button: "Archive"},
	"inbox":    {action: store.ToInbox, done: "moved to the inbox", ask: "will be moved to the inbox", button: "Move"},
	"junk":     {action: store.ToJunk, done: "moved to Junk", ask: "will be moved to Junk", button: "Move"},
	"not-junk": {action: store.NotJunk, done: "moved to the inbox", ask: "will be moved to the inbox", button: "Move"},
	"read":     {action: store.Read, done: "marked as read", silent: true, ask: "will be marked as read", button: "Mark"},
	"unread":   {action: store.Unread, done: "marked as unread", silent: true, alone: true, ask: "will be marked as unread", button: "Mark"},
	"star":     {action: store.Star, done: "starred", silent: true, alone: true, ask: "will get a star", button: "Star"},
	"unstar":   {action: store.Unstar, done: "unstarred", silent: true, ask: "will lose their star", button: "Unstar"},
	"purge":    {action: store.Purge, done: "deleted for good", ask: "will be deleted here for good", button: "Delete for good", leaves: true},
	"fetch": {action: store.FetchWhole, done: "on the way: fetched with the next check, which begins now", ask: "will be fetched from the server", button: "Fetch",
		none: "Nothing is fetched: what is chosen is here already, or not on its server any more.", wakes: true},
	"delete-unfetched": {action: store.DeleteUnread, done: "marked to be deleted on the server, unread",
		ask: "will be deleted on the server with the next check, though Postern never fetched it: nothing of it but the header is here", button: "Delete", from: " on the server, unread",
		none: "Nothing is deleted: what is chosen is here, or not on a server any more, or its account keeps everything there.", leaves: true},
	"remove-from-server": {action: store.RemoveFromServer, done: "marked to leave the server with the next check, and kept here",
		ask: "will be deleted from the server with the next check, and kept here", button: "Remove", from: " from the server",
		none: "Nothing was removed: what is chosen is not on a server any more, or its account keeps everything there."},
}

// deedNamed reads the field action: one of deeds, or label:NAME or unlabel:NAME.
func deedNamed(what string) (deed, bool) {
	verb, name, _ := strings.Cut(what, ":")
	switch {
	case verb == "label" && name != "":
		return deed{label: name, done: "labelled “%s”", ask: "will be labelled “%s”", button: "Label"}, true
	case verb == "unlabel" && name != "":
		return deed{label: name, off: true, done: "no longer labelled “%s”", ask: "will lose the label “%s”", button: "Take the label off"}, true
	}
	d, ok := deeds[what]
	return d, ok
}

// saying is one of the texts of a deed, with its label in it.
func (d deed) saying(key i18n.Key) i18n.Text {
	if d.label != "" {
		return i18n.Say(key, oneLine(d.label))
	}
	return i18n.Say(key)
}

// done is what was done to n messages: "3 messages moved to Trash".
func (d deed) past(n int) i18n.Text {
	return i18n.Count(n, "%d message %s", "%d messages %s", d.saying(d.done))
}

// pastWhole is the same where rows conversations were chosen: "2 conversations (5 messages) archived".
func (d deed) pastWhole(rows, n int) i18n.Text {
	if rows == 0 || n <= rows {
		return d.past(n)
	}
	return i18n.Count(rows, "%d conversation (%s) %s", "%d conversations (%s) %s", messages(n), d.saying(d.done))
}

// do does it to messages.
func (d deed) do(ctx context.Context, s *store.Store, user store.UserID, ids []store.MessageID) (store.Done, error) {
	if d.label == "" {
		return s.Act(ctx, user, d.action, ids)
	}
	done, err := s.Label(ctx, user, d.label, !d.off, ids)
	return done, labelError(err)
}

// Bounds of an action.
const (
	maxSelected = 2000            // ids in one form
	maxAll      = 1_000_000       // messages of a whole list
	actTime     = 5 * time.Minute // for a whole list
)

// selection is what an action is to be done to.
type selection struct {
	ids   []store.MessageID
	rows  int  // conversations chosen, when the action is done to all of their messages; else 0
	all   bool // everything in list, up to bound
	list  list
	bound store.MessageID
	there []copies // of a whole list: what lies on servers and can be deleted there
}

// copies are messages on one account's server.
type copies struct {
	account store.Account
	ids     []store.MessageID
}

// act: POST /messages/actions
func (s *Server) act(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	what := field(r, "action")
	d, ok := deedNamed(what)
	if !ok {
		return &pageError{code: http.StatusUnprocessableEntity, title: "Postern does not know that action", text: "Go back and use a button of the page."}
	}
	chosen, err := readSelection(r)
	if err != nil {
		return err
	}
	back := localPath(r.PostForm.Get("return"), "/mail/inbox")
	ctx := r.Context()
	if chosen.all {
		if err := s.find(ctx, v, &chosen, d.action); err != nil {
			return err
		}
	}
	if r.PostForm.Get("whole") == "1" && !chosen.all && !d.alone {
		chosen.rows = len(chosen.ids)
		if chosen.ids, err = s.store.WholeConversations(ctx, v.ID, chosen.ids); err != nil {
			return err
		}
	}
	if (d.leaves || chosen.all) && len(chosen.ids) > 0 && r.PostForm.Get("confirm") != "1" {
		return s.askFirst(w, r, v, what, d, chosen, back)
	}
	// What was begun is brought to its end, whether or not somebody waits for it.
	acting, cancel := context.WithTimeout(context.WithoutCancel(ctx), actTime)
	defer cancel()
	var done store.Done
	if r.PostForm.Get("opened") == "1" {
		err = s.opened(acting, v, chosen.ids)
	} else {
		done, err = d.do(acting, s.store, v.ID, chosen.ids)
	}
	s.hub.countsChanged(v.ID)
	if err != nil {
		return err
	}
	if d.wakes && done.Count > 0 {
		s.worker.Wake()
	}
	if asksData(r) {
		s.answerJSON(w, http.StatusOK, map[string]any{"count": done.Count, "undo": done.Undo})
		return nil
	}
	reader := i18n.From(ctx)
	if t := d.toast(reader, done, chosen, back); t.Text != "" {
		if done.Count > 0 {
			leaving, err := s.leavingServers(ctx, v, d, chosen)
			if err != nil {
				return err
			}
			t.Text = sentences(reader, t.Text, leaving...)
		}
		if err := v.say(w, r, t); err != nil {
			return err
		}
	}
	s.redirect(w, back)
	return nil
}

// opened marks what a page shows as read. It is nothing to be undone: nobody chose it.
func (s *Server) opened(ctx context.Context, v *visitor, ids []store.MessageID) error {
	for _, id := range ids {
		if err := s.store.Opened(ctx, v.ID, id); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// readSelection reads which messages a form means.
func readSelection(r *http.Request) (selection, error) {
	if r.PostForm.Get("all") == "1" {
		l, ok := listOf(field(r, "mailbox"), r.PostForm)
		bound, err := parseID[store.MessageID](r.PostForm.Get("bound"))
		if !ok || err != nil {
			return selection{}, &pageError{code: http.StatusUnprocessableEntity, title: "It is not clear which messages are meant", text: "Go back to the list and try again."}
		}
		return selection{all: true, list: l.first(), bound: bound}, nil
	}
	ids := r.PostForm["id"]
	if len(ids) > maxSelected {
		return selection{}, &pageError{code: http.StatusUnprocessableEntity, title: "That is too much at once", text: "Select at most %d messages.", args: []any{maxSelected}}
	}
	var sel selection
	for _, text := range ids {
		id, err := parseID[store.MessageID](text)
		if err != nil {
			return selection{}, err
		}
		sel.ids = append(sel.ids, id)
	}
	return sel, nil
}

// find looks up which messages a whole list holds, and which of them the action touches on servers.
func (s *Server) find(ctx context.Context, v *visitor, sel *selection, action store.Action) (err error) {
	if err := s.resolve(ctx, v.ID, &sel.list); err != nil {
		return missing(err, noLabel)
	}
	if action == store.RemoveFromServer || action == store.Delete {
		if err := s.findCopies(ctx, v, sel, action); err != nil {
			return err
		}
	}
	if action == store.RemoveFromServer {
		for _, c := range sel.there {
			sel.ids = append(sel.ids, c.ids...)
		}
		return nil
	}
	sel.ids, err = s.store.MessageIDs(ctx, v.ID, sel.view(s.clock(ctx).now), maxAll)
	return err
}

// view is the whole list as the store is asked for it.
func (sel selection) view(now time.Time) store.View {
	view := sel.list.view(now)
	view.Bound = sel.bound
	return view
}

// findCopies looks up which messages of a whole list lie on servers from where the action deletes them.
func (s *Server) findCopies(ctx context.Context, v *visitor, sel *selection, action store.Action) error {
	accounts, err := s.store.Accounts(ctx, v.ID)
	if err != nil {
		return err
	}
	view := sel.view(s.clock(ctx).now)
	present := query.And{query.Is{Flag: query.Present}}
	if view.Query.Root != nil {
		present = append(present, view.Query.Root)
	}
	view.Query.Root, view.Whole = present, true
	for _, a := range accounts {
		if a.Removed || a.Policy == store.Keep || sel.list.account != 0 && sel.list.account != a.ID {
			continue
		}
		view.Account = a.ID
		ids, err := s.store.MessageIDs(ctx, v.ID, view, maxAll)
		if err == nil && action == store.Delete {
			ids, err = s.withoutTrash(ctx, v, view, ids)
		}
		if err != nil {
			return err
		}
		if len(ids) > 0 {
			sel.there = append(sel.there, copies{a, ids})
		}
	}
	return nil
}

// withoutTrash leaves out what lies in Trash: deleting it once more changes nothing.
func (s *Server) withoutTrash(ctx context.Context, v *visitor, view store.View, ids []store.MessageID) ([]store.MessageID, error) {
	if view.Mailbox == store.Trash {
		return nil, nil
	}
	if view.Mailbox != 0 {
		return ids, nil
	}
	view.Mailbox = store.Trash
	trash, err := s.store.MessageIDs(ctx, v.ID, view, maxAll)
	if err != nil || len(trash) == 0 {
		return ids, err
	}
	within := make(map[store.MessageID]bool, len(trash))
	for _, id := range trash {
		within[id] = true
	}
	return slices.DeleteFunc(ids, func(id store.MessageID) bool { return within[id] }), nil
}

// askFirst shows how many messages are meant before anything happens to them.
func (s *Server) askFirst(w http.ResponseWriter, r *http.Request, v *visitor, what string, d deed, sel selection, back string) error {
	if asksData(r) {
		return &pageError{code: http.StatusConflict, title: "This has to be confirmed: send confirm=1"}
	}
	reader := i18n.From(r.Context())
	shell, err := s.shell(r, v, reader.T("Are you sure?"))
	if err != nil {
		return err
	}
	n := len(sel.ids)
	button := i18n.Count(n, "%[2]s %[1]d message%[3]s", "%[2]s %[1]d messages%[3]s", d.button, d.from)
	p := templates.ConfirmPage{
		Shell:     shell,
		Heading:   reader.T("%s?", button),
		Sentence:  reader.N(n, "%d message %s.", "%d messages %s.", d.saying(d.ask)),
		Action:    "/messages/actions",
		Fields:    sel.fields(what, back),
		Confirm:   button.In(reader),
		CancelURL: back,
		Danger:    d.leaves,
	}
	for _, c := range sel.there {
		if d.action == store.RemoveFromServer {
			size, err := s.store.SizeOf(r.Context(), v.ID, c.ids)
			if err != nil {
				return err
			}
			p.Details = append(p.Details, reader.N(len(c.ids), "%d message leaves %s (%s), which frees %s there.", "%d messages leave %s (%s), which frees %s there.", oneLine(c.account.Host), oneLine(c.account.Name), octets(size)))
			continue
		}
		p.Details = append(p.Details, reader.T("%d of them will be deleted from %s (%s) with the next check.", len(c.ids), oneLine(c.account.Host), oneLine(c.account.Name)))
	}
	if sel.all {
		p.Details = append(p.Details, reader.T("Mail that arrives from now on is not touched."))
		if sel.list.search != "" {
			p.Details = append(p.Details, reader.T("The search is: %s", searchInWords(reader, sel.list.search)))
		}
	}
	switch {
	case d.action == store.DeleteUnread:
		p.Details = append(p.Details, reader.T("Until the next check it can be cancelled. After that nobody has it."))
	case d.leaves:
		p.Details = append(p.Details, reader.T("This cannot be undone. Deletions on servers that are under way go on."))
	}
	return s.render(w, r, http.StatusOK, templates.Confirm(p))
}

// fields repeats a selection in a form that needs no more asking.
func (sel selection) fields(what, back string) []templates.Field {
	fields := []templates.Field{{Name: "action", Value: what}, {Name: "return", Value: back}, {Name: "confirm", Value: "1"}}
	if !sel.all {
		for _, id := range sel.ids {
			fields = append(fields, templates.Field{Name: "id", Value: formatID(id)})
		}
		return fields
	}
	fields = append(fields,
		templates.Field{Name: "all", Value: "1"}, templates.Field{Name: "mailbox", Value: sel.list.box.key},
		templates.Field{Name: "q", Value: sel.list.search}, templates.Field{Name: "bound", Value: formatID(sel.bound)})
	if sel.list.account != 0 {
		fields = append(fields, templates.Field{Name: "account", Value: formatID(sel.list.account)})
	}
	return fields
}

// toast tells what an action came to. A single mark or star shows by itself.
func (d deed) toast(reader i18n.Locale, done store.Done, chosen selection, back string) toast {
	switch {
	case len(chosen.ids) == 0 && !chosen.all:
		return toast{Text: reader.T("No message was selected.")}
	case done.Count == 0 && d.none != "":
		return toast{Text: reader.T(d.none)}
	case d.silent:
		return toast{}
	case done.Count == 0:
		return toast{Text: reader.T("Nothing had to be changed.")}
	}
	text := reader.T("%s.", d.pastWhole(chosen.rows, done.Count))
	if done.TooLate > 0 {
		text = sentences(reader, text, tooLate(done.TooLate))
	}
	return toast{Text: text, Undo: done.Undo, Return: back}
}

// tooLate says that deletions could not be stopped any more.
func tooLate(n int) i18n.Text {
	return i18n.Count(n, "Too late for %d deletion on the server, which had begun: your copy stays here.", "Too late for %d deletions on the server, which had begun: your copy stays here.")
}
