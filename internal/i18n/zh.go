package i18n

import "maps"

// The Simplified Chinese catalogue, a file for each area. Punctuation is full-width. Between Han and Latin letters or
// digits stands a blank, except beside full-width punctuation and in dates. The reader is 您 only where it matters.
// Terms are always the same:
//
//	message 邮件 · conversation 会话（仅此义） · mailbox, account 邮箱账户 / 账户 · inbox 收件箱 · archive 归档 · junk 垃圾邮件
//	Trash 已删除 · delete 删除 · delete for good 彻底删除 · label 标签 · star 星标 · attachment 附件 · sender 发件人
//	subject 主题 · undo 撤销 · check (for mail) 检查 · fetch 收取 · session (POP3) 检查记录 · sign in 登录
func chinese() map[Key]string {
	all := map[Key]string{}
	for _, area := range chineseAreas {
		maps.Copy(all, area)
	}
	return all
}

var chineseAreas = []map[Key]string{
	zhDates,
	zhDoor,
	zhFrame,
	zhMail,
	zhActions,
	zhConversation,
	zhExport,
	zhLeave,
	zhInvitation,
	zhSearch,
	zhAccount,
	zhAccountForm,
	zhProviders,
	zhSession,
	zhDefects,
	zhSettings,
	zhErrors,
}
