package i18n

// zhLeave is about leaving mailing lists.
var zhLeave = map[Key]string{
	"Unsubscribe":                     "退订",
	"Unsubscribe?":                    "要退订吗？",
	"Unsubscribe from this list (%s)": "退订此邮件列表（%s）",
	"Write to %s":                     "写信给 %s",
	"Postern asks %s to take you off the list. It learns that this message was read, and Postern's network address, and nothing else.":                               "Postern 会请求 %s 将您从邮件列表中移除。对方会知道这封邮件已被阅读以及 Postern 的网络地址，不会得知其他信息。",
	"The sender offers no way to do this with one click.":                                                                                                            "发件人没有提供一键退订的方式。",
	"Nobody vouches that this message is from whom it says. If it is junk, move it to Junk instead: by unsubscribing you tell its sender that your address is read.": "没有人能证明这封邮件确实来自所称的发件人。如果是垃圾邮件，最好移到“垃圾邮件”：退订会让对方知道您的地址有人在用。",
	"Other ways that the sender names:":                                  "发件人给出的其他方式：",
	"Back to the message":                                                "返回邮件",
	"%s could not be reached.":                                           "无法连接 %s。",
	"%s did not do it: it answered %d.":                                  "%s 未能完成退订（返回 %d）。",
	"%s was asked to take you off its list. That can take some days.":    "已请求 %s 将您从邮件列表中移除，可能需要几天才生效。",
	"Other lists are being asked at this moment. Try again in a minute.": "正在处理其他退订请求，请一分钟后再试。",
	"This message names no way to unsubscribe":                           "这封邮件没有给出退订方式",
	"Look for one in its text, or move it to Junk.":                      "请在正文中查找，或将它移到“垃圾邮件”。",
}
