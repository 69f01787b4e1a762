package syncer

import (
	"slices"
	"testing"

	"postern/internal/i18n"
	"postern/pop3client"
)

// TestRemarksCount: what is remarked of one message is said of one, in each language.
func TestRemarksCount(t *testing.T) {
	_, remarks := merge(&pop3client.Listing{
		Stat: pop3client.Stat{Count: 1}, List: []pop3client.ScanListing{{Num: 1, Octets: 7}}, UIDL: []pop3client.UniqueID{{Num: 1, UID: "a"}, {Num: 2, UID: "b"}}, Ignored: 1,
	})
	english := []string{"The server counts 1 message and lists 2.", "1 message has a unique-id and no size.", "1 row of the listing could not be read."}
	if !slices.Equal(remarks, english) {
		t.Errorf("remarks: %q", remarks)
	}
	chinese := i18n.Locale{Language: i18n.Chinese}
	for i, want := range []string{"服务器统计有 1 封邮件，却列出了 2 封。", "1 封邮件有唯一标识而没有大小。", "列表中有 1 行无法读取。"} {
		if got := chinese.Read(remarks[i]); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
