package autoconfig

// Sentences that hold for several providers.
const (
	appPassword   = "It wants an app password instead of the usual one: make one in the security settings of the account."
	authorisation = "It wants an authorisation code (授权码) instead of the password."
	gmxSwitch     = "POP3 must be switched on once in its settings, under POP3/IMAP."
	netease       = "POP3 must be switched on in its settings (设置 → POP3/SMTP/IMAP)."
	microsoft     = "Microsoft lets mail programs in by OAuth only; a password is refused."
)

// providers is the table. Hosts and ports are those that the providers publish, or that Mozilla's database of
// providers and other programs agree on. Nothing is in it on a guess: what is not known here is asked of the domain.
var providers = []Provider{
	// Worldwide
	{Name: "Gmail", host: "pop.gmail.com", domains: list("gmail.com googlemail.com"), exchangers: list("google.com googlemail.com"),
		Enable:   "POP must be switched on in Gmail's settings, under Forwarding and POP/IMAP.",
		Password: "Gmail wants an app password, which needs 2-Step Verification."},
	{Name: "Outlook.com", host: "outlook.office365.com", exchangers: list("olc.protection.outlook.com"),
		NoPOP3: microsoft, domains: list(`outlook.com hotmail.com live.com msn.com windowslive.com
			outlook.at outlook.be outlook.cl outlook.cz outlook.de outlook.dk outlook.es outlook.fr outlook.hu outlook.ie outlook.in outlook.it
			outlook.jp outlook.kr outlook.lv outlook.my outlook.ph outlook.pt outlook.sa outlook.sg outlook.sk outlook.co.id outlook.co.il
			outlook.co.th outlook.com.ar outlook.com.au outlook.com.br outlook.com.gr outlook.com.tr outlook.com.vn
			hotmail.be hotmail.ca hotmail.cl hotmail.cz hotmail.de hotmail.dk hotmail.es hotmail.fi hotmail.fr hotmail.gr hotmail.hu hotmail.it
			hotmail.nl hotmail.no hotmail.se hotmail.sg hotmail.co.id hotmail.co.il hotmail.co.in hotmail.co.jp hotmail.co.kr hotmail.co.th
			hotmail.co.uk hotmail.co.za hotmail.com.ar hotmail.com.au hotmail.com.br hotmail.com.hk hotmail.com.tr hotmail.com.tw hotmail.com.vn
			live.at live.be live.ca live.cl live.cn live.de live.dk live.fi live.fr live.hk live.ie live.in live.it live.jp live.nl live.no live.se
			live.co.jp live.co.kr live.co.uk live.co.za live.com.ar live.com.au live.com.mx live.com.my live.com.ph live.com.pt live.com.sg`)},
	{Name: "Microsoft 365", exchangers: list("mail.protection.outlook.com"), NoPOP3: microsoft},
	{Name: "Yahoo", host: "pop.mail.yahoo.com", exchangers: list("am0.yahoodns.net"), Password: appPassword,
		domains: list(`yahoo.com ymail.com rocketmail.com myyahoo.com yahoo.de yahoo.it yahoo.fr yahoo.es yahoo.se yahoo.ca yahoo.co.in yahoo.co.uk
			yahoo.co.nz yahoo.com.au yahoo.com.ar yahoo.com.br yahoo.com.mx yahoo.com.hk yahoo.com.tw yahoo.com.sg cox.net`)},
	{Name: "AOL", host: "pop.aol.com", exchangers: list("gm0.yahoodns.net"), Password: appPassword,
		domains: list("aol.com aim.com netscape.net netscape.com compuserve.com cs.com wmconnect.com aol.de aol.it aol.fr aol.es aol.se aol.co.uk aol.co.nz aol.com.au aol.com.ar aol.com.br aol.com.mx")},
	{Name: "iCloud Mail", domains: list("icloud.com me.com mac.com"), exchangers: list("mail.icloud.com"),
		NoPOP3: "Apple's iCloud Mail offers IMAP, and no POP3."},
	{Name: "Proton Mail", domains: list("proton.me protonmail.com protonmail.ch pm.me"), exchangers: list("protonmail.ch"),
		NoPOP3: "Proton Mail is end-to-end encrypted and offers no POP3; its Bridge offers IMAP alone."},
	{Name: "Tuta", domains: list("tuta.com tutanota.com tutanota.de tutamail.com tuta.io keemail.me"), exchangers: list("tutanota.de"),
		NoPOP3: "Tuta is end-to-end encrypted and offers neither POP3 nor IMAP."},
	{Name: "Fastmail", host: "pop.fastmail.com", exchangers: list("messagingengine.com"), Password: appPassword,
		domains: list("fastmail.com fastmail.fm fastmail.cn fastmail.co.uk fastmail.com.au fastmail.de fastmail.es fastmail.fr fastmail.im fastmail.in fastmail.jp fastmail.mx fastmail.net fastmail.nl fastmail.org fastmail.se fastmail.to fastmail.tw fastmail.uk fastmail.us sent.com")},
	{Name: "Zoho Mail", host: "pop.zoho.com", domains: list("zoho.com zohomail.com"), exchangers: list("mx.zoho.com mx2.zoho.com mx3.zoho.com"),
		Enable: "POP access must be switched on in its settings, under Mail Accounts."},
	{Name: "Zoho Mail (Europe)", host: "pop.zoho.eu", domains: list("zoho.eu zohomail.eu"), exchangers: list("mx.zoho.eu mx2.zoho.eu mx3.zoho.eu"),
		Enable: "POP access must be switched on in its settings, under Mail Accounts."},
	{Name: "mail.com", host: "pop.mail.com", domains: list("mail.com mail.org email.com post.com usa.com accountant.com consultant.com dr.com engineer.com cheerful.com techie.com linuxmail.org europe.com london.com uymail.com myself.com iname.com writeme.com"), Enable: gmxSwitch},
	{Name: "GMX", host: "pop.gmx.com", domains: list("gmx.com gmx.co.uk gmx.us gmx.fr gmx.es"), Enable: gmxSwitch},
	{Name: "Yandex Mail", host: "pop.yandex.com", exchangers: list("mx.yandex.net mx.yandex.ru"), Password: appPassword,
		Enable:  "POP3 must be switched on in its settings, under Email clients.",
		domains: list("yandex.com yandex.ru yandex.net yandex.by yandex.kz yandex.ua ya.ru narod.ru")},
	{Name: "Mail.ru", host: "pop.mail.ru", domains: list("mail.ru inbox.ru list.ru bk.ru internet.ru"), exchangers: list("mxs.mail.ru emx.mail.ru"), Password: appPassword},
	{Name: "Rambler", host: "pop.rambler.ru", domains: list("rambler.ru lenta.ru autorambler.ru myrambler.ru ro.ru")},

	// China
	{Name: "QQ 邮箱", host: "pop.qq.com", domains: list("qq.com vip.qq.com foxmail.com"), exchangers: list("mx1.qq.com mx2.qq.com mx3.qq.com"),
		Enable: "POP3 must be switched on in its settings (设置 → 账户).", Password: authorisation},
	{Name: "腾讯企业邮箱", host: "pop.exmail.qq.com", exchangers: list("mxbiz1.qq.com mxbiz2.qq.com"),
		Password: "With secure login switched on, it wants a password for mail programs (客户端专用密码)."},
	{Name: "网易 163 邮箱", host: "pop.163.com", domains: list("163.com"), Enable: netease, Password: authorisation},
	{Name: "网易 126 邮箱", host: "pop.126.com", domains: list("126.com"), Enable: netease, Password: authorisation},
	{Name: "网易 yeah.net 邮箱", host: "pop.yeah.net", domains: list("yeah.net"), Enable: netease, Password: authorisation},
	{Name: "网易 188 邮箱", host: "pop.188.com", domains: list("188.com"), Enable: netease, Password: authorisation},
	{Name: "网易 VIP 邮箱", host: "pop.vip.163.com", domains: list("vip.163.com"), Enable: netease, Password: authorisation},
	{Name: "网易 VIP 邮箱", host: "pop.vip.126.com", domains: list("vip.126.com"), Enable: netease, Password: authorisation},
	{Name: "网易企业邮箱", host: "pop.qiye.163.com", exchangers: list("qiye.163.com mxmail.netease.com"), Password: authorisation},
	{Name: "新浪邮箱", host: "pop.sina.com", domains: list("sina.com"), Enable: "POP3 must be switched on in its settings (客户端 POP/IMAP/SMTP).", Password: authorisation},
	{Name: "新浪邮箱", host: "pop.sina.cn", domains: list("sina.cn"), Enable: "POP3 must be switched on in its settings (客户端 POP/IMAP/SMTP).", Password: authorisation},
	{Name: "搜狐邮箱", host: "pop3.sohu.com", domains: list("sohu.com"), Password: "It wants a password of its own for mail programs (独立密码)."},
	{Name: "139 邮箱", host: "pop.139.com", domains: list("139.com"), Enable: "POP3 must be switched on in its settings.", Password: authorisation},
	{Name: "189 邮箱", host: "pop.189.cn", domains: list("189.cn")},
	{Name: "阿里邮箱", host: "pop3.aliyun.com", domains: list("aliyun.com")},
	{Name: "阿里企业邮箱", host: "pop.qiye.aliyun.com", exchangers: list("mxhichina.com qiye.aliyun.com"),
		Password: "If its administrator wants it so, a password for mail programs (第三方客户端安全密码) takes the place of the usual one."},

	// Korea
	{Name: "Naver", host: "pop.naver.com", domains: list("naver.com"), Enable: "POP3 must be switched on in its settings, under POP3/IMAP.",
		Password: "Naver wants an application password, which needs 2-Step Verification."},
	{Name: "Daum", host: "pop.daum.net", domains: list("daum.net hanmail.net"), Enable: "POP3 must be switched on in its settings, under IMAP/POP3.",
		Password: "Daum wants an app password, which needs 2-Step Verification."},

	// German-speaking
	{Name: "GMX", host: "pop.gmx.net", domains: list("gmx.net gmx.de gmx.at gmx.ch gmx.eu gmx.biz gmx.org gmx.info mein.gmx mail.gmx email.gmx"), exchangers: list("gmx.net"), Enable: gmxSwitch},
	{Name: "WEB.DE", host: "pop3.web.de", domains: list("web.de"), local: true, Enable: gmxSwitch + " It lets a program in only every 15 minutes."},
	{Name: "T-Online", host: "securepop.t-online.de", domains: list("t-online.de magenta.de"),
		Password: "It wants the e-mail password (E-Mail-Passwort), which is set apart from the one of the web site."},
	{Name: "freenet", host: "mx.freenet.de", domains: list("freenet.de"), Enable: "POP3 must be switched on once in its settings, under POP3/IMAP/SMTP."},
	{Name: "mail.de", host: "pop.mail.de", domains: list("mail.de")},
	{Name: "Posteo", host: "posteo.de", exchangers: list("posteo.de"),
		domains: list("posteo.de posteo.at posteo.be posteo.ca posteo.ch posteo.com posteo.cz posteo.dk posteo.es posteo.eu posteo.fi posteo.in posteo.it posteo.jp posteo.lu posteo.me posteo.net posteo.nl posteo.no posteo.org posteo.pl posteo.pt posteo.se posteo.uk posteo.us posteo.co.uk")},
	{Name: "mailbox.org", host: "pop3.mailbox.org", domains: list("mailbox.org"), exchangers: list("mailbox.org"),
		Password: "With two-factor authentication switched on, it wants an application password."},
	{Name: "IONOS", host: "pop.ionos.com", domains: list("ionos.com"), exchangers: list("ionos.com 1and1.com perfora.net")},
	{Name: "IONOS", host: "pop.ionos.de", domains: list("ionos.de"), exchangers: list("ionos.de kundenserver.de schlund.de")},
	{Name: "Strato", host: "pop3.strato.de", domains: list("strato.de"), exchangers: list("rzone.de")},

	// French
	{Name: "Orange", host: "pop.orange.fr", domains: list("orange.fr wanadoo.fr")},
	{Name: "Free", host: "pop.free.fr", domains: list("free.fr"), local: true},
	{Name: "SFR", host: "pop.sfr.fr", domains: list("sfr.fr neuf.fr numericable.fr")},
	{Name: "La Poste", host: "pop.laposte.net", domains: list("laposte.net"), local: true},

	// Italian
	{Name: "Libero", host: "popmail.libero.it", domains: list("libero.it iol.it blu.it inwind.it giallo.it")},
	{Name: "Virgilio", host: "in.virgilio.it", domains: list("virgilio.it")},
	{Name: "Aruba", host: "pop3s.aruba.it", domains: list("aruba.it"), exchangers: list("mx.aruba.it")},

	// Czech and Polish
	{Name: "Seznam", host: "pop3.seznam.cz", domains: list("seznam.cz email.cz post.cz")},
	{Name: "Onet", host: "pop3.poczta.onet.pl", domains: list("onet.pl op.pl onet.eu spoko.pl")},

	// English-speaking
	{Name: "Xfinity", host: "mail.comcast.net", domains: list("comcast.net"), Enable: "Third-party access must be switched on in its settings, under Security."},
	{Name: "AT&T", host: "inbound.att.net", domains: list("att.net ameritech.net bellsouth.net currently.com flash.net nvbell.net pacbell.net prodigy.net sbcglobal.net snet.net swbell.net wans.net")},
	{Name: "Verizon (AOL)", host: "pop.verizon.net", domains: list("verizon.net"), Password: appPassword},
	{Name: "BT", host: "mail.btinternet.com", domains: list("btinternet.com btopenworld.com")},
	{Name: "Virgin Media", host: "pop3.virginmedia.com", domains: list("virginmedia.com virgin.net ntlworld.com blueyonder.co.uk")},

	// Hosting: known by their mail exchangers
	{Name: "Rackspace Email", host: "secure.emailsrvr.com", exchangers: list("emailsrvr.com")},
	{Name: "GoDaddy", host: "pop.secureserver.net", exchangers: list("secureserver.net")},
	{Name: "Namecheap Private Email", host: "mail.privateemail.com", exchangers: list("privateemail.com")},
}

// aliases are other names of the same servers, so that what a provider wants is known there too.
var aliases = map[string]string{
	"pop.googlemail.com":   "pop.gmail.com",
	"pop-mail.outlook.com": "outlook.office365.com",
	"pop3.live.com":        "outlook.office365.com",
	"pop3.163.com":         "pop.163.com",
	"pop3.126.com":         "pop.126.com",
	"pop3.sina.com":        "pop.sina.com",
	"pop3.sina.com.cn":     "pop.sina.com",
	"pop.sohu.com":         "pop3.sohu.com",
	"pop3.139.com":         "pop.139.com",
	"pop.yandex.ru":        "pop.yandex.com",
	"pop.web.de":           "pop3.web.de",
	"pop.zoho.in":          "pop.zoho.com",
	"poppro.zoho.com":      "pop.zoho.com",
	"poppro.zoho.eu":       "pop.zoho.eu",
	"hwpop.exmail.qq.com":  "pop.exmail.qq.com",
	"pop3.mxhichina.com":   "pop.qiye.aliyun.com",
	"pop.mail.yahoo.co.uk": "pop.mail.yahoo.com",
	"pop3.comcast.net":     "mail.comcast.net",
}
