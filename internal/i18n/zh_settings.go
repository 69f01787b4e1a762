package i18n

// zhSettings are a person's own settings, and those of the portal's people.
var zhSettings = map[Key]string{
	", ":               "，",
	"owner":            "管理员",
	"two-step sign-in": "两步验证",
	"since %s":         "创建于 %s",
}
