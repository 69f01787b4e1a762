package i18n

// zhDefects is what was wrong with a message and how it was read. It is told in English first: see Locale.Read.
var zhDefects = map[Key]string{
	"The Date field could not be read.": "日期字段无法读取。",
	"There is no From field.":           "没有发件人字段。",
	"The header holds octets of an undeclared charset; they were read like the text, or guessed.": "邮件头含有未声明字符集的内容；已按正文的字符集读取或猜测。",
	"A text is not in the charset that it declares; it was guessed.":                              "有一段正文并非其声明的字符集，已作猜测。",
	"The charset of a text is not known; it was guessed.":                                         "有一段正文的字符集不明，已作猜测。",
	"There were NUL octets in the header; they were dropped.":                                     "邮件头中有空字符，已去除。",
	"There were empty lines before the header; they were skipped.":                                "邮件头之前有空行，已跳过。",
	"The header began with blanks; they were skipped.":                                            "邮件头以空白开头，已跳过。",
	"A folded header line did not begin with a blank; it was joined to the field before.":         "邮件头中有一折行不以空白开头，已并入前一字段。",
	"A line among the header fields was none; it was skipped.":                                    "邮件头中有一行不是字段，已跳过。",
	"There was no blank line between header and body.":                                            "邮件头和正文之间没有空行。",
	"A header field was too long; its end was left out.":                                          "有一个邮件头字段过长，末尾已略去。",

	"A content type could not be read; the part was taken as text.":                        "有一部分的内容类型无法读取，已当作文本。",
	"A transfer encoding is unknown; the part was left as it is.":                          "有一部分的传输编码未知，保持原样。",
	"A part says that it is base64 but is not; it was left as it is.":                      "有一部分自称是 base64 编码却不是，保持原样。",
	"A winmail.dat could not be read to its end.":                                          "有一个 winmail.dat 无法完整读取。",
	"A boundary was too long; it was ignored.":                                             "有一个分隔符过长，已忽略。",
	"The boundary of a multipart was missing or wrong; the one in the body was taken.":     "有一个复合部分的分隔符缺失或有误，已采用正文中的分隔符。",
	"The first boundary of a multipart was missing; its first part was read all the same.": "有一个复合部分缺少第一个分隔符，其第一部分仍已读取。",
	"A multipart had no closing boundary; all that came was kept.":                         "有一个复合部分没有结束分隔符，收到的内容已全部保留。",
	"A multipart had no boundary; it was read as text.":                                    "有一个复合部分没有分隔符，已当作文本读取。",
	"A multipart had no parts; what it holds was read as text.":                            "有一个复合部分不含任何部分，其内容已当作文本读取。",
	"The parts are nested too deeply; the innermost ones are shown on one level.":          "各部分嵌套过深，最内层的显示在同一级。",
	"The message has too many parts; what follows was put into one attachment.":            "邮件的部分过多，其余的已放入一个附件。",
	"The message has too many parts; a file inside the text is not listed.":                "邮件的部分过多，正文中的一个文件未列出。",
}
