package web

import (
	"testing"

	"postern/internal/i18n"
	"postern/store"
)

// TestWorkerInChinese: what the worker and the reader of messages say is told in English, and shown in the reader's
// language.
func TestWorkerInChinese(t *testing.T) {
	w := newWorld(t)
	p := w.ann.Preferences
	p.Language = i18n.Chinese.Tag
	w.must(w.store.SetPreferences(t.Context(), w.ann.ID, p))
	ann := w.as(w.ann)
	session := w.addSync(w.ann, store.Sync{
		Account: w.account, Sentence: "The server refuses the user name or the password: “[AUTH] Nothing new.”. It is tried again later.",
		Remarks: []string{"The server counts 9 messages and lists 8."},
	})
	says := "服务器不接受用户名或密码：“[AUTH] Nothing new.”。稍后会再试。"
	ann.get("/accounts/"+formatID(w.account)+"/sessions").want(t, 200).has(t, says)
	ann.get("/accounts/"+formatID(w.account)+"/sessions/"+formatID(session)).want(t, 200).has(t, says, "服务器统计有 9 封邮件，却列出了 8 封。")
	ann.get("/accounts/"+formatID(w.account)+"/sessions/"+formatID(session)+"/transcript").want(t, 200).has(t, "It is tried again later.")

	broken := w.deliver(w.ann, w.account, "Subject: no from\r\n\r\nHello\r\n")[0]
	ann.get("/messages/"+formatID(broken)).want(t, 200).has(t, "没有发件人字段。")

	bounce := w.deliver(w.ann, w.account, mail("Undelivered", "--b\r\n\r\nSorry\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n"+
		"Final-Recipient: rfc822; joe@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n--b--\r\n",
		`Content-Type: multipart/report; report-type=delivery-status; boundary="b"`))[0]
	ann.get("/messages/"+formatID(bounce)).want(t, 200).has(t, "未能投递给 joe@example.org：550 5.1.1 no such user。")

	w.prober.result = ProbeResult{OK: true, Summary: "It works: 3 messages, 1.2 MB.", Facts: []ProbeFact{{Name: "Login", Value: "yes, by USER/PASS"}}}
	ann.post("/accounts/test", "id", formatID(w.account), "password", "x", "email", "work@example.com", "name", "work", "host", "mx7.example.com", "port", "995", "security", "tls",
		"username", "work@example.com", "policy", "on-delete", "interval_minutes", "10", "read_after_days", "7").has(t, "连接成功：3 封邮件，1.2 MB。", "登录", "是，方式为 USER/PASS")
}
