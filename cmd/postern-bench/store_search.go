package main

import (
	"context"
	"math/rand/v2"
	"time"

	"postern/internal/query"
	"postern/store"
)

// The goals of searches.
var (
	wordGoal   = [2]time.Duration{5 * time.Millisecond, 20 * time.Millisecond}
	phraseGoal = [2]time.Duration{0, 50 * time.Millisecond}
	typingGoal = [2]time.Duration{0, 5 * time.Millisecond}
	filterGoal = [2]time.Duration{0, 60 * time.Millisecond}
)

// searchQuestions are what people search for. Each takes one of its texts at random, and
// is asked as the portal asks it: the newest 50, with their number.
var searchQuestions = []question{
	searchFor("frequent word", wordGoal, "account", "meeting", "invoice", "please", "update"),
	searchFor("rare word", wordGoal, "INV-2020/0042", "ORD-2018/7777", "TICKET-2024/1234", "PO-2019/0815"),
	searchFor("word that is nowhere", wordGoal, "xylophonist", "qwertzuiop", "zzyzx"),
	searchFor("two words", wordGoal, "invoice payment", "meeting tomorrow", "flight ticket", "server error"),
	searchFor("Chinese word", wordGoal, "会议", "发票", "验证码", "图书馆", "信用卡"),
	searchFor("two Chinese words", wordGoal, "会议 安排", "发票 付款", "机票 退款"),
	searchFor("phrase", phraseGoal, `"best regards"`, `"meeting with"`, `"信用卡账单"`, `"of the"`),
	typing("as you type, one letter", "i", "m", "会"),
	typing("as you type, two or three", "in", "inv", "me", "mee", "会议"),
	searchFor("unread from one account, with a word", filterGoal, `invoice is:unread account:"Account 7"`, `会议 is:unread account:"Account 3"`),
	searchFor("label on a thousand messages and a frequent word", filterGoal, "please label:thousand", "我们 label:thousand"),
	searchFor("rare label and a frequent word", filterGoal, "please label:rare", "我们 label:rare"),
	searchFor("rare label and a rare word", filterGoal, "INV-2020/0042 label:rare", "ORD-2018/7777 label:rare"),
	searchFor("attachment, dates, size and a word", filterGoal, "report has:attachment after:2017-01-01 before:2017-02-01 larger:10K", "报告 has:attachment before:2016-06-01"),
	searchFor("no text: unread, attachment, large", filterGoal, "is:unread has:attachment larger:1M", `is:starred is:unread account:"Account 15"`),
}

func searchFor(name string, goal [2]time.Duration, texts ...string) question {
	return question{name, goal, view(func(_ *mailstore, r *rand.Rand) store.View {
		return store.View{Query: query.Parse(texts[r.IntN(len(texts))], time.Now())}
	})}
}

// typing asks as the portal does with each letter: without a count.
func typing(name string, texts ...string) question {
	return question{name, typingGoal, view(func(_ *mailstore, r *rand.Rand) store.View {
		return store.View{Query: query.Parse(texts[r.IntN(len(texts))], time.Now()).AsYouType(), Count: store.CountNone}
	})}
}

// search writes how long searches take, in the large and in the small store.
func (b *storeBench) search(ctx context.Context) error {
	if err := warm(b.large.portal.dataDir()); err != nil {
		return err
	}
	return b.growth(ctx, "search, newest 50", searchQuestions)
}
