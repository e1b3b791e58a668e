package store

// Queued is how many callers wait for the next transaction.
func (s *Store) Queued() int { return len(s.queue) }
