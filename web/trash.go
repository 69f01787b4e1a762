package web

import (
	"net/http"
	"slices"
	"strconv"

	"postern/internal/i18n"
	"postern/store"
	"postern/templates"
)

// trashDays are how long mail may stay in Trash.
var trashDays = []int{7, store.DefaultTrashDays, 90, 365, store.ForEver}

// trashOptions offers them.
func trashOptions(reader i18n.Locale) (options []templates.Option) {
	for _, days := range trashDays {
		label := reader.T("Stays until you empty it")
		if days > 0 {
			label = reader.N(days, "Stays for %d day", "Stays for %d days")
		}
		options = append(options, templates.Option{Value: strconv.Itoa(days), Label: label})
	}
	return options
}

// setTrash reads how long mail is to stay in Trash; a form without the field changes nothing.
func setTrash(r *http.Request, p *store.Preferences) error {
	if !r.PostForm.Has("trash") {
		return nil
	}
	days, err := strconv.Atoi(r.PostForm.Get("trash"))
	if err != nil || !slices.Contains(trashDays, days) {
		return &pageError{code: http.StatusUnprocessableEntity, title: "Mail cannot stay in Trash for so long", text: "Choose one of those on the page."}
	}
	p.TrashDays = days
	return nil
}

// trashNote says how long mail stays in Trash.
func trashNote(days int) i18n.Text {
	if days < 0 {
		return i18n.Say("Mail stays here until you empty Trash.")
	}
	return i18n.Count(days, "What has been here for %d day is deleted for good.", "What has been here for %d days is deleted for good.")
}
