package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// pages runs the portal on the large store and measures how long its pages take, from the request to the last octet of
// the answer, as a browser on this machine would see it.
func (b *storeBench) pages(ctx context.Context) error {
	if err := b.large.Close(); err != nil {
		return err
	}
	s, err := b.large.portal.serve(ctx)
	if err != nil {
		return err
	}
	err = b.timePages(ctx, s)
	if _, stopped := s.stop(); err == nil {
		err = stopped
	}
	if err != nil {
		return err
	}
	return b.large.open(ctx)
}

var (
	pageGoal   = [2]time.Duration{5 * time.Millisecond, 15 * time.Millisecond}
	resultGoal = [2]time.Duration{0, 100 * time.Millisecond}
)

func (b *storeBench) timePages(ctx context.Context, s *serving) error {
	if err := warm(b.large.portal.dataDir()); err != nil {
		return err
	}
	browser, err := s.browser()
	if err != nil {
		return err
	}
	var opened []string
	for _, list := range []string{"/mail/inbox", "/mail/archive", "/mail/all", "/mail/label/Work", "/mail/starred"} {
		html, err := s.get(browser, list)
		if err != nil {
			return err
		}
		for _, m := range openedMessage.FindAllSubmatch(html, -1) {
			opened = append(opened, strings.ReplaceAll(string(m[1]), "&amp;", "&"))
		}
	}
	// page asks for one of the paths, with a text behind it where there are some.
	page := func(name string, goal [2]time.Duration, paths []string, texts ...string) question {
		return question{name, goal, func(ctx context.Context, _ *mailstore, r *rand.Rand) (int, error) {
			path := paths[r.IntN(len(paths))]
			if len(texts) > 0 {
				path += url.QueryEscape(texts[r.IntN(len(texts))])
			}
			return 0, s.fetch(ctx, browser, path)
		}}
	}
	results := []string{"/mail/all?q="}
	fmt.Fprintf(b.out, "| page, %s messages | p50 / p99 | goal |\n| --- | ---: | --- |\n", grouped(b.large.state.Next))
	for _, q := range []question{
		page("list: inbox", pageGoal, []string{"/mail/inbox"}),
		page("list: archive, all mail, starred, a label", pageGoal, []string{"/mail/archive", "/mail/all", "/mail/starred", "/mail/label/Work"}),
		page("message", pageGoal, opened),
		page("suggestions as you type", resultGoal, []string{"/searches/suggest?q="}, "i", "in", "inv", "invo", "me", "mee", "会", "会议", "from:an"),
		page("search results, one word", resultGoal, results, "account", "meeting", "invoice", "发票", "验证码"),
		page("search results, two words or a filter", resultGoal, results, "invoice payment", "meeting is:unread", "会议 安排", "report has:attachment"),
	} {
		times, err := q.time(ctx, b.large, b.rounds)
		if err != nil {
			return err
		}
		fmt.Fprintf(b.out, "| %s | %s | %s |\n", q.name, times, q.verdict(times))
	}
	fmt.Fprintln(b.out)
	return nil
}

// fetch reads an answer as it comes, compressed, and throws it away.
func (s *serving) fetch(ctx context.Context, browser *http.Client, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Encoding", "gzip") // and the client does not unpack
	res, err := browser.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, res.Status)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}
