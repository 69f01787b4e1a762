package store

import "context"

// Exec runs statements on postern.db behind the store's back.
func (s *Store) Exec(script string) error {
	return s.write(context.Background(), func(t *tx) error { return t.w.exec(script) })
}
