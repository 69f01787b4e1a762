package remoteimage

import (
	"sync"
	"time"
)

// Bounds on what is remembered of images that did not come.
const (
	maxFailures = 4096
	failureTime = time.Hour
)

// failures remembers which images did not come, and why, so that a page can say so. They are asked for again all the same.
type failures struct {
	mu    sync.Mutex
	items map[string]failure
	order []string // keys, the oldest first, some of them forgotten meanwhile
}

type failure struct {
	err   error
	until time.Time
}

func (f *failures) get(key string, now time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if it, ok := f.items[key]; ok && now.Before(it.until) {
		return it.err
	}
	return nil
}

// put notes how the last try ended; nil: the image came.
func (f *failures) put(key string, err error, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		delete(f.items, key)
		return
	}
	if f.items == nil {
		f.items = map[string]failure{}
	}
	if _, known := f.items[key]; !known {
		f.order = append(f.order, key)
	}
	f.items[key] = failure{err, now.Add(failureTime)}
	for len(f.order) > maxFailures {
		delete(f.items, f.order[0])
		f.order = f.order[1:]
	}
}
