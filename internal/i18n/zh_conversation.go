package i18n

// zhConversation are conversations, and how lists and messages stand on the screen.
var zhConversation = map[Key]string{
	"Conversations": "会话",
	"Messages that answer each other stand in one row of a list, and on one page.": "互相回复的邮件在列表中合为一行，并显示在同一页上。",
	"Compact lists": "紧凑列表",
	"Low rows: more messages fit on the screen.": "行高较小，一屏可显示更多邮件。",
	"%s–%s · %s":  "%s–%s · %s",
	"%d messages": "%d 封邮件",
}
