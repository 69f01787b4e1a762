package web

import (
	"context"
	"slices"

	"postern/internal/i18n"
	"postern/store"
)

// namedServers is how many servers are named in one notice.
const namedServers = 3

// leavingServers says from which servers an action has messages deleted, and when.
func (s *Server) leavingServers(ctx context.Context, v *visitor, d deed, chosen selection) ([]i18n.Text, error) {
	switch d.action {
	case store.Delete, store.RemoveFromServer, store.DeleteUnread:
	default:
		return nil, nil
	}
	accounts, err := s.store.Accounts(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	var ids []store.AccountID
	if chosen.all {
		for _, c := range chosen.there {
			ids = append(ids, c.account.ID)
		}
	} else if ids, err = s.store.DeletedFrom(ctx, v.ID, chosen.ids); err != nil {
		return nil, err
	}
	var said []i18n.Text
	c := s.clock(ctx)
	for _, a := range accounts {
		if slices.Contains(ids, a.ID) && len(said) < namedServers {
			said = append(said, c.leaves(a))
		}
	}
	if more := len(ids) - len(said); more > 0 {
		said = append(said, i18n.Count(more, "Will be deleted from %d more server with its next check.", "Will be deleted from %d more servers with their next checks."))
	}
	return said, nil
}

// leaves says when an account's server deletes what was deleted here just now.
func (c clock) leaves(a store.Account) i18n.Text {
	host := oneLine(a.Host)
	switch {
	case a.Held:
		return i18n.Say("Will be deleted from %s once you say so on the page Deletions.", host)
	case a.Paused:
		return i18n.Say("Will be deleted from %s once it is checked again: its account is paused until you look at it.", host)
	case c.onlyAsked(a):
		return i18n.Say("Will be deleted from %s with the next check, which begins when you ask for it.", host)
	case a.NextCheck.Before(c.now.Add(store.UndoWindow)):
		return i18n.Say("Will be deleted from %s with the first check later than %d seconds from now.", host, int(store.UndoWindow.Seconds()))
	}
	return i18n.Say("Will be deleted from %s with the next check, at %s.", host, c.at(a.NextCheck))
}
