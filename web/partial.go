package web

import (
	"context"
	"net/http"

	"postern/internal/i18n"
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
	state := &templates.ServerState{Tone: templates.ToneInfo, Reply: f.clock.Read(oneLine(o.Trouble))}
	reader, host := f.clock, oneLine(a.Host)
	switch {
	case m.Server == store.ServerGone:
		state.Text = reader.T("Only the header is here. The message itself is no longer on %s and was never fetched.", host)
		return state, nil
	case m.Server != store.ServerPresent || a.Removed:
		state.Text = reader.T("Only the header is here: the message was never fetched.")
		return state, nil
	case o.Wanted:
		state.Text = reader.T("Only the header is here. The rest, %s, is fetched with the next check.", octets(m.Size))
		if next := f.nextRun(a); next != "" {
			state.Text = reader.T("Only the header is here. The rest, %s, is fetched with the next check, %s.", octets(m.Size), next)
		}
		return state, nil
	case o.Trouble != "":
		state.Text = reader.T("Only the header is here. The rest, %s, could not be fetched from %s:", octets(m.Size), host)
	default:
		state.Text = reader.T("Only the header is here. The rest, %s, stays on %s until you fetch it.", octets(m.Size), host)
	}
	state.Buttons = append(state.Buttons, partialButton(reader.T("Fetch now"), "fetch", m.ID, back))
	if a.Policy != store.Keep {
		button := partialButton(reader.T("Delete on the server, unread"), "delete-unfetched", m.ID, back)
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
func partialMark(reader i18n.Locale, m store.Summary) *templates.Mark {
	mark := &templates.Mark{Tone: templates.ToneInfo, Text: reader.T("%s, not fetched", octets(m.Size)), Help: reader.T("Only the header is here; the rest is on its server until you fetch it.")}
	switch m.Server {
	case store.ServerPending:
		mark.Tone, mark.Text, mark.Help = templates.ToneWarn, reader.T("pending, not fetched"), reader.T("Will be deleted on its server with one of the next checks, unread.")
	case store.ServerDeleted:
		mark.Text, mark.Help = reader.T("deleted, not fetched"), reader.T("Deleted on its server without having been fetched.")
	case store.ServerGone:
		mark.Text, mark.Help = reader.T("gone, not fetched"), reader.T("Its server does not list it any more, and it was never fetched.")
	}
	return mark
}
