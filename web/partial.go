package web

import (
	"context"
	"net/http"

	"postern/store"
	"postern/templates"
)

// notFetched is the answer for what hangs below a message of which only the header is here.
var notFetched = &pageError{code: http.StatusConflict, title: "This message was not fetched", text: "Only its header is here; the rest is on its server. Open it to fetch it."}

// partialState says of a message of which only the header is here why, and what can be done about it.
func (s *Server) partialState(ctx context.Context, v *visitor, f *frame, m *store.Message, back string) (*templates.ServerState, error) {
	o, err := s.store.Outline(ctx, v.ID, m.ID)
	if err != nil {
		return nil, missing(err, noMessage)
	}
	a := f.all[m.Account]
	state := &templates.ServerState{Tone: templates.ToneInfo, Reply: oneLine(o.Trouble)}
	switch {
	case m.Server == store.ServerGone:
		state.Text = "Only the header is here. The message itself is no longer on " + oneLine(a.Host) + " and was never fetched."
		return state, nil
	case m.Server != store.ServerPresent || a.Removed:
		state.Text = "Only the header is here: the message was never fetched."
		return state, nil
	case o.Wanted:
		state.Text = "Only the header is here. The rest, " + octets(m.Size) + ", is fetched with the next check"
		if next := f.nextRun(a); next != "" {
			state.Text += ", " + next
		}
		state.Text += "."
		return state, nil
	}
	state.Text = "Only the header is here. The rest, " + octets(m.Size) + ", stays on " + oneLine(a.Host) + " until you fetch it."
	if o.Trouble != "" {
		state.Text = "Only the header is here. The rest, " + octets(m.Size) + ", could not be fetched from " + oneLine(a.Host) + ":"
	}
	state.Buttons = append(state.Buttons, partialButton("Fetch now", "fetch", m.ID, back))
	if a.Policy != store.Keep {
		button := partialButton("Delete on the server, unread", "delete-unfetched", m.ID, back)
		button.Danger = true
		state.Buttons = append(state.Buttons, button)
	}
	return state, nil
}

func partialButton(label, action string, id store.MessageID, back string) templates.Post {
	return templates.Post{Label: label, URL: "/messages/actions", Fields: []templates.Field{
		{Name: "action", Value: action}, {Name: "id", Value: formatID(id)}, {Name: "return", Value: back}}}
}

// partialMark says in a list that only the header of a message is here.
func partialMark(m store.Summary) *templates.Mark {
	mark := &templates.Mark{Tone: templates.ToneInfo, Text: octets(m.Size) + ", not fetched", Help: "Only the header is here; the rest is on its server until you fetch it."}
	switch m.Server {
	case store.ServerPending:
		mark.Tone, mark.Text, mark.Help = templates.ToneWarn, "pending, not fetched", "Will be deleted on its server with one of the next checks, unread."
	case store.ServerDeleted:
		mark.Text, mark.Help = "deleted, not fetched", "Deleted on its server without having been fetched."
	case store.ServerGone:
		mark.Text, mark.Help = "gone, not fetched", "Its server does not list it any more, and it was never fetched."
	}
	return mark
}
