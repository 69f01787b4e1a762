package i18n

// zhProviders is what must be done at a provider before its mail can be fetched.
var zhProviders = map[Key]string{
	"It wants an app password instead of the usual one: make one in the security settings of the account.":          "需要使用应用专用密码而不是平时的密码：请在该账户的安全设置中生成。",
	"It wants an authorisation code (授权码) instead of the password.":                                                 "需要使用授权码而不是登录密码。",
	"Gmail wants an app password, which needs 2-Step Verification.":                                                 "Gmail 需要应用专用密码，须先开启两步验证。",
	"Naver wants an application password, which needs 2-Step Verification.":                                         "Naver 需要应用专用密码，须先开启两步验证。",
	"Daum wants an app password, which needs 2-Step Verification.":                                                  "Daum 需要应用专用密码，须先开启两步验证。",
	"With two-factor authentication switched on, it wants an application password.":                                 "开启两步验证后，需要使用应用专用密码。",
	"With secure login switched on, it wants a password for mail programs (客户端专用密码).":                               "开启安全登录后，需要使用客户端专用密码。",
	"It wants a password of its own for mail programs (独立密码).":                                                      "需要使用邮件客户端的独立密码。",
	"If its administrator wants it so, a password for mail programs (第三方客户端安全密码) takes the place of the usual one.": "如果管理员有此要求，需用第三方客户端安全密码代替平时的密码。",
	"It wants the e-mail password (E-Mail-Passwort), which is set apart from the one of the web site.":              "需要使用邮件密码（E-Mail-Passwort），它与网站登录密码是分开设置的。",

	"POP must be switched on in Gmail's settings, under Forwarding and POP/IMAP.":                                 "须先在 Gmail 设置的“转发和 POP/IMAP”中启用 POP。",
	"POP access must be switched on in its settings, under Mail Accounts.":                                        "须先在其设置的“Mail Accounts”中启用 POP。",
	"POP3 must be switched on in its settings, under Email clients.":                                              "须先在其设置的“Email clients”中启用 POP3。",
	"POP3 must be switched on in its settings, under IMAP/POP3.":                                                  "须先在其设置的“IMAP/POP3”中启用 POP3。",
	"POP3 must be switched on in its settings, under POP3/IMAP.":                                                  "须先在其设置的“POP3/IMAP”中启用 POP3。",
	"POP3 must be switched on in its settings.":                                                                   "须先在其设置中启用 POP3。",
	"POP3 must be switched on in its settings (设置 → 账户).":                                                         "须先在其“设置 → 账户”中启用 POP3。",
	"POP3 must be switched on in its settings (设置 → POP3/SMTP/IMAP).":                                             "须先在其“设置 → POP3/SMTP/IMAP”中启用 POP3。",
	"POP3 must be switched on in its settings (客户端 POP/IMAP/SMTP).":                                               "须先在其设置的“客户端 POP/IMAP/SMTP”中启用 POP3。",
	"POP3 must be switched on once in its settings, under POP3/IMAP.":                                             "须先在其设置的“POP3/IMAP”中启用一次 POP3。",
	"POP3 must be switched on once in its settings, under POP3/IMAP/SMTP.":                                        "须先在其设置的“POP3/IMAP/SMTP”中启用一次 POP3。",
	"POP3 must be switched on once in its settings, under POP3/IMAP. It lets a program in only every 15 minutes.": "须先在其设置的“POP3/IMAP”中启用一次 POP3。它每 15 分钟只允许客户端登录一次。",
	"Third-party access must be switched on in its settings, under Security.":                                     "须先在其设置的“Security”中允许第三方访问。",

	"Microsoft lets mail programs in by OAuth only; a password is refused.":                 "微软只允许邮件客户端通过 OAuth 登录，不接受密码。",
	"Apple's iCloud Mail offers IMAP, and no POP3.":                                         "苹果 iCloud 邮箱提供 IMAP，不提供 POP3。",
	"Proton Mail is end-to-end encrypted and offers no POP3; its Bridge offers IMAP alone.": "Proton Mail 采用端到端加密，不提供 POP3；其 Bridge 只提供 IMAP。",
	"Tuta is end-to-end encrypted and offers neither POP3 nor IMAP.":                        "Tuta 采用端到端加密，既不提供 POP3 也不提供 IMAP。",
}
