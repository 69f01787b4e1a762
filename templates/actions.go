package templates

import "postern/internal/i18n"

// action is a button of POST /messages/actions.
type action struct {
	Value string // of the field action
	Label i18n.Key
	All   i18n.Key // on all of a search; "": not offered there
	Icon  string
}

var (
	actArchive = action{Value: "archive", Label: "Archive", All: "Archive all", Icon: "archive"}
	actDelete  = action{Value: "delete", Label: "Delete", All: "Delete all", Icon: "trash"}
	actInbox   = action{Value: "inbox", Label: "Move to inbox", All: "Move all to inbox", Icon: "inbox"}
	actJunk    = action{Value: "junk", Label: "Junk|move there", All: "Junk all", Icon: "junk"}
	actNotJunk = action{Value: "not-junk", Label: "Not junk", All: "Mark all as not junk", Icon: "inbox"}
	actRestore = action{Value: "restore", Label: "Restore", All: "Restore all", Icon: "restore"}
	actPurge   = action{Value: "purge", Label: "Delete for good", All: "Delete all for good", Icon: "trash"}
	actRead    = action{Value: "read", Label: "Mark read", Icon: "read"}
	actUnread  = action{Value: "unread", Label: "Mark unread", Icon: "mail"}
	actStar    = action{Value: "star", Label: "Star", Icon: "star"}
	actUnstar  = action{Value: "unstar", Label: "Unstar", Icon: "star"}
	actFree    = action{Value: "remove-from-server", Label: "Remove from server, keep here", Icon: "server"}
)

// moves returns the ways out of a mailbox.
func moves(mailbox string) []action {
	switch mailbox {
	case "archive":
		return []action{actInbox, actDelete, actJunk}
	case "junk":
		return []action{actNotJunk, actDelete}
	case "trash":
		return []action{actRestore, actPurge}
	}
	return []action{actArchive, actDelete, actJunk}
}

// starAction returns what the star of a message does.
func starAction(starred bool) action {
	if starred {
		return actUnstar
	}
	return actStar
}

// starLabel is the accessible name of the star in a row.
func starLabel(starred bool) i18n.Key {
	if starred {
		return "Remove star"
	}
	return "Add star"
}
