package templates_test

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"postern/templates"
)

// The pages below show every part of every component, with people and mail that do not exist.

func sampleShell(title, current string) templates.Shell {
	item := func(key, name, icon, count string) templates.NavItem {
		return templates.NavItem{Key: key, Name: name, Icon: icon, URL: "/mail/" + key, Count: count, Current: key == current}
	}
	page := func(key, name, count string) templates.NavItem {
		return templates.NavItem{Key: key, Name: name, Icon: key, URL: "/" + key, Count: count, Current: key == current}
	}
	return templates.Shell{
		Head:   templates.Head{Title: title},
		User:   "ann",
		Unread: "12",
		Mailboxes: []templates.NavItem{
			item("inbox", "Inbox", "inbox", "12"), item("starred", "Starred", "star", ""), item("archive", "Archive", "archive", ""),
			item("junk", "Junk", "junk", "3"), item("trash", "Trash", "trash", ""), item("all", "All mail", "all", ""),
		},
		Labels: []templates.NavLabel{
			{Key: "label-1", Name: "Work/2026", Colour: 3, URL: "/mail/label/Work/2026", Count: "4", Current: current == "label/Work/2026"},
			{Key: "label-2", Name: "旅行", Colour: 6, URL: "/mail/label/%E6%97%85%E8%A1%8C"},
		},
		Accounts: []templates.NavAccount{
			{ID: "1", Name: "Work", Colour: 0, URL: "/mail/inbox?account=1", StatusURL: "/accounts/1", State: templates.StateOK, StateText: "Checked 2 minutes ago", Count: "7"},
			{ID: "2", Name: "Home", Colour: 1, URL: "/mail/inbox?account=2", StatusURL: "/accounts/2", State: templates.StateWorking, StateText: "Fetching", Count: "5"},
			{ID: "3", Name: "旧邮箱", Colour: 2, URL: "/mail/inbox?account=3", StatusURL: "/accounts/3", State: templates.StateFailing, StateText: "The server refused the password."},
		},
		Pages: []templates.NavItem{page("accounts", "Accounts", ""), page("deletions", "Deletions", "2"), page("settings", "Settings", "")},
	}
}

var (
	workTag = templates.Tag{Name: "Work", Colour: 0, URL: "/mail/inbox?account=1"}
	homeTag = templates.Tag{Name: "Home", Colour: 1, URL: "/mail/inbox?account=2"}
	oldTag  = templates.Tag{Name: "旧邮箱", Colour: 2, URL: "/mail/inbox?account=3"}
)

func sampleRow(id, from, subject, snippet, date string, account *templates.Tag) templates.Row {
	return templates.Row{
		ID: id, URL: "/messages/" + id, From: templates.Plain(from), FromTitle: from + " <someone@example.com>",
		Subject: templates.Plain(subject), Snippet: templates.Plain(snippet), Date: date, DateFull: "Tuesday, 3 November 2026, " + date,
		DateISO: "2026-11-03T14:02:00Z", Account: account,
	}
}

func sampleRows() []templates.Row {
	rows := []templates.Row{
		sampleRow("40", "Maria Lindqvist", "Minutes of Thursday, and the open question about the lease", "Hello all, attached are the minutes. The landlord wants an answer by the 20th, so please", "14:02", &workTag),
		sampleRow("39", "王小明", "周五的会议改到下午三点", "大家好,因为会议室的安排有变,周五的会议改到下午三点,地点不变。请大家提前准备好上个季度的数据", "13:40", &oldTag),
		sampleRow("38", "Harbour Books", "Your order 10-2231 is on its way", "Two parcels left our house this morning. You can follow them with the number", "11:15", &homeTag),
		sampleRow("37", "Tomás Ferreira", "Re: Re: Photographs from the coast", "These are wonderful! The third one above all. May I print it for mother's birthday?", "09:58", &homeTag),
		sampleRow("36", "鈴木 花子", "来週の打ち合わせについて", "お世話になっております。来週の打ち合わせの件ですが、火曜日の午前中はいかがでしょうか。", "08:12", &workTag),
		sampleRow("35", "Mail Delivery System", "Undelivered Mail Returned to Sender", "I'm sorry to have to inform you that your message could not be delivered to one or more", "2 Nov", &workTag),
		sampleRow("34", "نادية حسن", "موعد الزيارة القادمة", "مرحبا، هل يناسبك يوم الأحد القادم في الساعة العاشرة؟", "2 Nov", &homeTag),
		sampleRow("33", "Energy Cooperative", "Your statement for October", "Dear member, your statement for October is ready. You used 212 kWh, 8 % less than last", "1 Nov", &homeTag),
		sampleRow("32", "Jonas", "(no subject)", "", "31 Oct", &homeTag),
		sampleRow("31", "A-very-long-address-without-any-break-in-it@a-very-long-host-name.example.com", "Averylongsubjectwithoutasingleblankthatmustnotpushtherowapartwhateverhappensandsoonandsoforth", "x", "30 Oct", &workTag),
	}
	rows[0].Labels = []templates.Tag{{Name: "Work/2026", Colour: 3, URL: "/mail/label/Work/2026"}}
	rows[0].Unread, rows[0].Attachments, rows[0].Starred = true, "2", true
	rows[1].Unread = true
	rows[3].Attachments = "1"
	rows[4].Unread = true
	rows[7].Server = &templates.Mark{Tone: templates.ToneWarn, Text: "pending", Help: "Will be deleted on the server with the next check."}
	rows[8].Server = &templates.Mark{Text: "gone", Help: "No longer on the server; this copy is all there is."}
	return rows
}

func sampleInbox() templates.MailboxPage {
	s := sampleShell("Inbox", "inbox")
	s.Banners = []templates.Banner{{Tone: templates.ToneBad, Text: "旧邮箱 cannot be checked: the server refused the password.", Link: &templates.Link{Text: "Mend it", URL: "/accounts/3/edit"}, Account: "3"}}
	s.Toast = &templates.Toast{Text: "3 messages moved to Trash.", Token: "tok-1", Return: "/mail/inbox"}
	return templates.MailboxPage{
		Shell: s, Mailbox: "inbox", Heading: "Inbox", Range: "1–50 of 8,310", Rows: sampleRows(), Return: "/mail/inbox", Live: true, Since: "77",
		CheckNow: &templates.CheckNow{URL: "/accounts/sync"},
		Pager:    templates.Pager{OlderURL: "/mail/inbox?after=31"},
		Syncs:    []templates.Progress{{Account: "2", Name: "Home", Colour: 1, Text: "1,240 of 8,310 · 96 MB · 3 min left", Done: 1240, Total: 8310}},
	}
}

func sampleSearch() templates.MailboxPage {
	s := sampleShell("Search: 会议 from:王", "")
	s.Search = templates.SearchBox{Query: "会议 from:王"}
	r := sampleRows()[1]
	r.Subject = templates.Marked("周五的会议改到下午三点", [][2]int{{9, 15}})
	r.Mailbox = "Archive"
	return templates.MailboxPage{
		Shell: s, Mailbox: "all", Heading: "Search results", Account: &templates.Tag{Name: "旧邮箱", Colour: 2, URL: "/mail/all?q=x"},
		Chips: []string{"会议", "from: 王"}, Note: "What has been here for 30 days is deleted for good.", Hints: []templates.Banner{{Tone: templates.ToneWarn, Text: "There is no word “form:”.", Link: &templates.Link{Text: "Did you mean from:?", URL: "/mail/all?q=from%3A"}}}, Range: "1–1 of 1",
		Rows: []templates.Row{r}, Return: "/mail/all?q=x", SelectAll: &templates.SelectAll{Text: "Act on all 1,248 in this search", Query: "会议", Bound: "77"},
	}
}

func sampleLabels() templates.LabelsPage {
	return templates.LabelsPage{
		Shell: sampleShell("Labels", ""), Name: "..", Error: "Give the label a name.",
		Rows: []templates.LabelRow{
			{ID: "1", Name: "Work/2026", Colour: 3, URL: "/mail/label/Work/2026", Messages: "12 messages"},
			{ID: "2", Name: "旅行", Colour: 6, URL: "/mail/label/%E6%97%85%E8%A1%8C", Messages: "1 message"},
		},
	}
}

func sampleTrash() templates.MailboxPage {
	return templates.MailboxPage{
		Shell: sampleShell("Trash", "trash"), Mailbox: "trash", Heading: "Trash", Range: "1–4 of 4", Rows: sampleRows()[5:9], Return: "/mail/trash",
		EmptyBin: &templates.EmptyBin{Label: "Empty Trash", Query: "", Bound: "77", Return: "/mail/trash"},
	}
}

func sampleEmpty() templates.MailboxPage {
	return templates.MailboxPage{
		Shell: sampleShell("Search: lighthouse", ""), Mailbox: "all", Heading: "Search results", Return: "/mail/all?q=lighthouse", Chips: []string{"lighthouse"},
		Empty: &templates.Empty{Icon: "search", Heading: "Nothing found", Text: "No message matches, apart from Trash and Junk, which were not looked at.", Links: []templates.Link{{Text: "Look there too", URL: "/mail/all?q=in:anywhere+lighthouse"}}},
	}
}

func sampleFirstSync() templates.MailboxPage {
	return templates.MailboxPage{
		Shell: sampleShell("Inbox", "inbox"), Mailbox: "inbox", Heading: "Inbox", Return: "/mail/inbox", FirstSync: true, Live: true,
		Syncs: []templates.Progress{{Account: "2", Name: "Home", Colour: 1, Text: "Listing the mailbox…"}},
		Empty: &templates.Empty{Icon: "inbox", Heading: "Your mail is on its way", Text: "The newest messages come first and show up here by themselves."},
	}
}

func sampleMessage() templates.MessagePage {
	return templates.MessagePage{
		Shell: sampleShell("Minutes of Thursday", "inbox"), ID: "40", Mailbox: "inbox", MailboxName: "Inbox", Back: templates.Link{Text: "Inbox", URL: "/mail/inbox"},
		NewerURL: "", OlderURL: "/messages/39", Return: "/messages/40", ReturnList: "/mail/inbox",
		Subject: "Minutes of Thursday, and the open question about the lease",
		From:    []templates.Person{{Name: "Maria Lindqvist", Address: "maria@example.com", URL: "/mail/all?q=from:maria@example.com"}},
		To:      []templates.Person{{Name: "Ann", Address: "ann@example.net", URL: "/mail/all?q=x"}, {Name: "王小明", Address: "wang@example.net", URL: "/mail/all?q=x"}},
		Cc:      []templates.Person{{Address: "board@example.com"}},
		Date:    "Tuesday, 3 November 2026, 14:02", DateISO: "2026-11-03T14:02:00Z", Account: &workTag, Starred: true, Free: true,
		Labels:      []templates.Tag{{Name: "Work/2026", Colour: 3, URL: "/mail/label/Work/2026"}},
		Server:      &templates.ServerState{Tone: templates.ToneWarn, Text: "Will be deleted on pop.example.com with the next check, in 4 minutes.", Buttons: []templates.Post{{Label: "Cancel deletion", URL: "/deletions/cancel", Fields: []templates.Field{{Name: "id", Value: "9"}}}}},
		Defects:     []string{"The boundary of part 2 was never closed; the part was read to the end of the message."},
		Attachments: []templates.Attachment{{Name: "minutes-2026-10-29.pdf", Type: "application/pdf", Size: "218 KB", URL: "/messages/40/parts/2", Icon: "file-text"}, {Name: "租约照片.jpg", Type: "image/jpeg", Size: "1.4 MB", URL: "/messages/40/parts/3", Icon: "file-image"}},
		Text:        templates.Blocks("Hello all,\n\nattached are the minutes. The landlord wants an answer by the 20th, so please read page 3 and tell me what you think. The old contract is at https://example.com/lease/2019 (sign in first).\n\n各位好,租约的照片也在附件里,请看一下。\n\nMaria\n\n> Could you send the minutes round before the weekend?\n>\n>> I shall write them up on Friday.\n>\n> Thank you!\n> Ann <ann@example.net>\n"),
		ViewURL:     "/messages/40/view",
		Warnings:    []templates.Warning{{Tone: templates.ToneBad, Brief: "An attachment can be a program", Text: "The attachment “minutes.exe” is a program, or can hold one. Open it only if you expected it."}, {Tone: templates.ToneInfo, Brief: "This is the first message from maria@example.com.", Text: "This is the first message from maria@example.com.", Folds: true}},
		SourceURL:   "/messages/40/source", RawURL: "/messages/40/raw", AttachmentsZip: "/messages/40/attachments.zip",
	}
}

func sampleHTMLMessage() templates.MessagePage {
	p := sampleMessage()
	p.BodyURL = "/messages/40/body"
	p.Images = &templates.HeldImages{Text: "Held back: 7 images, 2 trackers from 3 hosts.", URL: "/messages/40", Fields: []templates.Field{{Name: "images", Value: "once"}},
		Always: []templates.Post{{Label: "Always for news@example.com", URL: "/settings/senders", Fields: []templates.Field{{Name: "sender", Value: "news@example.com"}}}}}
	p.Server, p.Defects, p.Starred = nil, nil, false
	p.Subject = "十一月的通讯 · News from the harbour"
	return p
}

func sampleConversation() templates.ConversationPage {
	open, html := sampleMessage(), sampleHTMLMessage()
	rows := sampleRows()
	rows[3].Count, rows[3].CountText = "3", "3 messages"
	html.ID, html.Unread = "41", true
	var earlier []templates.ConversationMessage
	for id := range 5 {
		at := strconv.Itoa(30 + id)
		earlier = append(earlier, templates.ConversationMessage{ID: at, From: "Jonas Weber", Snippet: "Before that.", Date: "1 Nov", DateFull: open.Date, DateISO: open.DateISO, URL: "/messages/" + at + "#m" + at, Next: "/messages/39#m39", AloneURL: "/messages/" + at + "?alone=1"})
	}
	return templates.ConversationPage{
		Shell: sampleShell("Minutes of Thursday", "inbox"), ID: "41", Mailbox: "inbox", Subject: open.Subject, Count: "3 messages", Note: "Only the newest 3 messages are shown.",
		Labels: open.Labels, Starred: true, UnfoldURL: "/messages/41?unfold=all", FoldURL: "/messages/41?unfold=none", Back: open.Back, Beside: &templates.Beside{Heading: "Inbox", URL: "/mail/inbox", Range: "10 messages", Rows: rows, Current: "37", Pager: templates.Pager{OlderURL: "/mail/inbox?cursor=1.2"}}, OlderURL: "/messages/38", Return: "/messages/41", ReturnList: "/mail/inbox",
		Messages: append(earlier, []templates.ConversationMessage{
			{ID: "39", From: "王小明", Snippet: "大家好,会议记录请尽快发给大家", Date: "2 Nov", DateFull: open.Date, DateISO: open.DateISO, URL: "/messages/39#m39", Next: "/messages/40#m40", AloneURL: "/messages/39?alone=1"},
			{ID: "40", From: "Maria Lindqvist", Snippet: "Hello all, attached are the minutes.", Date: "14:02", DateFull: open.Date, DateISO: open.DateISO, Starred: true, URL: "/messages/40#m40", Next: "/messages/41#m41", AloneURL: "/messages/40?alone=1", Open: &open},
			{ID: "41", From: "Tomás Ferreira", Snippet: "Thank you!", Date: "14:30", DateFull: open.Date, DateISO: open.DateISO, Unread: true, URL: "/messages/41#m41", Next: "/messages/40#m40", AloneURL: "/messages/41?alone=1", Open: &html, Wide: 12, Narrow: 20},
		}...),
	}
}

func sampleAccounts() templates.AccountsPage {
	card := func(id, name, address string, n int, state templates.AccountState, text string) templates.AccountSummary {
		return templates.AccountSummary{ID: id, Name: name, Address: address, Colour: n, URL: "/accounts/" + id, State: state, StateText: text, Counts: "8,310 here, 8,310 on the server", Policy: "deleted there when deleted here", SyncURL: "/accounts/" + id + "/sync"}
	}
	p := templates.AccountsPage{Shell: sampleShell("Accounts", "accounts"), NewURL: "/accounts/new", Accounts: []templates.AccountSummary{
		card("1", "Work", "ann@example.com", 0, templates.StateOK, "Checked 2 minutes ago: 3 new."),
		card("2", "Home", "ann@example.net", 1, templates.StateWorking, "Fetching."),
		card("3", "旧邮箱", "ann@xn--fsqu00a.example", 2, templates.StateFailing, "The server refused the password."),
	}}
	p.Accounts[1].Progress = &templates.Progress{Account: "2", Name: "Home", Colour: 1, Text: "1,240 of 8,310 · 96 MB · 3 min left", Done: 1240, Total: 8310}
	return p
}

func sampleAccountForm() templates.AccountFormPage {
	return templates.AccountFormPage{
		Shell: sampleShell("Add an account", "accounts"), Heading: "Add an account", Action: "/accounts", TestURL: "/accounts/test", CancelURL: "/accounts",
		Email: "ann@example.com", Name: "Work", Host: "pop.example.com", Port: "99999", Security: templates.SecurityTLS, Username: "ann@example.com",
		Policy: templates.PolicyOnDelete, Days: "30", ReadAfterDays: "7", IntervalMinutes: "10",
		Errors: map[string]string{"port": "A port is a number from 1 to 65535."},
		Test: &templates.TestResult{OK: true, Summary: "It works: 8,310 messages, 1.2 GB.", Facts: []templates.Fact{
			{Name: "Security", Value: "TLS 1.3, certificate valid until 3 March 2027", Tone: templates.ToneOK},
			{Name: "Sign-in", Value: "accepted", Tone: templates.ToneOK},
			{Name: "UIDL", Value: "yes", Tone: templates.ToneOK},
			{Name: "TOP", Value: "no: previews need the whole message", Tone: templates.ToneWarn},
		}},
	}
}

func sampleAccount() templates.AccountPage {
	return templates.AccountPage{
		Shell: sampleShell("Home", "accounts"), ID: "2", Name: "Home", Address: "ann@example.net", Colour: 1, State: templates.StateWorking,
		LastResult: "Fetching since 14:02.", NextRun: "in 4 minutes", NextRunISO: "2026-11-03T14:10:00Z", Server: "8,310", Here: "1,240", Waiting: "3",
		Facts:    []templates.Fact{{Name: "Server", Value: "pop.example.net, port 995, TLS"}, {Name: "User name", Value: "ann@example.net"}, {Name: "On the server", Value: "What is deleted here is deleted there."}, {Name: "Checked", Value: "every 10 minutes"}},
		Progress: &templates.Progress{Account: "2", Name: "Home", Colour: 1, Text: "1,240 of 8,310 · 96 MB · 3 min left", Done: 1240, Total: 8310},
		MailURL:  "/mail/inbox?account=2", SyncURL: "/accounts/2/sync", StopURL: "/accounts/2/stop", EditURL: "/accounts/2/edit", RemoveURL: "/accounts/2/remove",
		Sessions: []templates.SyncSession{
			{When: "14:02", WhenFull: "Tuesday, 3 November 2026, 14:02", WhenISO: "2026-11-03T14:02:00Z", Took: "1.2 s", Retrieved: "3", Deleted: "1", Octets: "96 KB", Result: "3 new, 1 deleted on the server.", Tone: templates.ToneOK, URL: "/accounts/2/sessions/8"},
			{When: "13:52", Took: "30 s", Retrieved: "0", Deleted: "0", Octets: "0", Result: "The server did not answer within 30 seconds; tried again at 14:02.", Tone: templates.ToneBad},
		},
		HistoryURL: "/accounts/2/sessions",
	}
}

func sampleRemoveAccount() templates.RemoveAccountPage {
	return templates.RemoveAccountPage{Shell: sampleShell("Remove Home", "accounts"), Name: "Home", Address: "ann@example.net", Colour: 1, Action: "/accounts/2/remove", CancelURL: "/accounts/2",
		Here: "8,310 messages of this account are stored here.", Waiting: "3 deletions that wait for the server will be cancelled."}
}

func sampleDeletions() templates.DeletionsPage {
	cancel := &templates.Post{Label: "Cancel", URL: "/deletions/cancel", Fields: []templates.Field{{Name: "id", Value: "9"}}}
	row := func(state templates.DeletionState, label, subject, when string) templates.DeletionRow {
		return templates.DeletionRow{Subject: subject, Reason: "deleted here", URL: "/messages/38", State: state, Label: label, When: when, WhenISO: "2026-11-03T14:02:00Z"}
	}
	p := templates.DeletionsPage{Shell: sampleShell("Deletions", "deletions"), Groups: []templates.DeletionGroup{{
		Account: workTag, Summary: "1 waiting, 1 done, 1 refused.", NextRun: "Next check in 4 minutes.", Cancel: &templates.Post{Label: "Cancel all waiting", URL: "/deletions/cancel"},
		Rows: []templates.DeletionRow{
			row(templates.DeletionRequested, "waiting", "Your order 10-2231 is on its way", "14:02"), row(templates.DeletionSending, "sending", "周五的会议改到下午三点", "13:40"),
			row(templates.DeletionSent, "sent", "Your statement for October", "13:40"), row(templates.DeletionConfirmed, "deleted", "Photographs from the coast", "2 Nov"),
			row(templates.DeletionRefused, "refused", "Undelivered Mail Returned to Sender", "1 Nov"), row(templates.DeletionCancelled, "cancelled", "(no subject)", "1 Nov"),
		},
	}}}
	p.Groups[0].Rows[0].Cancel = cancel
	p.Groups[0].Rows[4].Reply = "-ERR [IN-USE] message is locked by another session"
	return p
}

func sampleSettings() templates.SettingsPage {
	return templates.SettingsPage{Shell: sampleShell("Settings", "settings"), Import: "postern import --user ann PATH", PasswordURL: "/settings/password", ThemeURL: "/settings/look", Notice: "Password changed.",
		Errors: map[string]string{"current": "That is not your password."},
		Language: templates.LanguageForm{Language: "zh-CN", Zone: "Mars/Olympus", Now: "Tuesday, 3 November 2026, 14:02", Error: "This is no time zone.",
			Languages: []templates.Option{{Label: "As the browser"}, {Value: "en", Label: "English", Lang: "en"}, {Value: "zh-CN", Label: "简体中文", Lang: "zh-CN"}}},
		Sessions: []templates.WebSession{{Device: "Firefox on Linux", Address: "192.0.2.7", LastSeen: "now", Current: true},
			{Device: "Safari on iPhone", Address: "198.51.100.4", LastSeen: "yesterday", SignOut: &templates.Post{Label: "Sign out this browser", URL: "/settings/sessions/2/remove"}}},
		SignOutAll: &templates.Post{Label: "Sign out all others", URL: "/settings/sessions/remove"},
	}
}

func sampleSyncs() templates.SyncsPage {
	sessions := sampleAccount().Sessions
	sessions[0].Gone, sessions[0].Skipped, sessions[0].Remarks = "0", "1", "2 remarks"
	sessions[1].URL = "/accounts/2/sessions/7"
	return templates.SyncsPage{Shell: sampleShell("Sessions of Home", "accounts"), Name: "Home", Colour: 1, Back: templates.Link{Text: "Home", URL: "/accounts/2"},
		Sessions: sessions, Note: "The last 200 sessions; older ones are not kept."}
}

func sampleSync() templates.SyncPage {
	return templates.SyncPage{
		Shell: sampleShell("Session of Home", "accounts"), Name: "Home", Colour: 1, Back: templates.Link{Text: "Sessions of Home", URL: "/accounts/2/sessions"},
		When: "Tuesday, 3 November 2026, 14:02", WhenISO: "2026-11-03T14:02:00Z", Tone: templates.ToneWarn, Result: "14 new, 1 could not be fetched.",
		Figures:    []templates.Fact{{Name: "Fetched", Value: "14"}, {Name: "Deleted there", Value: "0"}, {Name: "Took", Value: "1.2 s"}},
		Remarks:    []string{"The server gives the unique-id “7” to two messages.", "STAT counts 8,311 messages, LIST 8,310."},
		Transcript: "S: +OK POP3 ready\nC: USER ann@example.net\nS: +OK\nC: PASS [secret]\nS: +OK\nC: STAT\nS: +OK 8311 96000000", DownloadURL: "/accounts/2/sessions/8/transcript",
	}
}

func sampleStorage() templates.StoragePage {
	row := func(id, from, subject, size, date, mailbox string) templates.StorageRow {
		return templates.StorageRow{ID: id, URL: "/messages/" + id, From: from, Subject: subject, Size: size, Date: date, DateISO: "2024-11-03T14:02:00Z", Mailbox: mailbox}
	}
	return templates.StoragePage{
		Shell:  sampleShell("Storage", "storage"),
		Totals: []templates.StorageTotal{{Name: "On servers", Value: "8,700 messages", Leaving: "12 of them leaving"}, {Name: "Size there", Value: "1.2 GB", Leaving: "300 MB of it leaving"}, {Name: "Postern's own files", Value: "430 MB"}},
		Accounts: []templates.StorageAccount{
			{Account: templates.Tag{Name: "Work", Colour: 0, URL: "/storage?account=1"}, Current: true, Messages: "8,310", Octets: "1.1 GB", Gone: "12", Policy: "Deleted when deleted here"},
			{Account: templates.Tag{Name: "旧邮箱", Colour: 2, URL: "/storage?account=3"}, Messages: "390", Octets: "96 MB", Gone: "0", Policy: "Nothing is deleted"},
		},
		List: &templates.StorageList{
			Account: workTag, Host: "pop.example.com", About: "After the last check it held 8,312 messages, 1.1 GB.", BiggestURL: "/storage?account=1", OldestURL: "/storage?account=1&order=oldest",
			Rows:  []templates.StorageRow{row("38", "Harbour Books", "Catalogue of the autumn", "38 MB", "3 Nov 2024", "Archive"), row("31", "A-very-long-address-without-any-break@a-very-long-host-name.example.com", "租约照片", "22 MB", "14:02", "Inbox")},
			Range: "The 100 biggest of 8,310", MoreURL: "/storage?account=1&show=more", Return: "/storage?account=1",
			Rules:  []templates.Rule{{Name: "older than a year", Query: "older_than:1y"}, {Name: "larger than 10 MB", Query: "larger:10M"}},
			Fields: []templates.Field{{Name: "account", Value: "1"}, {Name: "bound", Value: "77"}},
		},
	}
}

func sampleStorageKept() templates.StoragePage {
	p := sampleStorage()
	p.List.Keep, p.List.EditURL = "This account keeps everything on its server.", "/accounts/1/edit"
	return p
}

// samples are all pages, by the name a picture of them would have.
func samples() map[string]templ.Component {
	noAccounts := sampleAccounts()
	noAccounts.Accounts = nil
	shell := sampleShell("Not found", "")
	first := sampleAccountForm()
	first.First, first.Test, first.Errors, first.Error = true, nil, nil, "An account for ann@example.com on this server exists already."
	return map[string]templ.Component{
		"setup":          templates.Setup(templates.SetupPage{Head: templates.Head{Title: "Welcome"}, Action: "/setup", Token: "t0ken", Hint: "At least eight characters. A few words are easier to remember than signs.", Errors: map[string]string{"repeat": "The two passwords differ."}}),
		"login":          templates.Login(templates.LoginPage{Head: templates.Head{Title: "Sign in"}, Action: "/login", Name: "ann", Next: "/mail/inbox", Error: "User name or password is wrong."}),
		"inbox":          templates.Mailbox(sampleInbox()),
		"search":         templates.Mailbox(sampleSearch()),
		"trash":          templates.Mailbox(sampleTrash()),
		"labels":         templates.Labels(sampleLabels()),
		"empty":          templates.Mailbox(sampleEmpty()),
		"first-sync":     templates.Mailbox(sampleFirstSync()),
		"message":        templates.Message(sampleMessage()),
		"conversation":   templates.Conversation(sampleConversation()),
		"message-html":   templates.Message(sampleHTMLMessage()),
		"source":         templates.Source(templates.SourcePage{Shell: sampleShell("Source", "inbox"), Subject: "Minutes", Back: templates.Link{Text: "message", URL: "/messages/40"}, Source: strings.Repeat("Received: from mx.example.com (mx.example.com [192.0.2.1]) by mail.example.net with ESMTPS id 4Xk\n", 30), Note: "The first 1 MB of 12 MB.", RawURL: "/messages/40/raw"}),
		"accounts":       templates.Accounts(sampleAccounts()),
		"accounts-none":  templates.Accounts(noAccounts),
		"account-form":   templates.AccountForm(sampleAccountForm()),
		"account-first":  templates.AccountForm(first),
		"account":        templates.Account(sampleAccount()),
		"account-remove": templates.RemoveAccount(sampleRemoveAccount()),
		"deletions":      templates.Deletions(sampleDeletions()),
		"syncs":          templates.Syncs(sampleSyncs()),
		"syncs-none":     templates.Syncs(templates.SyncsPage{Shell: shell, Name: "Home", Back: templates.Link{Text: "Home", URL: "/accounts/2"}}),
		"sync":           templates.Sync(sampleSync()),
		"storage":        templates.Storage(sampleStorage()),
		"storage-kept":   templates.Storage(sampleStorageKept()),
		"storage-none":   templates.Storage(templates.StoragePage{Shell: shell}),
		"settings":       templates.Settings(sampleSettings()),
		"senders": templates.Senders(templates.SendersPage{Shell: shell, Rows: []templates.SenderRow{
			{Sender: "everyone at example.com", Says: []string{"remote images are loaded"}, Since: "3 Nov", Revoke: templates.Post{Label: "Revoke", URL: "/settings/senders"}},
		}}),
		"senders-none": templates.Senders(templates.SendersPage{Shell: shell}),
		"error":        templates.Error(templates.ErrorPage{Shell: &shell, Status: "404", Title: "There is no such page", Text: "The message may have been removed.", Link: &templates.Link{Text: "To the inbox", URL: "/mail/inbox"}}),
		"error-plain":  templates.Error(templates.ErrorPage{Head: templates.Head{Title: "Error"}, Status: "500", Title: "Something went wrong here", Text: "It was noted in the log. Try again.", Detail: "Request 7f3a"}),
		"leave": templates.Leave(templates.LeavePage{Shell: sampleShell("Unsubscribe", ""), From: templates.Person{Name: "Evening News", Address: "news@example.com"}, Back: templates.Link{Text: "Tonight", URL: "/messages/7"},
			Fault: "lists.example.com could not be reached.", Doubtful: true, Host: "lists.example.com", Action: "/messages/7/unsubscribe", Ways: []templates.Link{{Text: "off@example.com", URL: "mailto:off@example.com"}}}),
		"confirm": templates.Confirm(templates.ConfirmPage{Shell: sampleShell("Empty Trash?", "trash"), Heading: "Empty Trash?", Sentence: "1,248 messages will be removed for good.", Details: []string{"14 of them still wait to be deleted on their server; they go once that is done."},
			Action: "/messages/actions", Fields: []templates.Field{{Name: "all", Value: "1"}, {Name: "action", Value: "purge"}, {Name: "confirm", Value: "1"}}, Confirm: "Remove 1,248 messages", CancelURL: "/mail/trash", Danger: true}),
	}
}
