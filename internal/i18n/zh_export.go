package i18n

// zhExport is the download of a whole list.
var zhExport = map[Key]string{
	"Download these messages": "下载这些邮件",
	"Mail in files":           "邮件文件",
	"Each list and each search has “Download these messages” below it: as mbox, Maildir or .eml files.":                                                      "每个列表和搜索结果下方都有“下载这些邮件”，可存为 mbox、Maildir 或 .eml 文件。",
	"Mail of another program is brought in on the machine where Postern runs, and nothing twice. PATH is an mbox file, a Maildir or a folder of .eml files:": "其他程序的邮件可在运行 Postern 的机器上导入，重复的会跳过。PATH 是 mbox 文件、Maildir 或存有 .eml 文件的文件夹：",
	"All of this list, also what is on other pages. Messages of which only the header was fetched are left out.":                                             "包括列表中的全部邮件，也包括其他页上的。只收取了邮件头的邮件不包括在内。",
	"One mbox file":                                     "一个 mbox 文件",
	"A Maildir (tar)":                                   "Maildir（tar）",
	"An .eml file each (tar)":                           "每封邮件一个 .eml 文件（tar）",
	"Other downloads are under way":                     "其他下载正在进行",
	"Wait until one of them has ended, then try again.": "请等其中一个下载结束后再试。",
}
