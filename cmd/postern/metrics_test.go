package main

import (
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"postern/internal/seal"
	"postern/store"
)

// What a monitoring system sees has figures and no names.
func TestMetrics(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	key, err := seal.LoadKey(dir+"/key", true)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(ctx, dir, store.Options{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	user, err := s.AddUser(ctx, "secretive", "$hash", true)
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.AddAccount(ctx, user, store.Settings{Name: "Private", Email: "ann@hidden.example", Host: "pop.hidden.example", Port: 995, Security: store.TLS, Username: "ann-hidden"}, seal.NewSecret("hidden-too"))
	if err != nil {
		t.Fatal(err)
	}
	m := newMetrics(s, slog.New(slog.DiscardHandler))
	scrape := func() string {
		t.Helper()
		w := httptest.NewRecorder()
		m.handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		body, err := io.ReadAll(w.Body)
		if err != nil || w.Code != 200 {
			t.Fatalf("status %d, %v", w.Code, err)
		}
		return string(body)
	}
	has := func(text string, lines ...string) {
		t.Helper()
		for _, line := range lines {
			if !strings.Contains("\n"+text, "\n"+line+"\n") {
				t.Errorf("no line %q", line)
			}
		}
	}
	watching := observers{m}
	watching.SyncStarted(user, id)
	watching.SyncProgress(user, id, "retrieving", 3, 40, 1000, time.Second)
	has(scrape(), "postern_accounts_due 1", "postern_sync_running 1",
		`postern_account_sync_progress_messages{account="1"} 3`, `postern_account_sync_progress_messages_total{account="1"} 40`)

	now := s.Now()
	v := store.Sync{Account: id, Started: now.Add(-2 * time.Second), Ended: now, OK: true, Retrieved: 40, Deleted: 2, Skipped: 1, Octets: 5000}
	a, err := s.Account(ctx, user, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.FinishSync(ctx, a, v, store.Next{At: now.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	watching.SyncEnded(user, v)
	v.OK = false
	watching.SyncEnded(user, v)
	text := scrape()
	has(text, "postern_accounts_due 0", "postern_sync_running 0",
		`postern_sync_sessions_total{account="1",result="ok"} 1`, `postern_sync_sessions_total{account="1",result="failed"} 1`,
		`postern_sync_messages_total{account="1",outcome="retrieved"} 80`, `postern_sync_messages_total{account="1",outcome="deleted"} 4`,
		`postern_sync_octets_total{account="1"} 10000`, `postern_account_deletions_open{account="1",state="requested"} 0`,
		"postern_sync_duration_seconds_count 2", `postern_sync_duration_seconds_bucket{le="2.5"} 2`,
		`postern_account_messages{account="1"} 0`, "postern_store_readable 1")
	for _, secret := range []string{"hidden", "secretive", "Private"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in the metrics", secret)
		}
	}
}
