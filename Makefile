# make check   all that the continuous integration checks; installs what it needs
# make test    the tests, quickly
# make build   ./bin/postern, static
# make interop the POP3 client against nine real servers, with a table of what came out
# make vectors the hostile mails in every view of the browser, with each layer of protection taken away in turn
# make screens the pictures of docs/screens anew, from the demo
# make fidelity  designed mails as their authors meant them beside our reading, in the browser; the table of docs/HTML-MAIL.md
# make generate, make fuzz, make bench
# make soak    300 times SIGKILL during a real sync, 200 accounts for ten hours by a fast clock, and the store
#              killed, beside its model and searched at random for longer; the last result stands in docs/RELIABILITY.md
# make bench-sync  the whole program beside mpop and fetchmail, stored and searchable (twenty minutes)
# make bench-store lists, search, ingest, disk and memory with a million messages, beside notmuch and mu (an hour)
# make bench-html  the sanitiser beside bluemonday
# make bench-mime  the MIME reader beside net/mail, go-message and enmime
# make bench-pop3  Postern beside mpop and fetchmail, the table of docs/PERFORMANCE.md (ten minutes)

TEMPL   = go run github.com/a-h/templ/cmd/templ@v0.3.977
VERSION = $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)

.NOTPARALLEL:
.PHONY: check install generated vet format compile race cut searches test build interop vectors fidelity screens soak generate fuzz bench contenders bench-pop3 bench-store bench-sync bench-html bench-mime

check: install generated format vet compile race cut searches

install:
	.ci/install

generated:
	.ci/generated $(TEMPL)

format:
	@files=$$(gofmt -l .); [ -z "$$files" ] || { echo "Not formatted, run gofmt -w:" $$files; exit 1; }

vet:
	go vet ./...

# The product needs no C; only the race detector does.
compile:
	CGO_ENABLED=0 go build ./...

# CI=true: a missing server or browser is a failure, not a skipped test.
race:
	CI=true CGO_ENABLED=1 go test -race -count=1 -timeout 20m ./...

# A session cut behind every one of its octets, which would take minutes with -race.
cut:
	POSTERN_CUTS=all go test -count=1 -run CutAtEveryOffset ./syncer

# Thousands of searches held against a scan, which would take minutes with -race.
searches:
	POSTERN_SEARCHES=3000 go test -count=1 -run SearchFindsWhatAScanFinds ./store

test:
	go test ./...

build:
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/postern ./cmd/postern

interop:
	.ci/install interop
	POSTERN_INTEROP=all go test -count=1 -v ./internal/interop

vectors:
	POSTERN_VECTORS=all go test -count=1 -timeout 1h -parallel 4 -v -run Matrix ./web

# Without root the font for emoji is not installed.
screens:
	.ci/install
	@[ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || apt-get -qq install -y --no-install-recommends fonts-noto-color-emoji >/dev/null
	POSTERN_SCREENS=$(CURDIR)/docs/screens go test -count=1 -run TestScreens ./cmd/postern

# The pictures and figures are left in /tmp/fidelity.
fidelity:
	mkdir -p /tmp/fidelity
	POSTERN_FIDELITY=/tmp/fidelity go test -count=1 -timeout 1h -parallel 4 -v -run TestFidelity ./web

soak:
	POSTERN_KILLS=300 go test -count=1 -timeout 1h -v -run Killed ./cmd/postern
	POSTERN_KILLS=300 go test -count=1 -timeout 1h -v -run ManyAccounts ./syncer
	POSTERN_KILLS=24 go test -count=1 -timeout 1h -v -run StoreIsKilled ./store
	POSTERN_MODELS=40 go test -count=1 -timeout 1h -v -run StoreIsItsModel ./store
	for seed in 2 3 4 5; do POSTERN_SEED=$$seed POSTERN_SEARCHES=5000 go test -count=1 -timeout 1h -run SearchFindsWhatAScanFinds ./store || exit 1; done

generate:
	$(TEMPL) generate

fuzz:
	.ci/fuzz 20s

bench:
	go test -run '^$$' -bench . -benchmem ./...

# Without root the other programs are not installed; those that are missing are left out.
contenders:
	@[ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || \
		apt-get -qq install -y --no-install-recommends dovecot-pop3d fetchmail mpop >/dev/null || true

# The stores are kept in BENCH_STORE, and filled further where they were left.
BENCH_STORE = ../bench-store

bench-store:
	@[ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || \
		apt-get -qq install -y --no-install-recommends notmuch maildir-utils >/dev/null || true
	go run ./cmd/postern-bench store -dir $(BENCH_STORE)

bench-sync: contenders
	go run ./cmd/postern-bench sync

bench-pop3: contenders
	go run ./cmd/postern-bench pop3
	.ci/install interop
	POSTERN_RATES=1 go test -count=1 -timeout 30m -v -run Rates ./internal/interop

# The sanitiser beside bluemonday, in a module of its own.
bench-html:
	cd internal/sanitize/benchhtml && GOMAXPROCS=1 go test -run '^$$' -bench . -benchtime 20x -timeout 30m .

# The MIME reader beside net/mail, go-message and enmime, in a module of its own.
bench-mime:
	cd internal/message/benchmime && GOMAXPROCS=1 go test -run '^$$' -bench . -benchtime 3x -timeout 30m .
