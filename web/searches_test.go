package web

import (
	"strings"
	"testing"
	"time"
)

func TestSavedSearches(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	found := "/mail/all?account=" + formatID(w.account) + "&q=newsl%2A"
	ann.get(found).has(t, "Save this search", `name="name" value="newsl*"`, `name="list" value="`+strings.ReplaceAll(found, "&", "&amp;")+`"`)
	ann.post("/searches", "name", "Letters <b>", "list", found+"&cursor=1.1&at=50").leads(t, found)
	page := ann.get(found).has(t, "Letters &lt;b&gt;", "Saved as", "The search stands in the side bar now.").hasNot(t, "Letters <b>", "Save this search")
	if !strings.Contains(page.body, `q=newsl%2A" aria-current`) {
		t.Error("the search that is shown is not the current one in the side bar")
	}
	ann.get("/mail/inbox").has(t, `href="`+strings.ReplaceAll(found, "&", "&amp;")+`"`)

	id := ""
	all, err := w.store.SavedSearches(t.Context(), w.ann.ID)
	w.must(err)
	for _, v := range all {
		if v.Name == "Letters <b>" {
			id = formatID(v.ID)
		}
	}
	ann.post("/searches/"+id, "name", "Newsletters").leads(t, found)
	ann.get(found).has(t, "Newsletters").hasNot(t, "Letters &lt;b&gt;")
	ann.post("/searches/"+id, "name", " ").want(t, 422).has(t, "It needs a name")
	ann.post("/searches/"+id+"/remove").leads(t, found)
	ann.get(found).has(t, "Save this search").hasNot(t, ">Newsletters<")
	ann.post("/searches/"+id+"/remove").want(t, 404)
	ann.post("/searches/"+id, "name", "x").want(t, 404)
	for _, list := range []string{"", "/mail/inbox", "/mail/starred?q=x", "/mail/label/Trips%2F2026%3F?q=x", "/accounts", "//elsewhere/mail/all?q=x"} {
		ann.post("/searches", "name", "x", "list", list).want(t, 404)
	}
	ann.post("/searches", "name", "In Trash", "list", "/mail/trash?q=gone").leads(t, "/mail/trash?q=gone")
}

// TestSavedSearchInBrowser saves, renames and removes, with and without JavaScript.
func TestSavedSearchInBrowser(t *testing.T) {
	_, page, base := seen(t)
	flow := func(name string) {
		t.Helper()
		page.Goto(base + "/mail/all?q=parcel")
		page.Eval(`document.querySelector(".save-search").open = true`)
		page.Fill("Name of the search", name)
		page.Click("button", "Save")
		page.WaitText("Saved as "+name, 10*time.Second)
		page.Goto(base + "/mail/inbox")
		page.Click("link", name)
		page.WaitText("Saved as "+name, 10*time.Second)
		page.Eval(`document.querySelector(".save-search").open = true`)
		page.Fill("Name of the search", name+" again")
		page.Click("button", "Rename")
		page.WaitText("Saved as "+name+" again", 10*time.Second)
		page.Eval(`document.querySelector(".save-search").open = true`)
		page.Click("button", "Remove")
		page.WaitText("Save this search", 10*time.Second)
	}
	flow("Parcels")
	page.DisableScripts()
	flow("Without script")
	if lines := page.Console(); len(lines) > 0 {
		t.Errorf("console: %q", lines)
	}
}

// TestHints: a word that is nearly an operator is explained in the reader's language, with a link to the search that was
// meant.
func TestHints(t *testing.T) {
	w := newWorld(t)
	ann := w.as(w.ann)
	ann.get("/mail/all?account="+formatID(w.account)+"&q=a%26b+form%3Alina").
		has(t, "“form:” is not a search operator", `<a href="/mail/all?account=`+formatID(w.account)+`&amp;q=a%26b+from%3Alina">Did you mean “from:”?</a>`)
	ann.header.Set("Accept-Language", "zh-CN")
	ann.get("/mail/all?q=is%3Aunraed+before%3Asoon").
		has(t, "您是不是要搜索 “is:unread”？", `href="/mail/all?q=is%3Aunread+before%3Asoon"`, "无法理解 “before:soon”，不会找到任何邮件。", "请写成 2026-01-31、2026-01、2026 或 7d、2w、3m、1y。").hasNot(t, "Did you mean", "cannot be read")
}
