package store

import "context"

// Exec runs statements on postern.db behind the store's back.
func (s *Store) Exec(script string) error {
	return s.write(context.Background(), func(t *tx) error { return t.w.exec(script) })
}

// SetShardSize makes shards of n documents until the returned function is called.
func SetShardSize(n int) (restore func()) {
	before := shardSize
	shardSize = n
	return func() { shardSize = before }
}

// OneReader gives files opened from now on a single reading connection, until the returned function is called: what
// wants a second one while it holds the first waits for ever.
func OneReader() (restore func()) {
	before := readers
	readers = 1
	return func() { readers = before }
}

// InChange runs statements in a change and then f, before anything is committed.
func (s *Store) InChange(script string, f func() error) error {
	return s.write(context.Background(), func(t *tx) error {
		if err := t.w.exec(script); err != nil {
			return err
		}
		return f()
	})
}
