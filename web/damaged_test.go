package web

import (
	"database/sql"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"postern/internal/i18n"
	"postern/store"
)

// damage flips a bit of one stored chunk of a message, as a failing disk does.
func (p *portal) damage(id store.MessageID, chunk int) {
	p.tb.Helper()
	db, err := sql.Open("sqlite", filepath.Join(p.store.Dir(), "postern.db"))
	p.must(err)
	defer db.Close()
	var data []byte
	where := "octets_id = (SELECT octets_id FROM messages WHERE id = ?) AND n = ?"
	p.must(db.QueryRow("SELECT data FROM chunks WHERE "+where, id, chunk).Scan(&data))
	data[len(data)/2] ^= 1
	_, err = db.Exec("UPDATE chunks SET data = ? WHERE "+where, data, id, chunk)
	p.must(err)
}

// A message whose stored copy is damaged shows the text that was read of it, and says what is wrong and what to do; no
// changed octet is shown, and no part of it ends early as if it were whole.
func TestDamagedMessage(t *testing.T) {
	w := newWorld(t)
	var noise strings.Builder
	r := rand.New(rand.NewPCG(1, 1))
	for noise.Len() < 700_000 {
		noise.WriteString(base64.StdEncoding.EncodeToString(fmt.Append(nil, r.Uint64(), r.Uint64(), r.Uint64())))
		noise.WriteString("\r\n")
	}
	raw := "From: lina@example.net\r\nSubject: Holiday\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/html\r\n\r\n<p>See the <b>pictures</b></p><img src=cid:1>\r\n" +
		"--b\r\nContent-Type: image/png\r\nContent-ID: <1>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==\r\n" +
		"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: Inner\r\n\r\nInner text\r\n" +
		"--b\r\nContent-Type: application/zip\r\nContent-Disposition: attachment; filename=all.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + noise.String() + "--b--\r\n"
	id := w.deliver(w.ann, w.account, raw)[0]
	ann, path := w.as(w.ann), "/messages/"+formatID(id)
	below := []string{"/body", "/raw", "/source", "/print", "/attachments.zip", "/parts/1", "/parts/2", "/parts/2/thumbnail", "/parts/4", "/enclosed/3"}
	for _, b := range below {
		ann.get(path+b).want(t, 200)
	}
	ann.get(path).want(t, 200).has(t, "<iframe")

	w.damage(id, 0)
	a := ann.get(path).want(t, 200)
	a.has(t, "The stored copy of this message is damaged.", "postern check --fix", "See the pictures", "all.zip")
	a.hasNot(t, "<iframe")
	for _, b := range below {
		if b == "/attachments.zip" {
			continue // which has begun before a part is read
		}
		ann.get(path+b).want(t, 500).has(t, "The stored copy of this message is damaged", "Something has changed it on the disk.", "A backup may have the others.")
	}

	// What has begun to be sent is cut off, which a browser calls a failed download.
	w.damage(id, 0) // as it was
	w.damage(id, 1)
	ann.get(path).want(t, 200).has(t, "<iframe")
	for _, b := range []string{"/parts/4", "/attachments.zip"} {
		cut := func() (cut bool) {
			defer func() { cut = recover() != nil }()
			ann.get(path + b)
			return false
		}()
		if !cut {
			t.Errorf("%s ends as if it were whole", b)
		}
	}

	w.damage(id, 0)
	p := w.ann.Preferences
	p.Language = i18n.Chinese.Tag
	w.must(w.store.SetPreferences(t.Context(), w.ann.ID, p))
	ann.get(path).want(t, 200).has(t, "Postern 中保存的这封邮件已损坏。以下是收到邮件时读取的正文")
	ann.get(path+"/raw").want(t, 500).has(t, "Postern 中保存的这封邮件已损坏", "请运行 Postern 的人检查磁盘")
}

// A search of an index that is damaged says so and what becomes of it; lists go on.
func TestDamagedIndex(t *testing.T) {
	w := newWorld(t)
	w.deliver(w.ann, w.account, mail("Harbour", "The quay was empty."))
	ann := w.as(w.ann)
	ann.get("/mail/all?q=quay").want(t, 200).has(t, "Harbour")
	db, err := sql.Open("sqlite", filepath.Join(w.store.Dir(), "index.db"))
	w.must(err)
	defer db.Close()
	_, err = db.Exec("UPDATE fts_1_data SET block = x'00ff' WHERE id > 10")
	w.must(err)
	ann.get("/mail/all?q=quay").want(t, 500).has(t, "The search index is damaged", "when Postern next starts, or by “postern check --fix”")
	ann.get("/mail/all").want(t, 200).has(t, "Harbour")
}
