package web

import (
	"regexp"
	"strings"
	"testing"
)

func TestLabels(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	id := formatID(w.message)
	list := "/mail/label/Trips/2026%3F"
	for _, spelling := range []string{list, "/mail/label/trips%2F2026%3f"} {
		ann.get(spelling).want(t, 200).has(t, "<h1>Trips/2026?</h1>", "Newsletter", "Take off Trips/2026?").hasNot(t, "Parcel")
	}
	ann.get("/mail/inbox").has(t, `href="`+list+`"`, `value="label:Trips/2026?"`)
	ann.get("/messages/"+id+"?list="+strings.ReplaceAll(list, "%", "%25")).has(t, `href="`+list+`#m`+id+`"`, `value="unlabel:Trips/2026?"`)

	ann.post("/messages/actions", "id", formatID(w.parcel), "action", "label:家 &co", "return", list).leads(t, list)
	page := ann.get(list).has(t, "1 message labelled “家 &amp;co”.")
	token := regexp.MustCompile(`name="token" value="([A-Z0-9]+)"`).FindStringSubmatch(page.body)[1]
	ann.get("/mail/label/%E5%AE%B6%20&co").want(t, 200).hasNot(t, "No message has this label")
	ann.post("/undo", "token", token).want(t, 303)
	ann.get("/mail/label/%E5%AE%B6%20&co").has(t, "No message has this label")

	ann.post("/messages/actions", "id", id, "action", "unlabel:TRIPS/2026?").want(t, 303)
	ann.get(list).has(t, "1 message no longer labelled", "No message has this label")
	ann.post("/messages/actions", "id", id, "action", "unlabel:never").want(t, 404)
	ann.post("/messages/actions", "id", id, "action", "label:..").want(t, 422)
	ann.get("/mail/label/never").want(t, 404).has(t, "There is no such label")
	ann.get("/mail/label/").want(t, 404)
}

func TestWholeLabel(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	form := []string{"all", "1", "mailbox", "label/trips/2026?", "bound", "999", "action", "label:Seen"}
	ann.post("/messages/actions", form...).want(t, 200).has(t, "1 message will be labelled “Seen”.", `value="label/Trips/2026?"`)
	ann.post("/messages/actions", append(form, "confirm", "1")...).want(t, 303)
	ann.get("/mail/label/seen").has(t, "Newsletter")
	ann.post("/messages/actions", "all", "1", "mailbox", "label/none", "bound", "999", "action", "read").want(t, 404)
}

func TestEditLabels(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	own := "/labels/" + formatID(w.label)
	ann.post("/labels", "name", "Home", "colour", "4").leads(t, "/labels")
	ann.get("/labels").has(t, `value="Home"`, `value="Trips/2026?"`, "1 message")
	ann.post("/labels", "name", "home").want(t, 422).has(t, "There is a label of that name already.", `value="home"`)
	ann.post("/labels", "name", " ").want(t, 422).has(t, "Give the label a name")
	ann.post(own, "name", "HOME").want(t, 422).has(t, "There is a label of that name already.")
	ann.post(own, "name", "Journeys", "colour", "x").leads(t, "/labels")
	ann.get("/mail/label/journeys").has(t, "Newsletter")
	ann.get(own+"/remove").has(t, "Remove the label “Journeys”?", "1 message will lose it")
	ann.post(own+"/remove").leads(t, "/labels")
	ann.get("/mail/label/journeys").want(t, 404)
	ann.get("/mail/inbox").has(t, "Newsletter")
	ann.post(own+"/remove").want(t, 404)
}
