package i18n

// zhConversation are conversations, and how lists and messages stand on the screen.
var zhConversation = map[Key]string{
	"Conversations": "会话",
	"Messages that answer each other stand in one row of a list, and on one page.": "互相回复的邮件在列表中合为一行，并显示在同一页上。",
	"Conversation":                           "会话",
	"Unfold all":                             "全部展开",
	"Fold all":                               "全部折叠",
	"More for this message":                  "这封邮件的更多操作",
	"%d more messages":                       "另外 %d 封邮件",
	"More ways to look at it":                "更多",
	"This message":                           "这封邮件",
	"Open alone":                             "单独打开",
	"Quoted text":                            "引用的文字",
	"To %s":                                  "收件人：%s",
	"Only the newest %d messages are shown.": "只显示最新的 %d 封邮件。",
	"List beside the message":                "邮件旁显示列表",
	"In a wide window, the list stays in view while you read.": "窗口较宽时，阅读邮件的同时列表保持可见。",
	"View":          "视图",
	"Compact lists": "紧凑列表",
	"Low rows: more messages fit on the screen.": "行高较小，一屏可显示更多邮件。",
	"Conversations %d–%d · %s":                   "会话 %d–%d · 共 %s",
	"%d–%d of %d conversations":                  "会话 %d–%d，共 %d 个",
	"%d conversations":                           "%d 个会话",
	"%d messages":                                "%d 封邮件",
}
