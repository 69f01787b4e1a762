package mailfile

import "strings"

// gmailLabel says what one of Gmail's own labels means.
type gmailLabel struct {
	mailbox string
	mark    func(*Marks)
}

func unread(m *Marks)  { m.Unread = true }
func starred(m *Marks) { m.Starred = true }
func nothing(*Marks)   {}

// gmailLabels are Gmail's own labels in the languages they are written in; all others are the
// person's. A message that was archived has no mailbox among them.
var gmailLabels = map[string]gmailLabel{}

func init() {
	for _, own := range []struct {
		meaning gmailLabel
		names   string
	}{
		{gmailLabel{mailbox: "inbox"}, "Inbox|Posteingang|Boîte de réception|Recibidos|Caixa de entrada|Posta in arrivo|收件箱|收件匣|受信トレイ|받은편지함"},
		{gmailLabel{mailbox: "junk"}, "Spam|Correo no deseado|垃圾邮件|垃圾郵件|迷惑メール|스팸함"},
		{gmailLabel{mailbox: "trash"}, "Trash|Bin|Papierkorb|Corbeille|Papelera|Lixeira|Cestino|已删除邮件|垃圾桶|ゴミ箱|휴지통"},
		{gmailLabel{mailbox: "archive"}, "Archived|Archiviert|Archivé|Archivés|Archivado|Archivados|Arquivado|Archiviati|归档|已归档|封存|アーカイブ済み|보관됨"},
		{gmailLabel{mark: unread}, "Unread|Ungelesen|Non lus|Non lu|No leído|No leídos|Não lida|Não lidas|Da leggere|未读|未讀|未読|읽지않음"},
		{gmailLabel{mark: starred}, "Starred|Markiert|Suivis|Messages suivis|Destacados|Com estrela|Speciali|已加星标|已加星號|スター付き|별표편지함"},
		{gmailLabel{mark: nothing}, "Opened|Geöffnet|Ouvert|Abierto|Abiertos|Aberto|Aperti|已打开|已開啟|開封済み"},
	} {
		for name := range strings.SplitSeq(own.names, "|") {
			gmailLabels[strings.ToLower(name)] = own.meaning
		}
	}
}

// gmail reads X-Gmail-Labels, which Google Takeout writes: names between commas. They decide where
// a message lies and whether it is read, whatever else is noted.
func (m *Marks) gmail(raw []byte) {
	m.Unread, m.Starred, m.Mailbox, m.Labels = false, false, "archive", nil
	for name := range strings.SplitSeq(decodeWords(raw), ",") {
		name = strings.TrimSpace(strings.Trim(strings.TrimSpace(name), `"`))
		own, known := gmailLabels[strings.ToLower(name)]
		switch {
		case name == "", strings.HasPrefix(name, "Category "):
		case !known:
			m.Labels = append(m.Labels, name)
		case own.mark != nil:
			own.mark(m)
		case m.Mailbox == "archive" || own.mailbox == "trash" || own.mailbox == "junk":
			m.Mailbox = own.mailbox
		}
	}
}
