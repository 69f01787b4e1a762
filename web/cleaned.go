package web

import (
	"sync"
	"time"

	"postern/internal/sanitize"
	"postern/store"
)

// Bounds on cleaned, in octets and time.
const (
	maxCleaned  = 8 << 20
	cleanedTime = time.Minute
	maxInPage   = 1 << 20 // of an image that the page of a message already puts into its HTML
)

// cleaned keeps the inert HTML of messages for a moment. The page of a message has to know what stands in it, so it has
// it made; a moment later the page's frame asks for it.
type cleaned struct {
	mu   sync.Mutex
	list []cleanedBody // oldest first
	size int
}

// cleanedFor is what the HTML was made for: nobody else gets it.
type cleanedFor struct {
	user    store.UserID
	message store.MessageID
	path    string // of the message within the message
	loads   bool   // its remote images
	marked  string // what was searched for
	fold    string // see reading.fold
}

type cleanedBody struct {
	cleanedFor
	result sanitize.Result
	until  time.Time
}

// put keeps a result until it is taken or its time is over.
func (c *cleaned) put(key cleanedFor, result sanitize.Result, now time.Time) {
	if len(result.HTML) > maxCleaned {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, cleanedBody{key, result, now.Add(cleanedTime)})
	c.size += len(result.HTML)
	for c.size > maxCleaned || c.list[0].until.Before(now) {
		c.remove(0)
	}
}

// take gives a result out, once.
func (c *cleaned) take(key cleanedFor, now time.Time) (sanitize.Result, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := len(c.list) - 1; i >= 0; i-- {
		if b := c.list[i]; b.cleanedFor == key {
			c.remove(i)
			return b.result, !b.until.Before(now)
		}
	}
	return sanitize.Result{}, false
}

func (c *cleaned) remove(i int) {
	c.size -= len(c.list[i].result.HTML)
	c.list = append(c.list[:i], c.list[i+1:]...)
}

// cleanedFor is the key of what a visitor reads.
func (rd *reading) cleanedFor(v *visitor) cleanedFor {
	return cleanedFor{v.ID, rd.m.ID, rd.m.Structure.Path, rd.loads(), rd.marks.Source, rd.fold}
}
