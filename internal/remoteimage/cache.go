package remoteimage

import (
	"container/list"
	"sync"
	"time"
)

// Bounds on what is remembered.
const (
	cacheSize = 64 << 20 // octets
	cacheTime = 6 * time.Hour
)

// cache keeps the images that were asked for last.
type cache struct {
	mu    sync.Mutex
	limit int
	used  int
	items map[string]*list.Element
	order *list.List // of *item, last used first
}

type item struct {
	key   string
	image Image
	until time.Time
}

func newCache(limit int) *cache {
	return &cache{limit: limit, items: map[string]*list.Element{}, order: list.New()}
}

func (c *cache) get(key string, now time.Time) (Image, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.items[key]
	if e == nil {
		return Image{}, false
	}
	it := e.Value.(*item)
	if now.After(it.until) {
		c.drop(e)
		return Image{}, false
	}
	c.order.MoveToFront(e)
	return it.image, true
}

func (c *cache) put(key string, img Image, now time.Time) {
	if len(img.Data) > c.limit/4 {
		return // one that would push out many
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.items[key]; e != nil {
		c.drop(e)
	}
	c.items[key] = c.order.PushFront(&item{key, img, now.Add(cacheTime)})
	c.used += len(img.Data) + len(key)
	for c.used > c.limit {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(e *list.Element) {
	it := c.order.Remove(e).(*item)
	delete(c.items, it.key)
	c.used -= len(it.image.Data) + len(it.key)
}
