package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/internal/seal"
	"postern/store"
)

// Where the process to be killed finds its data directory, and what makes it another each time.
const (
	killedDir  = "POSTERN_KILLED_DIR"
	killedSeed = "POSTERN_KILLED_SEED"
)

// TestStoreIsKilled kills a process with SIGKILL that adds, deletes, purges, labels, indexes and
// removes accounts, and looks at what it leaves behind: all that it was told to be done is
// done, what it was at is done whole or not at all, and every message is found. At times the
// log of the index is lost too; then check says so or nothing is wrong, and mends it.
// POSTERN_KILLS sets how often.
func TestStoreIsKilled(t *testing.T) {
	if dir := os.Getenv(killedDir); dir != "" {
		workUntilKilled(t, dir)
		return
	}
	kills := fromEnv("POSTERN_KILLS", 6)
	k := &killed{household: &household{t: t}, dir: t.TempDir(), here: map[string]bool{}}
	k.open()
	k.user = k.addUser("ann")
	k.addAccount(store.Keep)
	k.check(k.Close())
	r := rand.New(rand.NewPCG(7, uint64(kills)))
	for round := range kills {
		k.run(round, time.Duration(r.IntN(700))*time.Millisecond)
		lost := round%2 == 1
		if lost {
			if err := os.Remove(filepath.Join(k.dir, "index.db-wal")); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
		k.open()
		if lost {
			k.checkStore(true)
		}
		k.look(round)
		k.check(k.Close())
	}
	t.Logf("%d kills, %d messages", kills, len(k.here))
}

type killed struct {
	*household
	dir  string
	here map[string]bool // words of messages: true, they must be there; false, they may be
	gone []string        // words of messages that must not be there
}

func (k *killed) open() {
	k.t.Helper()
	key, err := seal.LoadKey(filepath.Join(k.dir, "key"), true)
	k.check(err)
	k.Store = openIn(k.t, k.dir, key)
}

// run lets a process work, kills it, and takes note of what it said.
func (k *killed) run(round int, after time.Duration) {
	k.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestStoreIsKilled$")
	cmd.Env = append(os.Environ(), killedDir+"="+k.dir, killedSeed+"="+strconv.Itoa(round))
	out, err := cmd.StdoutPipe()
	k.check(err)
	k.check(cmd.Start())
	var lines []string
	for s := bufio.NewScanner(out); s.Scan(); {
		if line, ok := strings.CutPrefix(s.Text(), "did "); ok {
			if lines = append(lines, line); len(lines) == 1 {
				time.AfterFunc(after, func() { cmd.Process.Kill() })
			}
		} else if strings.Contains(s.Text(), "FAIL") || strings.Contains(s.Text(), "panic") {
			k.t.Errorf("the process: %s", s.Text())
		}
	}
	cmd.Wait()
	for _, line := range lines {
		what, word, _ := strings.Cut(line, " ")
		switch what {
		case "adding":
			k.here[word] = false
		case "added":
			k.here[word] = true
		case "removing":
			if k.here[word] {
				k.here[word] = false
			}
		case "removed":
			delete(k.here, word)
			k.gone = append(k.gone, word)
		}
	}
}

// look compares what is there with what was said.
func (k *killed) look(round int) {
	k.t.Helper()
	ctx := context.Background()
	k.check(k.IndexAll(ctx))
	for _, finding := range k.checkStore(false) {
		k.t.Errorf("round %d: check: %s", round, finding)
	}
	k.check(k.Housekeep(ctx))
	k.check(k.IndexAll(ctx))
	for _, finding := range k.checkStore(false) {
		k.t.Errorf("round %d: check after housekeeping: %s", round, finding)
	}
	times := map[string]int{}
	for v := (store.View{Mailbox: store.Inbox, Limit: 500}); ; {
		p, err := k.Messages(ctx, k.user, v)
		k.check(err)
		for _, m := range p.Messages {
			times[m.Subject]++
		}
		if v.Cursor = p.Older; v.Cursor == "" {
			break
		}
	}
	for word, must := range k.here {
		if n := times[word]; n > 1 || must && n == 0 {
			k.t.Errorf("round %d: message %s is here %d times", round, word, n)
		}
		if found := len(k.found(word)); found != times[word] {
			k.t.Errorf("round %d: message %s is found %d times, and here %d times", round, word, found, times[word])
		}
		if times[word] == 0 {
			delete(k.here, word)
		} else {
			k.here[word] = true
		}
	}
	for _, word := range k.gone {
		if times[word] > 0 {
			k.t.Errorf("round %d: message %s is here again", round, word)
		}
	}
}

// workUntilKilled is what the other process does.
func workUntilKilled(t *testing.T, dir string) {
	ctx := context.Background()
	seed := fromEnv(killedSeed, 0)
	r := rand.New(rand.NewPCG(uint64(seed), 3))
	k := &killed{household: &household{t: t}, dir: dir}
	k.open()
	users, err := k.Users(ctx)
	k.check(err)
	k.user = users[0].ID
	accounts, err := k.Accounts(ctx, k.user)
	k.check(err)
	lasting := accounts[0].ID
	go k.RunIndexer(ctx)
	n := 0
	did := func(what string, words ...string) {
		for _, word := range words {
			fmt.Println("did", what, word)
		}
	}
	add := func(size int) (ids []store.MessageID, words []string) {
		var in []store.Incoming
		for i := range 1 + r.IntN(8) {
			if i > 0 && size > 1<<20 {
				break
			}
			n++
			word := fmt.Sprintf("k%dx%d", seed, n)
			words = append(words, word)
			var noise strings.Builder
			for noise.Len() < size {
				fmt.Fprintf(&noise, "%x\n", r.Uint64())
			}
			in = append(in, incoming(t, "uid-"+word, mail(n, word, noise.String())))
		}
		did("adding", words...)
		kept, err := k.AddMessages(ctx, k.acct(), in)
		k.check(err)
		did("added", words...)
		for _, one := range kept {
			ids = append(ids, one.ID)
		}
		return ids, words
	}
	for {
		k.account = lasting
		switch r.IntN(10) {
		default:
			ids, _ := add(r.IntN(100_000))
			k.label(true, "Work", ids...)
		case 0, 1:
			ids, words := add(1000)
			did("removing", words...)
			k.act(store.Delete, ids...)
			k.act(store.Purge, ids...)
			k.check(k.Housekeep(ctx))
			did("removed", words...)
		case 2:
			k.account = k.addAccount(store.Keep)
			var words []string
			for range 20 {
				_, more := add(1000)
				words = append(words, more...)
			}
			did("removing", words...)
			k.check(k.RemoveAccount(ctx, k.user, k.account, false))
			k.check(k.FinishRemovals(ctx))
			did("removed", words...)
		case 3:
			add(10 << 20) // staged in several transactions
		}
	}
}
