package web

import (
	"errors"
	"net/http"

	"postern/internal/i18n"
	"postern/store"
	"postern/templates"
)

// of makes a list that of a label.
func (l list) of(label store.Label) list {
	l.box, _ = boxNamed(labelKey + label.Name)
	l.label = label.ID
	return l
}

// labelList is the beginning of a label's list.
func labelList(l store.Label) list { return list{}.of(l) }

// labelCount names a label's counter in the side bar.
func labelCount(l store.Label) string { return "label-" + formatID(l.ID) }

// labelTags name the labels of a message, in the order of the side bar.
func (f *frame) labelTags(ids []store.LabelID) (tags []templates.Tag) {
	for _, l := range f.labels {
		for _, id := range ids {
			if id == l.ID {
				tags = append(tags, templates.Tag{Name: l.Name, Colour: l.Colour, URL: labelList(l).path()})
			}
		}
	}
	return tags
}

// labels: GET /labels
func (s *Server) labels(w http.ResponseWriter, r *http.Request, v *visitor) error {
	return s.showLabels(w, r, v, http.StatusOK, templates.LabelsPage{})
}

// showLabels renders the page of labels, with what p says of a form that was refused.
func (s *Server) showLabels(w http.ResponseWriter, r *http.Request, v *visitor, code int, p templates.LabelsPage) error {
	f, err := s.frame(r.Context(), v.ID)
	if err != nil {
		return err
	}
	p.Shell = s.shellOf(r, v, f, f.clock.T("Labels"))
	for _, l := range f.labels {
		p.Rows = append(p.Rows, templates.LabelRow{
			ID: formatID(l.ID), Name: l.Name, Colour: l.Colour, URL: labelList(l).path(), Messages: messages(l.Total).In(f.clock.Locale),
		})
	}
	return s.render(w, r, code, templates.Labels(p))
}

// addLabel: POST /labels
func (s *Server) addLabel(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := readForm(r); err != nil {
		return err
	}
	name := field(r, "name")
	_, err := s.store.AddLabel(r.Context(), v.ID, name, labelColour(r))
	return s.labelChanged(w, r, v, err, templates.LabelsPage{Name: name})
}

// changeLabel: POST /labels/{id}
func (s *Server) changeLabel(w http.ResponseWriter, r *http.Request, v *visitor) error {
	id, err := pathID[store.LabelID](r, "id")
	if err == nil {
		err = readForm(r)
	}
	if err == nil {
		err = s.store.ChangeLabel(r.Context(), v.ID, id, field(r, "name"), labelColour(r))
	}
	return s.labelChanged(w, r, v, missing(err, noLabel), templates.LabelsPage{})
}

// labelChanged goes back to the page of labels, which says what was wrong.
func (s *Server) labelChanged(w http.ResponseWriter, r *http.Request, v *visitor, err error, p templates.LabelsPage) error {
	var page *pageError
	switch err := labelError(err); {
	case errors.As(err, &page) && page.code == http.StatusUnprocessableEntity:
		p.Error = i18n.T(r.Context(), page.text)
		return s.showLabels(w, r, v, page.code, p)
	case err != nil:
		return err
	}
	s.hub.countsChanged(v.ID)
	s.redirect(w, "/labels")
	return nil
}

// labelError puts a page in the place of what the store says of a label's name.
func labelError(err error) error {
	var text i18n.Key
	switch {
	case errors.Is(err, store.ErrLabelName):
		text = "Give the label a name of 1 to 100 characters that is more than dots."
	case errors.Is(err, store.ErrLabelTaken):
		text = "There is a label of that name already."
	case errors.Is(err, store.ErrManyLabels):
		text = "There are too many labels. Remove one first."
	default:
		return missing(err, noLabel)
	}
	return &pageError{code: http.StatusUnprocessableEntity, title: "That cannot be the name of a label", text: text, err: err}
}

// labelColour reads the field colour; anything odd is the first one.
func labelColour(r *http.Request) int {
	return fieldErrors{}.wholeNumber("colour", field(r, "colour"), 0, 9, 0, "")
}

// askRemoveLabel: GET /labels/{id}/remove
func (s *Server) askRemoveLabel(w http.ResponseWriter, r *http.Request, v *visitor) error {
	f, err := s.frame(r.Context(), v.ID)
	if err != nil {
		return err
	}
	id, err := pathID[store.LabelID](r, "id")
	for _, l := range f.labels {
		if err != nil || l.ID != id {
			continue
		}
		return s.render(w, r, http.StatusOK, templates.Confirm(templates.ConfirmPage{
			Shell: s.shellOf(r, v, f, f.clock.T("Remove the label?")), Heading: f.clock.T("Remove the label “%s”?", oneLine(l.Name)),
			Sentence: f.clock.N(l.Total, "%d message will lose it, and stay where they are.", "%d messages will lose it, and stay where they are."), Action: "/labels/" + formatID(id) + "/remove",
			Confirm: f.clock.T("Remove the label"), CancelURL: "/labels", Danger: true,
		}))
	}
	return noLabel
}

// removeLabel: POST /labels/{id}/remove
func (s *Server) removeLabel(w http.ResponseWriter, r *http.Request, v *visitor) error {
	id, err := pathID[store.LabelID](r, "id")
	if err == nil {
		err = s.store.RemoveLabel(r.Context(), v.ID, id)
	}
	return s.labelChanged(w, r, v, missing(err, noLabel), templates.LabelsPage{})
}
