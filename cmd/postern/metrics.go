package main

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"postern/store"
	"postern/syncer"
)

// metrics are what a monitoring system may know of Postern. Accounts are named by their
// numbers: no label holds a name, an address or a server.
type metrics struct {
	store    *store.Store
	log      *slog.Logger
	registry *prometheus.Registry

	sessions *prometheus.CounterVec // by account and result
	messages *prometheus.CounterVec // by account and what became of them
	octets   *prometheus.CounterVec
	seconds  prometheus.Histogram

	mu      sync.Mutex
	running map[store.AccountID]far
}

// far is how far a session has come.
type far struct{ done, total int }

// What is read from the store when somebody asks.
var (
	hereDesc     = accountDesc("messages", "Messages stored here.")
	partialDesc  = accountDesc("messages_partial", "Of these, such as only the header was fetched of.")
	serverDesc   = accountDesc("server_messages", "Messages in the server's last complete listing, less those deleted since.")
	octetsDesc   = accountDesc("server_octets", "Their size by that listing.")
	waitingDesc  = accountDesc("deletions_open", "Deletions that the server has not confirmed.", "state")
	failuresDesc = accountDesc("failures", "Sessions that failed in a row.")
	pausedDesc   = accountDesc("paused", "1 where the account waits for a person.")
	nextDesc     = accountDesc("next_check_timestamp_seconds", "When it is checked next.")
	goodDesc     = accountDesc("last_success_timestamp_seconds", "When a session last went well.")
	doneDesc     = accountDesc("sync_progress_messages", "Messages that the session under way has dealt with.")
	totalDesc    = accountDesc("sync_progress_messages_total", "Messages that it is to deal with in this phase.")
	dueDesc      = prometheus.NewDesc("postern_accounts_due", "Accounts whose check waits for its turn.", nil, nil)
	runningDesc  = prometheus.NewDesc("postern_sync_running", "Sessions under way.", nil, nil)
	sizeDesc     = prometheus.NewDesc("postern_store_octets", "Size of Postern's own files.", nil, nil)
	upDesc       = prometheus.NewDesc("postern_store_readable", "0 when the figures could not be read from the store.", nil, nil)
)

func accountDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("postern_account_"+name, help, append([]string{"account"}, labels...), nil)
}

func newMetrics(s *store.Store, log *slog.Logger) *metrics {
	m := &metrics{
		store: s, log: log, registry: prometheus.NewRegistry(), running: map[store.AccountID]far{},
		sessions: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "postern_sync_sessions_total", Help: "Sessions that ended, by result: ok or failed."}, []string{"account", "result"}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "postern_sync_messages_total", Help: "Messages by what became of them: retrieved, deleted (on the server), gone (from it without our doing), skipped."}, []string{"account", "outcome"}),
		octets:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "postern_sync_octets_total", Help: "Octets of messages that were retrieved and stored."}, []string{"account"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "postern_sync_duration_seconds", Help: "How long sessions took.",
			Buckets: []float64{.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 600}}),
	}
	m.registry.MustRegister(m, m.sessions, m.messages, m.octets, m.seconds,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// handler answers in the format of Prometheus.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(m.log.Handler(), slog.LevelError)})
}

// SyncStarted implements syncer.Observer.
func (m *metrics) SyncStarted(_ store.UserID, account store.AccountID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running[account] = far{}
}

// SyncProgress implements syncer.Observer.
func (m *metrics) SyncProgress(_ store.UserID, account store.AccountID, _ string, done, total int, _ int64, _ time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running[account] = far{done, total}
}

// SyncEnded implements syncer.Observer.
func (m *metrics) SyncEnded(_ store.UserID, v store.Sync) {
	m.mu.Lock()
	delete(m.running, v.Account)
	m.mu.Unlock()
	account, result := number(v.Account), "failed"
	if v.OK {
		result = "ok"
	}
	m.sessions.WithLabelValues(account, result).Inc()
	for outcome, n := range map[string]int{"retrieved": v.Retrieved, "deleted": v.Deleted, "gone": v.Gone, "skipped": v.Skipped} {
		m.messages.WithLabelValues(account, outcome).Add(float64(n))
	}
	m.octets.WithLabelValues(account).Add(float64(v.Octets))
	m.seconds.Observe(max(v.Ended.Sub(v.Started), 0).Seconds())
}

// MailArrived implements syncer.Observer.
func (m *metrics) MailArrived(store.UserID, store.AccountID, int) {}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{hereDesc, partialDesc, serverDesc, octetsDesc, waitingDesc, failuresDesc, pausedDesc, nextDesc, goodDesc, doneDesc, totalDesc, dueDesc, runningDesc, sizeDesc, upDesc} {
		ch <- d
	}
}

// collectTime is how long the store may take to answer a scrape.
const collectTime = 5 * time.Second

// Collect implements prometheus.Collector.
func (m *metrics) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectTime)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	m.collectRunning(gauge)
	figures, err := m.store.Figures(ctx)
	if err != nil {
		m.log.Error("read the figures for /metrics", "err", err)
		gauge(upDesc, 0)
		return
	}
	gauge(upDesc, 1)
	if size, err := m.store.Size(); err == nil {
		gauge(sizeDesc, float64(size))
	}
	due := 0
	for _, f := range figures {
		if f.Due(m.store.Now()) {
			due++
		}
		collectAccount(gauge, f)
	}
	gauge(dueDesc, float64(due))
}

func (m *metrics) collectRunning(gauge func(*prometheus.Desc, float64, ...string)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	gauge(runningDesc, float64(len(m.running)))
	for id, p := range m.running {
		gauge(doneDesc, float64(p.done), number(id))
		gauge(totalDesc, float64(p.total), number(id))
	}
}

func collectAccount(gauge func(*prometheus.Desc, float64, ...string), f store.AccountFigures) {
	account := number(f.Account)
	gauge(hereDesc, float64(f.Here), account)
	gauge(partialDesc, float64(f.Partial), account)
	gauge(serverDesc, float64(f.Server), account)
	gauge(octetsDesc, float64(f.ServerOctets), account)
	gauge(failuresDesc, float64(f.Failures), account)
	gauge(nextDesc, float64(f.NextCheck.Unix()), account)
	paused := 0.0
	if f.Paused {
		paused = 1
	}
	gauge(pausedDesc, paused, account)
	if !f.LastGood.IsZero() {
		gauge(goodDesc, float64(f.LastGood.Unix()), account)
	}
	for state, name := range map[store.DeletionState]string{store.Requested: "requested", store.Sending: "sending", store.Sent: "sent"} {
		gauge(waitingDesc, float64(f.Waiting[state]), account, name)
	}
}

func number(id store.AccountID) string { return strconv.FormatInt(int64(id), 10) }

// observers tells several observers the same.
type observers []syncer.Observer

// SyncStarted implements syncer.Observer, like the methods below.
func (all observers) SyncStarted(user store.UserID, account store.AccountID) {
	for _, o := range all {
		o.SyncStarted(user, account)
	}
}

// SyncProgress tells all of them.
func (all observers) SyncProgress(user store.UserID, account store.AccountID, phase string, done, total int, octets int64, left time.Duration) {
	for _, o := range all {
		o.SyncProgress(user, account, phase, done, total, octets, left)
	}
}

// SyncEnded tells all of them.
func (all observers) SyncEnded(user store.UserID, v store.Sync) {
	for _, o := range all {
		o.SyncEnded(user, v)
	}
}

// MailArrived tells all of them.
func (all observers) MailArrived(user store.UserID, account store.AccountID, n int) {
	for _, o := range all {
		o.MailArrived(user, account, n)
	}
}
