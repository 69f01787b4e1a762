package seal

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
)

// cheap makes hashes fast for the length of a test.
func cheap(t *testing.T) {
	saved := current
	current.memory, current.passes = 64, 1
	t.Cleanup(func() { current = saved })
}

func TestPassword(t *testing.T) {
	phc, err := HashPassword(NewSecret(hunter))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=32768,t=3,p=1$") {
		t.Errorf("verifier %s", phc)
	}
	ok, rehash, err := VerifyPassword(t.Context(), phc, NewSecret(hunter))
	if !ok || rehash || err != nil {
		t.Errorf("right password: %v, %v, %v", ok, rehash, err)
	}
	ok, rehash, err = VerifyPassword(t.Context(), phc, NewSecret("hunter3"))
	if ok || rehash || err != nil {
		t.Errorf("wrong password: %v, %v, %v", ok, rehash, err)
	}
	if ok, _, err := VerifyPassword(t.Context(), NobodysHash, NewSecret(hunter)); ok || err != nil {
		t.Errorf("nobody's hash: %v, %v", ok, err)
	}
}

func TestPasswordIsNormalised(t *testing.T) {
	cheap(t)
	phc, err := HashPassword(NewSecret("cafe\u0301")) // decomposed, as macOS types it
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, _ := VerifyPassword(t.Context(), phc, NewSecret("caf\u00e9")); !ok {
		t.Error("the composed spelling of the same password is refused")
	}
}

func TestRehash(t *testing.T) {
	// A verifier as argon2's own command makes it, with costs we no longer use.
	salt := []byte("somesaltsomesalt")
	old := params{memory: 64, passes: 2, lanes: 1, saltLen: len(salt), hashLen: 24}
	phc := old.encode(salt, argon2.IDKey([]byte("password"), salt, 2, 64, 1, 24))
	const golden = "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
	if !strings.HasPrefix(phc, golden) {
		t.Fatalf("verifier %s", phc)
	}
	ok, rehash, err := VerifyPassword(t.Context(), phc, NewSecret("password"))
	if !ok || !rehash || err != nil {
		t.Errorf("old costs: %v, %v, %v; want ok and rehash", ok, rehash, err)
	}
	if ok, rehash, _ := VerifyPassword(t.Context(), phc, NewSecret("wrong")); ok || rehash {
		t.Errorf("wrong password, old costs: %v, %v", ok, rehash)
	}
}

func TestPasswordTooLong(t *testing.T) {
	cheap(t)
	if _, err := HashPassword(NewSecret(strings.Repeat("x", MaxPassword))); err != nil {
		t.Errorf("longest password: %v", err)
	}
	if _, err := HashPassword(NewSecret(strings.Repeat("x", MaxPassword+1))); !errors.Is(err, ErrPasswordTooLong) {
		t.Errorf("too long: %v", err)
	}
}

func TestVerifyRefusesBadHashes(t *testing.T) {
	cheap(t)
	good, err := HashPassword(NewSecret("x"))
	if err != nil {
		t.Fatal(err)
	}
	for _, phc := range []string{
		"", "$", "x", "$$$$$", good + "$", good[1:], good + "=", good + "!",
		strings.Replace(good, "argon2id", "argon2i", 1),
		strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=64", "m=4294967295", 1),
		strings.Replace(good, "m=64", "m=1048576", 1),
		strings.Replace(good, "m=64", "m=064", 1),
		strings.Replace(good, "m=64", "m=0", 1),
		strings.Replace(good, "t=1", "t=0", 1),
		strings.Replace(good, "t=1", "t=1000", 1),
		strings.Replace(good, "p=1", "p=0", 1),
		strings.Replace(good, "p=1", "p=300", 1),
		strings.Replace(good, "p=1", "p=1,x=1", 1),
		"$argon2id$v=19$m=64,t=1,p=1$$" + strings.Repeat("A", 43),
		"$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
	} {
		if ok, rehash, err := VerifyPassword(t.Context(), phc, NewSecret("x")); ok || rehash || !errors.Is(err, ErrBadHash) {
			t.Errorf("%q: %v, %v, %v; want ErrBadHash", phc, ok, rehash, err)
		}
	}
}

func TestHashingWaitsItsTurn(t *testing.T) {
	for range 2 {
		if err := hashing.take(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := HashPasswordContext(ctx, NewSecret("x"))
	hashing.done()
	hashing.done()
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with every place taken: %v, want the context's error", err)
	}
	if _, _, err := VerifyPassword(ctx, NobodysHash, NewSecret("x")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with the context over: %v", err)
	}
}

// A flood of logins must not take memory for all of them at once.
func TestHashingIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("hashes for about a second")
	}
	var peak atomic.Uint64
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	var wg sync.WaitGroup
	for range 1000 {
		wg.Go(func() { VerifyPassword(ctx, NobodysHash, NewSecret("x")) })
	}
	for ctx.Err() == nil {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak.Store(max(peak.Load(), m.HeapInuse))
		time.Sleep(5 * time.Millisecond)
	}
	wg.Wait()
	if limit := uint64(256 << 20); peak.Load() > limit {
		t.Errorf("1,000 logins at once took %d MiB, want at most %d", peak.Load()>>20, limit>>20)
	}
}

func BenchmarkHashPassword(b *testing.B) {
	for b.Loop() {
		if _, err := HashPassword(NewSecret(hunter)); err != nil {
			b.Fatal(err)
		}
	}
}
