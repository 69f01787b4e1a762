package templates

// action is a button of POST /messages/actions.
type action struct {
	Value string // of the field action
	Label string
	Icon  string
}

var (
	actArchive = action{"archive", "Archive", "archive"}
	actDelete  = action{"delete", "Delete", "trash"}
	actInbox   = action{"inbox", "Move to inbox", "inbox"}
	actJunk    = action{"junk", "Junk", "junk"}
	actNotJunk = action{"not-junk", "Not junk", "inbox"}
	actRestore = action{"restore", "Restore", "restore"}
	actPurge   = action{"purge", "Delete for good", "trash"}
	actRead    = action{"read", "Mark read", "read"}
	actUnread  = action{"unread", "Mark unread", "mail"}
	actStar    = action{"star", "Star", "star"}
	actUnstar  = action{"unstar", "Unstar", "star"}
	actFree    = action{"remove-from-server", "Remove from server, keep here", "server"}
)

// moves returns the ways out of a mailbox.
func moves(mailbox string) []action {
	switch mailbox {
	case "inbox":
		return []action{actArchive, actDelete, actJunk}
	case "archive":
		return []action{actInbox, actDelete}
	case "junk":
		return []action{actNotJunk, actDelete}
	case "trash":
		return []action{actRestore, actPurge}
	}
	return []action{actArchive, actDelete}
}

// starAction returns what the star of a message does.
func starAction(starred bool) action {
	if starred {
		return actUnstar
	}
	return actStar
}

// starLabel is the accessible name of the star in a row.
func starLabel(starred bool) string {
	if starred {
		return "Remove star"
	}
	return "Add star"
}
