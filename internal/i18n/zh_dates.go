package i18n

// zhDates are dates and times; layouts are those of package time.
var zhDates = map[Key]string{
	"15:04":                         "15:04",
	"2 Jan":                         "1月2日",
	"2 Jan 2006":                    "2006年1月2日",
	"2 Jan 2006, 15:04":             "2006年1月2日 15:04",
	"2 January":                     "1月2日",
	"2 January, 15:04":              "1月2日 15:04",
	"2 January 2006":                "2006年1月2日",
	"Monday, 2 January 2006, 15:04": "2006年1月2日Monday 15:04",

	"Sunday":    "星期日",
	"Monday":    "星期一",
	"Tuesday":   "星期二",
	"Wednesday": "星期三",
	"Thursday":  "星期四",
	"Friday":    "星期五",
	"Saturday":  "星期六",

	"just now":       "刚刚",
	"%d minutes ago": "%d 分钟前",
	"%d hours ago":   "%d 小时前",
	"%d days ago":    "%d 天前",
	"on %s":          "%s",
	"now":            "现在",
	"in a minute":    "一分钟后",
	"in %d minutes":  "%d 分钟后",
	"in %d hours":    "%d 小时后",

	"today at %s": "今天 %s",
	"%d bytes":    "%d 字节",
	"%s s":        "%s 秒",
	"%s min":      "%s 分钟",
	"%s h":        "%s 小时",
	"%s left":     "还需 %s",
}
