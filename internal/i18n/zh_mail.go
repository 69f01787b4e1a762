package i18n

// zhMail are lists of mail, messages and labels.
var zhMail = map[Key]string{
	"This message was not fetched":                                             "这封邮件尚未收取",
	"Only its header is here; the rest is on its server. Open it to fetch it.": "这里只有邮件头，其余部分还在服务器上。打开邮件即可收取。",

	"That cannot be the name of a label":                                         "不能用作标签名称",
	"A label needs a name of at most 100 characters; one of dots alone is none.": "标签名称最多 100 个字符，且不能只有句点。",
	"There is a label of that name already.":                                     "已有同名标签。",
	"There are too many labels. Remove one first.":                               "标签太多，请先移除一个。",
}
