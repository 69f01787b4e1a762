package i18n

// zhInvitation are invitations to events.
var zhInvitation = map[Key]string{
	"Invitation":               "邀请",
	"Cancelled":                "已取消",
	"Reply to an invitation":   "对邀请的答复",
	"Another time is proposed": "建议改期",
	"Event":                    "活动",
	"Sender's time":            "发件人当地时间",
	"Repeats":                  "重复",
	"yes":                      "是",
	"every day":                "每天",
	"every week":               "每周",
	"every month":              "每月",
	"every year":               "每年",
	"every %d days":            "每 %d 天",
	"every %d weeks":           "每 %d 周",
	"every %d months":          "每 %d 个月",
	"every %d years":           "每 %d 年",
	"%d times":                 "%d 次",
	"until %s":                 "到%s为止",
	"Answer":                   "答复",
	"accepted":                 "接受",
	"declined":                 "谢绝",
	"perhaps":                  "暂定",
	"somebody else is sent":    "委派他人",
}
